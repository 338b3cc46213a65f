"""Telemetry of an app in; which of the alerts about Fluxwatch itself fire, by executing their queries, out."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.kql import Database, dicts
from tests.analyser import at_work, verdicts
from tests.infra.check import HOME

FOLDER = HOME / "infra/alerts"
QUERIES = {path.stem: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.kql"))}
META = {name: yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8")) for name in QUERIES}
TABLES = ("AppTraces", "AppRequests", "AppExceptions")
APP = "func-fluxwatch-test-da8bea"
NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)

type Row = dict[str, Any]


@pytest.fixture(scope="module")
def telemetry() -> Database:
    return Database("loganalytics")


def of(table: str, ago: float = 1, **columns: Any) -> tuple[str, Row]:
    own = {"TimeGenerated": NOW - timedelta(minutes=ago), "AppRoleName": APP, "_ResourceId": "/appi"}
    return table, own | columns


def request(name: str, ago: float = 1, *, well: bool = True, code: str = "0", **columns: Any) -> tuple[str, Row]:
    return of("AppRequests", ago, Name=name, OperationName=name, Success=well, ResultCode=code, **columns)


def trace(job: str, message: str, level: int, run: int = 1, ago: float = 1, **columns: Any) -> tuple[str, Row]:
    return of("AppTraces", ago, OperationName=job, Message=message, SeverityLevel=level, OperationId=f"{run}", **columns)


def fires(database: Database, name: str, rows: list[tuple[str, Row]]) -> list[str]:
    """The dimension of each alert; "" where it has none. As Azure: the total of the measure is over the threshold."""
    for table in TABLES:
        database.replace(table, [row for of_table, row in rows if of_table == table])
    meta = META[name]
    found = dicts(database.run(QUERIES[name].replace("<app>", APP)))
    return sorted("".join(row[one] for one in meta["dimensions"]) for row in found if row[meta["measure"]] > meta["threshold"])


HEALTHY = [
    request("notify_teams"),
    request("sweep_compliance"),
    request("sweep_errors"),
    request("receive_flux_event", code="202"),
    request("receive_flux_event", code="401"),
    request("health", code="200"),
    trace("notify_teams", "default told: apps is failing", 1),
    trace("notify_teams", "default later: apps is failing (429)", 2),
    trace("sweep_compliance", "clusters: 12, configurations: 24", 1),
    *(trace("sweep_compliance", "mutes: one cluster not muted", 2, run) for run in range(9)),
    trace("receive_flux_event", "refused from rg/aks-1: the signature does not match", 2),
]
WORDS = ("summary", "description", "severity")
ELSEWHERE = {"AppRoleName": "another-app"}


def lines(job: str, message: str, level: int, runs: int) -> list[tuple[str, Row]]:
    return [trace(job, message, level, run) for run in range(runs)]


FIRES: dict[str, tuple[list[tuple[str, Row]], list[str]]] = {
    "FluxwatchChannelBroken": (
        lines("notify_teams", "payments broken: apps is failing: x (WorkflowTriggerIsNotEnabled)", 3, 2),
        ["payments"],
    ),
    "FluxwatchErrorsLogged": (
        lines("notify_teams", "notify_teams does not run: misconfigured: FLUX_HMAC_KEY is missing", 3, 2)
        + lines("receive_flux_event", "not stored: the table does not answer", 3, 2)
        + lines("fleet", "misconfigured: ROUTES is no JSON", 3, 2)
        + lines("receive_azure_alert", "an alert is not looked at: keys of Entra ID: unreachable", 3, 2),
        ["fleet", "notify_teams", "receive_azure_alert", "receive_flux_event"],
    ),
    "FluxwatchExceptions": ([of("AppExceptions", ProblemId="KeyError at shared.jobs")], ["KeyError at shared.jobs"]),
    "FluxwatchFunctionFailures": (
        [request("sweep_errors", well=False)] * 3 + [request("receive_flux_event", code="503")] * 3,
        ["receive_flux_event", "sweep_errors"],
    ),
    "FluxwatchHealthFailing": ([request("health", code="503")] * 2, [""]),
    "FluxwatchSweepFailing": (
        lines("sweep_compliance", "Resource Graph (clusters): forbidden", 2, 3)
        + lines("sweep_errors", "logs of rg/log: flux_errors: forbidden", 2, 3)
        + lines("reconcile_alert_rules", "Azure Monitor (prometheusRuleGroups): forbidden", 2, 3),
        ["reconcile_alert_rules", "sweep_compliance", "sweep_errors"],
    ),
    "FluxwatchSweepLate": ([request("sweep_errors"), request("sweep_compliance", well=False)], [""]),
    "FluxwatchTellingStopped": ([request("notify_teams", well=False), request("sweep_errors")], [""]),
}
"""Alert → what makes it fire, and the dimensions of the alerts that there are then."""


def test_every_alert_has_a_case_and_its_words():
    assert set(FIRES) == set(QUERIES) == {path.stem for path in FOLDER.glob("*.yaml")}
    for meta in META.values():
        assert meta.keys() == {*WORDS, "frequency", "window", "periods", "measure", "threshold", "dimensions"}
        assert meta["periods"] in (1, 2)
        assert meta["frequency"] in ("5m", "15m")
        assert meta["window"] in ("15m", "30m", "1h")
        assert meta["severity"] in ("critical", "warning", "info")


@pytest.mark.parametrize("name", QUERIES)
def test_it_is_silent_while_all_is_well(telemetry: Database, name: str):
    assert fires(telemetry, name, HEALTHY) == []


@pytest.mark.parametrize("name", QUERIES)
def test_it_fires_for_what_it_is_about(telemetry: Database, name: str):
    rows, alerts = FIRES[name]
    assert fires(telemetry, name, rows) == alerts


@pytest.mark.parametrize("name", QUERIES)
def test_it_does_not_look_at_other_apps(telemetry: Database, name: str):
    rows = [(table, row | ELSEWHERE) for table, row in FIRES[name][0]]
    assert fires(telemetry, name, [*HEALTHY, *rows]) == []


@pytest.mark.parametrize("name", ["FluxwatchSweepLate", "FluxwatchTellingStopped"])
def test_no_telemetry_at_all_is_no_good_news(telemetry: Database, name: str):
    assert fires(telemetry, name, []) == [""]


SOURCES = (HOME / "function_app.py", *sorted((HOME / "shared").rglob("*.py")))
SAID = {
    "FluxwatchChannelBroken": ('log.log(level, "%s %s: %s%s', "Answer.BROKEN: logging.ERROR", 'BROKEN = "broken"'),
    "FluxwatchErrorsLogged": (
        'logging.error("misconfigured: %s"',
        'logging.error("%s does not run: misconfigured: %s"',
        'log.error("not stored: %s"',
        'log.error("an alert is not looked at: %s"',
    ),
    "FluxwatchSweepFailing": ('log.warning("%s: %s", finding.name, finding.detail)',),
}
"""Alert → what stands in the source where its lines are written."""


@pytest.mark.parametrize("name", SAID)
def test_its_lines_are_those_that_the_app_writes(name: str):
    written = "\n".join(path.read_text("utf-8") for path in SOURCES)
    assert [text for text in SAID[name] if text not in written] == []


def test_every_error_that_the_app_writes_is_in_an_alert():
    written = {line for path in SOURCES for line in re.findall(r'log(?:ging)?\.error\(("[^"]+")', path.read_text("utf-8"))}
    assert written == {re.search(r'"[^"]+"', text)[0] for text in SAID["FluxwatchErrorsLogged"]}


def test_only_what_runs_seldom_is_waited_for_twice_so_that_a_new_installation_is_silent():
    assert {name for name, meta in META.items() if meta["periods"] > 1} == {"FluxwatchSweepLate"}


def test_a_short_fault_is_no_alert(telemetry: Database):
    for name in ("FluxwatchSweepFailing", "FluxwatchErrorsLogged", "FluxwatchHealthFailing", "FluxwatchFunctionFailures"):
        rows, _ = FIRES[name]
        assert fires(telemetry, name, list({row["OperationName"]: (table, row) for table, row in rows}.values())) == []


def test_the_queries_are_sound_for_microsofts_analyser(tmp_path: Path):
    with at_work(QUERIES, tmp_path) as analyser:
        verdict = verdicts(analyser)
    assert {name: said["problems"] for name, said in verdict.items()} == {name: [] for name in QUERIES}
    measures = {name: said["columns"][-1] for name, said in verdict.items()}
    assert measures == {name: [meta["measure"], "long"] for name, meta in META.items()}
