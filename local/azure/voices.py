"""A Flux object as it is in; what its controller says of that out: the condition's words, the event, the log lines.

Pure. Formats: fluxcd kustomize-, helm-, source-controller; the event is what notification-controller sends (local/flux.py).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zlib import crc32

from local.azure.fleet import FluxObject
from local.flux import Happening
from shared.core.cluster import Cluster
from shared.core.observation import Health

SUCCESS = {
    "Kustomization": ("ReconciliationSucceeded", "Applied revision: {revision}"),
    "HelmRelease": ("UpgradeSucceeded", "Helm upgrade succeeded for release {namespace}/{name}.v2 with chart {chart}"),
    "HelmRepository": ("Succeeded", "stored artifact: revision 'sha256:{digest}'"),
    "HelmChart": ("ChartPullSucceeded", "pulled '{name}' chart with version '{revision}'"),
}
_STORED = ("Succeeded", "stored artifact for revision '{revision}'")

_CONTROLLERS = {"Kustomization": "kustomize-controller", "HelmRelease": "helm-controller"}
_HELM_ACTIONS = frozenset({"InstallFailed", "UpgradeFailed", "TestFailed"})  # in the log only: release is in a failed state
_FINE = {
    "Kustomization": "Reconciliation finished in 904.317765ms, next run in 10m0s",
    "HelmRelease": "release in-sync with desired state",
}
_GROUPS = {"Kustomization": "kustomize", "HelmRelease": "helm"}


@dataclass(frozen=True, slots=True)
class Sent:
    """An event on its way to Fluxwatch: what a test delivers, drops, delays or repeats."""

    at: datetime
    cluster: Cluster
    happening: Happening


def well(one: FluxObject) -> tuple[str, str]:
    """Reason and message of its Ready condition when all is well."""
    reason, message = SUCCESS.get(one.kind, _STORED)
    digest = f"{crc32(one.name.encode()):08x}" * 8
    return reason, message.format(revision=one.revision, namespace=one.namespace, name=one.name, chart=one.chart, digest=digest)


def said(one: FluxObject) -> Happening | None:
    """The event of a change to what it is now; None where Flux says nothing."""
    if one.health is Health.HEALTHY:
        return _recovered(one)
    waits = one.health is Health.WAITING or one.health is Health.PROGRESSING
    return _happening(one, "info" if waits else "error", one.reason, one.message)


def stored(one: FluxObject) -> Happening:
    """The event of a source that found something new."""
    return _happening(one, "info", "NewArtifact", f"stored artifact for commit 'Change {one.revision[-7:]}'")


def _recovered(one: FluxObject) -> Happening | None:
    if one.kind == "Kustomization":
        return _happening(one, "info", one.reason, "Health check passed in 5.024s") if one.checked else None
    return _happening(one, "info", one.reason, one.message)


def _happening(one: FluxObject, severity: str, reason: str, message: str) -> Happening:
    told = severity == "info" or one.kind in _GROUPS  # errors of sources carry no metadata
    metadata = {"revision": one.revision} if told and one.revision else {}
    return Happening(one.kind, one.namespace, one.name, severity, reason, message, metadata)


def controller_of(kind: str) -> str:
    """Who reconciles that kind."""
    if kind.startswith("Image"):
        return "image-automation-controller" if kind == "ImageUpdateAutomation" else "image-reflector-controller"
    return _CONTROLLERS.get(kind, "source-controller")


def log_line(one: FluxObject, at: datetime) -> Mapping[str, Any]:
    """What the controller logs of its latest reconciliation (fluxcd/pkg runtime/logger)."""
    words: dict[str, Any] = {"msg": _FINE.get(one.kind, f"artifact up-to-date with remote revision: '{one.revision}'")}
    level = "info"
    if one.health is Health.FAILING and one.kind == "HelmRelease" and one.reason in _HELM_ACTIONS:
        words = {"msg": "release is in a failed state"}
    elif one.health is Health.FAILING:
        retry = "Reconciliation failed after 642.309114ms, next try in 5m0s"
        level, words = "error", {"msg": retry if one.kind == "Kustomization" else "Reconciler error", "error": one.message}
    elif one.health is Health.WAITING:
        words = {"msg": one.message}
    return {"level": level, "ts": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z", **_object(one, at), **words}


def _object(one: FluxObject, at: datetime) -> dict[str, Any]:
    ran = uuid.uuid5(uuid.NAMESPACE_URL, f"{one.member.cluster.key}/{one.kind}/{one.namespace}/{one.name}/{at.isoformat()}")
    return {
        "controller": one.kind.lower(),
        "controllerGroup": f"{_GROUPS.get(one.kind, 'source')}.toolkit.fluxcd.io",
        "controllerKind": one.kind,
        one.kind: {"name": one.name, "namespace": one.namespace},
        "namespace": one.namespace,
        "name": one.name,
        "reconcileID": str(ran),
        **({"revision": one.revision} if one.kind == "Kustomization" and one.revision else {}),
    }
