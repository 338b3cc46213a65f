"""Workspaces, clusters and wishes in; the rules that Terraform makes of the catalogue, each field as the app says it, out."""

from __future__ import annotations

from typing import Any

import pytest

from shared.adapters.rule_files import shipped
from shared.core.alert_rule import Rule, RuleKind
from shared.core.azure_values import Reading
from shared.core.desired_rules import desired
from shared.core.rule_estate import QUERIES, Wanted, estate
from tests.estates import GROUP, LOGS, METRICS, Place
from tests.examples import START, cluster
from tests.infra.evaluated import catalogue, need_terraform

ACTIONS = f"{GROUP}/providers/Microsoft.Insights/actionGroups/ag-fluxwatch-test"
RUNBOOKS = "https://git.contoso.com/fluxwatch/docs/runbooks"
OWN, OFF, LOUD = cluster("aks-own"), cluster("aks-off"), cluster("AKS-Loud")
FLEET_TAGS = {
    "fluxwatch-rule-FluxHighReconciliationTime": "threshold=90.5 for=1d severity=critical",
    "fluxwatch-rule-FluxSuspendedResource": "off",
    "fluxwatch-rule-FluxPodRestarts": "threshold=3 severity=info",
    "fluxwatch-rule-FluxAgentAuthFailed": "off",
}
FLEET_WISHES = {
    "FluxHighReconciliationTime": {"threshold": "90.5", "wait": "1d", "severity": "critical"},
    "FluxSuspendedResource": {"off": True},
    "FluxPodRestarts": {"threshold": "3", "severity": "info"},
    "FluxAgentAuthFailed": {"off": True},
}
OWN_TAGS = {"fluxwatch-rule-FluxReconciliationFailure": "for=1h30m", "fluxwatch-rule-FluxSuspendedResource": "for=20h"}
OWN_WISHES = {"FluxReconciliationFailure": {"wait": "1h30m"}, "FluxSuspendedResource": {"wait": "20h"}}


def of_the_app(tags: dict[str, str], clusters: dict[str, dict[str, str]]) -> dict[str, Rule]:
    """Rules by name. `clusters`: name → tags."""
    place = Place(clusters, {METRICS: tags, LOGS: tags})
    reading = Reading(START)
    shown = estate(*(place.rows[query] for query in QUERIES), reading)
    made = desired(shipped(), Wanted((METRICS,), (LOGS,), ACTIONS, None, RUNBOOKS), shown)
    assert made.findings == ()
    assert not reading.unread
    return {rule.name: rule for rule in made.rules}


def as_app(group: dict[str, Any], kind: RuleKind) -> dict[str, Any]:
    """What modules/alert_rules sends of one entry, in the words of the REST API."""
    return _metrics(group) if kind is RuleKind.METRICS else _logs(group)


def _metrics(group: dict[str, Any]) -> dict[str, Any]:
    own = {"clusterName": group["cluster_name"]} if group["cluster_name"] else {}
    return {
        "description": group["description"],
        "enabled": True,
        "interval": group["interval"],
        "scopes": group["scopes"],
        "rules": [_rule(rule) for rule in group["rules"]],
        **own,
    }


def _rule(rule: dict[str, Any]) -> dict[str, Any]:
    if rule["record"]:
        return {"record": rule["record"], "expression": rule["expression"], "enabled": True, "labels": rule["labels"]}
    return {
        **{name: rule[name] for name in ("alert", "expression", "for", "severity", "labels", "annotations")},
        "enabled": True,
        "actions": [{"actionGroupId": ACTIONS}],
        "resolveConfiguration": {"autoResolved": True, "timeToResolve": "PT10M"},
    }


def _logs(rule: dict[str, Any]) -> dict[str, Any]:
    condition = {
        "query": rule["query"],
        "timeAggregation": "Total" if rule["measure"] else "Count",
        "resourceIdColumn": "_ResourceId",
        "dimensions": [{"name": name, "operator": "Include", "values": ["*"]} for name in rule["dimensions"]],
        "operator": "GreaterThan",
        "threshold": rule["threshold"],
        "failingPeriods": {"numberOfEvaluationPeriods": 1, "minFailingPeriodsToAlert": 1},
    } | ({"metricMeasureColumn": rule["measure"]} if rule["measure"] else {})
    return {
        "displayName": rule["name"],
        "description": rule["description"],
        "severity": rule["severity"],
        "enabled": True,
        "scopes": [rule["scope"]],
        "evaluationFrequency": rule["frequency"],
        "windowSize": rule["window"],
        "criteria": {"allOf": [condition]},
        "autoMitigate": True,
        "skipQueryValidation": True,
        "actions": {"actionGroups": [ACTIONS]},
    }


CASES: dict[str, tuple[dict[str, str], dict[str, dict[str, str]], dict[str, Any]]] = {
    "the fleet as it is in the catalogue": ({}, {"aks-1": {}}, {"runbook_url": RUNBOOKS}),
    "wishes, a cluster with rules of its own, and one that is left out": (
        FLEET_TAGS,
        {OWN.name: OWN_TAGS, OFF.name: {"fluxwatch-alert-rules": "off"}, LOUD.name: {"fluxwatch-alert-rules": "OFF"}},
        {
            "runbook_url": f"{RUNBOOKS}/",
            "overrides": FLEET_WISHES,
            "clusters": {
                "own": {"id": OWN.arm_id, "mode": "own", "overrides": OWN_WISHES},
                "off": {"id": OFF.arm_id, "mode": "off"},
                "a loud one": {"id": LOUD.arm_id, "mode": "off"},
            },
        },
    ),
}


@pytest.fixture(scope="module", params=CASES)
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Rule], list]:
    """The app's rules by name, and Terraform's entries with their kinds."""
    need_terraform()
    tags, clusters, given = CASES[request.param]
    spaces = {
        "metrics_workspaces": [{"id": METRICS, "location": "westeurope"}],
        "log_workspaces": [{"id": LOGS, "location": "westeurope"}],
    }
    metrics, logs = catalogue(tmp_path_factory.mktemp("catalogue"), **spaces, **given)
    entries = [(RuleKind.METRICS, one) for one in metrics.values()] + [(RuleKind.LOGS, one) for one in logs.values()]
    return of_the_app(tags, clusters), entries


def test_terraform_makes_the_rules_that_the_app_makes_under_the_same_names(both):
    rules, entries = both
    assert sorted(entry["name"] for _, entry in entries) == sorted(rules)
    assert len(rules) > 5


def test_each_of_them_says_the_same_in_the_same_place(both):
    rules, entries = both
    for kind, entry in entries:
        rule = rules[entry["name"]]
        assert (kind, entry["location"]) == (rule.kind, rule.location)
        assert as_app(entry, kind) == rule.properties
