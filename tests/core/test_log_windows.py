"""Watermarks: windows are laid end to end, and what is given up is said."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from shared.core.finding import Finding
from shared.core.log_errors import Reading
from shared.core.log_findings import label
from shared.core.log_progress import Progress
from shared.core.log_windows import QUERIES, STEADY, Window, window
from shared.core.trouble import Trouble, Unanswered
from shared.ports import Mark
from tests.examples import START, after
from tests.logs import WORKSPACE

END = START


def spans(until: datetime | None, query: str = "flux_errors") -> list[tuple[datetime, datetime]]:
    """Every window until all is read."""
    found = []
    while asked := window(WORKSPACE, query, until, END):
        found.append((asked.start, asked.end))
        until = asked.end
    return found


def test_the_first_window_ever_is_an_hour() -> None:
    assert spans(None) == [(after(hours=-1), END)]


def test_the_next_begins_where_the_last_one_ended() -> None:
    assert spans(after(minutes=-10)) == [(after(minutes=-10), END)]


@pytest.mark.parametrize("until", [START, after(minutes=1), after(days=400)])
def test_what_is_read_is_not_read_again(until: datetime) -> None:
    assert spans(until) == []


def test_after_an_outage_slices_of_six_hours_are_read_in_their_order() -> None:
    assert spans(after(hours=-15)) == [
        (after(hours=-15), after(hours=-9)),
        (after(hours=-9), after(hours=-3)),
        (after(hours=-3), END),
    ]


def test_what_is_older_than_two_days_is_given_up() -> None:
    asked = window(WORKSPACE, "flux_errors", after(days=-5), END)
    assert asked is not None
    assert (asked.start, asked.end, asked.skipped) == (after(days=-2), after(days=-2, hours=6), after(days=-5))
    assert len(spans(after(days=-5))) == 8
    assert window(WORKSPACE, "flux_errors", after(days=-2), END) == Window(
        WORKSPACE, "flux_errors", after(days=-2), after(days=-2, hours=6)
    )


@pytest.mark.parametrize(
    ("until", "asked"), [(None, True), (after(hours=-1), True), (after(minutes=-59), False), (after(days=-9), True)]
)
def test_the_state_of_a_day_is_asked_every_hour(until: datetime | None, asked: bool) -> None:
    assert spans(until, "flux_stalled") == ([(after(days=-1), END)] if asked else [])


def test_parameters_are_those_of_the_query() -> None:
    back, stale = timedelta(days=2), timedelta(hours=6)
    times = {"_start": after(hours=-1), "_end": END}
    assert Window(WORKSPACE, "flux_pods", after(hours=-1), END).parameters(back, stale) == {**times, "_lookback": back}
    assert Window(WORKSPACE, "flux_stalled", after(hours=-1), END).parameters(back, stale) == {**times, "_stale": stale}


# ------------------------------------------------------------------------------------------------------------- progress


def progress(until: datetime | None = None) -> Progress[Mark]:
    return Progress(END, {(WORKSPACE, query): Mark(WORKSPACE, query, until) for query in QUERIES})


def details(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    assert all(one.remedy and not one.ok for one in findings)
    return [(one.name, one.detail) for one in findings]


@pytest.mark.parametrize(
    ("width", "narrower"),
    [(timedelta(hours=6), timedelta(hours=1)), (timedelta(hours=1), timedelta(minutes=30)), (timedelta(minutes=1), None)],
)
def test_what_took_too_long_is_asked_for_less_time_once(width: timedelta, narrower: timedelta | None) -> None:
    run = progress(END - width)
    asked = run.next((WORKSPACE, "flux_errors"))
    assert asked is not None
    again = run.narrowed(asked)
    assert (again and again.end - again.start) == narrower
    assert run.narrowed(again or asked) is None


def test_the_state_of_a_day_is_not_asked_in_halves() -> None:
    assert progress().narrowed(Window(WORKSPACE, "flux_stalled", after(days=-1), END)) is None


def test_a_workspace_is_complete_when_every_query_was_answered_to_the_end() -> None:
    run = progress()
    assert run.complete == []
    for asked in run.todo:
        run.reached(asked, Mark(WORKSPACE, asked.query, asked.end))
    assert (run.complete, run.todo) == ([WORKSPACE], [])
    run.cut(Window(WORKSPACE, "flux_pods", START, END), "x")
    assert run.complete == []


def test_nothing_wrong_nothing_found() -> None:
    assert progress().findings((), 600) == ()


def test_a_trouble_of_several_queries_is_one_finding() -> None:
    run = progress()
    for asked in run.todo:
        run.failed(asked, Unanswered(Trouble.FORBIDDEN, "x", "InsufficientAccessError"))
    assert details(run.findings((), 0)) == [
        ("logs of rg-logs/log-weu", "forbidden (InsufficientAccessError): flux_pods, flux_events, flux_errors, flux_stalled")
    ]
    assert run.todo == []


def test_bad_rows_are_named_once_by_query_and_fault() -> None:
    run = progress()
    for _ in range(2):
        run.add("flux_pods", 3, Reading(bad={"Restarts is no count": 1, "LastSeen is no time": 2}), ())
    assert run.bad_rows == 6
    assert details(run.findings((), 0)) == [
        ("rows of logs", "6 could not be read: flux_pods: LastSeen is no time (4); flux_pods: Restarts is no count (2)")
    ]


@pytest.mark.parametrize(("gap", "late"), [(0, False), (600, True), (1200, False)])
def test_a_watermark_further_behind_than_three_runs_is_a_finding(gap: float, late: bool) -> None:
    found = details(progress(after(minutes=-31)).findings((), gap))
    name = "watermark of rg-logs/log-weu"
    assert found == ([(name, f"{query} is read only up to 31 min ago") for query in STEADY] if late else [])


def test_a_table_that_is_not_there_has_no_watermark_to_be_behind() -> None:
    run = progress(after(hours=-9))
    for asked in run.todo:
        run.failed(asked, Unanswered(Trouble.NO_TABLE, "x"))
    assert [name for name, _ in details(run.findings((), 600))] == ["logs of rg-logs/log-weu"]


@pytest.mark.parametrize(("workspace", "name"), [(WORKSPACE, "rg-logs/log-weu"), ("log-weu", "log-weu"), ("", "")])
def test_a_workspace_is_named_by_group_and_name(workspace: str, name: str) -> None:
    assert label(workspace) == name
