"""What Azure answered to the questions of the sweeps in; what the app may see of it, and what it may not, out.

Pure: values only. Without a right Resource Graph gives fewer rows and no error: so answers are held against each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from shared.core.finding import Finding
from shared.core.headline import count, some
from shared.core.scope import Scope
from shared.core.trouble import Trouble, Unanswered

type Rows = Sequence[Mapping[str, Any]]
type Answer = Rows | Unanswered

GRAPH = "Resource Graph"
QUERIES = ("clusters", "subscriptions", "flux_extensions", "flux_configurations")
TABLES: Mapping[str, str] = {
    "ContainerLogV2": "what the controllers log",
    "KubeEvents": "failures of Helm",
    "KubePodInventory": "restarts and lack of memory",
}
"""Table of Log Analytics → what is not seen without it."""

_READER = "Give the app's identity Reader on the scopes of FLEET_SCOPES (docs/permissions.md); it takes minutes to arrive."
_RIGHT = "The action {action} is missing from the identity's role (docs/permissions.md), or there is really none yet."
_PLANS: Mapping[str, str] = {
    "basic": "Queries of a Basic table are billed by the GB that they read, and only two run at once: with many clusters raise "
    "the interval of ERRORS_SCHEDULE, or put the table on the Analytics plan. The log alerts on it need that plan.",
    "auxiliary": "Queries of an Auxiliary table are slow, and billed by the GB that they read: put the table on the Analytics "
    "plan, which the log alerts on it need, or on Basic.",
}
_UNKNOWN_PLAN = (
    "Nothing, if the table is on the Analytics plan. For Basic and Auxiliary tables the identity needs "
    "Microsoft.OperationalInsights/workspaces/tables/read as well."
)
_NO_TABLE = "Container insights makes it: switch it on, with this table in its data collection rule, for the clusters."
_PARTIAL = "Nothing: what is missing is read again. If it lasts, look at the health of the workspace in the portal."
_QUIET = (
    "Nothing, if the clusters are small and quiet. Else see whether Container insights collects the namespace flux-system: its "
    "data collection rule and its ConfigMap may leave namespaces out."
)


def graph(answers: Mapping[str, Answer], scope: Scope) -> list[Finding]:
    """`answers` by query, of `QUERIES`; what was not asked is left out."""
    rows = {query: answer for query, answer in answers.items() if not isinstance(answer, Unanswered)}
    faults = [(query, answer.finding) for query, answer in answers.items() if isinstance(answer, Unanswered)]
    found = (_clusters(rows), _names(rows), _scopes(rows, scope), _extensions(rows), _configurations(rows))
    return [*_together(faults, len(answers)), *(one for one in found if one)]


def _together(faults: Sequence[tuple[str, Finding]], asked: int) -> list[Finding]:
    """What all queries say is said once."""
    if len(faults) == asked > 1 and len({one.detail for _, one in faults}) == 1:
        return [replace(faults[0][1], name=GRAPH)]
    return [replace(one, name=f"{GRAPH}: {query}") for query, one in faults]


def _clusters(rows: Mapping[str, Rows]) -> Finding | None:
    if "clusters" not in rows:
        return None
    name, subscriptions = f"{GRAPH}: clusters", _values(rows["clusters"], "subscriptionId")
    if not rows["clusters"]:
        return Finding(name, False, "not one cluster is seen", _READER)
    seen = count(len(rows["clusters"]), "cluster")
    return Finding(name, True, f"{seen} in {count(len(subscriptions), 'subscription')}")


def _names(rows: Mapping[str, Rows]) -> Finding | None:
    if "subscriptions" not in rows:
        return None
    name = f"{GRAPH}: subscriptions"
    if not rows["subscriptions"] and rows.get("clusters"):
        remedy = _RIGHT.format(action="Microsoft.Resources/subscriptions/read")
        return Finding(name, True, "none is seen: cards and pages show ids for names", remedy)
    return Finding(name, True, f"{count(len(rows['subscriptions']), 'subscription')} seen")


def _scopes(rows: Mapping[str, Rows], scope: Scope) -> Finding | None:
    """Which subscriptions of the setting give nothing. What is in a management group nobody here can say."""
    if not scope.subscriptions or "clusters" not in rows:
        return None
    with_clusters = _values(rows["clusters"], "subscriptionId")
    seen = with_clusters | _values(rows.get("subscriptions", ()), "subscriptionId")
    if unseen := [one for one in scope.subscriptions if one not in seen]:
        return Finding("FLEET_SCOPES", False, f"cannot be seen: {some(unseen, 5)}", f"{_READER} Or correct the ids.")
    if empty := [one for one in scope.subscriptions if one not in with_clusters]:
        return Finding("FLEET_SCOPES", True, f"without a cluster: {some(empty, 5)}", "Nothing, if that is so. Else: " + _READER)
    return Finding("FLEET_SCOPES", True, f"each of {count(len(scope.subscriptions), 'subscription')} has clusters")


def _extensions(rows: Mapping[str, Rows]) -> Finding | None:
    if "flux_extensions" not in rows:
        return None
    name, having = f"{GRAPH}: extensions", _values(rows["flux_extensions"], "clusterId")
    if not having and rows.get("clusters"):
        remedy = _RIGHT.format(action="Microsoft.KubernetesConfiguration/extensions/read")
        return Finding(name, False, "not one cluster shows the extension microsoft.flux", remedy)
    return Finding(name, True, f"microsoft.flux on {count(len(having), 'cluster')}")


def _configurations(rows: Mapping[str, Rows]) -> Finding | None:
    """An extension without any configuration in the whole fleet does nothing: it is more likely that they are hidden."""
    if "flux_configurations" not in rows:
        return None
    name, found = f"{GRAPH}: configurations", rows["flux_configurations"]
    having = _values(rows.get("flux_extensions", ()), "clusterId")
    if not found and having:
        remedy = _RIGHT.format(action="Microsoft.KubernetesConfiguration/fluxConfigurations/read")
        return Finding(name, False, f"suspicious: none on {count(len(having), 'cluster')} with the extension", remedy)
    on = count(len(_values(found, "clusterId")), "cluster")
    return Finding(name, True, f"{count(len(found), 'configuration')} on {on}")


def _values(rows: Rows, column: str) -> set[str]:
    """The texts of a column, in lower case; what is none is left out."""
    return {value.lower() for row in rows if isinstance(value := row.get(column), str) and value}


# -------------------------------------------------------------------------------------------------------- Log Analytics


def workspace_name(arm_id: str) -> str:
    """group/name: two groups may have a workspace of one name."""
    parts = arm_id.split("/")
    return f"workspace {parts[4]}/{parts[-1]}"


def workspace(name: str, resource: Mapping[str, Any] | None) -> Finding:
    """`resource` is as ARM gives it; None if there is none."""
    if resource is None:
        return Unanswered(Trouble.NOT_FOUND, name).finding
    properties = resource.get("properties")
    if not isinstance(properties, Mapping) or not isinstance(properties.get("customerId"), str):
        return Unanswered(Trouble.UNREADABLE, name, "no customerId").finding
    return Finding(name, True)


def tables(name: str, plans: Mapping[str, str | Unanswered]) -> Iterable[Finding]:
    """One for each of `TABLES`: whether it is there, and what its plan means."""
    for table, plan in plans.items():
        yield _table(f"{name}: {table}", plan, TABLES[table])


def _table(name: str, plan: str | Unanswered, loss: str) -> Finding:
    if not isinstance(plan, Unanswered):
        return Finding(name, True, f"{plan} plan", _PLANS.get(plan.lower(), ""))
    if plan.trouble is Trouble.FORBIDDEN:
        return Finding(name, True, "its plan may not be read", _UNKNOWN_PLAN)
    if plan.trouble in (Trouble.NO_TABLE, Trouble.NOT_FOUND):
        return Finding(name, False, f"there is no such table: {loss} cannot be seen", _NO_TABLE)
    return replace(plan.finding, name=name)


def logs(name: str, rows: Rows, partial: str) -> Finding:
    """The answer to flux_controllers over a few minutes."""
    if partial:
        return Finding(name, False, f"a part of the answer is missing ({partial})", _PARTIAL)
    if not rows:
        return Finding(name, True, "answers, and no Flux controller wrote a line in these minutes", _QUIET)
    clusters = len(_values(rows, "_ResourceId"))
    return Finding(name, True, f"Flux controllers of {count(clusters, 'cluster')} wrote in these minutes")
