"""Tags in; what they wish of alert rules out, and nothing where they cannot be read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.rule_tags import Mode, Override, of_cluster, of_workspace
from tests.estates import CATALOGUE


@pytest.mark.parametrize(
    ("tag", "value", "wished"),
    [
        ("fluxwatch-rule-FluxSlow", "off", Override(off=True)),
        ("FLUXWATCH-RULE-FLUXSLOW", " For=1h30m  Threshold=90 ", Override(wait=timedelta(minutes=90), threshold="90")),
        ("fluxwatch-rule-FluxSlow", "severity=info threshold=0.25", Override(severity="info", threshold="0.25")),
    ],
)
def test_words_of_a_tag_are_read_in_any_letter_case(tag, value, wished):
    wishes = of_workspace("amw", {tag: value}, CATALOGUE)
    assert wishes.overrides == {"FluxSlow": wished}
    assert not wishes.findings


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        ("fluxwatch-rule-FluxUnknown", "off"),
        ("fluxwatch-rule-FluxSlow", ""),
        ("fluxwatch-rule-FluxSlow", "off=yes"),
        ("fluxwatch-rule-FluxSlow", "for=ten"),
        ("fluxwatch-rule-FluxSlow", "for=25h"),
        ("fluxwatch-rule-FluxSlow", "threshold=90)or(1"),
        ("fluxwatch-rule-FluxSlow", "threshold=1 or vector(1)"),
        ("fluxwatch-rule-FluxSlow", "threshold=-1"),  # it would always fire
        ("fluxwatch-rule-FluxSlow", "threshold=NaN"),
        ("fluxwatch-rule-FluxSlow", "threshold=1e999"),
        ("fluxwatch-rule-FluxSlow", "threshold=" + "9" * 400),
        ("fluxwatch-rule-FluxSlow", "threshold=٣"),
        ("fluxwatch-rule-FluxSlow", "threshold=1\\1"),
        ("fluxwatch-rule-FluxSlow", "for=１０m"),
        ("fluxwatch-rule-FluxErrors", "threshold=-0"),
        ("fluxwatch-rule-FluxSlow", "severity=fatal"),
        ("fluxwatch-rule-FluxSlow", "threshold=9 loud"),
        ("fluxwatch-rule-FluxSystemDown", "threshold=1"),  # it has none
        ("fluxwatch-rule-FluxErrors", "for=10m"),  # log rules know no for
        ("fluxwatch-alert-rules", "never"),
    ],
)
def test_what_cannot_be_read_changes_nothing_and_is_named(tag, value):
    wishes = of_cluster("aks-1", {tag: value}, CATALOGUE)
    assert (wishes.mode, wishes.overrides) == (Mode.FLEET, {})
    (finding,) = wishes.findings
    assert (tag in finding.detail, "aks-1" in finding.detail) == (True, True)


def test_a_wish_for_one_alert_makes_the_clusters_rules_its_own():
    assert of_cluster("aks-1", {"fluxwatch-rule-FluxSlow": "for=1m"}, CATALOGUE).mode is Mode.OWN
    assert of_cluster("aks-1", {"fluxwatch-rule-FluxSlow": "off", "Fluxwatch-Alert-Rules": "OFF"}, CATALOGUE).mode is Mode.OFF


def test_a_workspace_is_neither_off_nor_own():
    assert len(of_workspace("amw", {"fluxwatch-alert-rules": "off"}, CATALOGUE).findings) == 1


@given(
    st.dictionaries(
        st.sampled_from(["fluxwatch-rule-FluxSlow", "fluxwatch-alert-rules", "fluxwatch-rule-", "other"]), st.text()
    )
)
def test_tags_of_any_content_never_fail(tags):
    wishes = of_cluster("aks-1", tags, CATALOGUE)
    assert all(finding.name == "alert rule tags" for finding in wishes.findings)
