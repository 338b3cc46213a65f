"""Rule files, parsed, in; a catalogue or every fault of them out."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.rule_files import load, shipped
from shared.core.durations import iso, of_iso, of_words
from shared.core.metric_rules import alert_groups
from shared.core.rule_catalogue import BadCatalogue, catalogue
from shared.core.rule_tags import of_workspace
from shared.core.rule_target import Target
from tests.estates import CATALOGUE, DOCUMENT, LOG_RULE, METRICS, QUERY, Place


def test_what_is_read_is_what_was_written():
    slow = CATALOGUE.groups[1].rules[0]
    assert (slow.name, slow.wait, slow.severity) == ("FluxSlow", timedelta(minutes=10), "warning")
    (log_rule,) = CATALOGUE.logs
    assert (log_rule.window, log_rule.measure) == (timedelta(hours=1), "ErrorCount")
    assert not log_rule.query.startswith("//")
    assert list(CATALOGUE.alerts.values()) == ["FluxSlow", "FluxSystemDown", "FluxErrors"]


@pytest.mark.parametrize(
    ("metrics", "logs", "thresholds", "named"),
    [
        ({}, {}, None, "flux.yaml"),
        ({"groups": [{"name": "flux-a", "rules": []}]}, {}, None, "group 0"),
        ({"groups": [{"name": "flux-a", "rules": [{"alert": "A", "expr": "up"}]}]}, {}, None, "flux-a[0]: severity"),
        ({"groups": [{"name": "flux-a", "rules": [{"record": "a"}]}]}, {}, None, "flux-a[0]: lacks"),
        (DOCUMENT, {"FluxSlow": (LOG_RULE, QUERY)}, None, "fluxslow: is there 2 times"),
        (DOCUMENT, {"FluxX": ({**LOG_RULE, "window": "long"}, QUERY)}, None, "FluxX: window"),
        (DOCUMENT, {"FluxX": (LOG_RULE, "// nothing")}, None, "FluxX: has no query"),
        (DOCUMENT, {"FluxX": (None, QUERY)}, None, "FluxX: severity"),
        (DOCUMENT, {}, {"FluxSlow": "> 61"}, "thresholds: FluxSlow"),
    ],
)
def test_faults_are_named(metrics, logs, thresholds, named):
    with pytest.raises(BadCatalogue) as raised:
        catalogue([("flux.yaml", metrics)], logs, thresholds)
    assert any(named in fault for fault in raised.value.faults)


def test_all_faults_are_named_at_once():
    document = deepcopy(DOCUMENT)
    document["groups"][1]["rules"] = [{"alert": "A", "expr": ""}, {"alert": "B", "expr": "up", "for": "soon"}]
    with pytest.raises(BadCatalogue) as raised:
        catalogue([("flux.yaml", document)], {})
    assert len(raised.value.faults) == 4


def test_the_files_that_are_shipped_make_a_catalogue():
    assert {"FluxReconciliationFailure", "FluxSystemDown"} <= set(shipped().alerts.values())
    assert shipped() is shipped()


def test_a_rule_file_that_is_no_yaml_is_named(tmp_path):
    (tmp_path / "prometheus").mkdir()
    (tmp_path / "prometheus" / "flux.yaml").write_text("groups: [", "utf-8")
    with pytest.raises(BadCatalogue, match=r"flux\.yaml: is no YAML"):
        load(tmp_path)


def test_a_query_without_its_metadata_is_named(tmp_path):
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "FluxX.kql").write_text("ContainerLogV2", "utf-8")
    with pytest.raises(BadCatalogue, match=r"FluxX\.yaml: is missing"):
        load(tmp_path)


@pytest.mark.parametrize(
    "same", [("PT60M", "PT1H"), ("P1D", "PT24H"), ("pt90s", "PT1M30S"), ("00:10:00", "PT10M"), ("P1W", "P7D")]
)
def test_a_length_of_time_has_many_spellings(same):
    assert of_iso(same[0]) == of_iso(same[1])


@given(st.timedeltas(min_value=timedelta(), max_value=timedelta(days=40)))
def test_a_length_of_time_comes_back(length):
    whole = timedelta(seconds=int(length.total_seconds()))
    assert of_iso(iso(whole)) == whole


@given(st.one_of(st.text(), st.integers(), st.none()))
def test_what_is_no_length_of_time_is_none(value):
    for read in (of_words, of_iso):
        assert read(value) is None or read(value) >= timedelta()


def test_each_threshold_that_is_shipped_can_be_another():
    known = shipped()
    tags = {f"fluxwatch-rule-{name}": "threshold=0.125" for name in known.thresholds}
    overrides = of_workspace("amw", tags, known).overrides
    target = Target(Place().shown().workspaces[METRICS.lower()], "actions", overrides=overrides)
    rules = [rule for group in alert_groups(known, target) for rule in group.properties["rules"]]
    changed = {rule["alert"] for rule in rules if "alert" in rule and rule["expression"].count("0.125") == 1}
    assert changed == set(known.thresholds)
