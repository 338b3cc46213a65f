"""Rows of a table in; for which clusters and objects a log alert fires, with its measure, out: as Azure Monitor evaluates it.

Law: what is evaluated is the rule that goes to Azure: its query with what is left out, its window, measure, threshold and
dimensions. Rows count by TimeGenerated, and only once they are ingested.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from local.kql import Database, dicts
from shared.adapters.rule_files import shipped
from shared.core.alert_rule import Rule
from shared.core.cluster import Cluster
from shared.core.durations import of_iso
from shared.core.log_rules import log_rules
from shared.core.rule_estate import Workspace
from shared.core.rule_target import Target
from tests.estates import LOGS
from tests.queries.rows import AKS, END, Row

type Series = tuple[str, str, str, str]

CONTROLLER = "Controller"
CATALOGUE = shipped()


def rule(alert: str, *, of: str = "", out: Iterable[str] = ()) -> Rule:
    """As it goes to Azure: the fleet's, without the clusters `out`; or that of the cluster `of` alone."""
    clusters = tuple(Cluster.from_arm_id(each) for each in out)
    target = Target(Workspace(LOGS, "westeurope"), "actions", cluster=Cluster.from_arm_id(of) if of else None, out=clusters)
    return next(one for one in log_rules(CATALOGUE, target) if one.name.startswith(f"{alert}-"))


def fires(logs: Database, made: Rule, rows: Iterable[Row], at: datetime = END) -> Mapping[Series, float]:
    """(last part of the cluster's id, kind, namespace, name) → what was measured, where that is over the threshold."""
    properties = made.properties
    (condition,) = properties["criteria"]["allOf"]
    begin = at - (of_iso(properties["windowSize"]) or at - at)
    seen = [row for row in rows if begin < row["TimeGenerated"] <= at and row["_IngestionTime"] <= at]
    logs.replace(condition["query"].partition("\n")[0], seen)
    totals = Counter[Series]()
    for row in dicts(logs.run(condition["query"])):
        assert begin < row["TimeGenerated"] <= at, "Azure would count it in another window"
        kind, namespace, name = (row[each["name"]] for each in condition["dimensions"])
        totals[row[condition["resourceIdColumn"]].rpartition("/")[2], kind, namespace, name] += row[
            condition["metricMeasureColumn"]
        ]
    return {series: total for series, total in totals.items() if total > condition["threshold"]}


def fires_apart(
    logs: Database, made: Rule, cases: Mapping[str, Iterable[Row]], at: datetime = END
) -> Mapping[str, Mapping[Series, float]]:
    """The same of many cases in one evaluation: each has clusters of its own."""
    rows = [
        row | {"_ResourceId": f"{row['_ResourceId']}-{number}"} for number, some in enumerate(cases.values()) for row in some
    ]
    found = fires(logs, made, rows, at)
    return {
        case: {
            (cluster.rpartition("-")[0], *rest): total
            for (cluster, *rest), total in found.items()
            if cluster.endswith(f"-{number}")
        }
        for number, case in enumerate(cases)
    }


def of_controller(name: str, cluster: str = AKS) -> Series:
    """The series of a controller."""
    return cluster.rpartition("/")[2].lower(), CONTROLLER, "flux-system", name


def of_object(kind: str, namespace: str, name: str, cluster: str = AKS) -> Series:
    """The series of a Flux object."""
    return cluster.rpartition("/")[2].lower(), kind, namespace, name
