"""An estate in; exactly the rules that it shall have out, and what nobody can know."""

from __future__ import annotations

import pytest

from shared.core.alert_rule import RuleKind
from shared.core.azure_values import Reading
from shared.core.desired_rules import desired
from shared.core.rule_estate import Estate, Wanted, estate
from tests.estates import CATALOGUE, FLEET, GROUP, KEY, LOGS, METRICS, OTHER, WANTED, Place, by_name, named, own
from tests.examples import START, cluster

AKS = cluster("aks-1")


def alert(place: Place, group: str, name: str, **given) -> dict:
    rules = by_name(place.desired(**given).rules)[group].properties["rules"]
    return next(rule for rule in rules if rule["alert"] == name)


def test_the_fleet_has_one_set_for_each_workspace_and_an_action_group():
    assert set(by_name(Place().desired().rules)) == FLEET | {"fluxwatch"}


def test_a_metric_alert_says_everything():
    assert alert(Place(), named("flux-resources", METRICS), "FluxSlow") == {
        "alert": "FluxSlow",
        "expression": "flux:p95 > 60",
        "enabled": True,
        "for": "PT10M",
        "severity": 2,
        "labels": {"severity": "warning", "component": "flux"},
        "annotations": {"summary": "It is slow", "runbook_url": "https://git.example/runbooks/FluxSlow.md"},
        "actions": [{"actionGroupId": WANTED.actions}],
        "resolveConfiguration": {"autoResolved": True, "timeToResolve": "PT10M"},
    }


def test_a_log_rule_says_everything():
    name = named("FluxErrors", LOGS)
    assert by_name(Place().desired().rules)[name].properties == {
        "displayName": name,
        "description": "Errors\nA controller writes errors.\nRunbook: https://git.example/runbooks/FluxErrors.md",
        "severity": 3,
        "enabled": True,
        "scopes": [LOGS],
        "evaluationFrequency": "PT5M",
        "windowSize": "PT1H",
        "criteria": {
            "allOf": [
                {
                    "query": "ContainerLogV2\n| summarize ErrorCount = count() by bin(TimeGenerated, 5m), _ResourceId",
                    "timeAggregation": "Total",
                    "metricMeasureColumn": "ErrorCount",
                    "resourceIdColumn": "_ResourceId",
                    "dimensions": [
                        {"name": name, "operator": "Include", "values": ["*"]} for name in ("Kind", "Namespace", "Name")
                    ],
                    "operator": "GreaterThan",
                    "threshold": 0.0,
                    "failingPeriods": {"numberOfEvaluationPeriods": 1, "minFailingPeriodsToAlert": 1},
                }
            ]
        },
        "autoMitigate": True,
        "skipQueryValidation": True,
        "actions": {"actionGroups": [WANTED.actions]},
    }


def test_the_key_is_in_the_address_of_the_action_group_and_in_no_repr():
    group = by_name(Place().desired().rules)["fluxwatch"]
    (hook,) = group.properties["webhookReceivers"]
    assert hook["serviceUri"] == f"https://fluxwatch.example/api/azure/alerts?code={KEY}"
    assert KEY not in repr(Place().desired())
    assert KEY not in repr(WANTED)


def test_somebody_elses_action_group_is_called_and_not_made():
    theirs = f"{GROUP}/providers/Microsoft.Insights/actionGroups/ops"
    made = Place().desired(wanted=Wanted(WANTED.metrics, WANTED.logs, theirs)).rules
    assert not [rule for rule in made if rule.kind is RuleKind.ACTIONS]
    assert by_name(made)[named("FluxErrors", LOGS)].properties["actions"] == {"actionGroups": [theirs]}


def test_a_cluster_that_is_off_is_left_out_by_name_and_by_id():
    place = Place({"aks-1": {"fluxwatch-alert-rules": "off"}, "aks-2": {}})
    rules = by_name(place.desired().rules)
    assert set(rules) == FLEET | {"fluxwatch"}
    expression = alert(place, named("flux-resources", METRICS), "FluxSlow")["expression"]
    assert expression == '(flux:p95 > 60) unless on (cluster) (label_replace(vector(1), "cluster", "aks-1", "", ""))'
    query = rules[named("FluxErrors", LOGS)].properties["criteria"]["allOf"][0]["query"]
    assert query.endswith(f"\n| where _ResourceId !in~ ('{AKS.key}')")


def test_a_cluster_with_rules_of_its_own_has_alerts_only_and_is_left_out_of_the_fleets():
    place = Place({"aks-1": {"fluxwatch-rule-FluxSlow": "for=30m threshold=90 severity=critical"}, "aks-2": {}})
    rules = by_name(place.desired().rules)
    assert set(rules) == FLEET | own(AKS) | {"fluxwatch"}
    group = rules[named("flux-resources", AKS.arm_id)]
    assert (group.properties["scopes"], group.properties["clusterName"]) == ([METRICS, AKS.arm_id], "aks-1")
    slow = alert(place, group.name, "FluxSlow")
    assert (slow["expression"], slow["for"], slow["severity"]) == ("flux:p95 > 90", "PT30M", 1)
    assert slow["labels"]["severity"] == "critical"
    query = rules[named("FluxErrors", AKS.arm_id)].properties["criteria"]["allOf"][0]["query"]
    assert query.endswith(f"\n| where _ResourceId =~ '{AKS.key}'")
    assert "aks-1" in alert(place, named("flux-resources", METRICS), "FluxSlow")["expression"]


def test_what_a_workspace_wishes_holds_for_a_clusters_own_rules_too_unless_it_wishes_otherwise():
    place = Place({"aks-1": {"fluxwatch-rule-FluxSlow": "for=1m"}})
    place.workspaces[METRICS] = {"Fluxwatch-Rule-FluxSlow": "threshold=70", "fluxwatch-rule-FluxSystemDown": "off"}
    assert alert(place, named("flux-resources", METRICS), "FluxSlow")["expression"].startswith("(flux:p95 > 70)")
    (only,) = by_name(place.desired().rules)[named("flux-resources", AKS.arm_id)].properties["rules"]
    assert (only["alert"], only["for"], only["expression"]) == ("FluxSlow", "PT1M", "flux:p95 > 60")


def test_without_flux_there_are_no_rules_of_its_own():
    place = Place({"aks-1": {"fluxwatch-alert-rules": "own"}}, bare={"aks-1"})
    assert set(by_name(place.desired().rules)) == FLEET | {"fluxwatch"}


@pytest.mark.parametrize("mode", ["off", "own"])
def test_two_clusters_with_one_name_are_a_finding_and_stay_with_the_fleet_where_the_name_counts(mode):
    twin = cluster("AKS-1", group="rg-other")
    place = Place({"aks-1": {"fluxwatch-alert-rules": mode}})
    rows = place.rows
    flux = rows["flux_extensions"][0]["id"].replace(AKS.arm_id, twin.arm_id)
    rows["clusters"].append({"id": twin.arm_id, "location": "westeurope"})
    rows["flux_extensions"].append({"id": flux, "name": "flux"})
    shown = estate(rows["clusters"], rows["flux_extensions"], rows["alert_workspaces"], Reading(START))
    made = desired(CATALOGUE, WANTED, shown)
    rules = by_name(made.rules)
    assert [finding for finding in made.findings if "called aks-1" in finding.detail]
    assert named("flux-resources", AKS.arm_id) not in rules
    assert "unless" not in rules[named("flux-resources", METRICS)].properties["rules"][0]["expression"]
    assert "_ResourceId !in~" in rules[named("FluxErrors", LOGS)].properties["criteria"]["allOf"][0]["query"]


def test_of_several_workspaces_that_of_the_clusters_region_has_its_own_rules():
    wanted = Wanted((METRICS, OTHER), (LOGS,), WANTED.actions)
    place = Place(
        {"aks-1": {"fluxwatch-alert-rules": "own"}}, {METRICS: {}, OTHER: {}, LOGS: {}}, regions={OTHER: "norwayeast"}
    )
    rules = by_name(place.desired(wanted=wanted).rules)
    assert rules[named("flux-resources", AKS.arm_id)].properties["scopes"][0] == METRICS
    assert "unless" not in str(rules[named("flux-resources", OTHER)].properties)
    place.regions = {}
    made = place.desired(wanted=wanted)
    assert named("flux-resources", AKS.arm_id) not in by_name(made.rules)
    assert [finding for finding in made.findings if "each of several workspaces" in finding.detail]


def test_a_workspace_that_is_not_shown_is_a_finding_and_its_rules_are_spared():
    place = Place(workspaces={LOGS: {}})
    before = by_name(Place().desired().rules)
    made = place.desired()
    assert set(by_name(made.rules)) == {named("FluxErrors", LOGS), "fluxwatch"}
    assert made.spares(before[named("flux-resources", METRICS)])
    assert [finding for finding in made.findings if "amw-prod is not shown" in finding.detail]


@pytest.mark.parametrize(
    ("shown", "known"),
    [
        (Estate(None, None), {"fluxwatch"}),
        (Estate(None, Place().shown().workspaces), {named("flux-recording", METRICS), "fluxwatch"}),
        (Estate(Place().shown().members, None), {"fluxwatch"}),
    ],
)
def test_without_an_answer_only_what_is_known_all_the_same_is_wanted_and_nothing_may_be_deleted(shown, known):
    made = desired(CATALOGUE, WANTED, shown)
    assert set(by_name(made.rules)) == known
    assert all(made.spares(rule) for rule in Place().desired().rules)


def test_an_identity_that_sees_no_cluster_knows_of_none():
    assert Place({}).shown().members is None


def test_rules_of_a_cluster_that_is_not_shown_are_spared_until_it_is_known_to_be_gone():
    place = Place({"aks-1": {"fluxwatch-alert-rules": "own"}, "aks-2": {}})
    rules = [rule for rule in place.desired().rules if rule.name in own(AKS)]
    place.hidden.add("aks-1")
    made = place.desired()
    assert all(made.spares(rule) for rule in rules)
    assert made.doubtful(rules) == [AKS.key]
    shown = place.shown()
    gone = desired(CATALOGUE, WANTED, Estate(shown.members, shown.workspaces, frozenset({AKS.key})))
    assert not any(gone.spares(rule) for rule in rules)


def test_more_groups_than_a_workspace_takes_are_a_finding():
    made = Place({f"aks-{number}": {"fluxwatch-alert-rules": "own"} for number in range(499)}).desired()
    assert len([rule for rule in made.rules if rule.kind is RuleKind.METRICS]) == 500
    fleet = by_name(made.rules)[named("flux-resources", METRICS)]
    assert fleet.properties["rules"][0]["expression"].count("label_replace") == 498
    assert [finding.detail for finding in made.findings][:1] == [
        "501 rule groups for the workspace amw-prod, and Azure takes 500"
    ]
