"""A number in; the cluster, the event and the incident of that number out: as many as wanted, always the same.

Law: values only. Ten objects to a cluster; every tenth of the fleet fails for the same cause, as after a bad commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from local.flux import Happening, encode, event
from shared.core import flux_event
from shared.core.cluster import Cluster
from shared.core.flux_observation import observe
from shared.core.grouping import group_of
from shared.core.incident import Flap, Incident
from shared.core.told import Said, Told, Tracked
from shared.core.transition import reduce

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
NOW = START + timedelta(minutes=30)  # every hold-off is over, no reminder is due
BODY = 2_048  # bytes: what an event of a failed apply has
COMMIT = "main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738"

# Kind, name, reason, message. Formats: the controllers' own, as in tests/samples/flux-events.jsonl.
_FAILURES = (
    ("GitRepository", "platform", "GitOperationFailed", "failed to checkout and determine revision: authentication required"),
    (
        "Kustomization",
        "platform-apps",
        "ReconciliationFailed",
        'Secret/apps/keys dry-run failed (Invalid): Secret "keys" is invalid',
    ),
    (
        "Kustomization",
        "platform-infra",
        "HealthCheckFailed",
        "health check failed after 30.01s: timeout waiting for: [Deployment/a/b]",
    ),
    ("Kustomization", "tenants", "BuildFailed", "kustomize build failed: accumulating resources: no such file or directory"),
    ("Kustomization", "policies", "PruneFailed", "delete failed, errors: Ingress/apps/old delete failed: denied the request"),
    ("Kustomization", "secrets", "BuildFailed", "cannot get sops decryption Secret 'flux-system/age': not found"),
    (
        "HelmRelease",
        "ingress",
        "UpgradeFailed",
        "Helm upgrade failed for release web/ingress.v3 with chart nginx@4.1.0: timed out",
    ),
    ("HelmRelease", "redis", "InstallFailed", "Helm install failed for release web/redis.v1 with chart redis@18.0.1: boom"),
    (
        "HelmRelease",
        "grafana",
        "TestFailed",
        "Helm test failed for release web/grafana.v7 with chart grafana@8.0.0: pod failed",
    ),
    ("OCIRepository", "charts", "OCIArtifactPullFailed", "failed to determine artifact digest: MANIFEST_UNKNOWN: not found"),
)
OBJECTS = len(_FAILURES)  # on each cluster
_MORE = "; spec.template.spec.containers[{}].image is required"


def cluster(number: int) -> Cluster:
    """The cluster on which the object of this number is."""
    place = number // OBJECTS
    kind = "connectedClusters" if place % 4 == 3 else "managedClusters"
    return Cluster.of(f"7f0c1a52-0d7e-4c1f-9a52-{place // 100:012}", f"rg-fleet-{place // 20:03}", kind, f"aks-{place:04}")


def failure(number: int) -> Happening:
    """The object of this number fails."""
    kind, name, reason, message = _FAILURES[number % OBJECTS]
    return Happening(kind, "flux-system", name, "error", reason, message, _metadata(cluster(number)))


def heartbeat(number: int) -> Happening:
    """A Kustomization is well, and says so as at every interval."""
    message = "Reconciliation finished in 1.2s, next run in 10m0s"
    metadata = _metadata(cluster(number)) | {"commit_status": "update"}
    return Happening("Kustomization", "flux-system", f"app-{number}", "info", "ReconciliationSucceeded", message, metadata)


def _metadata(on: Cluster) -> dict[str, str]:
    """The revision, and what `eventMetadata` of an Alert often adds."""
    return {"revision": COMMIT, "cluster": on.name, "clusterResourceId": on.arm_id, "env": "prod", "region": "westeurope"}


def body(happening: Happening, on: Cluster, at: datetime = START, *, size: int = BODY) -> bytes:
    """The event as it comes over the wire, its message drawn out until it has `size` bytes."""
    room = max(0, size - len(encode(event(happening, on, at))))
    filler = "".join(_MORE.format(number) for number in range(room // len(_MORE) + 2))[:room]
    return encode(event(replace(happening, message=happening.message + filler), on, at))


def incident(number: int) -> Incident:
    """What the failure of this number leaves behind."""
    on = cluster(number)
    seen = observe(flux_event.parse(body(failure(number), on)), on)
    made = reduce(None, seen, Flap()).incident
    assert made is not None, "a failure opens an incident"
    return made


def incidents(count: int) -> list[Incident]:
    """The first `count` of the fleet, all failing."""
    return [incident(number) for number in range(count)]


def untold(found: Sequence[Incident]) -> list[Tracked]:
    """As the store tracks them before anybody has heard of them."""
    return [Tracked(f"incident:{number}", one) for number, one in enumerate(found)]


def told(one: Incident, channel: str = "default") -> dict[str, Told]:
    """The channel knows all of it: there is nothing to tell."""
    return {channel: Told(Said.OPEN, NOW, group_of(one), (one.fingerprint,))}
