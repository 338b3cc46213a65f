"""A mapping of app settings in; one frozen value out, or one error that names every fault.

Law: the only reader of the environment. Secrets show in no repr and no error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from shared.core.difference import Repeat
from shared.core.incident import Flap
from shared.core.links import HOSTS
from shared.core.pacing import Pace
from shared.core.plan import Policy
from shared.core.routing import DEFAULT, FALLBACK, FIELDS, Route, Routing

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_RETIRED = (".webhook.office.com", "outlook.office.com", "outlook.office365.com")
INTAKE = frozenset({"FLUX_HMAC_KEY", "AzureWebJobsStorage"})
_VAULT = "@Microsoft.KeyVault("
_UNRESOLVED = "is an unresolved Key Vault reference: the app's identity may not read the secret"
_SETTING = re.compile(r"[A-Za-z_]\w{0,127}", re.ASCII)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class SettingsError(ValueError):
    """Some settings are missing or wrong; `faults` names them all. `settings` is what is left, with defaults for the rest."""

    def __init__(self, faults: list[str], settings: Settings) -> None:
        super().__init__("; ".join(faults))
        self.faults, self.settings = faults, settings

    @property
    def spares_intake(self) -> bool:
        """Events can be verified and stored all the same: a wrong route must not lose them."""
        return INTAKE.isdisjoint(fault.partition(" ")[0] for fault in self.faults)


@dataclass(frozen=True, slots=True)
class Settings:
    """Every app setting that Fluxwatch reads; the README's table says what each is for."""

    hmac_keys: tuple[str, ...] = field(repr=False)
    webhooks: Mapping[str, str] = field(repr=False)
    routing: Routing
    storage: Mapping[str, str] = field(repr=False)
    policy: Policy
    event_window: timedelta
    keep: timedelta
    own_url: str
    portal_url: str
    runbook_url: str
    git_hosts: Mapping[str, str]
    workspace: str
    notify_schedule: str  # read by the Functions host; here only to say that it is missing

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Raises `SettingsError` with all faults at once."""
        read = _Reader(env)
        routing, webhooks = _channels(read)
        settings = cls(
            hmac_keys=_hmac_keys(read),
            webhooks=webhooks,
            routing=routing,
            storage=_storage(read),
            policy=_policy(read),
            event_window=read.duration("EVENT_WINDOW", "15m"),
            keep=read.duration("KEEP_RESOLVED", "30d"),
            own_url=read.address("FLUXWATCH_URL"),
            portal_url=read.address("AZURE_PORTAL_URL", "https://portal.azure.com"),
            runbook_url=read.address("RUNBOOK_URL"),
            git_hosts=_git_hosts(read),
            notify_schedule=read.text("NOTIFY_SCHEDULE"),
            workspace=read.text("LOG_ANALYTICS_WORKSPACES").split(",")[0].strip(),
        )
        if read.faults:
            raise SettingsError(read.faults, settings)
        return settings


class _Reader:
    """Reads one setting at a time and collects what is wrong."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env, self.faults = env, list[str]()

    def text(self, name: str, default: str = "") -> str:
        return self.env.get(name, "").strip() or default

    def fault(self, name: str, what: str) -> None:
        self.faults.append(f"{name} {what}")

    def parsed[T](self, name: str, default: str, parse: Callable[[str], T], what: str) -> T:
        try:
            return parse(self.text(name, default))
        except (ValueError, KeyError, IndexError, OverflowError):
            self.fault(name, what)
            return parse(default)

    def duration(self, name: str, default: str) -> timedelta:
        return self.parsed(name, default, _duration, "is not a duration such as 90s, 15m, 4h or 30d")

    def number(self, name: str, default: int) -> int:
        return self.parsed(name, str(default), _positive, "is not a whole number above 0")

    def json(self, name: str, default: str) -> Any:  # JSON; the caller checks its form
        text = self.text(name, default)
        try:
            return json.loads(Path(text).read_text("utf-8") if text[0] not in "[{" else text)
        except (OSError, ValueError):
            self.fault(name, "is neither JSON nor a file with JSON in it")
            return json.loads(default)

    def address(self, name: str, default: str = "") -> str:
        """https, or http to this machine."""
        url = self.text(name, default).rstrip("/")
        if url and not _is_web(url):
            self.fault(name, "is not an https:// address")
        return url


def _duration(text: str) -> timedelta:
    length = timedelta(seconds=int(text[:-1]) * _UNITS[text[-1]])
    if length <= timedelta():
        raise ValueError(text)
    return length


def _positive(text: str) -> int:
    if int(text) <= 0:
        raise ValueError(text)
    return int(text)


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK))
    except ValueError:
        return False


def _hmac_keys(read: _Reader) -> tuple[str, ...]:
    """The current key and, during a rotation, the previous one. What is no key is none: its text could be guessed."""
    if not read.text("FLUX_HMAC_KEY"):
        read.fault("FLUX_HMAC_KEY", "is missing")
    found = ((name, read.text(name)) for name in ("FLUX_HMAC_KEY", "FLUX_HMAC_KEY_PREVIOUS"))
    return tuple(key for name, key in found if key and _is_key(read, name, key))


def _is_key(read: _Reader, name: str, key: str) -> bool:
    if key.startswith(_VAULT):
        read.fault(name, _UNRESOLVED)
        return False
    if len(key) < 16:
        read.fault(name, "is shorter than 16 characters")
        return False
    return True


def _storage(read: _Reader) -> Mapping[str, str]:
    """The identity form wins over a connection string without a key, which the platform may put back."""
    text = read.text("AzureWebJobsStorage")
    account, service = read.text("AzureWebJobsStorage__accountName"), read.text("AzureWebJobsStorage__tableServiceUri")
    usable = (
        "accountkey=" in text.lower() or "usedevelopmentstorage" in text.lower() or "sharedaccesssignature=" in text.lower()
    )
    if (account or service) and not usable:
        client = read.text("AzureWebJobsStorage__clientId") or read.text("AZURE_CLIENT_ID")
        return {"endpoint": service or f"https://{account}.table.core.windows.net", "client_id": client}
    if not text:
        read.fault("AzureWebJobsStorage", "is missing (or AzureWebJobsStorage__accountName)")
    elif not usable:
        read.fault("AzureWebJobsStorage", "is not a connection string")
    return {"connection_string": text}


def _policy(read: _Reader) -> Policy:
    waits = read.parsed(
        "GROUP_WAITS",
        "2m,10m,30m",
        lambda text: tuple(_duration(part.strip()) for part in text.split(",")),
        "is not like 2m,10m,30m",
    )
    return Policy(
        flap=Flap(read.number("FLAP_COUNT", 3), read.duration("FLAP_WINDOW", "30m")),
        repeat=Repeat(read.duration("REPEAT_CRITICAL", "4h"), read.duration("REPEAT_WARNING", "24h")),
        pace=Pace(posts=read.number("TEAMS_POSTS_PER_5_MIN", 20)),
        waits=waits,
        grace=read.duration("FOLD_GRACE", "5m"),
    )


def _git_hosts(read: _Reader) -> Mapping[str, str]:
    hosts = read.json("GIT_HOSTS", "{}")
    if not isinstance(hosts, dict) or not all(isinstance(kind, str) and kind in HOSTS for kind in hosts.values()):
        read.fault("GIT_HOSTS", f"does not map hosts to one of {', '.join(sorted(HOSTS))}")
        return {}
    return hosts


# -------------------------------------------------------------------------------------------------------------- channels


def _channels(read: _Reader) -> tuple[Routing, Mapping[str, str]]:
    """ROUTES: [{"channel": name, "webhook": name of an app setting, "connection"?: name, "match": {field: glob or globs}}]."""
    webhooks, names, connections, routes = dict[str, str](), dict[str, str](), dict[str, str](), list[Route]()
    _webhook(read, webhooks, DEFAULT, "TEAMS_WEBHOOK_URL", required=True)
    _webhook(read, webhooks, FALLBACK, "TEAMS_FALLBACK_WEBHOOK_URL", required=False)
    given = read.json("ROUTES", "[]")
    for number, row in enumerate(given if isinstance(given, list) else [given]):
        try:
            routes.append(_route(row))
        except (TypeError, ValueError) as wrong:
            read.fault("ROUTES", f"[{number}]: {wrong}")
            continue
        if names.setdefault(row["channel"], row["webhook"]) != row["webhook"]:
            read.fault("ROUTES", f"[{number}]: its channel has another webhook in an entry above")
        if "connection" in row:
            connections[row["channel"]] = row["connection"]
    for channel, setting in names.items():
        _webhook(read, webhooks, channel, setting, required=True)
    return Routing(tuple(routes), {name: connections.get(name, name) for name in webhooks}), webhooks


def _route(row: Any) -> Route:  # one entry of ROUTES, not yet checked; its faults repeat nothing: it may hold a whole webhook
    if not isinstance(row, dict) or not row.keys() <= {"channel", "webhook", "connection", "match"}:
        raise TypeError("is not an object with channel, webhook, match and perhaps connection")
    if not all(isinstance(row.get(key, "-"), str) for key in ("channel", "webhook", "connection")):
        raise TypeError("channel, webhook and connection are texts")
    if not row.get("channel") or not _SETTING.fullmatch(row.get("webhook", "")):
        raise ValueError("channel and webhook (the name of an app setting) are wanted")
    if row["channel"] in (DEFAULT, FALLBACK):
        raise ValueError(f"{row['channel']} is the name of a channel that is there already")
    return Route(row["channel"], _match(row.get("match", {})))


def _match(match: Any) -> Mapping[str, tuple[str, ...]]:  # of one entry, not yet checked
    if not isinstance(match, dict) or not match.keys() <= FIELDS.keys():
        raise ValueError(f"match takes {', '.join(FIELDS)}")
    found = {name: tuple(globs) if isinstance(globs, list) else (globs,) for name, globs in match.items()}
    if not all(isinstance(glob, str) for globs in found.values() for glob in globs):
        raise TypeError("match takes a pattern or a list of patterns for each")
    return found


def _webhook(read: _Reader, webhooks: dict[str, str], channel: str, setting: str, *, required: bool) -> None:
    url = read.text(setting)
    if not url:
        if required:
            read.fault(setting, "is missing")
        return
    if url.startswith(_VAULT):
        read.fault(setting, _UNRESOLVED)
    elif not _is_web(url):
        read.fault(setting, "is not an https:// address")
    elif (urlsplit(url).hostname or "").endswith(_RETIRED):
        read.fault(setting, "is an Office 365 connector, which is retired: make a Workflows webhook in Teams")
    webhooks[channel] = url
