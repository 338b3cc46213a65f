"""The catalogue of Prometheus rules and its scenarios in; promtool's verdict out.

Law: every alert fires in a scenario and is silent in another, with labels and annotations in full, around its `for`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.rules.promtool import CATALOGUE, Group, Rule, Scenario, catalogue, run, scenarios, verdict

ALERTS: Mapping[str, Rule] = {
    rule["alert"]: rule for group in catalogue().values() for rule in group["rules"] if "alert" in rule
}
BY_FILE = {file: tuple(some) for file, some in groupby(scenarios(), lambda one: one.file)}
UNITS = {"s": 1, "m": 60, "h": 3600}


def _seconds(text: str) -> int:
    return sum(int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+)([smh])", text))


def _looks(scenario: Scenario, alert: str) -> list[tuple[int, list[Any]]]:
    """When the scenario looks at the alert, in seconds, and what it expects to see."""
    tests = scenario.test.get("alert_rule_test", ())
    return [(_seconds(one["eval_time"]), one["exp_alerts"]) for one in tests if one["alertname"] == alert]


@pytest.mark.usefixtures("promtool")
def test_promtool_accepts_the_rules() -> None:
    assert run("check", "rules", "--lint-fatal", *map(str, sorted(CATALOGUE.glob("*.yaml")))) == ""


@pytest.mark.usefixtures("promtool")
@pytest.mark.parametrize("file", BY_FILE)
def test_alerts_fire_and_are_silent_as_the_scenarios_say(file: str, tmp_path: Path) -> None:
    assert verdict(tmp_path, catalogue(), BY_FILE[file]) == ""


def test_a_scenario_asks_about_no_alert_that_is_not_there() -> None:
    assert {alert for one in scenarios() for alert in one.alerts} == set(ALERTS)


@pytest.mark.parametrize("alert", ALERTS)
def test_every_alert_is_silent_and_fires_around_its_for(alert: str) -> None:
    wait = _seconds(ALERTS[alert]["for"])
    pairs = [pair for scenario in scenarios() for pair in pairwise(_looks(scenario, alert))]
    assert any(
        not before and after and at >= wait and at - early <= max(600, wait // 20) for (early, before), (at, after) in pairs
    ), "no scenario looks shortly before it fires, and when it does"


@pytest.mark.parametrize("alert", ALERTS)
def test_every_alert_is_silent_in_some_scenario(alert: str) -> None:
    assert any(not expected for scenario in scenarios() for _, expected in _looks(scenario, alert))


# ------------------------------------------------------------------------------------------- clusters that are left out

GONE = tuple(f"gone-{number}" for number in range(1, 11))


def _without(expression: str) -> str:
    """The expression as a workspace's alerts have it where clusters are off, or have rules of their own."""
    clusters = " or ".join(f'label_replace(vector(1), "cluster", "{name}", "", "")' for name in GONE)
    return f"({expression}) unless on (cluster) ({clusters})"


def _wrapped(group: Group) -> Group:
    return {**group, "rules": [{**one, "expr": _without(one["expr"])} if "alert" in one else one for one in group["rules"]]}


def _with_twins(scenario: Scenario, alert: str) -> Scenario:
    """Only the first firing of this alert; every cluster has a twin which is left out, with the same series."""
    fires = next(one for one in scenario.test["alert_rule_test"] if one["alertname"] == alert and one["exp_alerts"])
    given = scenario.test["input_series"]
    twins = [json.loads(json.dumps(one).replace("aks-", "gone-")) for one in given]
    test = {"name": alert, "interval": scenario.test["interval"], "input_series": [*given, *twins], "alert_rule_test": [fires]}
    return Scenario(scenario.file, scenario.files, scenario.interval, test)


@pytest.mark.usefixtures("promtool")
def test_clusters_that_are_left_out_are_silent_and_change_nothing_for_others(tmp_path: Path) -> None:
    firing = {
        alert: next(one for one in scenarios() if any(expected for _, expected in _looks(one, alert))) for alert in ALERTS
    }
    wrapped = {file: _wrapped(group) for file, group in catalogue().items()}
    twins = [_with_twins(scenario, alert) for alert, scenario in firing.items()]
    assert verdict(tmp_path, wrapped, twins) == ""
    for folder in ("without", "with"):
        (tmp_path / folder).mkdir()
    assert "gone-1" in verdict(tmp_path / "without", catalogue(), twins[:1]), "the twin would fire"
