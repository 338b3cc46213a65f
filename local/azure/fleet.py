"""What there is in a simulated Azure: subscriptions, workspaces, clusters, extensions, configurations, Flux objects.

Data only: `World` changes it, graph.py and logs.py show it. What is mutable here is compared by identity.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from shared.core.alert_rule import RuleKind
from shared.core.cluster import Cluster
from shared.core.observation import Health, Subject

CONFIGURATION_PROVIDER = "Microsoft.KubernetesConfiguration"
AKS, ARC = "managedClusters", "connectedClusters"
STATES = {AKS: ("Running", "Stopped"), ARC: ("Connected", "Offline"), "provisionedClusters": ("Connected", "Offline")}
"""Cluster type → its state when it is well, and when it is not."""

TABLES = ("ContainerLogV2", "KubeEvents", "KubePodInventory")


@dataclass(slots=True, eq=False)
class Subscription:
    """`management_group` may be empty."""

    id: str
    name: str
    management_group: str = ""
    state: str = "Enabled"


@dataclass(slots=True, eq=False)
class Workspace:
    """A Log Analytics workspace. `plans`: table → Analytics, Basic or Auxiliary; a table that is not there does not exist."""

    id: str
    plans: dict[str, str] = field(default_factory=lambda: dict.fromkeys(TABLES, "Analytics"))
    region: str = "westeurope"
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def customer_id(self) -> str:
        """The GUID by which the query API knows it."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, self.id.lower()))


@dataclass(slots=True, eq=False)
class MetricsWorkspace:
    """An Azure Monitor workspace: where Managed Prometheus keeps its metrics."""

    id: str
    region: str = "westeurope"
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class RuleResource:
    """An alert rule as Azure keeps it: a Prometheus rule group, a scheduled query rule or an action group."""

    id: str
    kind: RuleKind
    location: str
    tags: dict[str, str]
    properties: dict[str, Any] = field(repr=False)  # an action group's holds a key
    created: datetime
    changed: datetime


@dataclass(slots=True, eq=False)
class FluxExtension:
    """microsoft.flux on a cluster. `error` is what Azure says went wrong."""

    name: str = "flux"
    version: str = "1.24.1"
    auto_upgrade: bool = True
    train: str = "Stable"
    provisioning: str = "Succeeded"
    error: str = ""


@dataclass(slots=True, eq=False)
class FluxObject:
    """One Flux object on a cluster. `since`: its Ready condition is what it is since then, in whole seconds."""

    member: Member = field(repr=False)
    configuration: FluxConfiguration = field(repr=False)
    kind: str
    namespace: str
    name: str
    applied_by: tuple[str, str] | None = None  # namespace, name of a Kustomization
    chart: str = ""  # of a HelmRelease: name@version
    checked: bool = True  # a Kustomization with health checks says when it is well again; one without says nothing
    health: Health = Health.HEALTHY
    reason: str = ""
    message: str = ""
    since: datetime | None = None
    stalled: bool = False
    suspended: bool = False
    failures: int = 0

    @property
    def subject(self) -> Subject:
        """Whom an incident would be about."""
        return Subject(self.member.cluster, self.kind, self.namespace, self.name)

    @property
    def revision(self) -> str:
        """What it runs: a chart's version, or the configuration's commit."""
        return self.chart.partition("@")[2] if self.kind == "HelmRelease" else self.configuration.revision


@dataclass(slots=True, eq=False)
class FluxConfiguration:
    """A fluxConfiguration. `shown` is what the cluster's agent last pushed of it to Azure: None before its first word."""

    member: Member = field(repr=False)
    namespace: str
    name: str
    source: str
    source_kind: str = "GitRepository"
    ref: Mapping[str, str] = field(default_factory=lambda: {"branch": "main"})
    revision: str = ""
    synced_at: datetime | None = None
    suspended: bool = False
    provisioning: str = "Succeeded"
    error: str = ""
    objects: list[FluxObject] = field(default_factory=list, repr=False)
    shown: Mapping[str, Any] | None = field(default=None, repr=False)
    moved: bool = True  # since the agent's last word

    @property
    def arm_id(self) -> str:
        """As ARM spells it."""
        return f"{self.member.cluster.arm_id}/providers/{CONFIGURATION_PROVIDER}/fluxConfigurations/{self.name}"


@dataclass(slots=True, eq=False)
class Member:
    """A cluster of the fleet. `silent`: its agent speaks no more, though the cluster runs. No workspace: no logs."""

    cluster: Cluster
    region: str = "westeurope"
    tags: dict[str, str] = field(default_factory=dict)
    kubernetes: str = "1.33.4"
    workspace: str = ""
    state: str = ""
    silent: bool = False
    last_connected: datetime | None = None
    extension: FluxExtension | None = None
    configurations: list[FluxConfiguration] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        self.state = self.state or STATES[self.cluster.type][0]

    @property
    def runs(self) -> bool:
        """Whether Flux is at work on it, and reaches the outside."""
        return self.state == STATES[self.cluster.type][0]

    @property
    def objects(self) -> list[FluxObject]:
        """Of all its configurations."""
        return [one for configuration in self.configurations for one in configuration.objects]

    @property
    def extension_id(self) -> str:
        """As ARM spells it; empty without an extension."""
        path = f"{self.cluster.arm_id}/providers/{CONFIGURATION_PROVIDER}/extensions"
        return f"{path}/{self.extension.name}" if self.extension else ""


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alert rule finds something on a cluster, or nothing any more. `labels` are those of the series, or of the row; `value`
    is what the rule measured.
    """

    rule: str  # its name, or its alert's
    member: Member
    labels: Mapping[str, str]
    fires: bool = True
    value: str = "1"


def whole(at: datetime) -> datetime:
    """Kubernetes keeps whole seconds."""
    return at.replace(microsecond=0)


def stamp(at: datetime | None) -> str | None:
    """RFC 3339, as Kubernetes and ARM write it."""
    return None if at is None else f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"
