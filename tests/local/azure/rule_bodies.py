"""Nothing in; alert rules as they are PUT, sound ones, out; with what is changed in them."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from local.azure.generate import METRICS, RULES_GROUP, WORKSPACE

GROUPS = f"{RULES_GROUP}/providers/Microsoft.AlertsManagement/prometheusRuleGroups"
LOGS = f"{RULES_GROUP}/providers/Microsoft.Insights/scheduledQueryRules"
ACTIONS = f"{RULES_GROUP}/providers/Microsoft.Insights/actionGroups"
QUERY = "KubeEvents | where Namespace == 'flux-system' | summarize Lines = count() by _ResourceId, Name"
KEY = "a-key-that-nobody-may-see"
RECORD = {"record": "flux:resource_info", "expression": "vector(1)"}


def alert(**more: Any) -> dict[str, Any]:
    return {
        "alert": "FluxSystemDown",
        "expression": "vector(1)",
        "enabled": True,
        "for": "PT300S",
        "severity": 1,
        "labels": {"severity": "critical"},
        "annotations": {"summary": "down"},
        "actions": [{"actionGroupId": f"{ACTIONS}/Fluxwatch"}],
        "resolveConfiguration": {"autoResolved": True, "timeToResolve": "PT10M"},
    } | more


def group(*rules: dict[str, Any], **more: Any) -> dict[str, Any]:
    properties = {"enabled": True, "interval": "PT60S", "scopes": [METRICS], "rules": list(rules) or [alert()]} | more
    return {"location": "westeurope", "tags": {"managed-by": "fluxwatch", "owner": "x"}, "properties": properties}


def log_rule(condition: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    one = {
        "query": QUERY,
        "timeAggregation": "Total",
        "metricMeasureColumn": "Lines",
        "operator": "GreaterThan",
        "threshold": 0,
        "resourceIdColumn": "_ResourceId",
        "dimensions": [{"name": "Name", "operator": "Include", "values": ["*"]}],
        "failingPeriods": {"numberOfEvaluationPeriods": 1, "minFailingPeriodsToAlert": 1},
    } | (condition or {})
    properties = {
        "enabled": True,
        "severity": 2,
        "evaluationFrequency": "PT60M",
        "windowSize": "PT24H",
        "scopes": [WORKSPACE],
        "criteria": {"allOf": [one]},
        "autoMitigate": True,
        "skipQueryValidation": True,
        "actions": {"actionGroups": [f"{ACTIONS}/Fluxwatch"]},
    } | more
    return {"location": "West Europe", "tags": {"managed-by": "fluxwatch"}, "properties": properties}


def action_group(*hooks: dict[str, Any], **more: Any) -> dict[str, Any]:
    given = list(hooks) or [{"name": "fluxwatch", "serviceUri": f"https://flux.contoso.com/api/azure/alerts?code={KEY}"}]
    return {"location": "Global", "properties": {"groupShortName": "fluxwatch", "webhookReceivers": given} | more}


def without(body: dict[str, Any], *path: str | int) -> dict[str, Any]:
    """The same without what is there."""
    made = deepcopy(body)
    place: Any = made
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    return made
