"""An object of Kubernetes in; the fields of it that the oldest Flux and metrics add-on that we support do not know, out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

type Document = dict[str, Any]
type Shape = Mapping[str, Any]

# Values are fields of an object, a list of them, or None for a leaf.
PROVIDER: Shape = dict.fromkeys(
    (
        "type",
        "interval",
        "channel",
        "username",
        "address",
        "timeout",
        "proxy",
        "suspend",
        "serviceAccountName",
        "commitStatusExpr",
    )
) | {"secretRef": {"name": None}, "certSecretRef": {"name": None}}
ALERT: Shape = dict.fromkeys(("eventSeverity", "inclusionList", "exclusionList", "eventMetadata", "summary", "suspend")) | {
    "providerRef": {"name": None},
    "eventSources": [dict.fromkeys(("apiVersion", "kind", "name", "namespace", "matchLabels"))],
}
RELABELING: Shape = dict.fromkeys(("action", "modulus", "regex", "replacement", "separator", "sourceLabels", "targetLabel"))
POD_MONITOR: Shape = dict.fromkeys(
    ("jobLabel", "labelLimit", "labelNameLengthLimit", "labelValueLengthLimit", "podTargetLabels", "sampleLimit", "targetLimit")
) | {
    "namespaceSelector": {"any": None, "matchNames": None},
    "selector": {"matchLabels": None, "matchExpressions": [dict.fromkeys(("key", "operator", "values"))]},
    "podMetricsEndpoints": [
        dict.fromkeys(("path", "port", "targetPort", "scheme", "interval", "scrapeTimeout", "honorLabels", "honorTimestamps"))
        | {"relabelings": [RELABELING], "metricRelabelings": [RELABELING]}
    ],
}
SPECS: Mapping[tuple[str, str], Shape] = {
    ("notification.toolkit.fluxcd.io/v1beta3", "Provider"): PROVIDER,
    ("notification.toolkit.fluxcd.io/v1beta3", "Alert"): ALERT,
    ("azmonitoring.coreos.com/v1", "PodMonitor"): POD_MONITOR,
}
"""notification-controller 1.6 (config/crd/bases) and the add-on's oldest PodMonitor: newer ones know all of it."""
PLAIN = {
    ("v1", "Secret"),
    ("v1", "ConfigMap"),
    ("v1", "ServiceAccount"),
    ("apps/v1", "Deployment"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
}
EVENT_KINDS = {
    *("Bucket", "GitRepository", "HelmChart", "HelmRelease", "HelmRepository", "ImagePolicy", "ImageRepository"),
    *("ImageUpdateAutomation", "Kustomization", "OCIRepository"),
}
"""The kinds that the API server lets an Alert hear on Flux 2.6: with another it refuses the Alert."""


def _unknown(value: Any, shape: Any, at: str) -> Iterator[str]:
    """Paths of fields that are not part of the shape."""
    if isinstance(shape, list):
        for number, item in enumerate(value):
            yield from _unknown(item, shape[0], f"{at}[{number}]")
    elif isinstance(shape, Mapping):
        yield from (f"{at}.{name}" for name in value if name not in shape)
        for name in value.keys() & shape.keys():
            yield from _unknown(value[name], shape[name], f"{at}.{name}")


def wrong(document: Document) -> list[str]:
    """Paths of fields that its kind does not know, or that nobody knows the kind."""
    kind = (document["apiVersion"], document["kind"])
    if kind in PLAIN:
        return []
    return list(_unknown(document["spec"], SPECS[kind], kind[1])) if kind in SPECS else [f"{kind} is not known"]
