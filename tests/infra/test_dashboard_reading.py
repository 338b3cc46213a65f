"""The Grafana dashboards of infra/dashboards in; whether they can be read, at 3 a.m. and of 500 clusters, out."""

from __future__ import annotations

import re

import pytest

from tests.infra.grafana import FILES, dashboard, panels, promql_of

NAMES = tuple(path.stem for path in FILES)
OF_PROMETHEUS = ("flux-cluster-stats", "flux-control-plane")

WORST = {
    "flux-cluster-stats": ["What is not well", "Failing objects", "Suspended objects"],
    "flux-control-plane": ["What is not well", "Available replicas", "Last terminations"],
    "fluxwatch": ["Faults", "Failures by function", "Errors in the log"],
}


@pytest.mark.parametrize("name", OF_PROMETHEUS)
def test_of_500_clusters_a_table_has_an_end_and_a_legend_can_be_read(name: str) -> None:
    long = [panel["title"] for panel in panels(dashboard(name)) if panel["type"] in ("table", "bargauge")]
    bound = re.compile(r"(top|bottom)k\((\d+),")
    for query in promql_of(dashboard(name)):
        found = bound.match(query.text)
        if query.panel in long:
            assert found, query.key
            assert int(found[2]) <= 1000, query.key
        elif "{{cluster}}" in query.legend:
            assert found, query.key
            assert int(found[2]) <= 10, query.key


@pytest.mark.parametrize("name", NAMES)
def test_a_condition_has_its_colour_in_whichever_case_azure_gives_it_back(name: str) -> None:
    overrides = [
        one for panel in panels(dashboard(name)) if "fieldConfig" in panel for one in panel["fieldConfig"]["overrides"]
    ]
    mapped = [way for one in overrides for to in one["properties"] if to["id"] == "mappings" for way in to["value"]]
    assert all(way["type"] == "regex" and way["options"]["pattern"].endswith("/i") for way in mapped)


@pytest.mark.parametrize("name", NAMES)
def test_a_number_that_is_not_there_is_not_green(name: str) -> None:
    """Grafana gives what has no value the colour of the lowest step."""
    for panel in panels(dashboard(name)):
        if panel["type"] != "stat" or panel["options"]["colorMode"] == "value":
            continue
        defaults = panel["fieldConfig"]["defaults"]
        [nothing] = [way["options"]["result"] for way in defaults["mappings"] if way["options"].get("match") == "null+nan"]
        assert nothing["color"] in ("orange", "red"), panel["title"]


def test_lines_of_a_log_are_not_joined_over_hours_of_silence() -> None:
    for panel in panels(dashboard("fluxwatch")):
        style = panel.get("fieldConfig", {"defaults": {}})["defaults"].get("custom", {})
        assert style.get("drawStyle", "bars") != "line" or style["insertNulls"] <= 7_200_000, panel["title"]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_broken_and_where_comes_first(name: str) -> None:
    titles = [panel["title"] for panel in panels(dashboard(name)) if panel["type"] != "stat"]
    assert titles[1:4] == WORST[name]
