"""The properties of a scheduled query rule as they were PUT in; as Azure keeps them out, or `Refused`.

Microsoft.Insights/scheduledQueryRules 2023-12-01, kind LogAlert, with the service's limits and defaults:
learn.microsoft.com/azure/azure-monitor/alerts/alerts-create-log-alert-rule. Queries are run, unless that is forgone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from local.azure.databases import borrow, give_back
from local.azure.estate import Estate
from local.azure.fleet import RuleResource, Workspace
from local.azure.log_analytics import tables_in
from local.azure.rule_checks import (
    MOST_ACTIONS,
    Refused,
    a_count,
    a_flag,
    a_length,
    a_list,
    a_map,
    a_text,
    an_id,
    iso,
    one_of,
    texts,
)
from local.kql import BadQuery
from shared.core.alert_rule import RuleKind

WORKSPACE = "microsoft.operationalinsights/workspaces"
MINUTES = (1, 5, 10, 15, 30, 45, 60, 120, 180, 240, 300, 360, 1440)
MOST_RULES, MOST_AT_ONE_MINUTE, MOST_DIMENSIONS, MOST_PERIODS, MOST_BYTES = 5_000, 100, 6, 6, 65_536
TWO_DAYS = timedelta(days=2)
OPERATORS = ("Equals", "GreaterThan", "GreaterThanOrEqual", "LessThan", "LessThanOrEqual")
AGGREGATIONS = ("Count", "Average", "Minimum", "Maximum", "Total")
_NOT_EACH_MINUTE = re.compile(r"\bingestion_time\s*\(|\b(?:union|search|take|limit)\b")


def accept(estate: Estate, rule: RuleResource) -> dict[str, Any]:
    """What is left out is on: `enabled` and `autoMitigate` are true. `skipQueryValidation` is not shown again."""
    given = rule.properties
    workspace = _workspace(estate, rule, given.get("scopes"))
    often, window = _times(given)
    condition = _condition(a_map(given.get("criteria"), "criteria"), often, window)
    if not a_flag(given.get("skipQueryValidation"), "skipQueryValidation", usual=False):
        _validate(workspace, condition)
    _room(estate, rule, often)
    made: dict[str, Any] = {
        "enabled": a_flag(given.get("enabled"), "enabled", usual=True),
        "autoMitigate": a_flag(given.get("autoMitigate"), "autoMitigate", usual=True),
        "severity": a_count(given.get("severity"), "severity", 0, 4),
        "evaluationFrequency": iso(often),
        "windowSize": iso(window),
        "scopes": [workspace.id.lower()],
        "criteria": {"allOf": [condition]},
        "actions": _actions(given.get("actions")),
    }
    made |= {name: a_text(given[name], name) for name in ("description", "displayName") if given.get(name)}
    if len(json.dumps(made)) > MOST_BYTES:
        raise Refused(f"The rule is larger than {MOST_BYTES} bytes.")
    return made


def _workspace(estate: Estate, rule: RuleResource, scopes: Any) -> Workspace:
    found = estate.workspaces.get(an_id(a_list(scopes, "scopes", 1, 1)[0], "scopes[0]", WORKSPACE))
    if found is None:
        raise Refused("The workspace of the scope does not exist.", "ScopeNotFound")
    if found.region.lower() != rule.location:
        raise Refused(f"The rule must be in the region of its workspace, {found.region}.", "InvalidLocation")
    return found


def _times(given: dict[str, Any]) -> tuple[timedelta, timedelta]:
    """Both are required of log alerts."""
    found = []
    for name, allowed in (("evaluationFrequency", MINUTES), ("windowSize", (*MINUTES, 2880))):
        span = a_length(given.get(name), name, timedelta(minutes=1), TWO_DAYS)
        if span not in [timedelta(minutes=one) for one in allowed]:
            raise Refused(f"'{name}' must be one of {', '.join(map(str, allowed))} minutes.")
        found.append(span)
    return found[0], found[1]


def _condition(criteria: dict[str, Any], often: timedelta, window: timedelta) -> dict[str, Any]:
    given = a_map(a_list(criteria.get("allOf"), "criteria.allOf", 1, 1)[0], "criteria.allOf[0]")
    periods = _periods(given.get("failingPeriods"))
    if not often <= window * periods["numberOfEvaluationPeriods"] <= TWO_DAYS:
        raise Refused("The frequency must be at most the window times the periods, and that at most 48 hours.")
    query, threshold = a_text(given.get("query"), "query"), given.get("threshold")
    if often == timedelta(minutes=1) and _NOT_EACH_MINUTE.search(query):
        raise Refused("A rule of one minute uses no ingestion_time(), union, search or take.")
    if not isinstance(threshold, int | float) or isinstance(threshold, bool):
        raise Refused("'threshold' must be a number.")
    made = {
        "query": query,
        "operator": one_of(given.get("operator"), "operator", OPERATORS),
        "threshold": float(threshold),
        "dimensions": _dimensions(given.get("dimensions")),
        "failingPeriods": periods,
        **_measure(given),
    }
    column = given.get("resourceIdColumn")
    return made | ({"resourceIdColumn": a_text(column, "resourceIdColumn")} if column else {})


def _measure(given: dict[str, Any]) -> dict[str, str]:
    kind, column = one_of(given.get("timeAggregation"), "timeAggregation", AGGREGATIONS), given.get("metricMeasureColumn")
    if (kind == "Count") is bool(column):
        raise Refused("'metricMeasureColumn' goes with every 'timeAggregation' but Count.")
    return {"timeAggregation": kind} | ({"metricMeasureColumn": a_text(column, "metricMeasureColumn")} if column else {})


def _periods(value: Any) -> dict[str, int]:
    given = {} if value is None else a_map(value, "failingPeriods")
    count = a_count(given.get("numberOfEvaluationPeriods", 1), "numberOfEvaluationPeriods", 1, MOST_PERIODS)
    least = a_count(given.get("minFailingPeriodsToAlert", 1), "minFailingPeriodsToAlert", 1, count)
    return {"minFailingPeriodsToAlert": least, "numberOfEvaluationPeriods": count}


def _dimensions(value: Any) -> list[dict[str, Any]]:
    made = []
    for one in a_list(value, "dimensions", MOST_DIMENSIONS):
        given = a_map(one, "dimensions")
        values = [a_text(each, "dimensions.values") for each in a_list(given.get("values"), "dimensions.values", 100, 1)]
        name, operator = (
            a_text(given.get("name"), "dimensions.name"),
            one_of(given.get("operator"), "operator", ("Include", "Exclude")),
        )
        made.append({"name": name, "operator": operator, "values": values})
    return made


def _actions(value: Any) -> dict[str, Any]:
    given = {} if value is None else a_map(value, "actions")
    groups = a_list(given.get("actionGroups"), "actions.actionGroups", MOST_ACTIONS)
    custom = texts(given.get("customProperties"), "actions.customProperties", 10)
    return {
        "actionGroups": [an_id(one, "actions.actionGroups", RuleKind.ACTIONS) for one in groups],
        "customProperties": custom,
    }


def _validate(workspace: Workspace, condition: dict[str, Any]) -> None:
    """It is run over whatever is there: tables must exist, on a plan that alerts may read, and columns must come out."""
    database = borrow("loganalytics")
    try:
        wrong = [one for one in tables_in(condition["query"], database) if workspace.plans.get(one) != "Analytics"]
        if wrong:
            raise Refused(f"Failed to resolve table or column expression named '{wrong[0]}'.", "InvalidQuery")
        columns = [name for name, _ in database.run(condition["query"]).columns]
    except BadQuery:
        raise Refused("The query could not be parsed.", "InvalidQuery") from None
    finally:
        give_back(database)
    _named(condition, columns)


def _named(condition: dict[str, Any], columns: Sequence[str]) -> None:
    named = [condition.get("metricMeasureColumn"), condition.get("resourceIdColumn")]
    for name in [*filter(None, named), *(one["name"] for one in condition["dimensions"])]:
        if name not in columns:
            raise Refused(f"The query returns no column named '{name}'.", "InvalidQuery")


def _room(estate: Estate, rule: RuleResource, often: timedelta) -> None:
    subscription = rule.id.lower().split("/")[2]
    others = [
        one
        for one in estate.rules.values()
        if one.kind is RuleKind.LOGS and one.id.lower() != rule.id.lower() and one.id.lower().split("/")[2] == subscription
    ]
    quick = sum(one.properties["evaluationFrequency"] == "PT1M" for one in others)
    if len(others) >= MOST_RULES or (often == timedelta(minutes=1) and quick >= MOST_AT_ONE_MINUTE):
        raise Refused("The subscription has as many log alert rules as it may have.", "ResourceQuotaExceeded")
