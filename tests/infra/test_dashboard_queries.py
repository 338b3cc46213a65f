"""The KQL of the dashboard Fluxwatch in; what Microsoft's analyser says of it, and what it answers over lines of our log, out.

Law: a line of the samples is what the code writes: its format stands in the source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from local.kql import Database, Result, dicts
from shared.jobs import sweep_errors
from tests.analyser import Analyser, at_work, verdicts
from tests.infra.app_log import END, LINES, START, exceptions, requests, traces
from tests.infra.grafana import HOME, Query, dashboard, filled, kql_of, panels

VALUES = {
    "$__timeFilter": f"(TimeGenerated between (datetime({START:%FT%TZ}) .. datetime({END:%FT%TZ}))) //",
    "$__timeTo": f"datetime({END:%FT%TZ})",
    "$__interval": "5m",
    "$app": "'fluxwatch'",
}
QUERIES = {query.panel: query for query in kql_of(dashboard("fluxwatch"))}
APPS = "the variable app"


@pytest.fixture(scope="module")
def log() -> Database:
    """An hour of the app."""
    database = Database("loganalytics")
    for table, rows in (("AppTraces", traces()), ("AppRequests", requests()), ("AppExceptions", exceptions())):
        database.replace(table, rows)
    return database


@pytest.fixture(scope="module", autouse=True)
def analyser(log: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Analyser]:
    variable = next(one for one in dashboard("fluxwatch")["templating"]["list"] if one["name"] == "app")
    texts = {panel: _text(query) for panel, query in QUERIES.items()}
    texts[APPS] = variable["query"]["azureLogAnalytics"]["query"]
    with at_work({panel: _headed(log, text) for panel, text in texts.items()}, tmp_path_factory.mktemp("queries")) as process:
        yield process


def _headed(log: Database, text: str) -> str:
    """The columns that are promised are those that it answers when it is executed."""
    columns = ",".join(name for name, _ in log.run(text).columns)
    return f"// profile: loganalytics\n// kind: link\n// columns: {columns}\n{text}"


@pytest.fixture(scope="module")
def silence() -> Database:
    """An app that never ran."""
    return Database("loganalytics")


def _text(query: Query) -> str:
    """`$__timeFilter(…)` stands alone on its line: the column in brackets becomes a comment."""
    return filled(query.text.replace("$__timeTo()", "$__timeTo"), VALUES)


def _asked(database: Database, panel: str) -> Result:
    return database.run(_text(QUERIES[panel]))


def _rows(database: Database, panel: str) -> list[tuple[Any, ...]]:
    """With minutes of the hour for times."""
    rows = [tuple(row.values()) for row in dicts(_asked(database, panel))]
    return [
        tuple((value - START) / timedelta(minutes=1) if isinstance(value, datetime) else value for value in row) for row in rows
    ]


def test_the_lines_of_the_samples_are_those_that_the_code_writes() -> None:
    code = "".join(path.read_text("utf-8") for path in sorted((HOME / "shared").rglob("*.py")))
    assert [form for form, *_ in LINES if f'"{form}"' not in code] == []
    operations = (HOME / "docs/operations.md").read_text("utf-8")
    assert "| `clusters: 12, configurations: 24, …, bad_rows: 0, opened: 2, closed: 1` |" in operations
    assert " ".join(sweep_errors.COUNTS).endswith("opened closed")


SHOWN: dict[str, list[tuple[Any, ...]]] = {
    "Latest run of notify_teams": [(300.0,)],
    "Broken channels": [(1,)],
    "Function failures": [(2,)],
    "Events refused": [(2,)],
    "Events accepted": [(2,)],
    "Incidents opened": [(6,)],
    "Incidents closed": [(3,)],
    "Cards told": [(3,)],
    "Failures by function": [(5.0, "receive_flux_event", 1), (20.0, "sweep_errors", 1)],
    "Errors in the log": [
        (22.0, "notify_teams", "team a broken: apps is well again (WorkflowTriggerIsNotEnabled), after 61 s", 1),
        (5.0, "receive_flux_event", "not stored: Table storage does not answer", 1),
    ],
    "Exceptions": [(20.0, "sweep_errors", "KeyError", "'x'", 1)],
    "Posts": [
        (0.0, "default later", 1),
        (0.0, "default told", 1),
        (5.0, "team a told", 1),
        (20.0, "default told", 1),
        (20.0, "team a broken", 1),
    ],
    "Lag to tell": [(0.0, 60, 60), (5.0, 90, 90), (20.0, 120, 120)],
    "Waiting": [(0.0, 14)],
    "Posts that failed": [
        ("team a", "broken", "WorkflowTriggerIsNotEnabled", 1, 22.0),
        ("default", "later", "HTTP 503", 1, 3.5),
    ],
    "Incidents": [(0.0, 1, 0), (5.0, 0, 0), (10.0, 4, 2), (15.0, 0, 0), (20.0, 1, 1)],
    "The fleet as the sweep knows it": [(10.0, 12, 24), (15.0, 11, 22)],
    "Duration of runs": [(10.0, "sweep_errors", 9000.0), (20.0, "sweep_errors", 11000.0), (55.0, "notify_teams", 300.0)],
    "Runs": [
        ("notify_teams", 1, 0, 55.0, 300.0),
        ("receive_flux_event", 5, 0, 5.0, 900.0),
        ("sweep_errors", 2, 1, 20.0, 11000.0),
    ],
    "Findings of sweeps": [(15.0, "sweep_compliance", "visibility: 2 clusters are out of sight", 2)],
    "Answers to events": [(0.0, "202", 2), (0.0, "401", 1), (0.0, "404", 1), (5.0, "503", 1)],
    "Time to answer": [(0.0, "receive_flux_event", 60.0), (5.0, "receive_flux_event", 900.0)],
    "Refused events": [
        ("nobody known", "cluster type must be one of three", 3, 2.0),
        ("rg/aks-1", "X-Signature does not match: the token is not this cluster's", 3, 1.0),
    ],
    "What events and alerts did": [
        (0.0, "counted", 1),
        (0.0, "opened", 1),
        (10.0, "opened", 1),
        (20.0, "closed", 1),
        (20.0, "opened", 1),
    ],
}


@pytest.mark.parametrize("panel", QUERIES)
def test_a_panel_answers_what_happened_in_the_hour(log: Database, panel: str) -> None:
    rows = _rows(log, panel)
    assert (sorted(rows) if QUERIES[panel].form == "time_series" else rows) == SHOWN[panel]


def test_of_every_panel_it_is_said_what_it_answers() -> None:
    assert list(SHOWN) == [panel["title"] for panel in panels(dashboard("fluxwatch")) if panel["type"] != "row"]


def test_where_nothing_happened_numbers_are_0_and_all_else_says_so(silence: Database) -> None:
    stats = [panel["title"] for panel in panels(dashboard("fluxwatch")) if panel["type"] == "stat"]
    answers = {panel: _rows(silence, panel) for panel in QUERIES}
    assert {panel for panel in stats if answers[panel] != [(0,)]} == {"Latest run of notify_teams"}
    assert [panel for panel in QUERIES if answers[panel] not in ([], [(0,)])] == []


def test_curves_are_a_time_names_and_numbers_in_the_order_of_time(log: Database) -> None:
    for panel, query in QUERIES.items():
        if query.form != "time_series":
            continue
        (first, kind), *others = _asked(log, panel).columns
        assert (first, kind) == ("TimeGenerated", "datetime"), panel
        assert {kind for _, kind in others} <= {"string", "long", "real", "int"}, panel
        times = [row[0] for row in _rows(log, panel)]
        assert times == sorted(times), panel


def test_every_query_keeps_to_the_range_the_app_and_the_workspace_that_were_chosen() -> None:
    for panel in panels(dashboard("fluxwatch")):
        for target in panel.get("targets", ()):
            asked = target["azureLogAnalytics"]
            tables = len(re.findall(r"^App\w+$|= App\w+$", asked["query"], re.M))
            assert asked["query"].count("\n| where $__timeFilter(TimeGenerated)\n| where AppRoleName in ($app)\n") == tables
            assert asked["resources"] == ["$workspace"]
            assert target["queryType"] == "Azure Log Analytics"


def test_microsofts_analyser_finds_every_query_sound_with_the_same_columns(analyser: Analyser) -> None:
    said = verdicts(analyser)
    assert {panel: one["problems"] for panel, one in said.items() if one["problems"]} == {}
    assert said.keys() == {*QUERIES, APPS}
