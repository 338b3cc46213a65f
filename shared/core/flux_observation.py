"""A `FluxEvent` in; the `Observation` that it is out. The order of the table is the law: the first match wins.

Pure: no I/O. Why it is not simply the reason: a Kustomization's event carries the object's *current* Ready reason, whatever the
event is about (fluxcd/kustomize-controller internal/controller/kustomization_controller.go).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from shared.core import revision
from shared.core.cluster import Cluster
from shared.core.flux_event import FluxEvent
from shared.core.observation import Health, Observation, Source, Subject
from shared.core.words import SOURCE_KINDS, read, safe

IMAGE_KINDS = frozenset({"ImageRepository", "ImagePolicy", "ImageUpdateAutomation"})
MAX_LABEL = 1_000  # characters of a revision; real ones have less than a tenth
_BAD = frozenset({Health.FAILING, Health.WAITING, Health.REMEDIATED})
_SUCCESS_ONLY = SOURCE_KINDS | IMAGE_KINDS | {"ArtifactGenerator"}  # their infos are sent only after success
_NOISE = frozenset({"NamespaceCheckSkipped", "InventoryBuildFailed"})
_RELEASED = frozenset({"InstallSucceeded", "UpgradeSucceeded", "TestSucceeded", "DriftCorrected"})


def is_heartbeat(event: FluxEvent) -> bool:
    """The sign of life that a healthy Kustomization gives at every interval. On other kinds `commit_status` means nothing."""
    return (
        event.kind == "Kustomization"
        and event.severity == "info"
        and event.reason == "ReconciliationSucceeded"
        and event.metadata.get("commit_status") == "update"
    )


def _remediated(event: FluxEvent) -> bool:
    if event.kind != "HelmRelease":
        return False
    return event.reason == "RollbackSucceeded" or (event.reason == "UninstallSucceeded" and "remediation" in event.message)


_RULES: tuple[tuple[Callable[[FluxEvent], bool], Health], ...] = (
    (lambda e: e.reason == "DependencyNotReady", Health.WAITING),
    (lambda e: e.severity == "error" and e.reason in _NOISE, Health.NOTED),
    (lambda e: e.severity == "trace", Health.PROGRESSING),
    (lambda e: e.severity != "info", Health.FAILING),  # a severity that we do not know is taken for an error
    (is_heartbeat, Health.HEALTHY),
    (lambda e: e.kind == "Kustomization" and e.message.startswith("Health check passed in"), Health.HEALTHY),
    (lambda e: e.kind == "Kustomization", Health.PROGRESSING),
    (_remediated, Health.REMEDIATED),
    (lambda e: e.kind == "HelmRelease" and e.reason in _RELEASED, Health.HEALTHY),
    (lambda e: e.kind == "HelmRelease", Health.PROGRESSING),
    (lambda e: e.kind in _SUCCESS_ONLY, Health.HEALTHY),
    (lambda e: e.reason == "Ready" or e.reason.endswith("Succeeded"), Health.HEALTHY),
)


def health_of(event: FluxEvent) -> Health:
    """What the event says of its object; `Health.PROGRESSING` when it says nothing that we know."""
    return next((health for applies, health in _RULES if applies(event)), Health.PROGRESSING)


def observe(event: FluxEvent, cluster: Cluster) -> Observation:
    """The event as an observation: its texts without secrets and control characters, its cause and fingerprint if it is bad."""
    subject = Subject(cluster, event.kind, event.namespace, event.name)
    health = health_of(event)
    if health not in _BAD:
        return Observation(subject, health, event.at, Source.FLUX_EVENT, safe(event.reason), heartbeat=is_heartbeat(event))
    words = read(event.kind, event.namespace, event.name, event.reason, event.message, health)
    return Observation(
        subject,
        health,
        event.at,
        Source.FLUX_EVENT,
        reason=_label(event.reason),
        message=words.message,
        cause=words.cause,
        fingerprint=words.fingerprint,
        revision=_label(revision.pick(event.metadata)[:MAX_LABEL]),
        origin=words.origin,
        note=safe(event.metadata.get("summary", ""))[:300],
        needs=words.needs,
    )


@lru_cache(maxsize=256)  # reasons and revisions are few
def _label(text: str) -> str:
    return safe(text)
