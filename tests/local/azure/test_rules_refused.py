"""Alert rules that Azure Monitor does not take in; what is refused, and why, out.

Law: what is refused changes nothing.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from local.azure.generate import METRICS, RULES_GROUP, WORKSPACE
from shared.core.alert_rule import RuleKind
from tests.local.azure.rule_bodies import (
    ACTIONS,
    GROUPS,
    LOGS,
    QUERY,
    RECORD,
    action_group,
    alert,
    group,
    log_rule,
    without,
)
from tests.local.azure.rule_service import Service

BAD_GROUPS: dict[str, tuple[dict[str, Any], str]] = {
    "no location": (without(group(), "location"), "LocationRequired"),
    "no properties": (without(group(), "properties"), "InvalidRequestContent"),
    "another region": (group() | {"location": "northeurope"}, "InvalidLocation"),
    "no scopes": (without(group(), "properties", "scopes"), "scopes"),
    "a scope that is no workspace": (group(scopes=[WORKSPACE]), "InvalidScope"),
    "a scope that is no id": (group(scopes=["amw"]), "InvalidScope"),
    "a workspace that is not there": (group(scopes=[f"{METRICS}-2"]), "ScopeNotFound"),
    "a cluster that is not there": (
        group(scopes=[METRICS, f"{RULES_GROUP}/providers/Microsoft.ContainerService/managedClusters/none"]),
        "ScopeNotFound",
    ),
    "an interval in words": (group(interval="1m"), "interval"),
    "an interval too short": (group(interval="PT30S"), "interval"),
    "no rules": (group(rules=[]), "rules"),
    "21 rules": (group(*[alert()] * 21), "rules"),
    "no expression": (group(alert(expression=" ")), "expression"),
    "neither alert nor record": (group({"expression": "x"}), "either"),
    "both": (group(alert(record="x")), "either"),
    "a record that is no metric": (group(RECORD | {"record": "a-b"}), "metric"),
    "enabled in words": (group(alert(enabled="true")), "enabled"),
    "severity in words": (group(alert(severity="1")), "severity"),
    "severity 5": (group(alert(severity=5)), "severity"),
    "a duration of Prometheus": (group(alert(**{"for": "5m"})), "for"),
    "an empty duration": (group(alert(**{"for": "PT"})), "for"),
    "11 labels": (group(alert(labels={str(one): "x" for one in range(11)})), "labels"),
    "a long label": (group(alert(labels={"x": "x" * 1025})), "labels.x"),
    "a long annotation": (group(alert(annotations={"x": "x" * 1025})), "annotations.x"),
    "a label that is a number": (group(alert(labels={"x": 1})), "labels.x"),
    "6 actions": (group(alert(actions=[{"actionGroupId": f"{ACTIONS}/a"}] * 6)), "actions"),
    "an action that is none": (group(alert(actions=[{"actionGroupId": METRICS}])), "InvalidScope"),
    "a quarter and more to resolve": (group(alert(resolveConfiguration={"timeToResolve": "PT16M"})), "timeToResolve"),
    "a rule that is none": (group(rules=[None]), "rules[0]"),
    "tags that are none": (group() | {"tags": []}, "InvalidTags"),
    "a tag that is none": (group() | {"tags": {"x": None}}, "InvalidTag"),
}
BAD_LOGS: dict[str, tuple[dict[str, Any], str]] = {
    "another region": (log_rule() | {"location": "uksouth"}, "InvalidLocation"),
    "two scopes": (log_rule(scopes=[WORKSPACE, WORKSPACE]), "scopes"),
    "a scope that is not there": (log_rule(scopes=[f"{WORKSPACE}-2"]), "ScopeNotFound"),
    "no severity": (without(log_rule(), "properties", "severity"), "severity"),
    "no frequency": (without(log_rule(), "properties", "evaluationFrequency"), "evaluationFrequency"),
    "no window": (without(log_rule(), "properties", "windowSize"), "windowSize"),
    "a frequency that there is not": (log_rule(evaluationFrequency="PT20M"), "evaluationFrequency"),
    "a frequency longer than the window": (log_rule(windowSize="PT30M"), "at most the window"),
    "periods of more than two days": (
        log_rule({"failingPeriods": {"numberOfEvaluationPeriods": 3}}),
        "48 hours",
    ),
    "7 periods": (log_rule({"failingPeriods": {"numberOfEvaluationPeriods": 7}}), "numberOfEvaluationPeriods"),
    "more failing than periods": (log_rule({"failingPeriods": {"minFailingPeriodsToAlert": 2}}), "minFailingPeriods"),
    "no criteria": (without(log_rule(), "properties", "criteria"), "criteria"),
    "two conditions": (log_rule(criteria={"allOf": [{}, {}]}), "allOf"),
    "no query": (log_rule({"query": None}), "query"),
    "a threshold in words": (log_rule({"threshold": "0"}), "threshold"),
    "an operator that there is not": (log_rule({"operator": ">"}), "operator"),
    "Count with a measure": (log_rule({"timeAggregation": "Count"}), "metricMeasureColumn"),
    "Total without one": (log_rule({"metricMeasureColumn": None}), "metricMeasureColumn"),
    "7 dimensions": (
        log_rule({"dimensions": [{"name": str(one), "operator": "Include", "values": ["*"]} for one in range(7)]}),
        "dimensions",
    ),
    "a dimension without values": (log_rule({"dimensions": [{"name": "x", "operator": "Include"}]}), "values"),
    "6 action groups": (log_rule(actions={"actionGroups": [f"{ACTIONS}/a"] * 6}), "actionGroups"),
    "64 KB": (log_rule({"query": QUERY + " " * 65_400}), "larger"),
    "a minute and ingestion_time": (
        log_rule({"query": "KubeEvents | where ingestion_time() > ago(1m)"}, evaluationFrequency="PT1M"),
        "one minute",
    ),
    "an unknown table": (log_rule({"query": "Nothing | count"}, skipQueryValidation=False), "InvalidQuery"),
    "no KQL": (log_rule({"query": "KubeEvents | were x"}, skipQueryValidation=False), "InvalidQuery"),
    "a measure that does not come out": (log_rule({"metricMeasureColumn": "Rows"}, skipQueryValidation=False), "'Rows'"),
}
BAD_ACTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "somewhere": (action_group() | {"location": "westeurope"}, "LocationNotAvailable"),
    "no short name": (without(action_group(), "properties", "groupShortName"), "groupShortName"),
    "a long short name": (action_group(groupShortName="x" * 13), "groupShortName"),
    "a receiver without a name": (action_group({"serviceUri": "https://x"}), "name"),
    "a webhook without an address": (action_group({"name": "x"}), "serviceUri"),
    "an address that is none": (action_group({"name": "x", "serviceUri": "x"}), "serviceUri"),
    "a secure webhook of nobody": (
        action_group({"name": "x", "serviceUri": "https://x", "useAadAuth": True}),
        "objectId",
    ),
    "11 webhooks": (action_group(*({"name": str(one), "serviceUri": "https://x"} for one in range(11))), "webhook"),
    "one name twice": (
        action_group({"name": "x", "serviceUri": "https://x"}, emailReceivers=[{"name": "X", "emailAddress": "a@b"}]),
        "ReceiverNameNotUnique",
    ),
    "a function without a function": (action_group(azureFunctionReceivers=[{"name": "f"}]), "functionAppResourceId"),
}
BAD = [
    *((f"{GROUPS}/g", name, *what) for name, what in BAD_GROUPS.items()),
    *((f"{LOGS}/l", name, *what) for name, what in BAD_LOGS.items()),
    *((f"{ACTIONS}/a", name, *what) for name, what in BAD_ACTIONS.items()),
]


@pytest.fixture(scope="module")
def strict() -> Service:
    """For what is refused, and so leaves nothing behind."""
    return Service()


@pytest.mark.parametrize(("path", "name", "body", "said"), BAD, ids=[f"{one[0].rpartition('/')[2]}-{one[1]}" for one in BAD])
def test_what_azure_refuses_is_refused_and_changes_nothing(strict, path, name, body, said):
    assert said.lower() in strict.refused(path, body).lower()
    assert not strict.world.rules


@pytest.mark.parametrize("name", ["a?b", "a b ", "a%b", "x" * 261])
def test_a_name_that_azure_does_not_take_is_refused(strict, name):
    assert "name" in strict.refused(f"{GROUPS}/{name}", group())


def test_a_rule_stays_where_it_is(service):
    service.world.add_metrics_workspace(f"{METRICS}-neu", "northeurope")
    service.put(f"{GROUPS}/g", group())
    moved = group(scopes=[f"{METRICS}-neu"]) | {"location": "northeurope"}
    answer = service.ask("PUT", f"{GROUPS}/g", moved)
    assert (answer.status, answer.body["error"]["code"]) == (409, "InvalidResourceLocation")


def test_a_workspace_takes_500_groups_and_a_subscription_100_log_rules_of_one_minute(service):
    service.put(f"{GROUPS}/g", group())
    service.put(f"{LOGS}/l", log_rule(evaluationFrequency="PT1M"))
    (metrics,), (logs,) = service.world.rules_of(RuleKind.METRICS), service.world.rules_of(RuleKind.LOGS)
    service.world.rules |= {f"{metrics.id}{one}".lower(): _copy(metrics, one) for one in range(499)}
    service.world.rules |= {f"{logs.id}{one}".lower(): _copy(logs, one) for one in range(99)}
    assert service.refused(f"{GROUPS}/more", group()).startswith("RuleGroupsLimitExceeded")
    assert service.refused(f"{LOGS}/more", log_rule(evaluationFrequency="PT1M")).startswith("ResourceQuotaExceeded")
    service.put(f"{GROUPS}/g", group())
    service.put(f"{LOGS}/more", log_rule())


def _copy(rule: Any, number: int) -> Any:
    made = deepcopy(rule)
    made.id = f"{rule.id}{number}"
    return made


def test_a_query_is_validated_against_the_tables_of_its_workspace_and_their_plans(service):
    assert service.put(f"{LOGS}/l", log_rule(skipQueryValidation=False))
    service.world.workspaces[WORKSPACE.lower()].plans["KubeEvents"] = "Basic"
    assert service.refused(f"{LOGS}/m", log_rule(skipQueryValidation=False)).startswith("InvalidQuery")
    del service.world.workspaces[WORKSPACE.lower()].plans["KubeEvents"]
    assert service.refused(f"{LOGS}/m", log_rule(skipQueryValidation=False)).startswith("InvalidQuery")
    assert service.put(f"{LOGS}/m", log_rule())
