"""One entry of a fluxConfiguration's `statuses` in; how that Flux object is, and since when, out.

Pure: no I/O, and it never fails. Entries: Microsoft.KubernetesConfiguration 2025-04-01. Conditions: fluxcd/pkg
apis/meta/conditions.go; Ready decides, Stalled says that Flux does not try again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.core.azure_values import Reading, get, label, text
from shared.core.coverage import KINDS
from shared.core.incident import BAD
from shared.core.observation import Health

NOT_COMPLIANT = "Azure reports it as Non-Compliant"  # where no condition says more
MAX_CONDITIONS = 50  # of one object; Flux writes five

_KIND = re.compile(r"[A-Z][A-Za-z0-9]{0,62}")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")  # RFC 1123, of objects and their namespaces
_OURS = frozenset(KINDS.values())  # kinds of our own findings: no object may pose as one

_STATES = {"compliant": Health.HEALTHY, "non-compliant": Health.FAILING, "suspended": Health.SUSPENDED}
"""complianceState of an object that has no condition Ready, in lower case → what it means; any other: in progress."""

_REMEDIATIONS = frozenset({"RollbackSucceeded", "UninstallSucceeded"})  # helm-controller, internal/reconcile


@dataclass(frozen=True, slots=True)
class Shown:
    """A Flux object as a configuration shows it. `since`: its condition is so since then. Texts are as Azure wrote them."""

    kind: str
    namespace: str
    name: str
    health: Health
    since: datetime | None = None
    reason: str = ""
    message: str = ""
    revision: str = ""  # of a HelmRelease: what it applied last, where that is a version

    @property
    def identity(self) -> tuple[str, str, str]:
        """Tells the objects of one cluster apart."""
        return (self.kind, self.namespace, self.name)


def shown(entry: Any, reading: Reading) -> Shown | None:
    """None for what names no object."""
    kind, namespace, name = text(get(entry, "kind")), text(get(entry, "namespace")), text(get(entry, "name"))
    if not (_KIND.fullmatch(kind) and _NAME.fullmatch(namespace) and _NAME.fullmatch(name)) or kind in _OURS:
        return None
    conditions = _conditions(get(entry, "statusConditions"))
    health, why = _judged(kind, text(get(entry, "complianceState")).lower(), conditions)
    since = reading.moment(get(why, "lastTransitionTime"))
    if health not in BAD:
        return Shown(kind, namespace, name, health, since)
    applied = label(get(get(entry, "helmReleaseProperties"), "lastRevisionApplied")) if kind == "HelmRelease" else ""
    version = "" if applied.isdigit() else applied  # Helm counts a release's revisions, too
    return Shown(kind, namespace, name, health, since, label(get(why, "reason")), text(get(why, "message")), version)


def _conditions(value: Any) -> Mapping[str, Any]:
    """As Azure wrote them, by type in lower case. The first of a type counts."""
    found: dict[str, Any] = {}
    for one in value[:MAX_CONDITIONS] if isinstance(value, list) else ():
        if kind := text(get(one, "type")):
            found.setdefault(kind.lower(), one)
    return found


def _status(condition: Any) -> str:
    """true, false or unknown; anything else for what is none of them."""
    status = get(condition, "status")
    return str(status).lower() if isinstance(status, (str, bool)) else ""


def _judged(kind: str, state: str, conditions: Mapping[str, Any]) -> tuple[Health, Any]:
    """What the entry means, and the condition that says so; None if it is none."""
    ready = conditions.get("ready")
    if state == "suspended":
        return Health.SUSPENDED, ready
    if ready is None:
        health = _STATES.get(state, Health.PROGRESSING)
        return health, _why(conditions) if health is Health.FAILING else None
    said = _status(ready)
    if said == "true":
        return Health.HEALTHY, ready
    if said == "false":
        return _not_ready(kind, text(get(ready, "reason"))), ready
    stalled = conditions.get("stalled")
    return (Health.FAILING, stalled) if _status(stalled) == "true" else (Health.PROGRESSING, ready)


def _not_ready(kind: str, reason: str) -> Health:
    if reason == "DependencyNotReady":
        return Health.WAITING
    return Health.REMEDIATED if kind == "HelmRelease" and reason in _REMEDIATIONS else Health.FAILING


def _why(conditions: Mapping[str, Any]) -> Any:
    """Of an object without Ready: Stalled, or else the first condition that is False."""
    stalled = conditions.get("stalled")
    if _status(stalled) == "true":
        return stalled
    return next((one for one in conditions.values() if _status(one) == "false"), None)
