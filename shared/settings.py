"""A mapping of app settings in; one frozen value out, or one error that names every fault.

Law: the only reader of the environment. Secrets show in no repr and no error.
"""

from __future__ import annotations

import json
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
INTAKE = ("FLUX_HMAC_KEY", "AzureWebJobsStorage")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class SettingsError(ValueError):
    """Some settings are missing or wrong; `faults` names them all. `settings` is what is left, with defaults for the rest."""

    def __init__(self, faults: list[str], settings: Settings) -> None:
        super().__init__("; ".join(faults))
        self.faults, self.settings = faults, settings

    @property
    def spares_intake(self) -> bool:
        """Events can be verified and stored all the same: a wrong route must not lose them."""
        return not any(fault.startswith(INTAKE) for fault in self.faults)


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
    key = read.text("FLUX_HMAC_KEY")
    if not key:
        read.fault("FLUX_HMAC_KEY", "is missing")
    elif key.startswith("@Microsoft.KeyVault("):
        read.fault("FLUX_HMAC_KEY", "is an unresolved Key Vault reference: the app's identity may not read the secret")
    elif len(key) < 16:
        read.fault("FLUX_HMAC_KEY", "is shorter than 16 characters")
    return tuple(found for found in (key, read.text("FLUX_HMAC_KEY_PREVIOUS")) if found)


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
    if not isinstance(hosts, dict) or not all(kind in HOSTS for kind in hosts.values()):
        read.fault("GIT_HOSTS", f"does not map hosts to one of {', '.join(sorted(HOSTS))}")
        return {}
    return hosts


# -------------------------------------------------------------------------------------------------------------- channels


def _channels(read: _Reader) -> tuple[Routing, Mapping[str, str]]:
    """ROUTES: [{"channel": name, "webhook": name of an app setting, "connection"?: name, "match": {field: glob or globs}}]."""
    webhooks, connections, routes = dict[str, str](), dict[str, str](), list[Route]()
    _webhook(read, webhooks, DEFAULT, "TEAMS_WEBHOOK_URL", required=True)
    _webhook(read, webhooks, FALLBACK, "TEAMS_FALLBACK_WEBHOOK_URL", required=False)
    given = read.json("ROUTES", "[]")
    for number, row in enumerate(given if isinstance(given, list) else [given]):
        try:
            routes.append(_route(row))
        except (TypeError, KeyError, ValueError) as wrong:
            read.fault("ROUTES", f"[{number}]: {wrong}")
            continue
        _webhook(read, webhooks, row["channel"], row["webhook"], required=True)
        connections[row["channel"]] = row.get("connection", row["channel"])
    return Routing(tuple(routes), {name: connections.get(name, name) for name in webhooks}), webhooks


def _route(row: Any) -> Route:  # one entry of ROUTES, not yet checked
    if not isinstance(row, dict) or not row.keys() <= {"channel", "webhook", "connection", "match"}:
        raise TypeError("is not an object with channel, webhook, match and perhaps connection")
    channel, match = row.get("channel"), row.get("match", {})
    if not (isinstance(channel, str) and channel and isinstance(row.get("webhook"), str)):
        raise ValueError("channel and webhook (the name of an app setting) are wanted")
    if channel in (DEFAULT, FALLBACK):
        raise ValueError(f"{channel} is the name of a channel that is there already")
    if not isinstance(match, dict) or not match.keys() <= FIELDS.keys():
        raise ValueError(f"match takes {', '.join(FIELDS)}")
    return Route(channel, {name: tuple(globs) if isinstance(globs, list) else (str(globs),) for name, globs in match.items()})


def _webhook(read: _Reader, webhooks: dict[str, str], channel: str, setting: str, *, required: bool) -> None:
    url = read.text(setting)
    if not url:
        if required:
            read.fault(setting, "is missing")
        return
    if url.startswith("@Microsoft.KeyVault("):
        read.fault(setting, "is an unresolved Key Vault reference: the app's identity may not read the secret")
    elif not _is_web(url):
        read.fault(setting, "is not an https:// address")
    elif (urlsplit(url).hostname or "").endswith(_RETIRED):
        read.fault(setting, "is an Office 365 connector, which is retired: make a Workflows webhook in Teams")
    webhooks[channel] = url
