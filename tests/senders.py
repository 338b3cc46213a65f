"""What happens to a Flux object in; the bytes and headers that notification-controller sends of it out.

Law: made by local/flux.py, the same that the demo sends.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from local.flux import Happening, encode, event
from shared.core.cluster import Cluster
from shared.core.signature import cluster_token, sign
from tests.examples import START, cluster

KEY = "a-signing-key-for-tests-only"
BUILD = "kustomize build failed: no such file"


def failure(name: str = "apps", message: str = BUILD, *, reason: str = "BuildFailed", **metadata: str) -> Happening:
    """Told at once: a build that fails is not held back."""
    return Happening("Kustomization", "cluster-config", name, "error", reason, message, metadata)


def recovery(name: str = "apps") -> Happening:
    """The only info of a Kustomization that says that it is well."""
    message = "Health check passed in 5.024s"
    return Happening("Kustomization", "cluster-config", name, "info", "ReconciliationSucceeded", message, {})


def heartbeat(name: str = "apps") -> Happening:
    """What a healthy Kustomization says at every interval."""
    message = "Reconciliation finished in 75.19ms, next run in 5m0s"
    return Happening(
        "Kustomization", "cluster-config", name, "info", "ReconciliationSucceeded", message, {"commit_status": "update"}
    )


def progress(name: str = "apps") -> Happening:
    """Something was applied; whether it is well is not said."""
    return Happening("Kustomization", "cluster-config", name, "info", "Progressing", "Deployment/shop/web configured", {})


def body(happening: Happening, at: datetime = START, on: Cluster | None = None) -> bytes:
    """As it goes over the wire."""
    return encode(event(happening, on or cluster(), at))


def headers(body: bytes, on: Cluster | None = None, key: str = KEY) -> dict[str, str]:
    """With names in lower case, as Azure's host hands them on."""
    signature = sign(body, cluster_token(key, on or cluster()))
    return {"content-type": "application/json", "x-signature": signature}


def path(on: Cluster | None = None) -> Mapping[str, str]:
    """The parameters of the route."""
    to = on or cluster()
    return {"subscription": to.subscription, "resource_group": to.resource_group, "cluster_type": to.type, "cluster": to.name}
