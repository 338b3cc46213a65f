"""Rules that shall be and rules that are in; the steps between them out, and words for why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.core.alert_rule import OWNER_TAG, Plan, Rule, RuleKind, Verb
from shared.core.rule_normal import differences
from shared.core.rule_plan import plan
from tests.estates import KEY, LOGS, METRICS, Place, by_name, named
from tests.fake_rules import as_azure_keeps

DESIRED = Place({"aks-1": {"fluxwatch-rule-FluxSlow": "for=1m"}, "aks-2": {"fluxwatch-alert-rules": "off"}}).desired().rules
NAMES = (named("flux-resources", METRICS), named("FluxErrors", LOGS), "fluxwatch")
GROUP, LOG, ACTIONS = (by_name(DESIRED)[name] for name in NAMES)


def apply(made: Plan, actual: Sequence[Rule]) -> list[Rule]:
    rules = {rule.key: rule for rule in actual}
    for step in made.writes:
        if step.verb is Verb.DELETE:
            del rules[step.rule.key]
        else:
            rules[step.rule.key] = as_azure_keeps(step.rule)
    return list(rules.values())


def test_what_azure_keeps_of_a_rule_is_the_same_rule():
    made = plan(DESIRED, [as_azure_keeps(rule) for rule in DESIRED])
    assert not made.writes
    assert len(made.steps) == len(DESIRED)


def slow(**change: object) -> Rule:
    rules = [{**GROUP.properties["rules"][0], **change}, *GROUP.properties["rules"][1:]]
    return replace(GROUP, properties={**GROUP.properties, "rules": rules})


def log_rule(**change: object) -> Rule:
    (condition,) = LOG.properties["criteria"]["allOf"]
    return replace(LOG, properties={**LOG.properties, "criteria": {"allOf": [{**condition, **change}]}})


def hook(**change: object) -> Rule:
    (receiver,) = ACTIONS.properties["webhookReceivers"]
    return replace(ACTIONS, properties={**ACTIONS.properties, "webhookReceivers": [{**receiver, **change}]})


def without(rule: Rule, *names: str) -> Rule:
    return replace(rule, properties={name: value for name, value in rule.properties.items() if name not in names})


CHANGED = {
    "FluxSlow: for PT5M, wanted PT10M": slow(**{"for": "PT300S"}),
    "FluxSlow: severity 3, wanted 2": slow(severity=None),
    "FluxSlow: enabled off, wanted on": slow(enabled=False),
    "FluxSlow: expression differs": slow(expression="flux:p95 > 61"),
    "FluxSlow: labels differs": slow(labels={"severity": "warning"}),
    "FluxSlow: timeToResolve PT5M, wanted PT10M": slow(resolveConfiguration={"autoResolved": True}),
    "FluxSlow: actions differs": slow(actions=[]),
    "order of rules differs": replace(GROUP, properties={**GROUP.properties, "rules": GROUP.properties["rules"][::-1]}),
    "clusterName aks-9, wanted nothing": replace(GROUP, properties={**GROUP.properties, "clusterName": "aks-9"}),
    "windowSize PT30M, wanted PT1H": replace(LOG, properties={**LOG.properties, "windowSize": "PT30M"}),
    "autoMitigate off, wanted on": replace(LOG, properties={**LOG.properties, "autoMitigate": False}),
    "threshold 5, wanted 0": log_rule(threshold=5),
    "dimensions differs": log_rule(dimensions=[]),
    "query differs": log_rule(query="ContainerLogV2"),
    "numberOfEvaluationPeriods 3, wanted 1": log_rule(failingPeriods={"numberOfEvaluationPeriods": 3}),
    "webhook fluxwatch: serviceUri differs": hook(serviceUri="https://elsewhere.example/api/azure/alerts"),
    "webhook fluxwatch: useCommonAlertSchema off, wanted on": hook(useCommonAlertSchema=None),
    "emailReceivers 1, wanted 0": replace(ACTIONS, properties={**ACTIONS.properties, "emailReceivers": [{"name": "me"}]}),
    "tag fluxwatch-key: another one is wanted": replace(ACTIONS, tags={**ACTIONS.tags, "fluxwatch-key": "0" * 12}),
}


@pytest.mark.parametrize("reason", CHANGED)
def test_what_differs_is_said_in_words(reason):
    found = CHANGED[reason]
    wanted = {one.key: one for one in (GROUP, LOG, ACTIONS)}[found.key]
    (step,) = plan([wanted], [found]).steps
    assert (step.verb, step.reasons) == (Verb.UPDATE, (reason,))


def test_a_rule_that_is_missing_in_its_group_or_too_many_there_is_named():
    less = replace(GROUP, properties={**GROUP.properties, "rules": GROUP.properties["rules"][:1]})
    assert "FluxSystemDown: alert: missing" in differences(GROUP, less)
    assert "FluxSystemDown: alert: not wanted" in differences(less, GROUP)


def test_no_reason_holds_a_key():
    found = hook(serviceUri=f"https://elsewhere.example/{KEY}?code={KEY}")
    assert KEY not in str(plan([ACTIONS], [found]).steps[0].reasons)


@pytest.mark.parametrize(
    "same",
    [
        slow(**{"for": "PT600S"}),
        slow(expression=GROUP.properties["rules"][0]["expression"] + "  \n"),
        replace(GROUP, properties={**GROUP.properties, "scopes": [METRICS.upper()]}),
        replace(GROUP, location="West Europe"),
        without(GROUP, "enabled"),
        log_rule(dimensions=LOG.properties["criteria"]["allOf"][0]["dimensions"][::-1]),
        log_rule(threshold="0"),
        without(LOG, "displayName", "skipQueryValidation", "autoMitigate"),
        hook(serviceUri="https://FLUXWATCH.example/api/azure/alerts"),
    ],
)
def test_another_spelling_is_no_difference(same):
    wanted = {one.key: one for one in (GROUP, LOG, ACTIONS)}[same.key]
    assert [step.verb for step in plan([wanted], [same]).steps] == [Verb.LEAVE]


@pytest.mark.parametrize("owner", [{}, {"managed-by": "terraform"}, {"Managed-By": "somebody"}])
def test_what_another_owner_made_under_our_name_is_left_with_a_finding(owner):
    theirs = replace(slow(enabled=False), tags=owner)
    made = plan([GROUP], [theirs])
    assert [(step.verb, step.rule) for step in made.steps] == [(Verb.LEAVE, theirs)]
    assert len(made.findings) == 1


def test_what_nobody_wants_is_deleted_only_if_it_is_ours():
    ours = replace(LOG, name="FluxOld-law-prod-0a1b2c")
    terraform = replace(ours, name="FluxOlder-law-prod-0a1b2c", tags={OWNER_TAG: "terraform"})
    tagged = replace(ours, name="disk-is-full")
    made = plan([], [ours, terraform, tagged])
    assert [(step.verb, step.rule.name) for step in made.steps] == [(Verb.DELETE, ours.name)]
    assert [step.verb for step in plan([], [ours], lambda rule: "not shown").steps] == [Verb.LEAVE]


def test_the_tags_of_others_stay():
    found = replace(slow(enabled=False), tags={"Managed-By": "Fluxwatch", "cost": "42"})
    (step,) = plan([GROUP], [found]).writes
    assert step.rule.tags == {"cost": "42", "managed-by": "fluxwatch"}


def test_a_rule_in_another_region_is_made_anew():
    made = plan([GROUP], [replace(GROUP, location="norwayeast")])
    assert [step.verb for step in made.writes] == [Verb.DELETE, Verb.CREATE]
    assert made.writes[0].reasons == ("location norwayeast, wanted westeurope",)


def test_the_action_group_is_first_and_what_is_deleted_last():
    old = replace(LOG, name="FluxOld-law-prod-0a1b2c")
    verbs = [(step.rule.kind, step.verb) for step in plan(DESIRED, [slow(enabled=False), old]).writes]
    assert verbs[0] == (RuleKind.ACTIONS, Verb.CREATE)
    assert [verb for _, verb in verbs][-2:] == [Verb.UPDATE, Verb.DELETE]


KEYS = st.sampled_from(["name", "alert", "allOf", "rules"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=2),
    max_leaves=4,
)


@st.composite
def mangled(draw: st.DrawFn, rule: Rule) -> Rule:
    """As Azure keeps it, or with some of its properties replaced by anything."""
    names = draw(st.sets(st.sampled_from(sorted(rule.properties)), max_size=2))
    changed = {name: draw(ANYTHING) for name in names}
    tags = draw(st.sampled_from([rule.tags, {}, {"Managed-by": "FLUXWATCH", "x": "y"}, {OWNER_TAG: "terraform"}]))
    place = draw(st.sampled_from([rule.location, "norwayeast"]))
    name = draw(st.sampled_from([rule.name, rule.name.upper(), f"Flux-old-{rule.name}", "theirs"]))
    kept = as_azure_keeps(rule)
    return replace(kept, name=name, location=place, tags=tags, properties={**kept.properties, **changed})


@st.composite
def estates(draw: st.DrawFn) -> list[Rule]:
    some = draw(st.lists(st.sampled_from(DESIRED), unique_by=lambda rule: rule.name))
    found = [draw(mangled(rule)) for rule in some]
    return list({rule.key: rule for rule in found}.values())


@settings(max_examples=40)
@given(estates())
def test_from_anything_the_plan_reaches_what_shall_be_and_a_second_one_writes_nothing(actual):
    made = plan(DESIRED, actual)
    reached = apply(made, actual)
    assert not plan(DESIRED, reached).writes
    after = {rule.key: rule for rule in reached}
    foreign = {rule.key for rule in actual if rule.owner != "fluxwatch"}
    assert all(not differences(rule, after[rule.key]) for rule in DESIRED if rule.key not in foreign)
    assert all(after[rule.key] == rule for rule in actual if rule.key in foreign)
