"""What happened to a Flux object in; the signed request that notification-controller would send out.

Bytes as Go writes them: fields in the order of the struct, no spaces, `<`, `>` and `&` escaped (encoding/json).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests

from shared.core.cluster import Cluster
from shared.core.signature import cluster_token, sign

TIMEOUT = 60  # seconds, as in the shipped Provider
_API = {
    "Kustomization": ("kustomize.toolkit.fluxcd.io/v1", "kustomize-controller"),
    "HelmRelease": ("helm.toolkit.fluxcd.io/v2", "helm-controller"),
}
_SOURCE = ("source.toolkit.fluxcd.io/v1", "source-controller")
_GO = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of one object."""

    kind: str
    namespace: str
    name: str
    severity: str
    reason: str
    message: str
    metadata: Mapping[str, str]


def event(happening: Happening, cluster: Cluster, at: datetime) -> dict[str, Any]:
    """The event as an object; `at` is cut to whole seconds, as controllers do."""
    api, controller = _API.get(happening.kind, _SOURCE)
    uid = uuid.uuid5(uuid.NAMESPACE_URL, f"{cluster.key}/{happening.kind}/{happening.namespace}/{happening.name}")
    return {
        "involvedObject": {
            "kind": happening.kind,
            "namespace": happening.namespace,
            "name": happening.name,
            "uid": str(uid),
            "apiVersion": api,
        },
        "severity": happening.severity,
        "timestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "message": happening.message,
        "reason": happening.reason,
        **({"metadata": dict(sorted(happening.metadata.items()))} if happening.metadata else {}),
        "reportingController": controller,
        "reportingInstance": f"{controller}-7c7b47f5f-8bhrp",
    }


def encode(value: object) -> bytes:
    """JSON as Go's encoding/json writes it."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return "".join(_GO.get(character, character) for character in text).encode()


def address(base: str, cluster: Cluster) -> str:
    """The Provider's address for a cluster."""
    path = f"{cluster.subscription}/{cluster.resource_group}/{cluster.type}/{cluster.name}"
    return f"{base.rstrip('/')}/api/flux/events/{path}"


def deliver(base: str, cluster: Cluster, body: bytes, *, hmac_key: str, function_key: str = "") -> requests.Response:
    """Sign and post. Raises what `requests` raises."""
    headers = {
        "Content-Type": "application/json",
        "X-Signature": sign(body, cluster_token(hmac_key, cluster)),
        **({"x-functions-key": function_key} if function_key else {}),
    }
    return requests.post(address(base, cluster), data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False)
