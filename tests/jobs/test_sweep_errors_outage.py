"""Logs of hours and days, and answers that are slow or too large, in; slices that are read in their order out.

Law: a run ends in time, and what was not read is said.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.adapters.azure_client import QUERY_LIMIT
from shared.core.finding import Run
from shared.core.log_windows import QUERIES, STEADY
from shared.core.trouble import REMEDIES, Trouble
from shared.jobs.sweep_errors import JOB
from shared.ports import LogRows
from tests.examples import after
from tests.log_sweeps import END, LAG, Stage, troubles
from tests.logs import WORKSPACE, FakeLogs, error_row, pod_row


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
