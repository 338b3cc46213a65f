"""Requests about alert rules in; what Azure Monitor keeps and shows of them, out.

Law: no sockets: the service is called itself.
"""

from __future__ import annotations

import pytest

from local.azure.generate import METRICS, RULES_GROUP, WORKSPACE
from shared.core.alert_rule import RuleKind
from tests.local.azure.rule_bodies import (
    ACTIONS,
    GROUPS,
    KEY,
    LOGS,
    RECORD,
    action_group,
    alert,
    group,
    log_rule,
    without,
)


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
