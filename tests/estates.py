"""A catalogue of three alerts and an estate of clusters and workspaces in; the same as Resource Graph shows it, and rules, out.

Law: names are fixed, so that a rule can be looked for by its name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.core.action_group import Receiver, id_of
from shared.core.alert_rule import Rule, name_of
from shared.core.azure_values import Reading
from shared.core.cluster import Cluster
from shared.core.desired_rules import Desired, desired
from shared.core.rule_catalogue import Catalogue, catalogue
from shared.core.rule_estate import Estate, Wanted, estate
from shared.core.trouble import Trouble, Unanswered
from shared.ports import Presence
from shared.rule_book import RuleBook
from tests.examples import START, SUBSCRIPTION, cluster
from tests.fake_rules import FakeRules
from tests.fakes import FakeClock

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-alerts"
METRICS = f"{GROUP}/providers/Microsoft.Monitor/accounts/amw-prod"
LOGS = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/law-prod"
OTHER = METRICS.replace("amw-prod", "amw-edge")
KEY = "the-key-of-the-tests"
WANTED = Wanted((METRICS,), (LOGS,), id_of(GROUP), Receiver("https://fluxwatch.example", KEY), "https://git.example/runbooks")
DOCUMENT = {
    "groups": [
        {
            "name": "flux-recording",
            "rules": [{"record": "flux:resource_info", "expr": "max by (cluster) (gotk_resource_info)"}],
        },
        {
            "name": "flux-resources",
            "interval": "1m",
            "rules": [
                {
                    "alert": "FluxSlow",
                    "expr": "flux:p95 > 60",
                    "for": "10m",
                    "labels": {"severity": "warning", "component": "flux"},
                    "annotations": {"summary": "It is slow", "runbook_url": "docs/runbooks/FluxSlow.md"},
                },
                {"alert": "FluxSystemDown", "expr": "up == 0", "for": "5m", "labels": {"severity": "critical"}},
            ],
        },
    ]
}
LOG_RULE = {
    "summary": "Errors",
    "description": "A controller writes errors.",
    "severity": "info",
    "frequency": "5m",
    "window": "1h",
    "measure": "ErrorCount",
    "threshold": 0,
    "dimensions": ["Kind", "Namespace", "Name"],
}
QUERY = "// a comment\nContainerLogV2\n| summarize ErrorCount = count() by bin(TimeGenerated, 5m), _ResourceId"
CATALOGUE = catalogue([("flux.yaml", DOCUMENT)], {"FluxErrors": (LOG_RULE, QUERY)}, {"FluxSlow": "> 60"})


def named(rule: str, of: str) -> str:
    return name_of(rule, of)


FLEET = {named(rule, METRICS) for rule in ("flux-recording", "flux-resources")} | {named("FluxErrors", LOGS)}


def own(of: Cluster) -> set[str]:
    return {named(rule, of.arm_id) for rule in ("flux-resources", "FluxErrors")}


@dataclass
class Place:
    """Azure as Resource Graph and Resource Manager show it: `tags` by name of the cluster; `bare` have no Flux.

    Fits ResourceGraph and ResourceManager. `unanswered` are queries and ids; `late` clusters are not in the graph's extensions.
    """

    clusters: dict[str, dict[str, str]] = field(default_factory=lambda: {"aks-1": {}, "aks-2": {}})
    workspaces: dict[str, dict[str, str]] = field(default_factory=lambda: {METRICS: {}, LOGS: {}})
    bare: set[str] = field(default_factory=set)
    late: set[str] = field(default_factory=set)
    regions: dict[str, str] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    unanswered: set[str] = field(default_factory=set)
    type: str = "microsoft.flux"
    calls: list[str] = field(default_factory=list)

    def ask(self, query: str) -> Sequence[Mapping[str, Any]]:
        self._called(query)
        return self.rows[query]

    def _called(self, about: str) -> None:
        self.calls.append(about)
        if about in self.unanswered:
            raise Unanswered(Trouble.UNREACHABLE, about)

    @property
    def rows(self) -> dict[str, list[dict[str, Any]]]:
        ids = {name: cluster(name).arm_id for name in self.clusters if name not in self.hidden}
        flux = "/providers/Microsoft.KubernetesConfiguration/extensions/flux"
        return {
            "clusters": [
                {"id": arm_id, "location": self._region(name), "tags": self.clusters[name]} for name, arm_id in ids.items()
            ],
            "flux_extensions": [
                {"id": arm_id + flux, "name": "flux", "clusterId": arm_id.lower()}
                for name, arm_id in ids.items()
                if name not in self.bare | self.late
            ],
            "alert_workspaces": [
                {"id": arm_id, "location": self._region(arm_id), "tags": tags} for arm_id, tags in self.workspaces.items()
            ],
        }

    def _region(self, of: str) -> str:
        return self.regions.get(of, "westeurope")

    def get(self, arm_id: str) -> Mapping[str, Any] | None:
        self._called("extension")
        name = Cluster.from_arm_id(arm_id.partition("/providers/Microsoft.KubernetesConfiguration")[0]).name
        there = name in self.clusters and name not in self.bare
        return {"properties": {"extensionType": self.type, "provisioningState": "Creating"}} if there else None

    def presence(self, arm_id: str) -> Presence:
        self._called("presence")
        of, flux, _ = arm_id.partition("/providers/microsoft.kubernetesconfiguration/")
        name = Cluster.from_arm_id(of).name
        if name in self.hidden:
            return Presence.HIDDEN
        return Presence.THERE if name in self.clusters and not (flux and name in self.bare) else Presence.GONE

    def shown(self) -> Estate:
        rows = self.rows
        return estate(rows["clusters"], rows["flux_extensions"], rows["alert_workspaces"], Reading(START))

    def desired(self, known: Catalogue = CATALOGUE, wanted: Wanted = WANTED) -> Desired:
        return desired(known, wanted, self.shown())

    def book(self, rules: FakeRules, wanted: Wanted = WANTED, clock: FakeClock | None = None) -> RuleBook:
        return RuleBook(self, self, rules, clock or FakeClock(), lambda: CATALOGUE, wanted)


def by_name(rules: Sequence[Rule]) -> dict[str, Rule]:
    return {rule.name: rule for rule in rules}
