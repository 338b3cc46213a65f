"""An alert and its cluster in; the subject whose incident it joins out: a Flux object, a controller, or the rule itself.

Pure: no I/O. Names are what events, compliance and logs call the same thing, for then it is the same incident. Prometheus in
Azure compares without letter case and gives back any: kinds are spelled as Flux does, names of Kubernetes are in lower case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from shared.core.azure_alert import Alert
from shared.core.cluster import Cluster
from shared.core.log_entries import NAMESPACE, controller
from shared.core.observation import ALERT_RULE, Subject

KINDS: Mapping[str, str] = {
    kind.lower(): kind
    for kind in (
        "GitRepository",
        "OCIRepository",
        "Bucket",
        "HelmRepository",
        "HelmChart",
        "ExternalArtifact",
        "ArtifactGenerator",
        "Kustomization",
        "HelmRelease",
        "ImageRepository",
        "ImagePolicy",
        "ImageUpdateAutomation",
        "Alert",
        "Provider",
        "Receiver",
        "FluxInstance",
        "FluxReport",
        "ResourceSet",
        "ResourceSetInputProvider",
    )
}
"""Kind in lower case → as Flux spells it (fluxcd.controlplane.io included)."""

_KIND = ("kind", "customresource_kind")
_NAMESPACE = ("resource_namespace", "exported_namespace", "namespace")
_WHERE = ("kubernetes_namespace", "namespace", "podnamespace")  # of a pod, however it is scraped
_WHO = ("deployment", "controller", "pod", "podname", "kubernetes_pod_name", "container", "containername")
_OF_CONTROLLERS = frozenset({"extension", "controller", "deployment", "pod"})  # as `kind`, beside the name of one
_NOBODY = frozenset({"manager", *KINDS})  # every controller's container; and how controller-runtime names controllers: by kind
_POD = re.compile(r"(.+?)(?:-[a-z0-9]{6,10})?-[a-z0-9]{5}")  # of a deployment: as the queries have it
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")  # RFC 1123 label
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")  # RFC 1123 subdomain


def subject_of(alert: Alert, cluster: Cluster) -> Subject:
    """Never fails: what names no object and no controller is about the rule, on that cluster."""
    rule = Subject(cluster, ALERT_RULE, "", alert.name)
    return _object(alert.labels, cluster) or _controller(alert.labels, cluster) or rule


def _object(labels: Mapping[str, str], cluster: Cluster) -> Subject | None:
    """`name` is an object only beside a kind of Flux and a namespace: work queues have names, too."""
    kind, namespace = KINDS.get(_first(labels, _KIND)), _first(labels, _NAMESPACE)
    name = _first(labels, ("name",))
    if kind is None or not _LABEL.fullmatch(namespace) or not _NAME.fullmatch(name):
        return None
    return Subject(cluster, kind, namespace, name)


def _controller(labels: Mapping[str, str], cluster: Cluster) -> Subject | None:
    if NAMESPACE not in {labels.get(where, "").lower() for where in _WHERE}:
        return None
    kind = _first(labels, _KIND)
    who = ("name", *_WHO) if kind in _OF_CONTROLLERS else () if kind in KINDS else _WHO
    for label in who:
        name = labels.get(label, "").lower()
        if name in _NOBODY or not _NAME.fullmatch(name):
            continue
        pod = _POD.fullmatch(name) if "pod" in label or (label, kind) == ("name", "pod") else None
        return controller(cluster, pod[1] if pod else name)
    return None


def _first(labels: Mapping[str, str], names: Iterable[str]) -> str:
    """The first that is there, in lower case."""
    return next((value.lower() for name in names if (value := labels.get(name, ""))), "")
