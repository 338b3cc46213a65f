"""Log rules of the catalogue and what they are for in; scheduled query rules of Azure Monitor out.

Pure. An alert is of one cluster, by `_ResourceId`; it resolves by itself when the query finds nothing any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shared.core import links
from shared.core.alert_rule import OWNER, OWNER_TAG, Rule, RuleKind, name_of
from shared.core.durations import iso
from shared.core.rule_catalogue import SEVERITIES, Catalogue, LogRule
from shared.core.rule_target import Target


def log_rules(known: Catalogue, target: Target) -> Iterator[Rule]:
    """Those that are wanted there."""
    for rule in known.logs:
        if not target.override(rule.name).off:
            yield _rule(rule, target)


def _rule(rule: LogRule, target: Target) -> Rule:
    """Microsoft.Insights/scheduledQueryRules 2023-12-01."""
    name = name_of(rule.name, target.id)
    properties = {
        "displayName": name,
        "description": _description(rule, target.runbooks),
        "severity": SEVERITIES[target.override(rule.name).severity or rule.severity],
        "enabled": True,
        "scopes": [target.workspace.id],
        "evaluationFrequency": iso(rule.frequency),
        "windowSize": iso(rule.window),
        "criteria": {"allOf": [_condition(rule, target)]},
        "autoMitigate": True,
        "skipQueryValidation": True,  # the table is not there before its first row
        "actions": {"actionGroups": [target.actions]},
    }
    return Rule(RuleKind.LOGS, name, target.workspace.location, properties, {OWNER_TAG: OWNER})


def _condition(rule: LogRule, target: Target) -> dict[str, Any]:
    made: dict[str, Any] = {
        "query": target.query(rule.query),
        "timeAggregation": "Total" if rule.measure else "Count",
        "resourceIdColumn": "_ResourceId",
        "dimensions": [{"name": name, "operator": "Include", "values": ["*"]} for name in rule.dimensions],
        "operator": "GreaterThan",
        "threshold": float(target.override(rule.name).threshold or rule.threshold),
        "failingPeriods": {"numberOfEvaluationPeriods": 1, "minFailingPeriodsToAlert": 1},
    }
    return made | ({"metricMeasureColumn": rule.measure} if rule.measure else {})


def _description(rule: LogRule, runbooks: str) -> str:
    said = "\n".join(dict.fromkeys(text for text in (rule.summary, rule.description) if text))
    address = links.runbook(runbooks, rule.name)
    return f"{said}\nRunbook: {address}" if address else said
