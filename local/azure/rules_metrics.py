"""The properties of a Prometheus rule group as they were PUT in; as Azure keeps them out, or `Refused`.

Microsoft.AlertsManagement/prometheusRuleGroups 2023-03-01, with the service's limits and defaults:
learn.microsoft.com/azure/azure-monitor/metrics/prometheus-rule-groups. PromQL is not read.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from local.azure.estate import Estate
from local.azure.fleet import RuleResource
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
    texts,
)
from shared.core.alert_rule import RuleKind

WORKSPACE = "microsoft.monitor/accounts"
CLUSTERS = ("microsoft.containerservice/managedclusters", "microsoft.kubernetes/connectedclusters")
MOST_RULES, MOST_LABELS, MOST_GROUPS = 20, 10, 500
MINUTE, QUARTER, LONG = timedelta(minutes=1), timedelta(minutes=15), timedelta(days=32)
_RECORD = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


def accept(estate: Estate, rule: RuleResource) -> dict[str, Any]:
    """A group without rules, or for a workspace that is not there or elsewhere, is refused. What is left out is not off:
    `enabled` is true, `severity` 3, `interval` PT1M. What is said, such as false, is kept.
    """
    given = rule.properties
    scopes = a_list(given.get("scopes"), "scopes", 2, 1)
    kept = [an_id(scopes[0], "scopes[0]", WORKSPACE), *(an_id(one, "scopes[1]", *CLUSTERS) for one in scopes[1:])]
    _fits(estate, rule, kept)
    rules = [_rule(a_map(one, f"rules[{at}]"), f"rules[{at}]") for at, one in _numbered(given.get("rules"))]
    made: dict[str, Any] = {
        "enabled": a_flag(given.get("enabled"), "enabled", usual=True),
        "interval": iso(a_length(given.get("interval") or "PT1M", "interval", MINUTE, QUARTER)),
        "rules": rules,
        "scopes": kept,
    }
    for name in ("clusterName", "description"):
        if given.get(name):
            made[name] = a_text(given[name], name)
    return made


def _fits(estate: Estate, rule: RuleResource, scopes: list[str]) -> None:
    workspace = estate.metrics.get(scopes[0])
    if workspace is None:
        raise Refused("The Azure Monitor workspace of the scope does not exist.", "ScopeNotFound")
    if workspace.region.lower() != rule.location:
        raise Refused(f"The rule group must be in the region of its workspace, {workspace.region}.", "InvalidLocation")
    if any(one not in estate.members for one in scopes[1:]):
        raise Refused("The cluster of the scope does not exist.", "ScopeNotFound")
    others = [one for one in estate.rules.values() if one.kind is RuleKind.METRICS and one.id.lower() != rule.id.lower()]
    if sum(one.properties["scopes"][0] == scopes[0] for one in others) >= MOST_GROUPS:
        raise Refused(f"The workspace has {MOST_GROUPS} rule groups already.", "RuleGroupsLimitExceeded")


def _numbered(rules: Any) -> list[tuple[int, Any]]:
    return list(enumerate(a_list(rules, "rules", MOST_RULES, 1)))


def _rule(given: dict[str, Any], where: str) -> dict[str, Any]:
    """Of a recording rule, what only alerts have (`for`, `severity`, `annotations`, `actions`) is dropped."""
    alert, record = given.get("alert"), given.get("record")
    if bool(alert) == bool(record):
        raise Refused(f"'{where}' must have either 'alert' or 'record'.")
    kept: dict[str, Any] = {
        "enabled": a_flag(given.get("enabled"), f"{where}.enabled", usual=True),
        "expression": a_text(given.get("expression"), f"{where}.expression"),
        "labels": texts(given.get("labels"), f"{where}.labels", MOST_LABELS),
    }
    if alert:
        return kept | _alert(given, where) | {"alert": a_text(alert, f"{where}.alert", 260)}
    if not _RECORD.fullmatch(a_text(record, f"{where}.record")):
        raise Refused(f"'{where}.record' is no name of a metric.")
    return kept | {"record": record}


def _alert(given: dict[str, Any], where: str) -> dict[str, Any]:
    actions = [
        {"actionGroupId": an_id(a_map(one, where).get("actionGroupId"), f"{where}.actions", RuleKind.ACTIONS)}
        for one in a_list(given.get("actions"), f"{where}.actions", MOST_ACTIONS)
    ]
    severity = given.get("severity")
    made: dict[str, Any] = {
        "severity": 3 if severity is None else a_count(severity, f"{where}.severity", 0, 4),
        "annotations": texts(given.get("annotations"), f"{where}.annotations", 100),
        "actions": actions,
        "resolveConfiguration": _resolve(given.get("resolveConfiguration"), where),
    }
    if given.get("for") is not None:
        made["for"] = iso(a_length(given["for"], f"{where}.for", timedelta(), LONG))
    return made


def _resolve(value: Any, where: str) -> dict[str, Any]:
    given = {} if value is None else a_map(value, f"{where}.resolveConfiguration")
    after = given.get("timeToResolve") or "PT5M"
    return {
        "autoResolved": a_flag(given.get("autoResolved"), f"{where}.autoResolved", usual=True),
        "timeToResolve": iso(a_length(after, f"{where}.timeToResolve", MINUTE, QUARTER)),
    }
