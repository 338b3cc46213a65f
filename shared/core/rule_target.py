"""What a set of rules is for in: a workspace, or one cluster of it; what its expressions and queries look at out.

Pure. The fleet's rules leave out who has no rules or its own: metrics by the name of the cluster, logs by its id.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from shared.core.alert_rule import Rule, RuleKind, name_of
from shared.core.cluster import Cluster, NotACluster
from shared.core.rule_estate import Workspace
from shared.core.rule_tags import Override

_OURS = re.compile(r"flux[\w.()-]*-[0-9a-f]{6}", re.IGNORECASE | re.ASCII)
MOST_OUT = 48_000
"""Characters of an expression or a query that leave clusters out. A log rule has 64 KB in all (azure-monitor-limits-alerts.md
of Azure's docs); what an expression may have is written nowhere."""
_OWN_LOGS = re.compile(r"\| where _ResourceId =~ '([^'\n]+)'\s*\Z")


@dataclass(frozen=True, slots=True)
class Target:
    """Of one set of rules. `cluster`: whose own they are; None: the fleet's. `out` are clusters that these rules leave out."""

    workspace: Workspace
    actions: str
    runbooks: str = ""
    cluster: Cluster | None = None
    overrides: Mapping[str, Override] = field(default_factory=dict)
    out: tuple[Cluster, ...] = ()

    @property
    def id(self) -> str:
        """What the names of the rules are made of."""
        return self.cluster.arm_id if self.cluster else self.workspace.id

    @property
    def place(self) -> str:
        """For people."""
        return f"the cluster {self.cluster.name}" if self.cluster else f"the workspace {self.workspace.name}"

    def override(self, alert: str) -> Override:
        """Of one alert."""
        return self.overrides.get(alert, Override())

    def expression(self, promql: str) -> str:
        """Over metrics. Matching by name has no letter case in Azure."""
        known = {one.name.lower(): _series(one) for one in self.out}
        return f"({promql}) unless on (cluster) ({' or '.join(known[name] for name in sorted(known))})" if known else promql

    def query(self, kql: str) -> str:
        """Over logs. Ids hold no quotes: they are of clusters. In lower case: Azure spells them now so, now otherwise."""
        if self.cluster:
            return f"{kql}\n| where _ResourceId =~ '{self.cluster.key}'"
        if not self.out:
            return kql
        return f"{kql}\n| where _ResourceId !in~ ({', '.join(sorted(f"'{one.key}'" for one in self.out))})"


def _series(one: Cluster) -> str:
    return f'label_replace(vector(1), "cluster", "{one.name}", "", "")'


type Cost = Callable[[Cluster], int]
"""Characters that it takes to leave a cluster out."""


def cost_of_name(one: Cluster) -> int:
    """In an expression."""
    return len(_series(one)) + len(" or ")


def cost_of_id(one: Cluster) -> int:
    """In a query."""
    return len(one.key) + len("'', ")


def that_fit(clusters: Iterable[Cluster], cost: Cost) -> tuple[Cluster, ...]:
    """As many of these, in their order, as `MOST_OUT` has room for."""
    found, left = list[Cluster](), MOST_OUT
    for one in clusters:
        left -= cost(one)
        if left < 0:
            break
        found.append(one)
    return tuple(found)


def ours(rule: Rule, action_group: str) -> bool:
    """It has a name as Fluxwatch gives them. Who made it is another question."""
    return rule.name.lower() == action_group if rule.kind is RuleKind.ACTIONS else bool(_OURS.fullmatch(rule.name))


def suffix_of(arm_id: str) -> str:
    """The end of the names of all rules that are for this workspace or cluster, in lower case."""
    last = arm_id.rstrip("/").rpartition("/")[2].lower()
    return f"-{last}{name_of('', arm_id)[-7:]}"


def is_for(rule: Rule, arm_id: str) -> bool:
    """By its name."""
    return rule.name.lower().endswith(suffix_of(arm_id))


def scopes_of(rule: Rule) -> tuple[str, ...]:
    """The ids of what a rule watches, in lower case and in any order."""
    scopes = rule.properties.get("scopes")
    return tuple(one.lower() for one in scopes if isinstance(one, str)) if isinstance(scopes, list | tuple) else ()


def cluster_of(rule: Rule) -> str:
    """The key of the cluster whose own rule this is; empty for the fleet's."""
    for found in scopes_of(rule) if rule.kind is RuleKind.METRICS else _filter(rule):
        try:
            return Cluster.from_arm_id(found).key
        except NotACluster:
            continue
    return ""


def _filter(rule: Rule) -> tuple[str, ...]:
    criteria = rule.properties.get("criteria")
    conditions = criteria.get("allOf") if isinstance(criteria, Mapping) else None
    first = conditions[0] if isinstance(conditions, list) and conditions else None
    query = first.get("query") if isinstance(first, Mapping) else None
    found = _OWN_LOGS.search(query) if isinstance(query, str) else None
    return (found[1],) if found else ()
