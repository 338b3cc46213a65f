"""The KQL of the dashboard Fluxwatch in; what Microsoft's analyser says of it, and what it answers over lines of our log, out.

Law: a line of the samples is what the code writes: its format stands in the source.
"""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest

from local.kql import Database, Result, dicts
from shared.jobs import sweep_errors
from tests.infra.grafana import HOME, Query, dashboard, filled, kql_of, panels

START = datetime(2026, 11, 20, 10, tzinfo=UTC)
END = START + timedelta(hours=1)
VALUES = {
    "$__timeFilter": f"(TimeGenerated between (datetime({START:%FT%TZ}) .. datetime({END:%FT%TZ}))) //",
    "$__timeTo": f"datetime({END:%FT%TZ})",
    "$__interval": "5m",
    "$app": "'fluxwatch'",
}
QUERIES = {query.panel: query for query in kql_of(dashboard("fluxwatch"))}
INFO, WARNING, ERROR = 1, 2, 3

SENT = ("GitRepository", "flux-system", "apps", "aks-1")
LINES: tuple[tuple[str, tuple[Any, ...], str, int, float], ...] = (
    # format, arguments, function, level, minute
    (
        "refused from %s: %s",
        ("rg/aks-1", "signature does not match: is it the token of this cluster?"),
        "receive_flux_event",
        WARNING,
        1,
    ),
    ("refused from %s: %s", ("nobody known", "cluster type must be one of three"), "receive_flux_event", WARNING, 2),
    ("%s: %s %s/%s on %s: %s", ("opened", *SENT, "failing"), "receive_flux_event", INFO, 3),
    ("%s: %s %s/%s on %s: %s", ("opened", *SENT, "failing; told if it lasts 600 s"), "receive_flux_event", INFO, 12),
    ("%s: %s %s/%s on %s: %s", ("counted", *SENT, "the same cause"), "receive_flux_event", INFO, 4),
    ("%s: %s %s/%s on %s: %s", ("closed", *SENT, "healthy"), "receive_flux_event", INFO, 21),
    (
        "%s: alert %s about %s %s on %s: %s",
        ("opened", "FluxSystemDown", "AlertRule", "x", "aks-1", "failing"),
        "receive_azure_alert",
        INFO,
        22,
    ),
    ("not stored: %s", ("Table storage does not answer",), "receive_flux_event", ERROR, 5),
    (
        "%s %s: %s%s",
        ("default", "later", "GitRepository apps is failing on aks-1", " (HTTP 503)"),
        "notify_teams",
        WARNING,
        3.5,
    ),
    ("%s %s: %s%s", ("default", "told", "GitRepository apps is failing on aks-1", ""), "notify_teams", INFO, 4),
    ("%s %s: %s%s", ("team a", "told", "GitRepository apps is failing on aks-1", ""), "notify_teams", INFO, 5),
    ("%s %s: %s%s", ("team a", "broken", "apps is well again", " (WorkflowTriggerIsNotEnabled)"), "notify_teams", ERROR, 22),
    ("%s %s: %s%s", ("default", "told", "FluxSystemDown is failing on aks-1", ""), "notify_teams", INFO, 24),
    ("due: %d, waiting: %d, quiet: %s", (1, 3, {"held": 2}), "notify_teams", INFO, 4),
    ("due: %d, waiting: %d, quiet: %s", (0, 14, {}), "notify_teams", INFO, 4.5),
    ("%s: %s", ("visibility", "2 clusters are out of sight"), "sweep_compliance", WARNING, 10),
    ("%s: %s", ("visibility", "2 clusters are out of sight"), "sweep_compliance", WARNING, 15),
)


def _summary(counts: dict[str, int]) -> str:
    """As each sweep ends its run."""
    return ", ".join(f"{name}: {count}" for name, count in counts.items())


SUMMARIES = (
    (
        "sweep_compliance",
        10,
        _summary({"clusters": 12, "configurations": 24, "failing": 2, "bad_rows": 0, "opened": 2, "closed": 1}),
    ),
    (
        "sweep_compliance",
        15,
        _summary({"clusters": 11, "configurations": 22, "failing": 2, "bad_rows": 0, "opened": 0, "closed": 0}),
    ),
    ("sweep_errors", 10, _summary({**dict.fromkeys(sweep_errors.COUNTS, 1), "bad_rows": 0, "workspaces": 1})),
)
REQUESTS = (
    # function, minute, status, success, milliseconds
    ("receive_flux_event", 1, "401", True, 5.0),
    ("receive_flux_event", 2, "404", True, 5.0),
    ("receive_flux_event", 3, "202", True, 40.0),
    ("receive_flux_event", 4, "202", True, 60.0),
    ("receive_flux_event", 5, "503", True, 900.0),
    ("notify_teams", 55, "0", True, 300.0),
    ("sweep_errors", 10, "0", True, 9000.0),
    ("sweep_errors", 20, "0", False, 11000.0),
)


def _at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def _trace(minute: float, message: str, function: str, level: int, app: str = "fluxwatch", count: int = 1) -> dict[str, Any]:
    row = {"TimeGenerated": _at(minute), "Message": message, "OperationName": function, "SeverityLevel": level}
    return {**row, "AppRoleName": app, "ItemCount": count}


@pytest.fixture(scope="module")
def log() -> Database:
    """An hour of the app, with another app beside it; the refusals stand for three lines each, as sampling leaves them."""
    database = Database("loganalytics")
    rows = [
        _trace(minute, form % said, function, level, count=3 if form.startswith("refused") else 1)
        for form, said, function, level, minute in LINES
    ]
    rows += [_trace(minute, text, function, INFO) for function, minute, text in SUMMARIES]
    rows += [{**row, "AppRoleName": "another"} for row in rows]
    rows += [_trace(-5, "opened: before the range", "receive_flux_event", INFO)]
    database.replace("AppTraces", rows)
    database.replace(
        "AppRequests",
        [
            {"TimeGenerated": _at(minute), "Name": name, "ResultCode": code, "Success": success, "DurationMs": spent}
            | {"AppRoleName": "fluxwatch", "ItemCount": 1}
            for name, minute, code, success, spent in REQUESTS
        ],
    )
    thrown = {"TimeGenerated": _at(20), "OperationName": "sweep_errors", "ExceptionType": "KeyError", "OuterMessage": "'x'"}
    database.replace("AppExceptions", [{**thrown, "AppRoleName": "fluxwatch", "ItemCount": 1}])
    return database


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


@cache
def _formats() -> frozenset[str]:
    """Every text in the code of the app."""
    paths = [HOME / "function_app.py", *sorted((HOME / "shared").rglob("*.py"))]
    trees = (ast.parse(path.read_text("utf-8")) for path in paths)
    nodes = (node for tree in trees for node in ast.walk(tree))
    return frozenset(node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))


def test_the_lines_of_the_samples_are_those_that_the_code_writes() -> None:
    assert {form for form, *_ in LINES} <= _formats()
    operations = (HOME / "docs/operations.md").read_text("utf-8")
    assert "| `clusters: 12, configurations: 24, …, bad_rows: 0, opened: 2, closed: 1` |" in operations
    assert " ".join(sweep_errors.COUNTS).endswith("opened closed")


SHOWN: dict[str, list[tuple[Any, ...]]] = {
    "Events accepted": [(2,)],
    "Events refused": [(2,)],
    "Function failures": [(2,)],
    "Incidents opened": [(6,)],
    "Incidents closed": [(3,)],
    "Cards told": [(3,)],
    "Broken channels": [(1,)],
    "Latest run of notify_teams": [(300.0,)],
    "Answers to events": [(0.0, "202", 2), (0.0, "401", 1), (0.0, "404", 1), (5.0, "503", 1)],
    "Time to answer": [(0.0, "receive_flux_event", 60.0), (5.0, "receive_flux_event", 900.0)],
    "Refused events": [
        ("nobody known", "cluster type must be one of three", 3, 2.0),
        ("rg/aks-1", "signature does not match: is it the token of this cluster?", 3, 1.0),
    ],
    "What events and alerts did": [
        (0.0, "counted", 1),
        (0.0, "opened", 1),
        (10.0, "opened", 1),
        (20.0, "closed", 1),
        (20.0, "opened", 1),
    ],
    "Posts": [
        (0.0, "default later", 1),
        (0.0, "default told", 1),
        (5.0, "team a told", 1),
        (20.0, "default told", 1),
        (20.0, "team a broken", 1),
    ],
    "Lag to tell": [(0.0, 60.0), (20.0, 120.0)],
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
    "Failures by function": [(5.0, "receive_flux_event", 1), (20.0, "sweep_errors", 1)],
    "Errors in the log": [
        (22.0, "notify_teams", "team a broken: apps is well again (WorkflowTriggerIsNotEnabled)", 1),
        (5.0, "receive_flux_event", "not stored: Table storage does not answer", 1),
    ],
    "Exceptions": [(20.0, "sweep_errors", "KeyError", "'x'", 1)],
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


def test_microsofts_analyser_finds_every_query_sound_with_the_same_columns(log: Database) -> None:
    node = shutil.which("node")
    if not (node and (HOME / "node_modules/@kusto/language-service-next").is_dir()):
        pytest.skip("QUERIES ARE NOT ANALYSED: the analyser is not installed (make setup, with Node.js 20 or newer)")
    variable = next(one for one in dashboard("fluxwatch")["templating"]["list"] if one["name"] == "app")
    texts = {panel: _text(query) for panel, query in QUERIES.items()}
    texts["variable app"] = variable["query"]["azureLogAnalytics"]["query"]
    headed = {
        panel: "// profile: loganalytics\n// kind: link\n"
        f"// columns: {','.join(name for name, _ in log.run(text).columns)}\n{text}"
        for panel, text in texts.items()
    }
    done = subprocess.run(
        [node, "tests/queries/validate.mjs"], input=json.dumps(headed), capture_output=True, text=True, cwd=HOME, check=True
    )
    verdicts = json.loads(done.stdout)
    assert {panel: said["problems"] for panel, said in verdicts.items() if said["problems"]} == {}
    assert verdicts.keys() == headed.keys()
