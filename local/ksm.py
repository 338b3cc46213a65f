"""A table of Flux's kinds in; what kube-state-metrics needs to tell how their objects are, under infra/kubernetes/metrics, out.

Law: one version of each kind (kube-state-metrics exits on two), and a help text of its own for each (else it mixes them up).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

HOME = Path(__file__).parents[1] / "infra/kubernetes/metrics"
BANNER = "# Written by `python -m local.ksm`: change the table there.\n"

OWN = (
    "gotk_.*|flux_.*|controller_runtime_.*|workqueue_.*|rest_client_requests_total|process_cpu_seconds_total"
    "|process_resident_memory_bytes|go_memstats_alloc_bytes|go_goroutines|go_info"
)
"""What is kept of the controllers' own metrics: all that rules and dashboards read."""

STATE = "gotk_resource_info|gotk_source_artifact_updated_timestamp_seconds"
"""What kube-state-metrics says of Flux. The add-on's minimal profile keeps nothing of it unless it is named."""


class _Path(list[str]):
    """A path of fields: on one line."""


class _Block(str):
    """A text: as a literal block."""


class _Writer(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


_Writer.add_representer(_Path, lambda to, path: to.represent_sequence("tag:yaml.org,2002:seq", path, flow_style=True))
_Writer.add_representer(_Block, lambda to, text: to.represent_scalar("tag:yaml.org,2002:str", text, style="|"))


@dataclass(frozen=True, slots=True)
class Kind:
    """`labels` are paths of its own, beside those that every kind has. `ready`: it has conditions."""

    group: str
    version: str
    name: str
    plural: str
    labels: Mapping[str, str] = field(default_factory=dict)
    ready: bool = True

    @property
    def api(self) -> str:
        """The group in full."""
        return f"{self.group}.toolkit.fluxcd.io"

    @property
    def has_artifact(self) -> bool:
        """And says when it changed."""
        return self.group == "source" and self.name != "HelmChart"


REVISION = {"revision": "status.artifact.revision"}
URL = REVISION | {"url": "spec.url"}
SOURCE_REF = {
    "source_kind": "spec.sourceRef.kind",
    "source_name": "spec.sourceRef.name",
    "source_namespace": "spec.sourceRef.namespace",
}
CHART = {
    "revision": "status.history.0.chartVersion",
    "chart_name": "status.history.0.chartName",
    "chart_ref_name": "spec.chartRef.name",
    "chart_source_name": "spec.chart.spec.sourceRef.name",
}

KINDS = (
    Kind("kustomize", "v1", "Kustomization", "kustomizations", {"revision": "status.lastAppliedRevision"} | SOURCE_REF),
    Kind("helm", "v2", "HelmRelease", "helmreleases", CHART),
    Kind("source", "v1", "GitRepository", "gitrepositories", URL),
    Kind("source", "v1", "OCIRepository", "ocirepositories", URL),
    Kind("source", "v1", "Bucket", "buckets", REVISION | {"bucket_name": "spec.bucketName"}),
    Kind("source", "v1", "HelmRepository", "helmrepositories", URL),
    Kind("source", "v1", "HelmChart", "helmcharts", REVISION | {"chart_name": "spec.chart"}),
    Kind("notification", "v1beta3", "Alert", "alerts", ready=False),
    Kind("notification", "v1beta3", "Provider", "providers", ready=False),
    Kind("notification", "v1", "Receiver", "receivers"),
    Kind("image", "v1", "ImageRepository", "imagerepositories", {"image": "spec.image"}),
    Kind("image", "v1", "ImagePolicy", "imagepolicies"),
    Kind("image", "v1", "ImageUpdateAutomation", "imageupdateautomations"),
)
"""As Flux 2.7 serves them (microsoft.flux 1.23.0 and later); before it the kinds of images were v1beta2."""


def _path(dotted: str) -> _Path:
    return _Path(dotted.split("."))


def _condition(name: str, value: str) -> _Path:
    return _Path(["status", "conditions", f"[type={name}]", value])


def _labels(kind: Kind) -> dict[str, _Path]:
    """No message among them: a label longer than 1,023 characters loses the whole scrape."""
    always = {"exported_namespace": _path("metadata.namespace"), "suspended": _path("spec.suspend")}
    conditions = {
        "ready": _condition("Ready", "status"),
        "reason": _condition("Ready", "reason"),
        "stalled": _condition("Stalled", "status"),
    }
    return always | (conditions if kind.ready else {}) | {name: _path(path) for name, path in kind.labels.items()}


def _info(kind: Kind) -> dict[str, Any]:
    return {
        "name": "resource_info",
        "help": f"The current state of a Flux {kind.name} resource.",
        "each": {"type": "Info", "info": {"labelsFromPath": {"name": _path("metadata.name")}}},
        "labelsFromPath": _labels(kind),
    }


def _artifact(kind: Kind) -> dict[str, Any]:
    return {
        "name": "source_artifact_updated_timestamp_seconds",
        "help": f"When the artifact of a Flux {kind.name} last changed.",
        "errorLogV": 5,  # a source without an artifact is no error
        "each": {"type": "Gauge", "gauge": {"path": _path("status.artifact.lastUpdateTime")}},
        "labelsFromPath": {"exported_namespace": _path("metadata.namespace"), "name": _path("metadata.name")},
    }


def state(kinds: Sequence[Kind] = KINDS) -> dict[str, Any]:
    """Its custom-resource-state configuration (kube-state-metrics, docs/metrics/extend/customresourcestate-metrics.md)."""
    resources = [
        {
            "groupVersionKind": {"group": kind.api, "version": kind.version, "kind": kind.name},
            "metricNamePrefix": "gotk",
            "metrics": [_info(kind), *([_artifact(kind)] if kind.has_artifact else [])],
        }
        for kind in kinds
    ]
    return {"kind": "CustomResourceStateMetrics", "spec": {"resources": resources}}


def role(kinds: Sequence[Kind] = KINDS) -> dict[str, Any]:
    """Read Flux's kinds, and which of them are installed."""
    rights = [
        {"apiGroups": [api], "resources": [kind.plural for kind in kinds if kind.api == api], "verbs": _Path(["list", "watch"])}
        for api in dict.fromkeys(kind.api for kind in kinds)
    ]
    installed = {
        "apiGroups": ["apiextensions.k8s.io"],
        "resources": ["customresourcedefinitions"],
        "verbs": _Path(["list", "watch"]),
    }
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "fluxwatch-state-reader"},
        "rules": [*rights, installed],
    }


def settings(state_text: str = "", *, annotations: bool) -> dict[str, Any]:
    """The configmap of the metrics add-on, schema v2; with the text of `state` its kube-state-metrics tells of Flux.

    Before image 7.1.0 all of it is lost without the collector's settings.
    """
    by_annotation = 'pod-annotation-based-scraping: |-\n  podannotationnamespaceregex = "flux-system"\n'
    kept = f'  podannotations = "{OWN}"\n' + (f'  kubestate = "{STATE}"\n' if state_text else "")
    every = '  podannotations = "30s"\n' + ('  kubestate = "30s"\n' if state_text else "")
    metrics = (
        (by_annotation if annotations else "")
        + f"default-targets-metrics-keep-list: |-\n{kept}"
        + "minimal-ingestion-profile: |-\n  enabled = true\n"
        + f"default-targets-scrape-interval-settings: |-\n{every}"
    )
    data = {
        "schema-version": "v2",
        "config-version": "flux1",
        "cluster-metrics": _Block(metrics),
        "prometheus-collector-settings": _Block('cluster_alias = ""\ndebug-mode = false\nhttps_config = true\n'),
    }
    if state_text:
        data["ksm-config"] = _Block(_yaml({"custom_resource_config": _Block(state_text)}))
    metadata = {"name": "ama-metrics-settings-configmap", "namespace": "kube-system"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def files(kinds: Sequence[Kind] = KINDS) -> dict[str, str]:
    """Text by path under `HOME`."""
    state_text = _yaml(state(kinds))
    made = {
        "annotations/settings.yaml": _yaml(settings(annotations=True)),
        "managed/settings.yaml": _yaml(settings(state_text, annotations=True)),
        "managed-state/settings.yaml": _yaml(settings(state_text, annotations=False)),
        "own-state/state.yaml": state_text,
        "state-reader/role.yaml": _yaml(role(kinds)),
    }
    return {path: BANNER + text for path, text in made.items()}


def _yaml(content: Any) -> str:
    return str(yaml.dump(content, Dumper=_Writer, sort_keys=False, width=1_000))


def main(arguments: list[str] | None = None) -> int:
    """Writes the files. 0."""
    parser = argparse.ArgumentParser(prog="python -m local.ksm", description="Write what tells of the state of Flux's objects.")
    parser.add_argument("--images", default="v1", help="version of ImageRepository and so on (default: %(default)s)")
    parser.add_argument("--into", type=Path, default=HOME, help="default: %(default)s")
    given = parser.parse_args(arguments)
    kinds = [Kind(one.group, given.images, one.name, one.plural, one.labels) if one.group == "image" else one for one in KINDS]
    for path, text in files(kinds).items():
        (given.into / path).parent.mkdir(parents=True, exist_ok=True)
        (given.into / path).write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
