"""The Grafana dashboards of infra/dashboards in; whether each panel reads what is there, and shows what it says, out.

Law: a panel is tested with its own query as it stands in the file, only the variables are filled in.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from local import ksm
from tests.infra.grafana import FILES, PROMETHEUS, Panel, dashboard, filled, metrics_read, panels, promql_of
from tests.rules.promtool import MISSING, Scenario, catalogue, find_promtool, name_of, verdict

NAMES = ("flux-cluster-stats", "flux-control-plane", "fluxwatch")
OF_PROMETHEUS = NAMES[:2]
SCENARIOS = ("busy", "well")
SELF = {"type": "grafana", "uid": "-- Grafana --"}
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
WAYS = Path(__file__).parent / "dashboards"

KNOWN = {
    *("container_cpu_usage_seconds_total", "container_memory_working_set_bytes"),
    *("controller_runtime_active_workers", "controller_runtime_max_concurrent_reconciles"),
    *("controller_runtime_reconcile_time_seconds_bucket", "controller_runtime_reconcile_time_seconds_count"),
    *("controller_runtime_reconcile_total", "go_goroutines", "go_memstats_alloc_bytes"),
    *("gotk_reconcile_duration_seconds_bucket", "gotk_reconcile_duration_seconds_count", "gotk_reconcile_duration_seconds_sum"),
    *("gotk_resource_info", "gotk_source_artifact_updated_timestamp_seconds", "gotk_token_cache_requests_total"),
    *("kube_deployment_status_replicas_available", "kube_pod_container_resource_limits"),
    *("kube_pod_container_status_last_terminated_reason", "kube_pod_container_status_restarts_total"),
    *("rest_client_requests_total", "workqueue_depth", "workqueue_longest_running_processor_seconds"),
    "workqueue_queue_duration_seconds_bucket",
}
"""What Flux 2.5 and later, kube-state-metrics and cAdvisor export, and the add-on keeps. Recorded series come beside it."""
EMPTY_WHEN_WELL = {
    "Failing objects/A",
    "Suspended objects/A",
    "Last terminations/A",
    "Objects by state/B",
    "Kustomizations behind their source/B",
    "Success by cluster/B",
}
"""What shows its own text for no data on a cluster where all is well; everything else shows a 0, or what there is."""


@pytest.fixture
def promtool() -> None:
    """Tests that ask for it run promtool."""
    if not find_promtool():
        (pytest.fail if os.environ.get("FLUXWATCH_REQUIRE_PROMTOOL") == "1" else pytest.skip)(MISSING)


def _shown(name: str) -> list[Panel]:
    """The panels that are no rows."""
    return [panel for panel in panels(dashboard(name)) if panel["type"] != "row"]


def _variables(name: str) -> dict[str, Any]:
    return {one["name"]: one for one in dashboard(name)["templating"]["list"]}


# ---------------------------------------------------------------------------------------------------------------- the files


def test_the_dashboards_are_those_that_are_tested() -> None:
    assert tuple(path.stem for path in FILES) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_written_as_python_writes_json(name: str) -> None:
    text = next(path for path in FILES if path.stem == name).read_text("utf-8")
    assert text == json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("name", NAMES)
def test_a_dashboard_can_be_imported_again_and_stays_the_same_one(name: str) -> None:
    found = dashboard(name)
    assert found["uid"] == name
    assert re.fullmatch(r"[a-zA-Z][a-zA-Z0-9-]{0,28}[a-zA-Z0-9]", name), "Azure takes no other name"
    assert "id" not in found
    assert found["schemaVersion"] >= 39
    assert found["refresh"]
    assert {"fluxwatch", "gitops"} <= set(found["tags"])
    assert found["description"].endswith(".")


@pytest.mark.parametrize("name", NAMES)
def test_dashboards_link_to_each_other(name: str) -> None:
    urls = [link["url"] for link in dashboard(name)["links"]]
    assert {re.match(r"/d/([\w-]+)", url)[1] for url in urls} == set(NAMES) - {name}
    inner = re.findall(r'"url": "/d/([\w-]+)', json.dumps(dashboard(name)))
    assert set(inner) <= set(NAMES)


# --------------------------------------------------------------------------------------------------------------- the panels


@pytest.mark.parametrize("name", NAMES)
def test_every_panel_says_what_it_shows_in_which_unit_and_what_no_data_means(name: str) -> None:
    for panel in _shown(name):
        defaults = panel["fieldConfig"]["defaults"]
        assert len(panel["description"]) > 20, panel["title"]
        assert panel["description"].endswith("."), panel["title"]
        assert defaults["unit"], panel["title"]
        assert defaults["noValue"], panel["title"]
        first, *others = [step["value"] for step in defaults["thresholds"]["steps"]]
        assert first is None, panel["title"]
        assert others == sorted(others), panel["title"]


@pytest.mark.parametrize("name", NAMES)
def test_titles_and_ids_are_each_there_once(name: str) -> None:
    everything = list(panels(dashboard(name)))
    for field in ("title", "id"):
        assert [one for one, times in Counter(panel[field] for panel in everything).items() if times > 1] == []


@pytest.mark.parametrize("name", NAMES)
def test_panels_lie_beside_each_other_within_24_columns(name: str) -> None:
    places = {panel["title"]: panel["gridPos"] for panel in panels(dashboard(name))}
    assert all(one["x"] >= 0 and one["x"] + one["w"] <= 24 and one["h"] > 0 for one in places.values())
    overlaps = [
        (left, right)
        for (left, one), (right, other) in combinations(places.items(), 2)
        if one["x"] < other["x"] + other["w"]
        and other["x"] < one["x"] + one["w"]
        and one["y"] < other["y"] + other["h"]
        and other["y"] < one["y"] + one["h"]
    ]
    assert overlaps == []
    lines = {one["y"]: sum(o["w"] for o in places.values() if o["y"] == one["y"]) for one in places.values()}
    assert set(lines.values()) == {24}, "a line is full"


@pytest.mark.parametrize("name", NAMES)
def test_the_source_of_data_is_a_variable(name: str) -> None:
    kind = _variables(name)["datasource"]["query"]
    wanted = {"type": kind, "uid": "${datasource}"}
    sources = [panel["datasource"] for panel in _shown(name)]
    sources += [target["datasource"] for panel in _shown(name) for target in panel["targets"]]
    sources += [one["datasource"] for one in _variables(name).values() if "datasource" in one]
    assert [one for one in sources if one != wanted] == []
    assert [one["datasource"] for one in dashboard(name)["annotations"]["list"]] == [SELF]


@pytest.mark.parametrize("name", NAMES)
def test_every_variable_is_used_and_every_one_that_is_used_is_there(name: str) -> None:
    found = dashboard(name)
    text = json.dumps([found["panels"], [one.get("query") for one in found["templating"]["list"]]])
    used = set(re.findall(r"\$\{?([a-z]\w*)", text)) | {"datasource"}
    assert used == set(_variables(name))


@pytest.mark.parametrize("name", OF_PROMETHEUS)
def test_clusters_can_be_chosen_several_at_once_and_all(name: str) -> None:
    cluster = _variables(name)["cluster"]
    assert (cluster["multi"], cluster["includeAll"], cluster["allValue"]) == (True, True, ".+")
    assert metrics_read(re.match(r"label_values\((.+), cluster\)$", cluster["query"]["query"])[1])
    assert all("$cluster" in one.text for one in promql_of(dashboard(name)))


# ------------------------------------------------------------------------------------------------------------------ PromQL


@pytest.mark.parametrize("name", OF_PROMETHEUS)
def test_a_panel_reads_metrics_that_are_there_or_recorded(name: str) -> None:
    recorded = {name_of(rule) for group in catalogue().values() for rule in group["rules"] if "record" in rule}
    for query in promql_of(dashboard(name)):
        assert metrics_read(filled(query.text, PROMETHEUS)) <= KNOWN | recorded, query.key


@pytest.mark.parametrize("name", OF_PROMETHEUS)
def test_no_window_is_shorter_than_what_holds_four_samples(name: str) -> None:
    windows = {window for query in promql_of(dashboard(name)) for window in re.findall(r"\[(\w+)\]", query.text)}
    assert windows <= {"5m", "10m", "15m", "30m", "1h", "24h", "30d"}


@pytest.mark.parametrize("name", OF_PROMETHEUS)
def test_tables_and_numbers_ask_for_now_and_curves_for_the_range(name: str) -> None:
    for panel in _shown(name):
        kinds = {(target["instant"], target["range"], target["format"]) for target in panel["targets"]}
        wanted = {"timeseries": (False, True, "time_series"), "table": (True, False, "table")}
        assert kinds == {wanted.get(panel["type"], (True, False, "time_series"))}, panel["title"]


def test_what_kube_state_metrics_tells_is_what_it_is_asked_for() -> None:
    labels = {
        label
        for kind in ksm.KINDS
        for metric in ksm.state([kind])["spec"]["resources"][0]["metrics"]
        for label in metric["labelsFromPath"]
    }
    assert {"revision", "url", "source_kind", "source_name", "source_namespace", "ready", "suspended"} <= labels


@cache
def _scenario(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.load((WAYS / f"{name}.yaml").read_text("utf-8"), LOADER)  # noqa: S506 - it is safe
    return found


def _tests(name: str, expected: Mapping[str, Any]) -> Scenario:
    """Each panel's query at the end of two hours; `expected` by dashboard and query: value by labels."""
    asked = [
        {
            "expr": f"round({filled(query.text, PROMETHEUS)}, 0.0001)",  # promtool compares exactly, and sums in any order
            "eval_time": "2h",
            "exp_samples": [{"labels": labels, "value": value} for labels, value in expected[board][query.key].items()],
        }
        for board in OF_PROMETHEUS
        for query in promql_of(dashboard(board))
    ]
    test = {"name": name, "interval": "1m", "input_series": _scenario(name)["input_series"], "promql_expr_test": asked}
    return Scenario(name, frozenset({"flux-recording.yaml"}), "1m", test)


@pytest.mark.usefixtures("promtool")
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_panel_shows_what_the_scenario_says(name: str, tmp_path: Path) -> None:
    assert verdict(tmp_path, catalogue(), [_tests(name, _scenario(name)["shown"])]) == ""


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_says_of_every_query_what_is_shown(name: str) -> None:
    asked = {board: [one.key for one in promql_of(dashboard(board))] for board in OF_PROMETHEUS}
    assert {board: list(shown) for board, shown in _scenario(name)["shown"].items()} == asked


def test_on_a_cluster_where_all_is_well_there_is_a_number_and_not_no_data() -> None:
    empty = {key for shown in _scenario("well")["shown"].values() for key, samples in shown.items() if not samples}
    assert empty == EMPTY_WHEN_WELL
    stats = _scenario("well")["shown"]["flux-cluster-stats"]
    zeros = ("Failing", "In progress", "Suspended", "Clusters without state")
    assert [list(stats[f"{title}/A"].values()) for title in zeros] == [[0]] * 4


def test_a_panel_that_something_is_wrong_on_shows_it_in_the_other_scenario() -> None:
    assert [key for shown in _scenario("busy")["shown"].values() for key, samples in shown.items() if not samples] == []


@pytest.mark.usefixtures("promtool")
def test_where_nothing_is_scraped_nothing_is_said_to_be_well(tmp_path: Path) -> None:
    nothing = {board: {one.key: {} for one in promql_of(dashboard(board))} for board in OF_PROMETHEUS}
    scenario = _tests("well", nothing)
    empty = Scenario(scenario.file, scenario.files, scenario.interval, {**scenario.test, "input_series": []})
    assert verdict(tmp_path, catalogue(), [empty]) == ""
