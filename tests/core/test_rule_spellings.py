"""Rules as Azure may spell them when it answers in; no second write out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shared.core.alert_rule import Rule
from shared.core.rule_normal import differences
from tests.estates import LOGS, METRICS, Place, by_name, named
from tests.examples import cluster

AKS = cluster("aks-1")
PLACE = Place({"aks-1": {"fluxwatch-alert-rules": "own"}, "AKS-2": {"fluxwatch-alert-rules": "off"}})
RULES = by_name(PLACE.desired().rules)
GROUP, LOG, ACTIONS = (RULES[name] for name in (named("flux-resources", METRICS), named("FluxErrors", LOGS), "fluxwatch"))
OWN_LOG = RULES[named("FluxErrors", AKS.arm_id)]


def said(rule: Rule, **more: Any) -> Rule:
    return replace(rule, properties={**rule.properties, **more})


def condition(rule: Rule, **more: Any) -> Rule:
    return said(rule, criteria={"odata.type": None, "allOf": [{**rule.properties["criteria"]["allOf"][0], **more}]})


def hook(**more: Any) -> Rule:
    return said(ACTIONS, webhookReceivers=[{**ACTIONS.properties["webhookReceivers"][0], **more}])


def recased(rule: Rule) -> Rule:
    """As the next answer may have it: names and ids of places in another letter case."""
    upper = Place({"AKS-1": {"fluxwatch-alert-rules": "own"}, "aks-2": {"fluxwatch-alert-rules": "off"}})
    upper.workspaces = {METRICS.replace("amw-prod", "AMW-PROD"): {}, LOGS.replace("law-prod", "LAW-Prod"): {}}
    return {one.key: one for one in upper.desired().rules}[rule.key]


@pytest.mark.parametrize("rule", RULES.values(), ids=[*RULES])
def test_a_place_that_azure_spells_otherwise_this_time_is_no_reason_to_write(rule: Rule) -> None:
    assert recased(rule) != rule or rule is ACTIONS
    assert differences(rule, recased(rule)) == ()
    assert differences(recased(rule), rule) == ()


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (LOG, said(LOG, muteActionsDuration="")),
        (LOG, said(LOG, muteActionsDuration="PT0M")),
        (LOG, said(LOG, muteActionsDuration="00:00:00", targetResourceTypes=[], overrideQueryTimeRange=None)),
        (LOG, said(LOG, windowSize="P0DT1H", evaluationFrequency="00:05:00")),
        (LOG, condition(LOG, metricMeasureColumn="ErrorCount", threshold=0, minRecurrenceCount=None)),
        (LOG, said(LOG, actions={"actionGroups": [LOG.properties["actions"]["actionGroups"][0].upper()]})),
        (GROUP, said(GROUP, clusterName=None, description=GROUP.properties["description"] + " ")),
        (GROUP, said(GROUP, interval="", enabled="")),
        (GROUP, said(GROUP, interval="PT60S", scopes=GROUP.properties["scopes"][::-1])),
        (ACTIONS, hook(objectId="", identifierUri="", tenantId="")),
        (ACTIONS, hook(useAadAuth=None, tenantId="00000000-0000-0000-0000-000000000000", status="Enabled")),
        (ACTIONS, replace(ACTIONS, location="global", tags={name.upper(): value for name, value in ACTIONS.tags.items()})),
    ],
)
def test_what_azure_fills_in_or_leaves_blank_is_no_reason_to_write(wanted: Rule, found: Rule) -> None:
    assert differences(wanted, found) == ()


@pytest.mark.parametrize(
    ("wanted", "found", "reason"),
    [
        (LOG, said(LOG, enabled="false"), "enabled off, wanted on"),
        (LOG, said(LOG, muteActionsDuration="PT1H"), "muteActionsDuration PT1H, wanted PT0S"),
        (ACTIONS, hook(useAadAuth=True, tenantId="t"), "useAadAuth on, wanted off"),
        (OWN_LOG, condition(OWN_LOG, query=LOG.properties["criteria"]["allOf"][0]["query"]), "query differs"),
    ],
)
def test_what_is_really_another_is_still_seen(wanted: Rule, found: Rule, reason: str) -> None:
    assert any(reason in one for one in differences(wanted, found))
