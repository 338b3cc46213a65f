"""Runs that fail, that overtake each other or that are answered in part in; what one clean run leaves, out.

Law: each row takes effect once, whatever befalls the runs.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.core.incident import Incident
from shared.core.log_windows import QUERIES, STEADY
from shared.core.trouble import Trouble
from shared.ports import StoreUnavailable
from tests.examples import after, subject
from tests.fakes import FakeStore
from tests.log_sweeps import END, Stage, storm, troubles
from tests.logs import error_row


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
