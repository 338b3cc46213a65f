"""The catalogue of Prometheus rules in; what Azure Monitor would refuse, or understand in another way, out.

Law: limits are those of Azure Monitor's Prometheus rule groups; promtool knows none of them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

import pytest
import yaml

from tests.rules.promtool import CATALOGUE, catalogue, name_of

GROUPS = {group["name"]: group for group in catalogue().values()}
RULES = {name_of(rule): rule for group in GROUPS.values() for rule in group["rules"]}
ALERTS = {name: rule for name, rule in RULES.items() if "alert" in rule}
THRESHOLDS = yaml.safe_load((CATALOGUE.parent / "thresholds.yaml").read_text("utf-8"))
LONGEST_EXPRESSION = 1_200
"""Characters. Azure documents no limit; this is what is known to be taken, and a little."""


def test_the_groups_are_those_that_have_names_in_azure() -> None:
    assert sorted(GROUPS) == ["flux-controllers", "flux-recording", "flux-resources", "flux-slo"]
    assert {f"{name}.yaml" for name in GROUPS} == {path.name for path in CATALOGUE.glob("*.yaml")}


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_has_at_most_20_rules_and_runs_each_minute(group: str) -> None:
    assert len(GROUPS[group]["rules"]) <= 20
    assert GROUPS[group]["interval"] == "1m"


def test_no_two_rules_share_a_name_even_without_letter_case() -> None:
    names = [name_of(rule).lower() for group in GROUPS.values() for rule in group["rules"]]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_has_the_keys_that_a_card_needs_within_the_limits(alert: str) -> None:
    rule = ALERTS[alert]
    assert set(rule["labels"]) == {"severity", "component"}
    assert rule["labels"]["severity"] in {"critical", "warning", "info"}
    assert list(rule["annotations"]) == ["summary", "description", "runbook_url"]
    assert rule["annotations"]["runbook_url"] == f"docs/runbooks/{alert}.md"
    assert re.fullmatch(r"[1-9]\d*[mh]", rule["for"]), "one number and one unit: what every reader of the file understands"
    assert len(rule["labels"]) <= 10
    assert all(len(value) <= 1_024 for value in [*rule["labels"].values(), *rule["annotations"].values()])


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_says_on_which_cluster_and_what_to_look_at(alert: str) -> None:
    notes = ALERTS[alert]["annotations"]
    assert "{{ $labels.cluster }}" in notes["summary"]
    assert re.search(r"\b(kubectl|flux|az) [a-z-]", notes["description"])


@pytest.mark.parametrize("alert", ALERTS)
def test_templates_are_those_that_azure_is_known_to_fill_in(alert: str) -> None:
    known = r'\$labels\.\w+|\$value|\$value \| humanizePercentage|printf "%\.0f" \$value'
    found = re.findall(r"\{\{ (.*?) \}\}", " ".join(ALERTS[alert]["annotations"].values()))
    assert [one for one in found if not re.fullmatch(known, one)] == []


@pytest.mark.parametrize("rule", RULES)
def test_an_expression_is_not_longer_than_what_is_known_to_be_taken(rule: str) -> None:
    assert len(RULES[rule]["expr"].strip()) <= LONGEST_EXPRESSION


@pytest.mark.parametrize("alert", THRESHOLDS)
def test_a_threshold_occurs_once_where_it_is_said_to_be(alert: str) -> None:
    assert re.fullmatch(r"[<>] \d+(\.\d+)?", THRESHOLDS[alert])
    assert len(re.findall(re.escape(THRESHOLDS[alert]) + r"(?![\d.])", ALERTS[alert]["expr"])) == 1
    assert ALERTS[alert]["expr"].count(THRESHOLDS[alert]) == 1


# ------------------------------------------------------------------------------------- what a parser of PromQL can see

promql = pytest.importorskip("promql_parser", reason="promql-parser is missing: make setup")


def _nodes(expression: str) -> list[Any]:
    found: list[Any] = []
    promql.walk(promql.parse(expression), found.append)
    return found


def _selectors(expression: str) -> list[Any]:
    return [node for node in _nodes(expression) if isinstance(node, promql.VectorSelector)]


@pytest.mark.parametrize("rule", RULES)
def test_every_expression_is_promql_and_every_selector_names_a_metric(rule: str) -> None:
    selectors = _selectors(RULES[rule]["expr"])
    assert selectors
    assert all(selector.name for selector in selectors)


@pytest.mark.parametrize("rule", RULES)
def test_no_rule_asks_for_absence_which_in_a_fleet_is_never_seen(rule: str) -> None:
    calls = {node.func.name for node in _nodes(RULES[rule]["expr"]) if isinstance(node, promql.Call)}
    assert not calls & {"absent", "absent_over_time"}


@pytest.mark.parametrize("rule", RULES)
def test_every_aggregation_and_every_match_keeps_the_cluster(rule: str) -> None:
    text = RULES[rule]["expr"]
    assert all(re.match(r"\s*cluster\b", labels) for labels in re.findall(r"\b(?:by|on) \(([^)]*)\)", text))
    assert "without (" not in text
    assert "ignoring (" not in text


def test_no_two_matchers_differ_in_letter_case_only_for_azure_sees_no_difference() -> None:
    spellings: dict[tuple[str, str], set[str]] = defaultdict(set)
    for rule in RULES.values():
        for selector in _selectors(rule["expr"]):
            for matcher in selector.matchers.matchers:
                for value in matcher.value.split("|"):
                    spellings[matcher.name, value.lower()].add(value)
    assert {key: values for key, values in spellings.items() if len(values) > 1} == {}
    assert not any("[" in value or "(?" in value for values in spellings.values() for value in values)


def test_what_is_recorded_and_read_has_a_rule_that_records_it() -> None:
    read = {selector.name for rule in RULES.values() for selector in _selectors(rule["expr"])}
    assert {name for name in read if name.startswith("flux:")} == {
        name for name in RULES if name.startswith("flux:") and name in read
    }
    assert not any(name in read for name in ALERTS)


def test_no_rule_reads_what_flux_no_longer_tells_but_where_that_is_recorded_or_ended() -> None:
    old = {"gotk_reconcile_condition", "gotk_suspend_status"}
    readers = {name for name, rule in RULES.items() if old & {one.name for one in _selectors(rule["expr"])}}
    assert readers == {"flux:resource_info:legacy", "FluxReconciliationStalled"}
