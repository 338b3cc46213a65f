"""Rules that somebody may still need, seen in part or in disorder, in; whether a plan deletes or overwrites them, out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from shared.core.alert_rule import Rule, RuleKind, Verb
from shared.core.desired_rules import desired
from shared.core.rule_estate import Wanted
from shared.core.rule_plan import plan
from tests.estates import CATALOGUE, LOGS, METRICS, OTHER, WANTED, Place, by_name, named, own
from tests.examples import cluster
from tests.fake_rules import as_azure_keeps

AKS = cluster("aks-1")
OWN = {"fluxwatch-alert-rules": "own"}
TWO = Wanted((METRICS, OTHER), (LOGS,), WANTED.actions)


def kept(place: Place, *, wanted: Wanted = WANTED) -> list[Rule]:
    return [as_azure_keeps(rule) for rule in place.desired(wanted=wanted).rules]


def deleted(place: Place, actual: Sequence[Rule], *, wanted: Wanted = WANTED) -> set[str]:
    made = place.desired(wanted=wanted)
    return {step.rule.name for step in plan(made.rules, actual, made.spares).writes if step.verb is Verb.DELETE}


def change(rules: Sequence[Rule], name: str, **properties: object) -> list[Rule]:
    return [replace(one, properties={**one.properties, **properties}) if one.name == name else one for one in rules]


def test_rules_for_a_workspace_that_is_not_in_the_settings_may_be_another_fluxwatchs_and_stay_and_are_told() -> None:
    place = Place(workspaces={METRICS: {}, OTHER: {}, LOGS: {}})
    theirs = kept(place, wanted=replace(TWO, logs=()))
    assert deleted(place, theirs) == set()
    found = [finding.detail for finding in place.desired().strange(theirs)]
    assert found == ["2 rules are for amw-edge, which the settings do not name"]
    assert not list(place.desired(wanted=TWO).strange(theirs))


@pytest.mark.parametrize("hidden", [True, False])
def test_a_clusters_own_rules_are_known_in_whatever_order_azure_names_their_scopes(hidden: bool) -> None:
    place = Place({"aks-1": OWN, "aks-2": {}})
    rules = kept(place)
    name = named("flux-resources", AKS.arm_id)
    rules = change(rules, name, scopes=[AKS.key, METRICS.lower()])
    if hidden:
        place.hidden.add("aks-1")
        assert place.desired().doubtful(rules) == [AKS.key]
        assert deleted(place, rules) == set()
    else:
        place.clusters["aks-1"] = {}
        assert deleted(place, rules) == own(AKS)


def test_an_own_log_rule_that_somebody_edited_does_not_pass_for_the_fleets_when_its_cluster_is_not_shown() -> None:
    place = Place({"aks-1": OWN, "aks-2": {}})
    name = named("FluxErrors", AKS.arm_id)
    rules = change(kept(place), name, criteria={"allOf": [{"query": "ContainerLogV2 | count"}]})
    place.hidden.add("aks-1")
    assert deleted(place, rules) == set()
    place.hidden.clear()
    place.clusters["aks-1"] = {}
    assert deleted(place, rules) == own(AKS)


def test_clusters_whose_flux_is_not_shown_keep_the_rules_of_their_own_until_it_is_known_to_be_gone() -> None:
    place = Place({"aks-1": OWN, "aks-2": OWN, "aks-3": {}})
    rules = kept(place)
    place.late |= {"aks-1", "aks-2"}
    assert deleted(place, rules) == set()
    made = place.desired()
    assert made.doubtful(rules) == [AKS.key, cluster("aks-2").key]
    gone = replace(made, gone=frozenset({AKS.key}))
    assert {rule.name for rule in rules if not gone.spares(rule) and rule.name not in by_name(made.rules)} == own(AKS)


def test_while_a_workspace_is_out_of_sight_nobody_moves_a_clusters_own_rules_to_the_one_that_is_seen() -> None:
    place = Place({"aks-1": OWN}, {METRICS: {}, OTHER: {}, LOGS: {}}, regions={OTHER: "norwayeast"})
    rules = kept(place, wanted=TWO)
    del place.workspaces[METRICS]
    made = place.desired(wanted=TWO)
    name = named("flux-resources", AKS.arm_id)
    assert [step.rule.name for step in plan(made.rules, rules, made.spares).writes] == []
    assert name in by_name(rules)
    elsewhere = change(rules, name, scopes=[OTHER, AKS.arm_id])
    assert deleted(place, elsewhere, wanted=TWO) == set()


def test_two_workspaces_of_one_name_are_counted_apart() -> None:
    twin = METRICS.replace("rg-alerts", "rg-twin")
    place = Place(
        {f"aks-{number}": OWN for number in range(251)} | {f"edge-{number}": OWN for number in range(251)},
        {METRICS: {}, twin: {}, LOGS: {}},
        regions={twin: "norwayeast"} | {f"edge-{number}": "norwayeast" for number in range(251)},
    )
    made = place.desired(wanted=replace(TWO, metrics=(METRICS, twin)))
    assert not [finding for finding in made.findings if "rule groups" in finding.detail]


def test_five_hundred_clusters_that_are_off_still_fit_into_a_rule_and_who_does_not_is_told() -> None:
    place = Place(
        {
            f"{'a-cluster-with-a-name-that-is-as-long-as-a-name-can-be':-<60}{number:03}": {"fluxwatch-alert-rules": "off"}
            for number in range(500)
        }
    )
    made = place.desired()
    query = by_name(made.rules)[named("FluxErrors", LOGS)].properties["criteria"]["allOf"][0]["query"]
    assert 40_000 < len(query) < 52_000
    group = by_name(made.rules)[named("flux-resources", METRICS)]
    assert all(40_000 < len(rule["expression"]) < 52_000 for rule in group.properties["rules"])
    assert len([finding for finding in made.findings if "more than its rules can leave out" in finding.detail]) == 2


def test_a_tag_that_is_wrong_on_the_whole_fleet_is_told_in_a_few_lines() -> None:
    made = Place({f"aks-{number}": {"fluxwatch-rule-FluxUnknown": "off"} for number in range(500)}).desired()
    assert len(made.findings) <= 21
    assert "480 more" in made.findings[-1].detail


def test_control_characters_of_tags_are_in_no_reason_and_no_finding() -> None:
    evil = "x\x1b[2J\nforged: line"
    place = Place({"aks-1": {f"fluxwatch-rule-{evil}": "off"}})
    made = place.desired()
    theirs = [replace(rule, tags={"managed-by": evil}) for rule in made.rules]
    steps = plan(made.rules, theirs)
    group = by_name(made.rules)[named("flux-resources", METRICS)]
    drifted = replace(group, properties={**group.properties, "clusterName": evil, "rules": [{"alert": evil * 99}]})
    drift = plan([group], [drifted])
    said = [finding.detail for finding in (*made.findings, *steps.findings)]
    said += [reason for step in (*steps.steps, *drift.steps) for reason in step.reasons]
    assert len(said) > 10
    assert not [text for text in said if "\x1b" in text or "\n" in text or len(text) > 300]


def test_rules_of_a_connected_cluster_are_told_by_their_workspace() -> None:
    arc = AKS.key.replace("microsoft.containerservice/managedclusters", "microsoft.kubernetes/connectedclusters")
    place = Place(workspaces={METRICS: {}, OTHER: {}, LOGS: {}})
    theirs = change(kept(place, wanted=replace(TWO, logs=())), named("flux-resources", OTHER), scopes=[arc, OTHER])
    assert [finding.detail for finding in place.desired().strange(theirs)] == [
        "2 rules are for amw-edge, which the settings do not name"
    ]


def test_no_rule_at_all_is_deleted_on_an_empty_setting() -> None:
    place = Place()
    assert deleted(place, kept(place), wanted=Wanted(actions=WANTED.actions)) == set()


def test_the_fleets_rules_that_are_no_more_in_the_catalogue_go() -> None:
    place = Place()
    rules = kept(place)
    old = [replace(rule, name=rule.name.replace("Errors", "Old")) for rule in rules if rule.kind is RuleKind.LOGS]
    assert deleted(place, [*rules, *old]) == {named("FluxOld", LOGS)}
    assert desired(CATALOGUE, WANTED, place.shown()).rules
