"""Rows of logs in; the incidents that a run of the sweep opens, and what it says of itself, out.

Law: a run opens what nothing else did, and reads on from where the one before it ended.
"""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from shared.adapters.queries import load
from shared.core.log_entries import controller
from shared.core.log_windows import CONTROLLERS, QUERIES, STEADY
from shared.core.observation import Health, Source
from shared.core.trouble import Trouble
from shared.jobs.sweep_errors import JOB
from tests.examples import START, after, cluster, incident, subject
from tests.examples import seen as observed
from tests.fakes import FakeStore
from tests.log_sweeps import END, STORM, Stage, storm
from tests.logs import OTHER_WORKSPACE, WORKSPACE, error_row, event_row, life_row, pod_row, stalled_row

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


def test_objects_are_left_to_events_and_compliance() -> None:
    stage = Stage(store=FakeStore(incident(after(hours=-9))))
    stage.run()
    assert (stage.open, stage.logs.windows(CONTROLLERS)) == ({"apps": "build-failed"}, [])


def test_logs_say_nothing_of_what_compliance_saw_well_after_the_line() -> None:
    stage = Stage()
    well = observed(Health.HEALTHY, after(minutes=-10), source=Source.COMPLIANCE)
    stage.store = FakeStore(incident(ready=well.health, observed_at=well.at))
    stage.add("flux_stalled", stalled_row(after(minutes=-20)))
    stage.run()
    assert stage.open == {}
