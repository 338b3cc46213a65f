"""The catalogue of Prometheus rules in; what a parser of PromQL sees in their expressions out.

Law: Azure Monitor has no `absent`, and no letter case; of a fleet's workspace every result names its cluster.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from tests.rules.promtool import catalogue, name_of

promql = pytest.importorskip("promql_parser", reason="promql-parser is missing: make setup")

RULES = {name_of(rule): rule for group in catalogue().values() for rule in group["rules"]}
ALERTS = {name for name, rule in RULES.items() if "alert" in rule}


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
