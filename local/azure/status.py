"""A configuration and its objects as they are in; what the cluster's agent pushes of them to Azure out.

Pure. Shapes: Microsoft.KubernetesConfiguration/fluxConfigurations 2025-04-01 (statuses[], complianceState); conditions as
Flux's controllers set them (fluxcd/pkg runtime/conditions).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from local.azure.fleet import FluxConfiguration, FluxObject, stamp
from shared.core.observation import Health

_STATES = {
    Health.HEALTHY: "Compliant",
    Health.FAILING: "Non-Compliant",
    Health.WAITING: "Non-Compliant",
    Health.PROGRESSING: "Pending",
}
_READY = {Health.HEALTHY: "True", Health.PROGRESSING: "Unknown"}
_WORST = ("Non-Compliant", "Pending", "Unknown")


def pushed(configuration: FluxConfiguration, at: datetime) -> dict[str, Any]:
    """Its read-only properties at that moment. Statuses that did not move are taken over from the last push."""
    last = configuration.shown
    statuses = last["statuses"] if last and not configuration.moved else [status(one) for one in configuration.objects]
    return {
        "complianceState": compliance(configuration, statuses),
        "statuses": statuses,
        "sourceSyncedCommitId": configuration.revision,
        "sourceUpdatedAt": stamp(configuration.synced_at),
        "statusUpdatedAt": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z",
    }


def compliance(configuration: FluxConfiguration, statuses: Sequence[Mapping[str, Any]]) -> str:
    """Of the whole configuration."""
    if configuration.suspended:
        return "Suspended"
    if not statuses:
        return "Pending"
    states = {one["complianceState"] for one in statuses}
    return next((state for state in _WORST if state in states), "Compliant")


def status(one: FluxObject) -> dict[str, Any]:
    """An entry of `statuses`."""
    still = one.suspended or one.configuration.suspended
    shown: dict[str, Any] = {
        "kind": one.kind,
        "namespace": one.namespace,
        "name": one.name,
        "complianceState": "Suspended" if still else _STATES[one.health],
        "appliedBy": {"namespace": one.applied_by[0], "name": one.applied_by[1]} if one.applied_by else None,
        "statusConditions": conditions(one),
    }
    if one.kind == "HelmRelease":
        shown["helmReleaseProperties"] = {
            "failureCount": one.failures,
            "installFailureCount": one.failures if one.reason == "InstallFailed" else 0,
            "upgradeFailureCount": one.failures if one.reason == "UpgradeFailed" else 0,
            "lastRevisionApplied": one.revision,
            "helmChartRef": {"namespace": one.namespace, "name": f"{one.namespace}-{one.name}"},
        }
    return shown


def conditions(one: FluxObject) -> list[dict[str, Any]]:
    """Stalled and Reconciling before Ready, as the controllers sort them."""
    ready = _READY.get(one.health, "False")
    found = [_condition("Ready", ready, one)]
    if one.stalled and one.health is Health.FAILING:
        found.insert(0, _condition("Stalled", "True", one))
    if one.health is Health.PROGRESSING:
        found.insert(0, _condition("Reconciling", "True", one))
    if one.kind == "HelmRelease" and one.reason in ("InstallFailed", "UpgradeFailed", "UpgradeSucceeded", "InstallSucceeded"):
        found.append(_condition("Released", ready, one))
    return found


def _condition(type_: str, said: str, one: FluxObject) -> dict[str, Any]:
    return {
        "type": type_,
        "status": said,
        "reason": one.reason,
        "message": one.message,
        "lastTransitionTime": stamp(one.since),
    }
