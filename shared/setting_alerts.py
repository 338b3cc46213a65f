"""The settings of alert rules in; where the rules live, what they watch and whom they call, out.

Law: the key is in no repr and in no fault.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.setting_reader import UNRESOLVED, VAULT, Reader

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_GROUP = re.compile(rf"/subscriptions/{_UUID}/resourceGroups/[\w.()-]{{1,90}}", re.IGNORECASE | re.ASCII)
_METRICS = re.compile(_GROUP.pattern + r"/providers/Microsoft\.Monitor/accounts/[\w-]+", re.IGNORECASE | re.ASCII)
_ACTIONS = re.compile(_GROUP.pattern + r"/providers/Microsoft\.Insights/actionGroups/[^/]+", re.IGNORECASE | re.ASCII)
AUTHORITY = "https://login.microsoftonline.com"
_ENTRA = ("ALERT_ENTRA_TENANT", "ALERT_ENTRA_APP", "ALERT_ENTRA_OBJECT")
ENTRA = frozenset({*_ENTRA, "ALERT_ENTRA_AUTHORITY"})
RULES = ENTRA | {"ALERT_RESOURCE_GROUP", "AZURE_MONITOR_WORKSPACE", "ACTION_GROUP", "ALERT_KEY"}


@dataclass(frozen=True, slots=True)
class Entra:
    """The app registration that action groups sign in to ("secure webhook"): ids, all three."""

    tenant: str
    app: str
    object: str  # of the enterprise application
    authority: str  # the address of Entra ID


@dataclass(frozen=True, slots=True)
class Alerts:
    """`group` is the id of the resource group of the rules; empty: no rules are made. `metrics` are ids of Azure Monitor
    workspaces; none: no Prometheus rules. `actions` is the id of an action group that somebody else owns; empty: Fluxwatch
    makes its own, which calls back with `key`.
    """

    group: str = ""
    metrics: tuple[str, ...] = ()
    actions: str = ""
    key: str = field(default="", repr=False)
    entra: Entra | None = None

    @property
    def subscription(self) -> str:
        """Of the rules; empty if there are none."""
        return self.group.split("/")[2] if self.group else ""

    @property
    def group_name(self) -> str:
        """Of the resource group; empty if there is none."""
        return self.group.rpartition("/")[2]


def read_alerts(read: Reader) -> Alerts:
    """Faults go to the reader."""
    found = Alerts(
        group=_id(read, "ALERT_RESOURCE_GROUP", _GROUP, "/subscriptions/…/resourceGroups/…"),
        metrics=_metrics(read),
        actions=_id(read, "ACTION_GROUP", _ACTIONS, "/subscriptions/…/actionGroups/…"),
        key=_key(read),
        entra=_entra(read),
    )
    if found.group and not found.actions:
        if not read.text("FLUXWATCH_URL"):
            read.fault("ALERT_RESOURCE_GROUP", "needs FLUXWATCH_URL: the action group calls it (or set ACTION_GROUP)")
        if not found.key:
            read.fault("ALERT_KEY", "is missing: the action group calls with it (or set ACTION_GROUP)")
    return found


def _id(read: Reader, name: str, form: re.Pattern[str], like: str) -> str:
    given = read.text(name).rstrip("/")
    if given and not form.fullmatch(given):
        read.fault(name, f"is not a resource id ({like})")
        return ""
    return given


def _metrics(read: Reader) -> tuple[str, ...]:
    given = read.words("AZURE_MONITOR_WORKSPACE")
    if not all(_METRICS.fullmatch(one) for one in given):
        read.fault("AZURE_MONITOR_WORKSPACE", "takes resource ids (/subscriptions/…/accounts/…), separated by commas")
    return tuple(dict.fromkeys(one for one in given if _METRICS.fullmatch(one)))


def _key(read: Reader) -> str:
    key = read.text("ALERT_KEY")
    if key.startswith(VAULT):
        read.fault("ALERT_KEY", UNRESOLVED)
        return ""
    return key


def _entra(read: Reader) -> Entra | None:
    given: Mapping[str, str] = {name: read.text(name).lower() for name in _ENTRA}
    if not any(given.values()):
        return None
    for name, value in given.items():
        if not re.fullmatch(_UUID, value):
            read.fault(name, "is not an id (a UUID); the three ALERT_ENTRA settings go together")
    tenant, app, object_ = given.values()
    return Entra(tenant, app, object_, read.address("ALERT_ENTRA_AUTHORITY", AUTHORITY))
