"""Rows of Resource Graph as tests want them in; what a sweep of them decides, and the fleet as it is known then, out.

Law: what matters is given, the rest is well. Sweeps follow each other as in the job, without a store in between.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from shared.core import graph_rows
from shared.core.azure_values import Reading
from shared.core.cluster import Cluster
from shared.core.compliance import Decision, decide
from shared.core.coverage import KINDS, Coverage, Gap
from shared.core.graph_rows import ConfigurationRow, with_statuses
from shared.core.incident import Incident
from shared.core.inventory import ClusterInfo
from shared.core.observation import Subject
from shared.core.second_look import with_answers
from shared.core.sight import Identity, Sight
from shared.core.transition import reduce
from tests.examples import FLAP, START, SUBSCRIPTION, after
from tests.examples import cluster as cluster_of

type Row = dict[str, Any]

COMMIT = "main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738"
_PLAIN = st.sampled_from((None, True, 7, -1.5, 10**30, "", "x", "Ready", "False", "\ud800", "2026-11-20T08:00:00Z"))
_KEYS = st.sampled_from(("id", "name", "type", "x"))
JSON = _PLAIN | st.lists(_PLAIN, max_size=2) | st.dictionaries(_KEYS, _PLAIN | st.lists(_PLAIN, max_size=2), max_size=2)
NO_FILE = "kustomize build failed: no such file or directory"


def iso(at: datetime | None) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at else None


def condition(status: str, at: datetime | None, reason: str = "", message: str = "", type_: str = "Ready") -> Row:
    return {"type": type_, "status": status, "reason": reason, "message": message, "lastTransitionTime": iso(at)}


def status(name: str = "platform-apps", ready: str = "True", at: datetime | None = START, **more: Any) -> Row:
    """An entry of `statuses`. `more`: reason and message of Ready, or whole keys of the entry."""
    words = more.pop("reason", "BuildFailed" if ready == "False" else ""), more.pop("message", NO_FILE)
    state = {"True": "Compliant", "False": "Non-Compliant"}.get(ready, "Pending")
    usual = {"kind": "Kustomization", "namespace": "cluster-config", "name": name, "complianceState": state}
    return {**usual, "statusConditions": [condition(ready, at, *words)], **more}


def configuration_row(
    *statuses: Row, name: str = "platform", on: Cluster | None = None, at: datetime | None = None, **more: Any
) -> Row:
    """Reported `at`; compliant unless a status is not."""
    key = (on or cluster_of()).key
    state = "Non-Compliant" if any(one["complianceState"] == "Non-Compliant" for one in statuses) else "Compliant"
    usual: Row = {
        "id": f"{key}/providers/microsoft.kubernetesconfiguration/fluxconfigurations/{name}",
        "name": name,
        "clusterId": key,
        "scope": "cluster",
        "namespace": "cluster-config",
        "sourceKind": "GitRepository",
        "sourceUrl": "https://github.com/contoso/fleet",
        "sourceRef": "branch:main",
        "syncedCommit": COMMIT,
        "sourceUpdatedAt": iso(START),
        "statusUpdatedAt": iso(at or START),
        "complianceState": state,
        "provisioningState": "Succeeded",
        "suspended": False,
        "errorMessage": "",
        "statuses": list(statuses),
    }
    return usual | more


def cluster_row(on: Cluster | None = None, **more: Any) -> Row:
    of = on or cluster_of()
    state = "Running" if of.type == "managedClusters" else "Connected"
    usual: Row = {
        "id": of.arm_id,
        "name": of.name,
        "clusterType": of.type,
        "subscriptionId": of.subscription,
        "resourceGroup": of.resource_group,
        "location": "westeurope",
        "state": state,
        "kubernetesVersion": "1.33.4",
        "lastConnectivity": None,
        "tags": None,
    }
    return usual | more


def extension_row(on: Cluster | None = None, **more: Any) -> Row:
    key = (on or cluster_of()).key
    usual: Row = {
        "id": f"{key}/providers/microsoft.kubernetesconfiguration/extensions/flux",
        "name": "flux",
        "clusterId": key,
        "version": "1.24.1",
        "autoUpgrade": True,
        "releaseTrain": "Stable",
        "provisioningState": "Succeeded",
        "statusMessage": "",
        "errorMessage": "",
    }
    return usual | more


def subscription_row(**more: Any) -> Row:
    usual: Row = {"id": f"/subscriptions/{SUBSCRIPTION}", "subscriptionId": SUBSCRIPTION}
    return usual | {"subscriptionName": "Contoso Production", "state": "Enabled"} | more


@dataclass
class Watch:
    """One cluster, well, with a configuration of two objects, unless told otherwise; swept as often as wanted.

    Rows may be None: Azure did not answer. `gone`, `hidden`, `there`: what it says of ids that are asked for singly;
    `waiting`: those that are not asked for yet.
    """

    clusters: Sequence[Row] | None = field(default_factory=lambda: [cluster_row()])
    configurations: Sequence[Row] | None = field(
        default_factory=lambda: [configuration_row(status(), status("platform", kind="GitRepository"))]
    )
    extensions: Sequence[Row] | None = field(default_factory=lambda: [extension_row()])
    subscriptions: Sequence[Row] | None = field(default_factory=lambda: [subscription_row()])
    coverage: Coverage = field(default_factory=Coverage)
    now: datetime = field(default_factory=lambda: after(minutes=5))
    gone: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    there: frozenset[str] = frozenset()
    waiting: frozenset[str] = frozenset()
    looks: dict[str, Row] = field(default_factory=dict)  # id in lower case → resource
    inventory: dict[str, ClusterInfo] = field(default_factory=dict)
    incidents: dict[tuple[str, str, str, str], Incident] = field(default_factory=dict)
    reading: Reading = field(default_factory=lambda: Reading(START))

    def sight(self) -> Sight:
        self.reading = Reading(self.now)
        failing: defaultdict[str, dict[Identity, Incident]] = defaultdict(dict)
        for (key, *identity), one in self.incidents.items():
            if one.failing:
                failing[key][identity[0], identity[1], identity[2]] = one
        read = self.reading
        sight = Sight(
            self.now,
            None if self.clusters is None else graph_rows.clusters(self.clusters, read),
            None if self.configurations is None else graph_rows.configurations(self.configurations, read),
            None if self.extensions is None else graph_rows.extensions(self.extensions, read),
            None if self.subscriptions is None else graph_rows.subscriptions(self.subscriptions, read),
            self.inventory,
            failing,
            self.gone,
            self.hidden,
            self.there,
            self.waiting,
        )
        return with_answers(sight, self._looked(sight), frozenset())

    def _looked(self, sight: Sight) -> dict[str, ConfigurationRow]:
        rows = (row for some in (sight.configurations or {}).values() for row in some if row.arm_id in self.looks)
        return {row.arm_id: with_statuses(row, self.looks[row.arm_id], self.reading) for row in rows}

    def sweep(self, **later: float) -> Decision:
        """One more, so much later; everything is then as it decided."""
        self.now += timedelta(**later)
        decision = decide(self.sight(), self.coverage)
        for one in decision.observations:
            changed = reduce(self.incidents.get(one.subject.key), one, FLAP).incident
            if changed is not None:
                self.incidents[one.subject.key] = changed
        self.inventory |= {info.cluster.key: info for info in decision.changed}
        self.inventory = {key: info for key, info in self.inventory.items() if key not in decision.dropped}
        return decision

    def knows(self, *some: Incident) -> Watch:
        self.incidents |= {one.subject.key: one for one in some}
        return self

    @property
    def open(self) -> set[tuple[str, str]]:
        """Kind and name of what fails."""
        return {(one.subject.kind, one.subject.name) for one in self.incidents.values() if one.failing}

    @property
    def gaps(self) -> set[str]:
        """Those that are open, each by its id."""
        of = {kind: gap.value for gap, kind in KINDS.items()}
        return {of[kind] for kind, _ in self.open if kind in of}

    def gap(self, gap: Gap) -> Incident:
        """The one incident of that gap, open or over."""
        (one,) = (one for one in self.incidents.values() if one.subject.kind == KINDS[gap])
        return one

    def of(self, name: str = "platform-apps", kind: str = "Kustomization") -> Incident:
        return self.incidents[Subject(cluster_of(), kind, "cluster-config", name).key]

    def info(self) -> ClusterInfo:
        return self.inventory[cluster_of().key]


def watched(*statuses: Row) -> Watch:
    """platform-apps fails, and was shown."""
    watch = Watch(configurations=[configuration_row(status(ready="False"), *statuses)])
    watch.sweep()
    assert watch.of().failing
    return watch


def is_gone(watch: Watch) -> bool:
    one = watch.of()
    assert one.failing is not one.gone
    return one.gone
