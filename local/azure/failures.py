"""A kind of Flux object in; a failure that its controller could report of it out.

Pure. Words: fluxcd kustomize-, helm-, source-controller; {digits} vary from cluster to cluster, as temporary folders do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from zlib import crc32

from local.azure.fleet import FluxObject


class Failure(NamedTuple):
    """Ready is False for that reason, with that message."""

    reason: str
    message: str


FAILURES: Mapping[str, tuple[Failure, ...]] = {
    "GitRepository": (
        Failure(
            "GitOperationFailed",
            "failed to checkout and determine revision: unable to clone '{source}': "
            'couldn\'t find remote ref "refs/heads/main"',
        ),
        Failure(
            "AuthenticationFailed",
            "failed to checkout and determine revision: unable to clone '{source}': authentication required: Access denied",
        ),
    ),
    "HelmRepository": (Failure("Failed", "failed to fetch Helm repository index: failed to fetch {source} : 404 Not Found"),),
    "Kustomization": (
        Failure(
            "BuildFailed",
            "kustomize build failed: accumulating resources: accumulation err='accumulating resources from 'deployment.yaml': "
            "open /tmp/kustomization-{digits}/apps/deployment.yaml: no such file or directory'",
        ),
        Failure(
            "HealthCheckFailed",
            "health check failed after 30.0{digits}s: timeout waiting for: "
            "[Deployment/{namespace}/{name} status: 'InProgress']",
        ),
        Failure(
            "ReconciliationFailed",
            'Deployment/{namespace}/{name} dry-run failed (Invalid): Deployment.apps "{name}" is invalid: '
            "spec.selector: Invalid value: field is immutable\n",
        ),
    ),
    "HelmRelease": (
        Failure(
            "UpgradeFailed", "Helm upgrade failed for release {namespace}/{name} with chart {chart}: context deadline exceeded"
        ),
        Failure(
            "ValuesError",
            "could not resolve Secret chart values reference '{namespace}/{name}-values' with key 'values.yaml': "
            'secrets "{name}-values" not found',
        ),
    ),
}
"""Kind → what can go wrong with it, most usual first."""


def failure_of(one: FluxObject, number: int = 0) -> Failure:
    """The failure of that number (they come round) in the words for that object. Raises `KeyError` for a kind that has none."""
    known = FAILURES[one.kind]
    reason, message = known[number % len(known)]
    digits = str(crc32(one.member.cluster.key.encode()) % 900_000 + 100_000)
    words = {"source": one.configuration.source, "chart": one.chart, "name": one.name, "namespace": one.namespace}
    return Failure(reason, message.format(digits=digits, **words))
