"""The catalogue of Prometheus rules in; what Azure Monitor would refuse, or understand in another way, out.

Law: limits are those of Azure Monitor's Prometheus rule groups; promtool knows none of them.
"""

from __future__ import annotations

import re

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


@pytest.mark.parametrize("rule", RULES)
def test_every_aggregation_and_every_match_keeps_the_cluster(rule: str) -> None:
    text = RULES[rule]["expr"]
    assert all(re.match(r"\s*cluster\b", labels) for labels in re.findall(r"\b(?:by|on) \(([^)]*)\)", text))
    assert "without (" not in text
    assert "ignoring (" not in text
