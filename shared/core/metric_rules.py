"""Groups of the catalogue and what they are for in; Prometheus rule groups of Azure Monitor out.

Pure. Everything that has a default is said all the same: some tools, and some versions of the service, have others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from shared.core import links
from shared.core.alert_rule import OWNER, OWNER_TAG, Rule, RuleKind, name_of
from shared.core.durations import iso
from shared.core.rule_catalogue import SEVERITIES, Catalogue, MetricGroup, MetricRule
from shared.core.rule_target import Target

RESOLVE = {"autoResolved": True, "timeToResolve": "PT10M"}
_LAST_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?=\D*\Z)")


def recording_groups(known: Catalogue, target: Target) -> Iterator[Rule]:
    """What alerts are made of; once for each workspace."""
    for group in known.groups:
        if not any(rule.alerts for rule in group.rules):
            yield _group(group, target, known)


def alert_groups(known: Catalogue, target: Target) -> Iterator[Rule]:
    """A cluster's own read what its workspace's record. A group without a rule that is wanted is none."""
    for group in known.groups:
        wanted = tuple(rule for rule in group.rules if _wanted(rule, target))
        if any(rule.alerts for rule in wanted):
            yield _group(replace(group, rules=wanted), target, known)


def _wanted(rule: MetricRule, target: Target) -> bool:
    return not target.override(rule.name).off if rule.alerts else target.cluster is None


def _group(group: MetricGroup, target: Target, known: Catalogue) -> Rule:
    """Microsoft.AlertsManagement/prometheusRuleGroups 2023-03-01."""
    properties: dict[str, Any] = {
        "description": f"{group.name} of {target.place}, kept by Fluxwatch",
        "enabled": True,
        "interval": iso(group.interval),
        "scopes": [target.workspace.id],
        "rules": [_alert(rule, target, known) if rule.alerts else _recording(rule) for rule in group.rules],
    }
    if target.cluster:
        properties["scopes"].append(target.cluster.arm_id)
        properties["clusterName"] = target.cluster.name
    name = name_of(group.name, target.id)
    return Rule(RuleKind.METRICS, name, target.workspace.location, properties, {OWNER_TAG: OWNER})


def _recording(rule: MetricRule) -> dict[str, Any]:
    return {"record": rule.name, "expression": rule.expression, "enabled": True, "labels": dict(rule.labels)}


def _alert(rule: MetricRule, target: Target, known: Catalogue) -> dict[str, Any]:
    override = target.override(rule.name)
    severity = override.severity or rule.severity
    expression = rule.expression
    if override.threshold:
        text = known.thresholds[rule.name]
        expression = expression.replace(text, _LAST_NUMBER.sub(override.threshold, text))
    return {
        "alert": rule.name,
        "expression": target.expression(expression),
        "enabled": True,
        "for": iso(rule.wait if override.wait is None else override.wait),
        "severity": SEVERITIES[severity],
        "labels": {**rule.labels, "severity": severity},
        "annotations": _annotations(rule, target.runbooks),
        "actions": [{"actionGroupId": target.actions}],
        "resolveConfiguration": dict(RESOLVE),
    }


def _annotations(rule: MetricRule, runbooks: str) -> dict[str, str]:
    """A runbook's address is relative in the catalogue: docs/runbooks/<AlertName>.md."""
    made = dict(rule.annotations)
    file = made.get("runbook_url", "").rpartition("/")[2].removesuffix(".md")
    if file and (address := links.runbook(runbooks, file)):
        made["runbook_url"] = address
    return made
