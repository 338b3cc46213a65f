"""Requests about alert rules in; what Azure Monitor keeps, shows and refuses, out. No sockets: the service is called itself."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest

from local.azure import World, generate
from local.azure.answers import Answer
from local.azure.generate import BEGIN, METRICS, RULES_GROUP, WORKSPACE
from local.azure.rule_checks import iso, length
from local.azure.rules import VERSIONS, Asked, Rules
from shared.core.alert_rule import RuleKind
from tests.local.azure.rule_bodies import (
    ACTIONS,
    GROUPS,
    KEY,
    LOGS,
    QUERY,
    action_group,
    alert,
    group,
    log_rule,
    without,
)

RECORD = {"record": "flux:resource_info", "expression": "vector(1)"}


class Service:
    """Of one small fleet. `now` moves with every request."""

    def __init__(self) -> None:
        self.world = generate(1, 2, configurations=1)
        self.rules, self.now = Rules(self.world), BEGIN

    def ask(self, method: str, path: str, body: Any = None, query: str = "") -> Answer:
        self.now += timedelta(seconds=1)
        kind = next(kind for kind in RuleKind if f"/{kind.lower()}" in path.lower())
        asked = Asked(method, path, query or f"api-version={VERSIONS[kind]}", "127.0.0.1:1", deepcopy(body) or {})
        return self.rules.answer(asked, self.now)

    def put(self, path: str, body: Any) -> dict[str, Any]:
        answer = self.ask("PUT", path, body)
        assert answer.status in (200, 201), answer.body
        return answer.body

    def refused(self, path: str, body: Any) -> str:
        answer = self.ask("PUT", path, body)
        assert 400 <= answer.status < 500, answer.body
        assert path.lower() not in self.world.rules
        return f"{answer.body['error']['code']}: {answer.body['error']['message']}"


@pytest.fixture
def service() -> Service:
    return Service()


# ------------------------------------------------------------------------------------------------------- what is shown


def test_a_group_is_shown_as_the_service_writes_it_and_not_as_it_was_sent(service):
    shown = service.put(f"{GROUPS}/Flux-Slo", group(alert(), RECORD | {"for": "PT5M", "severity": 1}))
    assert shown["id"].startswith("/subscriptions/7f0c1a52-0d7e-4c1f-9a52-6f1f2f0a1b01/resourcegroups/rg-alerts/providers/micr")
    assert (shown["name"], shown["type"], shown["location"]) == ("Flux-Slo", RuleKind.METRICS, "westeurope")
    assert list(shown["tags"]) == ["owner", "managed-by"]
    assert shown["systemData"]["createdAt"] == "2026-11-20T08:00:01Z"
    first, second = shown["properties"]["rules"]
    assert shown["properties"]["scopes"] == [METRICS.lower()]
    assert (shown["properties"]["interval"], first["for"]) == ("PT1M", "PT5M")
    assert first["actions"] == [{"actionGroupId": f"{ACTIONS}/fluxwatch".lower()}]
    assert not {"for", "severity"} & set(second)


def test_what_a_group_leaves_out_is_filled_in_and_what_it_says_is_kept(service):
    bare = {"alert": "A", "expression": "x"}
    shown = service.put(f"{GROUPS}/g", without(without(group(bare), "properties", "enabled"), "properties", "interval"))
    (rule,) = shown["properties"]["rules"]
    assert (shown["properties"]["enabled"], shown["properties"]["interval"]) == (True, "PT1M")
    assert (rule["enabled"], rule["severity"]) == (True, 3)
    assert rule["resolveConfiguration"] == {"autoResolved": True, "timeToResolve": "PT5M"}
    off = service.put(f"{GROUPS}/g", group(bare | {"enabled": False, "severity": 0}, enabled=False))["properties"]
    assert (off["enabled"], off["rules"][0]["enabled"], off["rules"][0]["severity"]) == (False, False, 0)


def test_a_log_rule_is_shown_with_other_durations_and_properties_of_the_service(service):
    shown = service.put(f"{LOGS}/FluxErrors", log_rule())
    kept = shown["properties"]
    assert (kept["evaluationFrequency"], kept["windowSize"]) == ("PT1H", "P1D")
    assert (shown["kind"], shown["location"], kept["scopes"]) == ("LogAlert", "westeurope", [WORKSPACE.lower()])
    assert (kept["createdWithApiVersion"], kept["isLegacyLogAnalyticsRule"]) == ("2023-12-01", False)
    assert "skipQueryValidation" not in kept
    assert shown["etag"]


def test_an_action_group_is_shown_with_every_kind_of_receiver_and_the_key_only_where_keys_are_shown(service):
    path = f"{ACTIONS}/fluxwatch"
    kept = service.put(path, action_group())["properties"]
    assert (kept["enabled"], kept["emailReceivers"]) == (True, [])
    (hook,) = kept["webhookReceivers"]
    assert (hook["useCommonAlertSchema"], hook["useAadAuth"], KEY in hook["serviceUri"]) == (False, False, True)
    service.world.keys_shown = False
    (hook,) = service.ask("GET", path).body["properties"]["webhookReceivers"]
    assert hook["serviceUri"] == "https://flux.contoso.com/api/azure/alerts"
    (kept,) = service.world.rules_of(RuleKind.ACTIONS)
    assert KEY in kept.properties["webhookReceivers"][0]["serviceUri"]
    assert KEY not in repr(kept)


@pytest.mark.parametrize(
    ("path", "body"), [(GROUPS, group()), (LOGS, log_rule()), (ACTIONS, action_group())], ids=("group", "log", "actions")
)
def test_a_rule_is_made_replaced_read_listed_and_deleted_without_regard_to_letter_case(service, path, body):
    one, other = f"{path}/One", f"{path}/one".upper()
    assert [service.ask("GET", one).status, service.ask("DELETE", one).status] == [404, 204]
    assert [service.ask("PUT", each, body).status for each in (one, other, one)] == [201, 200, 200]
    shown = service.ask("GET", other).body
    assert shown["name"] == "One"
    assert service.ask("GET", path).body == {"value": [shown]}
    assert shown == service.put(one, shown) | {key: shown[key] for key in ("systemData", "etag") if key in shown}
    assert [service.ask("DELETE", other).status, service.ask("GET", one).status] == [200, 404]
    assert service.ask("GET", path).body == {"value": []}


def test_a_list_comes_in_pages_that_are_linked(service):
    for number in range(5):
        service.put(f"{GROUPS}/g{number}", group())
    service.rules.page = 2
    names, query = [], ""
    for _ in range(3):
        body = service.ask("GET", GROUPS, query=query).body
        names.append([one["name"] for one in body["value"]])
        query = body.get("nextLink", "").partition("?")[2]
    assert names == [["g0", "g1"], ["g2", "g3"], ["g4"]]
    assert not query
    assert service.ask("GET", GROUPS, query="api-version=2023-03-01&$skipToken=٣").status == 200


def test_groups_must_exist_and_what_is_hidden_is_forbidden(service):
    elsewhere = f"{GROUPS}/g".replace("rg-alerts", "rg-none")
    assert service.refused(elsewhere, group()).startswith("ResourceGroupNotFound")
    service.put(f"{GROUPS}/g", group())
    service.world.hide(RULES_GROUP)
    assert [service.ask(method, f"{GROUPS}/g", group()).status for method in ("GET", "PUT", "DELETE")] == [403] * 3
    service.world.show(RULES_GROUP)
    service.world.delete_group(RULES_GROUP.split("/")[2], "rg-alerts")
    assert not service.world.rules


def test_versions_and_methods_that_are_not_the_services_are_refused(service):
    assert service.ask("PUT", f"{GROUPS}/g", group(), query="api-version=2021-07-22-preview").status == 400
    assert service.ask("PUT", f"{GROUPS}/g", group(), query="x=1").body["error"]["code"] == "NoRegisteredProviderFound"
    assert {service.ask("PATCH", f"{GROUPS}/g").status, service.ask("DELETE", GROUPS).status} == {405}


# ----------------------------------------------------------------------------------------------------- what is refused

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


@pytest.mark.parametrize(
    ("given", "kept"),
    [("PT60M", "PT1H"), ("PT24H", "P1D"), ("PT90S", "PT1M30S"), ("P1DT60M", "P1DT1H"), ("PT0S", "PT0S"), ("P1D", "P1D")],
)
def test_durations_are_kept_by_their_length(given, kept):
    assert iso(length(given)) == kept


@pytest.mark.parametrize(
    "given", ["", "P", "PT", "1h", "PT1.5H", "P1W", "-PT1H", "PT1H ", "P" + "9" * 20 + "D", None, 60, ["PT1M"]]
)
def test_what_is_no_duration_has_none(given):
    assert length(given) is None


# ------------------------------------------------------------------------------------------------- what is watched


def test_workspaces_are_rows_of_resource_graph_with_their_place_and_tags():
    world = generate(1, 2)
    world.tag(world.metrics[METRICS.lower()], "fluxwatch-rule-FluxSystemDown", "for=10m")
    rows = {row["name"]: row for row in world.graph_rows()["resources"]}
    shown = rows["amw-platform"]
    assert (shown["type"], shown["location"]) == ("microsoft.monitor/accounts", "westeurope")
    assert shown["tags"] == {"fluxwatch-rule-FluxSystemDown": "for=10m"}
    assert (rows["law-platform"]["type"], rows["law-platform"]["tags"]) == ("microsoft.operationalinsights/workspaces", None)
    world.hide(METRICS)
    world.delete_workspace(WORKSPACE)
    assert not {"amw-platform", "law-platform"} & {row["name"] for row in world.graph_rows()["resources"]}
    world.delete_metrics_workspace(METRICS)
    assert not world.metrics


def test_a_tag_is_replaced_and_taken_away_in_any_letter_case():
    world = World()
    one = world.add_metrics_workspace(METRICS, "uksouth", {"Fluxwatch-Alert-Rules": "off"})
    assert world.add_metrics_workspace(METRICS.upper()) is one
    world.tag(one, "fluxwatch-alert-rules", "own")
    assert one.tags == {"fluxwatch-alert-rules": "own"}
    version = world.version
    world.tag(one, "FLUXWATCH-ALERT-RULES", None)
    assert (one.tags, world.version) == ({}, version + 1)
