"""A mapping of app settings in; one frozen value out, or one error that names every fault.

Law: the only reader of the environment. Secrets show in no repr and no error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from shared.core.difference import Repeat
from shared.core.incident import Flap
from shared.core.links import HOSTS
from shared.core.pacing import Pace
from shared.core.plan import Policy
from shared.core.routing import Routing
from shared.setting_alerts import ENTRA, RULES, Alerts, read_alerts
from shared.setting_azure import SWEEPS, Azure, read_azure
from shared.setting_channels import read_channels
from shared.setting_reader import UNRESOLVED, VAULT, Reader, duration_of

STORE = frozenset({"AzureWebJobsStorage"})
EVENTS = STORE | {"FLUX_HMAC_KEY"}
ALERTS = STORE | ENTRA
LOOKS = STORE | SWEEPS
KEEPS = LOOKS | RULES | {"FLUXWATCH_URL", "RUNBOOK_URL"}
"""What receiving, sweeping and keeping rules need: a wrong route must not lose what is sent, nor hide what is so."""
TELLS_WITHOUT = SWEEPS | RULES
"""A wrong scope must not silence what is known."""


class SettingsError(ValueError):
    """Some settings are missing or wrong; `faults` names them all. `settings` is what is left, with defaults for the rest."""

    def __init__(self, faults: list[str], settings: Settings) -> None:
        super().__init__("; ".join(faults))
        self.faults, self.settings = faults, settings

    @property
    def names(self) -> frozenset[str]:
        """The settings that are wrong."""
        return frozenset(fault.partition(" ")[0] for fault in self.faults)


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
    azure: Azure
    alerts: Alerts
    sign_in: bool  # people come through App Service authentication, and need no key

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Raises `SettingsError` with all faults at once."""
        read = Reader(env)
        routing, webhooks = read_channels(read)
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
            azure=read_azure(read),
            alerts=read_alerts(read),
            sign_in=read.flag("FLEET_SIGN_IN"),
        )
        if read.faults:
            raise SettingsError(read.faults, settings)
        return settings


def _hmac_keys(read: Reader) -> tuple[str, ...]:
    """The current key and, during a rotation, the previous one. What is no key is none: its text could be guessed."""
    if not read.text("FLUX_HMAC_KEY"):
        read.fault("FLUX_HMAC_KEY", "is missing")
    found = ((name, read.text(name)) for name in ("FLUX_HMAC_KEY", "FLUX_HMAC_KEY_PREVIOUS"))
    return tuple(key for name, key in found if key and _is_key(read, name, key))


def _is_key(read: Reader, name: str, key: str) -> bool:
    if key.startswith(VAULT):
        read.fault(name, UNRESOLVED)
        return False
    if len(key) < 16:
        read.fault(name, "is shorter than 16 characters")
        return False
    return True


def _storage(read: Reader) -> Mapping[str, str]:
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


def _policy(read: Reader) -> Policy:
    waits = read.parsed(
        "GROUP_WAITS",
        "2m,10m,30m",
        lambda text: tuple(duration_of(part.strip()) for part in text.split(",")),
        "is not like 2m,10m,30m",
    )
    return Policy(
        flap=Flap(read.number("FLAP_COUNT", 3), read.duration("FLAP_WINDOW", "30m")),
        repeat=Repeat(read.duration("REPEAT_CRITICAL", "4h"), read.duration("REPEAT_WARNING", "24h")),
        pace=Pace(posts=read.number("TEAMS_POSTS_PER_5_MIN", 20)),
        waits=waits,
        grace=read.duration("FOLD_GRACE", "5m"),
    )


def _git_hosts(read: Reader) -> Mapping[str, str]:
    hosts = read.json("GIT_HOSTS", "{}")
    if not isinstance(hosts, dict) or not all(isinstance(kind, str) and kind in HOSTS for kind in hosts.values()):
        read.fault("GIT_HOSTS", f"does not map hosts to one of {', '.join(sorted(HOSTS))}")
        return {}
    return hosts
