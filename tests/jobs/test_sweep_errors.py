"""The sweep over logs: each row takes effect once, whatever fails, and what could not be read is said."""

from __future__ import annotations

import json
import logging
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.adapters.azure_client import QUERY_LIMIT
from shared.adapters.queries import load
from shared.core.finding import Run
from shared.core.incident import Flap, Incident
from shared.core.inventory import ClusterInfo, Extension
from shared.core.log_entries import controller
from shared.core.log_windows import CONTROLLERS, QUERIES, STEADY
from shared.core.observation import Health, Source
from shared.core.trouble import REMEDIES, Trouble
from shared.jobs.sweep_errors import JOB, SweepErrors
from shared.ports import LogRows, Mark, StoreUnavailable
from tests.core.test_redact import SECRETS
from tests.examples import START, after, cluster, incident, subject
from tests.examples import seen as observed
from tests.fakes import FakeClock, FakeStore
from tests.logs import (
    OTHER_WORKSPACE,
    WORKSPACE,
    FakeLogs,
    controller_row,
    error_row,
    event_row,
    life_row,
    pod_row,
    stalled_row,
)

LAG = timedelta(minutes=5)
END = START - LAG
KUSTOMIZE = controller(cluster(), "kustomize-controller")


@dataclass
class Stage:
    """Workspaces, a store, a clock, and the sweep between them."""

    logs: FakeLogs = field(default_factory=FakeLogs)
    store: FakeStore = field(default_factory=FakeStore)
    clock: FakeClock = field(default_factory=FakeClock)
    workspaces: tuple[str, ...] = (WORKSPACE,)

    @property
    def sweep(self) -> SweepErrors:
        store = self.store
        return SweepErrors(self.logs, store, store, store, store, self.clock, self.workspaces, LAG, Flap())

    def run(self, **later: float) -> Run:
        self.clock.passes(**later)
        return self.sweep()

    def add(self, query: str, row: dict[str, Any], **known: Any) -> None:
        self.logs.add(query, row, **known)

    def read_until(self, at: datetime, *queries: str, workspace: str = WORKSPACE) -> None:
        for query in queries or QUERIES:
            self.store.watermarks[workspace.lower(), query] = Mark(workspace, query, at, "1")

    @property
    def marks(self) -> Mapping[str, datetime | None]:
        return {mark.query: mark.until for mark in self.store.watermarks.values()}

    @property
    def all(self) -> Mapping[str, Incident]:
        return {key: row.incident for key, row in self.store.rows.items()}

    @property
    def open(self) -> dict[str, str]:
        """Name of the subject → cause."""
        return {one.subject.name: one.cause for one in self.all.values() if one.failing}


def troubles(run: Run) -> list[tuple[str, str]]:
    assert all(one.remedy and not one.ok for one in run.findings)
    return [(one.name, one.detail) for one in run.findings]


def storm(stage: Stage) -> Stage:
    """Something of everything, in the last hour."""
    at = after(minutes=-20)
    stage.add("flux_errors", error_row(at))
    stage.add("flux_errors", controller_row(at, "panic: runtime error"))
    stage.add(
        "flux_errors",
        error_row(at, "terminal error: exceeded maximum retries", Kind="HelmRelease", Namespace="apps", Name="shop"),
    )
    stage.add("flux_events", event_row(at))
    stage.add("flux_pods", pod_row(at))
    stage.add("flux_pods", pod_row(at, Container="b", LastTermination="OOMKilled"))
    stage.add("flux_stalled", stalled_row(after(hours=-3), Name="old"))
    return stage


STORM = {
    "apps": "build-failed",
    "kustomize-controller": "log-errors",
    "shop": "helm-install-failed",
    "source-controller": "out-of-memory",
    "old": "build-failed",
}


# ------------------------------------------------------------------------------------------------------------- contract


def test_rows_of_the_tests_have_the_columns_of_the_queries() -> None:
    made = {
        "flux_errors": error_row(),
        "flux_events": event_row(),
        "flux_pods": pod_row(),
        "flux_stalled": stalled_row(),
        "flux_controllers": life_row(),
    }
    assert {name: tuple(row) for name, row in made.items()} == {name: tuple(load(name).columns) for name in made}


def test_every_question_has_the_parameters_of_its_query() -> None:
    stage = storm(Stage())
    stage.store = FakeStore(incident(after(hours=-3), of=controller(cluster(), "helm-controller"), cause="log-errors"))
    stage.run()
    assert {query for _, query, _ in stage.logs.asked} == {*QUERIES, CONTROLLERS}
    assert all(parameters.keys() == load(query).parameters.keys() for _, query, parameters in stage.logs.asked)


# ---------------------------------------------------------------------------------------------------------- one clean run


def test_a_run_opens_what_nothing_else_did_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    stage = storm(Stage())
    with caplog.at_level(logging.INFO):
        run = stage.run()
    assert stage.open == STORM
    assert dict(run.counts) == {
        "rows": 7,
        "observations": 6,
        "dropped": 1,
        "opened": 5,
        "closed": 0,
        "bad_rows": 0,
        "workspaces": 1,
    }
    assert (run.job, run.at, run.gap, run.findings) == (JOB, START, 0.0, ())
    assert stage.store.journal == {JOB: run}
    assert [record.getMessage() for record in caplog.records] == [
        "rows: 7, observations: 6, dropped: 1, opened: 5, closed: 0, bad_rows: 0, workspaces: 1"
    ]


def test_what_helm_puts_into_an_event_opens_and_its_log_line_is_the_detail() -> None:
    stage = storm(Stage())
    stage.run()
    shop = next(one for one in stage.all.values() if one.subject.name == "shop")
    assert (shop.message, shop.detail) == (
        "Helm install failed for release a/b: boom",
        "terminal error: exceeded maximum retries",
    )


def test_everything_is_held_back_for_ten_minutes_but_what_only_the_inventory_of_pods_shows() -> None:
    stage = storm(Stage())
    stage.run()
    due = {one.subject.name: one.due_at for one in stage.all.values()}
    assert due == dict.fromkeys(STORM, after(minutes=10)) | {"source-controller": START}


def test_the_second_run_reads_on_from_where_the_first_ended_and_writes_nothing() -> None:
    stage = storm(Stage())
    stage.run()
    written = len(stage.store.written)
    run = stage.run(minutes=10)
    assert [stage.logs.windows(query)[1] for query in STEADY] == [(END, END + timedelta(minutes=10))] * 3
    assert len(stage.logs.windows("flux_stalled")) == 1
    assert (run.gap, run.before["opened"], run.counts["rows"]) == (600.0, 5, 0)
    assert len(stage.store.written) == written


def test_a_quiet_workspace_is_asked_four_questions_and_writes_no_incident() -> None:
    stage = Stage()
    run = stage.run()
    assert (len(stage.logs.asked), stage.store.written, run.findings) == (4, [], ())
    assert set(stage.marks.values()) == {END}


def test_no_workspaces_no_work() -> None:
    run = Stage(workspaces=()).run()
    assert (run.counts["workspaces"], run.findings) == (0, ())


def test_what_an_event_opened_gets_its_detail_and_what_recovered_later_stays_well() -> None:
    stage = Stage(store=FakeStore(incident(after(minutes=-30), fingerprint="fp:other")))
    stage.add("flux_errors", error_row(after(minutes=-20), "from the log"))
    stage.run()
    assert [one.detail for one in stage.all.values()] == ["from the log"]
    well = Stage(store=FakeStore(incident(of=subject(), ready=Health.HEALTHY, observed_at=after(minutes=-10))))
    well.add("flux_errors", error_row(after(minutes=-20)))
    assert (well.run().counts["opened"], well.open) == (0, {})


def test_the_state_of_a_day_is_asked_once_an_hour() -> None:
    stage = Stage()
    for _ in range(7):
        stage.run(minutes=10)
    assert len(stage.logs.windows("flux_stalled")) == 2


@pytest.mark.parametrize("plan", ["Basic", "Auxiliary", Trouble.FORBIDDEN])
def test_a_table_that_is_or_may_be_paid_by_the_scan_is_scanned_less(plan: str) -> None:
    stage = Stage(workspaces=(WORKSPACE, OTHER_WORKSPACE))
    stage.logs.plans[OTHER_WORKSPACE] = plan
    stage.run()
    back = {(place, query): parameters.get("_lookback") for place, query, parameters in stage.logs.asked}
    assert back[WORKSPACE, "flux_errors"] == back[OTHER_WORKSPACE, "flux_events"] == timedelta(days=2)
    assert back[OTHER_WORKSPACE, "flux_errors"] == timedelta(hours=1)


# --------------------------------------------------------------------------------------- each row takes effect only once


def clean() -> Mapping[str, Incident]:
    stage = storm(Stage())
    stage.run()
    return stage.all


FAULTS = [
    ("inventory", 0),
    ("marks", 0),
    ("find", 0),
    ("save_all", 0),
    ("advance", 0),
    ("advance", 1),
    ("advance", 3),
    ("failing", 0),
    ("runs", 0),
    ("put_run", 0),
]


@pytest.mark.parametrize(("method", "call"), FAULTS)
def test_a_run_that_fails_at_any_step_and_is_run_again_leaves_what_one_clean_run_leaves(method: str, call: int) -> None:
    stage = storm(Stage())
    stage.store.script[method] = deque([*[None] * call, StoreUnavailable("down")])
    with pytest.raises(StoreUnavailable):
        stage.run()
    stage.run()
    assert stage.all == clean()
    assert set(stage.marks.values()) == {END}


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("what", [Trouble.THROTTLED, Trouble.UNREACHABLE, "PartialError"])
def test_a_question_that_is_not_answered_whole_is_asked_again(query: str, what: Trouble | str) -> None:
    stage = storm(Stage())
    stage.logs.script[query] = deque([what])
    first = stage.run()
    assert stage.marks == dict.fromkeys(set(QUERIES) - {query}, END)
    assert len(first.findings) == 1
    assert query in first.findings[0].detail
    second = stage.run()
    assert (set(stage.marks.values()), second.findings) == ({END}, ())
    assert {key: one.cause for key, one in stage.all.items()} == {
        key: "helm-retries-exhausted" if query == "flux_events" and one.subject.name == "shop" else one.cause
        for key, one in clean().items()
    }


def test_of_a_partial_answer_what_came_is_used() -> None:
    stage = storm(Stage())
    stage.logs.script["flux_errors"] = deque(["QueryExecutionError"])
    assert troubles(stage.run()) == [("logs of rg-logs/log-weu", "partial (QueryExecutionError): flux_errors")]
    assert "apps" in stage.open


def test_two_runs_beside_each_other_leave_what_one_leaves(caplog: pytest.LogCaptureFixture) -> None:
    stage = storm(Stage())
    stage.logs.meanwhile = stage.sweep
    with caplog.at_level(logging.INFO):
        slower = stage.run()
    assert stage.all == clean()
    assert (slower.counts["opened"], slower.findings) == (0, ())
    assert sum("another run is faster" in record.getMessage() for record in caplog.records) == 4


def test_a_run_that_another_overtakes_by_a_window_reopens_nothing() -> None:
    """The slow one has read the failure; meanwhile it is over, by an event, and read on by a faster run."""
    stage = Stage()
    stage.add("flux_errors", error_row(after(minutes=-20)))

    def meanwhile() -> None:
        stage.run(minutes=10)
        opened = stage.store.load(subject())
        assert opened.incident is not None
        over = Incident(subject(), observed_at=after(minutes=-1), resolved_at=after(minutes=-1))
        stage.store.save(over, opened.version)

    stage.logs.meanwhile = meanwhile
    stage.run()
    assert stage.open == {}


def test_a_writer_in_between_is_not_overwritten() -> None:
    stage = Stage()
    stage.add("flux_errors", error_row(after(minutes=-20)))
    stage.store = _Raced(healthy_at=after(minutes=-1))
    assert (stage.run().counts["opened"], stage.open) == (0, {})


class _Raced(FakeStore):
    """Somebody saves the object's health between the reading and the writing of it."""

    def __init__(self, healthy_at: datetime) -> None:
        super().__init__()
        self.healthy_at: datetime | None = healthy_at

    def save_all(self, changed: Any) -> Any:
        if self.healthy_at:
            at, self.healthy_at = self.healthy_at, None
            self.save(Incident(subject(), observed_at=at), None)
        return super().save_all(changed)


def test_writers_that_are_always_faster_leave_the_watermark_where_it_is() -> None:
    class Busy(FakeStore):
        def save_all(self, changed: Any) -> Any:
            return [one.incident.subject for one in changed]

    stage = storm(Stage(store=Busy()))
    with pytest.raises(StoreUnavailable, match="writers in a row"):
        stage.run()
    assert stage.marks == {}


def test_the_mark_moves_only_after_the_incidents_are_saved() -> None:
    stage = storm(Stage())
    stage.run()
    calls = stage.store.calls
    assert max(place for place, call in enumerate(calls) if call == "save_all") < calls.index("advance")


# ------------------------------------------------------------------------------------------------------- after an outage


def test_after_an_outage_slices_are_read_in_their_order_each_with_its_own_mark() -> None:
    stage = Stage()
    stage.read_until(after(hours=-15), "flux_errors")
    stage.add("flux_errors", error_row(after(hours=-14), Name="first"))
    stage.add("flux_errors", error_row(after(hours=-8), Name="second"))
    run = stage.run()
    assert stage.logs.windows("flux_errors") == [
        (after(hours=-15), after(hours=-9)),
        (after(hours=-9), after(hours=-3)),
        (after(hours=-3), END),
    ]
    assert (sorted(stage.open), run.findings, stage.marks["flux_errors"]) == (["first", "second"], (), END)


def test_an_outage_of_a_week_says_what_was_not_read_once() -> None:
    stage = Stage()
    stage.read_until(after(days=-7), "flux_pods")
    stage.add("flux_pods", pod_row(after(days=-5)))
    assert troubles(stage.run()) == [
        ("logs of rg-logs/log-weu", "flux_pods: rows between 2026-11-13 08:00 and 2026-11-18 07:55 UTC were not read")
    ]
    assert (stage.run(minutes=10).findings, stage.open) == ((), {})


def test_a_run_that_takes_too_long_leaves_slices_to_the_next_one() -> None:
    stage = Stage()
    stage.store.journal[JOB] = Run(JOB, after(minutes=-10))
    stage.read_until(after(hours=-15))
    stage.logs.meanwhile = lambda: stage.clock.passes(minutes=5)
    assert troubles(stage.run()) == [
        ("watermark of rg-logs/log-weu", "flux_pods is read only up to 8 h 55 min ago"),
        *(("watermark of rg-logs/log-weu", f"{query} is read only up to 14 h 55 min ago") for query in STEADY[1:]),
    ]
    assert stage.run().findings == ()
    assert stage.marks["flux_errors"] == stage.clock.at - LAG


def test_a_query_that_takes_too_long_is_asked_once_more_for_less_time() -> None:
    stage = Stage()
    stage.read_until(after(hours=-3), "flux_errors")
    stage.logs.script["flux_errors"] = deque([Trouble.TIMEOUT])
    assert stage.run().findings == ()
    widths = [end - start for start, end in stage.logs.windows("flux_errors")]
    assert widths == [timedelta(hours=2, minutes=55), *[timedelta(hours=1)] * 2, timedelta(minutes=55)]
    assert stage.marks["flux_errors"] == END


def test_one_that_takes_too_long_again_is_a_finding() -> None:
    stage = Stage()
    stage.logs.always[WORKSPACE, "flux_errors"] = Trouble.TIMEOUT
    run = stage.run()
    assert troubles(run) == [("logs of rg-logs/log-weu", "timeout: flux_errors")]
    assert run.findings[0].remedy == REMEDIES[Trouble.TIMEOUT]
    assert len(stage.logs.windows("flux_errors")) == 2


class _Heaps(FakeLogs):
    """More than an hour of logs does not fit into an answer."""

    def ask(self, workspace: str, query: str, parameters: Mapping[str, Any]) -> LogRows:
        found = FakeLogs.ask(self, workspace, query, parameters)
        wide = parameters["_end"] - parameters["_start"] > timedelta(hours=1)
        return replace(found, partial="TooLarge" if wide and query in STEADY else "")


def test_a_backlog_that_does_not_fit_into_one_answer_is_read_in_smaller_slices() -> None:
    stage = Stage(logs=_Heaps())
    stage.read_until(after(hours=-20))
    stage.add("flux_errors", error_row(after(minutes=-30)))
    assert stage.run().findings == ()
    assert (stage.marks["flux_errors"], stage.open) == (END, {"apps": "build-failed"})


class _Slow(FakeLogs):
    """Log Analytics gives up each time, after as long as it may work on a query."""

    passes: Callable[..., None] = staticmethod(lambda **_: None)

    def ask(self, workspace: str, query: str, parameters: Mapping[str, Any]) -> LogRows:
        self.passes(seconds=QUERY_LIMIT)
        return FakeLogs.ask(self, workspace, query, parameters)


def slow(count: int, *fine: str) -> Stage:
    """So many workspaces of which only these queries are answered."""
    stage = Stage(workspaces=tuple(f"{WORKSPACE}-{number}" for number in range(count)), logs=(logs := _Slow()))
    logs.passes = stage.clock.passes
    logs.always |= {(one, query): Trouble.TIMEOUT for one in stage.workspaces for query in QUERIES if query not in fine}
    return stage


@pytest.mark.parametrize("count", [1, 40])
def test_a_run_ends_long_before_the_host_ends_it(count: int) -> None:
    host = json.loads((Path(__file__).parents[2] / "host.json").read_text("utf-8"))
    limit = timedelta(hours=1) - (datetime(2026, 1, 1, 1) - datetime.fromisoformat(f"2026-01-01T{host['functionTimeout']}"))
    run = slow(count).run()
    assert run.seconds <= limit.total_seconds() - 3 * QUERY_LIMIT


def test_where_time_is_short_everybody_has_a_turn() -> None:
    stage = slow(6, "flux_errors")
    for _ in range(60):
        stage.run(minutes=6)
    assert {place for place, query in stage.store.watermarks} == {one.lower() for one in stage.workspaces}


# ------------------------------------------------------------------------------------------------ what cannot be asked for


@pytest.mark.parametrize("trouble", list(Trouble))
def test_a_workspace_that_does_not_answer_hinders_no_other(trouble: Trouble) -> None:
    stage = storm(Stage(workspaces=(OTHER_WORKSPACE, WORKSPACE)))
    stage.logs.always |= {(OTHER_WORKSPACE, query): trouble for query in QUERIES}
    run = stage.run()
    assert stage.open == STORM
    assert troubles(run) == [("logs of rg-logs/log-neu", f"{trouble}: flux_pods, flux_events, flux_errors, flux_stalled")]
    assert run.findings[0].remedy == REMEDIES[trouble]


def test_a_table_that_is_missing_hinders_no_other_query() -> None:
    stage = storm(Stage())
    stage.logs.always[WORKSPACE, "flux_pods"] = Trouble.NO_TABLE
    assert troubles(stage.run()) == [("logs of rg-logs/log-weu", "no-table: flux_pods")]
    assert stage.open == {name: cause for name, cause in STORM.items() if name != "source-controller"}


def test_bad_rows_are_counted_and_named_once_and_the_others_are_read(caplog: pytest.LogCaptureFixture) -> None:
    stage = storm(Stage())
    stage.add("flux_errors", error_row(after(minutes=-20), Name="no name at all"))
    stage.add("flux_events", event_row(after(minutes=-20), _ResourceId="secret=hunter2"))
    run = stage.run()
    assert (run.counts["bad_rows"], stage.open) == (2, STORM)
    detail = (
        "2 could not be read: flux_errors: Kind, Namespace and Name are no Kubernetes names (1);"
        " flux_events: _ResourceId is not a cluster's (1)"
    )
    assert troubles(run) == [("rows of logs", detail)]
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == [
        f"rows of logs: {detail}"
    ]


def test_clusters_outside_of_the_inventory_are_watched_and_named() -> None:
    stage = storm(Stage())
    stage.store.infos = {one.cluster.key: one for one in [ClusterInfo(cluster())]}
    assert stage.run().findings == ()
    stage.add("flux_errors", error_row(END, on=cluster("arc-9", kind="connectedClusters"), Name="beyond"))
    assert troubles(stage.run(minutes=10)) == [("clusters of logs", "logs of 1 clusters outside FLEET_SCOPES")]
    assert "beyond" in stage.open


def test_no_secret_of_any_log_line_is_stored_or_logged(caplog: pytest.LogCaptureFixture) -> None:
    stage = Stage()
    for number, (leaked, _) in enumerate(SECRETS):
        text = f"clone failed: {leaked}"
        stage.add("flux_errors", error_row(after(minutes=-20), text, Name=f"a{number}", Revision=leaked))
        stage.add("flux_errors", controller_row(after(minutes=-20), text, Controller=f"c{number}"))
        stage.add("flux_events", event_row(after(minutes=-20), text, Name=f"e{number}", Reason=leaked))
        stage.add("flux_pods", pod_row(after(minutes=-20), Controller=f"p{number}", LastTermination=leaked, Container=leaked))
        stage.add("flux_stalled", stalled_row(after(minutes=-20), Name=f"s{number}", SampleText=text))
    with caplog.at_level(logging.DEBUG):
        stage.run()
    assert len(stage.open) == 5 * len(SECRETS)
    for one in stage.all.values():
        number = int(one.subject.name[1:])
        kept = f"{one.message} {one.detail} {one.reason} {one.revision} {one.origin} {one.fingerprint}"
        assert SECRETS[number][0] not in kept
    assert all(leaked not in caplog.text for leaked, _ in SECRETS)


# ---------------------------------------------------------------------------------------------- controllers: who closes


def with_open_controller(cause: str = "log-errors", hours: float = 3, **known: Any) -> Stage:
    one = incident(after(hours=-hours), of=KUSTOMIZE, cause=cause, **known)
    stage = Stage(store=FakeStore(one))
    stage.add(CONTROLLERS, life_row(after(minutes=-10)))
    return stage


def test_a_controller_that_lives_and_is_calm_is_closed() -> None:
    stage = with_open_controller()
    run = stage.run()
    assert (stage.open, run.counts["closed"]) == ({}, 1)
    assert stage.logs.windows(CONTROLLERS) == [(END - timedelta(hours=1), END)]


def quiet(stage: Stage) -> None:
    stage.logs.rows.pop((WORKSPACE, CONTROLLERS))


def unanswered(stage: Stage) -> None:
    stage.logs.always[WORKSPACE, "flux_events"] = Trouble.UNREACHABLE


def life_unanswered(stage: Stage) -> None:
    stage.logs.always[WORKSPACE, CONTROLLERS] = Trouble.UNREACHABLE


def life_partial(stage: Stage) -> None:
    stage.logs.script[CONTROLLERS] = deque(["PartialError"])


def fails_again(stage: Stage) -> None:
    stage.add("flux_errors", controller_row(after(minutes=-10)))


def restarts_once(stage: Stage) -> None:
    stage.add("flux_pods", pod_row(after(minutes=-10), Controller="kustomize-controller", Restarts=1))


def is_the_extension(stage: Stage) -> None:
    stage.store.infos[cluster().key] = ClusterInfo(cluster(), extension=Extension("kustomize-controller"))


@pytest.mark.parametrize(
    "but", [quiet, unanswered, life_unanswered, life_partial, fails_again, restarts_once, is_the_extension]
)
def test_it_stays_open_otherwise(but: Callable[[Stage], None]) -> None:
    stage = with_open_controller()
    but(stage)
    assert (stage.run().counts["closed"], list(stage.open)) == (0, ["kustomize-controller"])


def test_it_stays_open_within_the_hour() -> None:
    stage = with_open_controller(hours=1)
    assert stage.run().counts["closed"] == 0
    assert stage.logs.windows(CONTROLLERS) == []
    stage.add(CONTROLLERS, life_row(after(minutes=2)))
    assert stage.run(minutes=10).counts["closed"] == 1


def test_one_that_complains_every_half_hour_is_one_incident() -> None:
    stage = Stage()
    for minute in range(0, 360, 10):
        stage.add(CONTROLLERS, life_row(after(minutes=minute)))
    for minute in range(0, 240, 30):
        stage.add("flux_errors", controller_row(after(minutes=minute)))
    runs = [stage.run(minutes=10) for _ in range(36)]
    opened = [run.at for run in runs if run.counts["opened"]]
    closed = [run.at for run in runs if run.counts["closed"]]
    assert (len(opened), len(closed)) == (1, 1)
    assert after(minutes=210) + timedelta(hours=1) < closed[0] <= after(minutes=210) + timedelta(hours=1, minutes=20)


def test_its_message_survives_what_is_written_without_reading_it() -> None:
    stage = Stage()
    stage.add("flux_errors", controller_row(after(minutes=-20), "panic: first"))
    stage.run()
    stage.add("flux_errors", controller_row(after(minutes=1), "panic: first"))
    stage.run(minutes=10)
    (one,) = stage.all.values()
    assert (one.message, one.last_seen_at, one.count) == ("panic: first", after(minutes=1), 1)


def test_objects_are_left_to_events_and_compliance() -> None:
    stage = Stage(store=FakeStore(incident(after(hours=-9))))
    stage.run()
    assert (stage.open, stage.logs.windows(CONTROLLERS)) == ({"apps": "build-failed"}, [])


def test_a_workspace_that_does_not_answer_keeps_only_its_own_controllers_open() -> None:
    stage = with_open_controller()
    stage.workspaces = (WORKSPACE, OTHER_WORKSPACE)
    unanswered(stage)
    stage.store.rows |= FakeStore(incident(after(hours=-3), of=controller(cluster("b"), "helm-controller"))).rows
    stage.add(CONTROLLERS, life_row(after(minutes=-9), "helm-controller", cluster("b")), workspace=OTHER_WORKSPACE)
    stage.run()
    assert list(stage.open) == ["kustomize-controller"]


def silent(stage: Stage, hours: float = 8) -> Stage:
    for name in ("a", "b", "c"):
        row = stalled_row(after(hours=-hours), "silent", Name=name)
        stage.add("flux_stalled", row, ingested=after(minutes=-30))
    return stage


def test_a_controller_that_writes_nothing_at_all_is_silent() -> None:
    stage = silent(Stage())
    assert stage.run().counts["opened"] == 1
    assert stage.open == {"kustomize-controller": "controller-silent"}
    assert stage.logs.windows(CONTROLLERS) == [(END - timedelta(hours=6), END)]


def test_one_whose_objects_are_gone_or_slow_but_that_writes_is_not() -> None:
    stage = silent(Stage())
    stage.add(CONTROLLERS, life_row(after(hours=-2)))
    assert (stage.run().counts["opened"], stage.open) == (0, {})


def test_if_nobody_can_say_whether_it_writes_it_is_asked_again() -> None:
    stage = silent(Stage())
    stage.logs.script[CONTROLLERS] = deque([Trouble.THROTTLED])
    assert troubles(stage.run()) == [("logs of rg-logs/log-weu", "throttled: flux_controllers")]
    assert (stage.open, "flux_stalled" in stage.marks) == ({}, False)
    stage.run(minutes=10)
    assert stage.open == {"kustomize-controller": "controller-silent"}


def test_a_silent_one_is_closed_at_its_first_sign_of_life_without_calm() -> None:
    stage = silent(Stage())
    stage.run()
    assert stage.run(minutes=10).counts["closed"] == 0
    stage.add(CONTROLLERS, life_row(after(minutes=11)))
    assert stage.run(minutes=10).counts["closed"] == 1
    assert stage.open == {}


def test_what_was_closed_is_reopened_by_new_lines_only() -> None:
    stage = with_open_controller()
    stage.run()
    stage.add("flux_errors", controller_row(END - timedelta(minutes=1)), ingested=after(minutes=1))  # late
    stage.run(minutes=10)
    assert stage.open == {}
    stage.add("flux_errors", controller_row(after(minutes=11)))
    stage.run(minutes=10)
    assert stage.open == {"kustomize-controller": "log-errors"}


def test_pods_speak_for_their_controller_until_they_are_calm() -> None:
    stage = Stage()
    for minute in (0, 10, 20):
        stage.add("flux_pods", pod_row(after(minutes=minute), StatusReason="CrashLoopBackOff", Restarts=minute // 10))
    stage.add(CONTROLLERS, life_row(after(minutes=83), "source-controller"))
    runs = [stage.run(minutes=10) for _ in range(10)]
    assert [run.counts["opened"] for run in runs] == [1, *[0] * 9]
    assert sum(run.counts["closed"] for run in runs) == 1
    assert runs[8].counts["closed"] == 1
    (one,) = stage.all.values()
    assert (one.cause, one.count, one.ready) == ("controller-down", 1, Health.HEALTHY)


def test_logs_say_nothing_of_what_compliance_saw_well_after_the_line() -> None:
    stage = Stage()
    well = observed(Health.HEALTHY, after(minutes=-10), source=Source.COMPLIANCE)
    stage.store = FakeStore(incident(ready=well.health, observed_at=well.at))
    stage.add("flux_stalled", stalled_row(after(minutes=-20)))
    stage.run()
    assert stage.open == {}


# ------------------------------------------------------------------------------------------------------ whatever happens

LINES = st.lists(st.tuples(st.integers(0, 59), st.integers(0, 15), st.sampled_from("abcd")), max_size=12)  # at, late, whose
MISHAPS = st.lists(
    st.one_of(
        st.none(),
        st.tuples(st.just("store"), st.sampled_from(["find", "save_all", "advance", "failing", "put_run"])),
        st.tuples(st.sampled_from(STEADY), st.sampled_from([Trouble.TIMEOUT, Trouble.UNREACHABLE, "PartialError"])),
        st.just(("beside", "")),
    ),
    min_size=9,
    max_size=9,
)


@settings(max_examples=30)  # each is ten runs
@given(LINES, MISHAPS)
def test_whatever_befalls_the_runs_each_failure_is_open_once(
    lines: list[tuple[int, int, str]], mishaps: list[tuple[str, Any] | None]
) -> None:
    stage = Stage()
    for minute, late, name in lines:
        row = error_row(after(minutes=minute), f"kustomize build failed: {name}", Name=name)
        stage.add("flux_errors", row, ingested=after(minutes=minute + late))
    for mishap in mishaps:
        stage.clock.passes(minutes=10)
        where, what = mishap or ("", "")
        if where == "beside":
            stage.logs.meanwhile = stage.sweep
        elif where == "store":
            stage.store.script[what].append(StoreUnavailable("down"))
        elif where:
            stage.logs.script[where].append(what)
        with suppress(StoreUnavailable):
            stage.sweep()
    assert stage.run(minutes=10).findings == ()
    assert {one.subject.name for one in stage.all.values() if one.failing} == {name for _, _, name in lines}
    assert all((one.count, len(one.openings)) == (1, 1) for one in stage.all.values())
