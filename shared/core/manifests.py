"""A cluster, an address and its keys in; the Secret, Provider and Alert that make Flux report to Fluxwatch out, as YAML.

Pure: no I/O. One set for each namespace with Flux objects: an Alert hears its own namespace only.
"""

from __future__ import annotations

import json
import re
from urllib.parse import quote

from shared.core.cluster import Cluster

KINDS = ("GitRepository", "Kustomization", "HelmRelease", "HelmChart", "HelmRepository", "OCIRepository", "Bucket")
"""What Flux 2.6 lets an Alert hear and microsoft.flux installs by default."""

NAME = "fluxwatch"
TIMEOUT = "60s"  # bounds all attempts together; Flux's 15s end while the app is still starting
HEARTBEAT = "^Reconciliation finished in"  # one for each Kustomization and interval; it says nothing new

_NAMESPACE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_MAX_ADDRESS = 2048  # bytes, validated by the Provider's schema


def provider(
    cluster: Cluster,
    *,
    address_base: str,
    token: str,
    function_key: str | None,
    namespace: str = "cluster-config",
    heartbeats: bool = False,
    api_version: str = "notification.toolkit.fluxcd.io/v1beta3",
) -> str:
    """Three documents for `kubectl apply`. Without a function key the Secret has no header. Raises `ValueError`.

    Info is heard, because recovery is info. With `heartbeats` also the sign of life of each Kustomization at each interval: the
    only recovery event of one without health checks. Format: fluxcd/notification-controller docs/spec/v1beta3.
    """
    if not _NAMESPACE.fullmatch(namespace):
        raise ValueError("namespace is not a name that Kubernetes allows")
    address = _address(cluster, address_base)
    metadata = f"metadata:\n  name: {NAME}\n  namespace: {_text(namespace)}\n"
    secret = f"apiVersion: v1\nkind: Secret\n{metadata}stringData:\n  token: {_text(token)}\n{_headers(function_key)}"
    sender = (
        f"apiVersion: {api_version}\nkind: Provider\n{metadata}spec:\n  type: generic-hmac\n  address: {_text(address)}\n"
        f"  timeout: {TIMEOUT}\n  secretRef:\n    name: {NAME}\n"
    )
    alert = (
        f"apiVersion: {api_version}\nkind: Alert\n{metadata}spec:\n  providerRef:\n    name: {NAME}\n  eventSeverity: info\n"
        + ("" if heartbeats else f"  exclusionList:\n    - {_text(HEARTBEAT)}\n")
        + "  eventSources:\n"
    )
    sources = "".join(f"    - kind: {kind}\n      name: '*'\n" for kind in KINDS)
    return "---\n".join((secret, sender, alert + sources))


def _address(cluster: Cluster, base: str) -> str:
    parts = (cluster.subscription, cluster.resource_group, cluster.type, cluster.name)
    address = f"{base.rstrip('/')}/api/flux/events/{'/'.join(quote(part, safe='') for part in parts)}"
    if len(address.encode()) > _MAX_ADDRESS:
        raise ValueError(f"the address is longer than the {_MAX_ADDRESS} bytes that Flux allows")
    return address


def _headers(function_key: str | None) -> str:
    """The value is itself YAML, in which every value must be a string: another makes each send fail."""
    return f"  headers: |\n    x-functions-key: {_text(function_key)}\n" if function_key else ""


def _text(value: str) -> str:
    """A double-quoted scalar. A JSON string of ASCII is one in YAML 1.2 too."""
    if not value.isascii() or not value.isprintable():
        raise ValueError("a value for the manifests holds characters other than printable ASCII")
    return json.dumps(value)
