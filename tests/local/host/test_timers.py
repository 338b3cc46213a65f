"""Schedules and runs that fail in; moments and repetitions out."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

pytest.importorskip("azure_functions_runtime", reason="Microsoft's worker library exists for Python 3.13 and newer")

from local.host.functions import Function, Retry
from local.host.protos import Message
from local.host.timers import BadSchedule, Timers, next_tick
from local.host.worker import FIRST, Attempt, Result, Worker

NOON = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)  # a Thursday
APP = """
import time
import azure.functions as func

app = func.FunctionApp()

@app.timer_trigger("timer", "* * * * * *")
def long(timer: func.TimerRequest) -> None:
    print("long begins", flush=True)
    time.sleep(1.1)
    print("long ends", flush=True)
    raise RuntimeError("again")

@app.timer_trigger("timer", "%SCHEDULE%")
def unset(timer: func.TimerRequest) -> None: ...

@app.timer_trigger("timer", "now and then")
def vague(timer: func.TimerRequest) -> None: ...

@app.timer_trigger("timer", "0 0 0 1 1 *", run_on_startup=True)
def early(timer: func.TimerRequest) -> None: ...

@app.timer_trigger("timer", "* * * * * *")
def off(timer: func.TimerRequest) -> None: ...
"""


@pytest.mark.parametrize(
    ("schedule", "moment"),
    [
        ("*/10 * * * * *", NOON + timedelta(seconds=10)),
        ("0 */5 * * * *", NOON + timedelta(minutes=5)),
        ("*/5 * * * *", NOON + timedelta(minutes=5)),
        ("30 0 12 * * *", NOON + timedelta(seconds=30)),
        ("0 0 9 13 * 5", datetime(2026, 2, 13, 9, tzinfo=UTC)),  # the 13th AND a Friday
        ("0 0 9 * * Mon-Fri", datetime(2026, 1, 2, 9, tzinfo=UTC)),
    ],
)
def test_the_next_tick_is_the_first_moment_that_fits_every_field(schedule: str, moment: datetime) -> None:
    assert next_tick(schedule, NOON) == moment


@pytest.mark.parametrize(
    "schedule", ["", "* * * *", "* * * * * * *", "@daily", "0 0 0 31 2 *", "00:05:00", "now and then for ever and"]
)
def test_a_schedule_that_never_comes_is_refused(schedule: str) -> None:
    with pytest.raises(BadSchedule):
        next_tick(schedule, NOON)


class Worn:
    """A worker whose functions fail a given number of times. It stands in for `Worker`."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.attempts: list[tuple[int, int, str | None]] = []
        self.values: list[dict[str, Any]] = []

    def invoke(self, function: Function, data: Message, attempt: Attempt = FIRST) -> Result:
        self.attempts.append((attempt.number, attempt.limit, attempt.error and attempt.error.message))
        self.values.append(json.loads(data.json))
        failed = len(self.attempts) <= self.failures
        return Result(ok=not failed, error=f"failure {len(self.attempts)}" if failed else None)


def fire(failures: int, retry: Retry | None, act: Callable[[Timers, Function], object] | None = None) -> Worn:
    worker = Worn(failures)
    trigger = {"type": "timerTrigger", "name": "timer"}
    timers, function = Timers(cast(Worker, worker)), Function("f", "f", [trigger], trigger, retry)
    (act or Timers.fire)(timers, function)
    return worker


AT_ONCE = Retry(2, timedelta(0), timedelta(0))


def test_without_a_retry_policy_a_failure_is_left_alone() -> None:
    assert fire(9, None).attempts == [(0, 0, None)]


def test_a_run_is_repeated_until_it_succeeds() -> None:
    assert fire(1, AT_ONCE).attempts == [(0, 2, None), (1, 2, "failure 1")]


def test_a_run_is_repeated_no_more_often_than_allowed() -> None:
    assert fire(9, AT_ONCE).attempts == [(0, 2, None), (1, 2, "failure 1"), (2, 2, "failure 2")]


def test_a_limit_of_minus_one_is_none() -> None:
    assert len(fire(50, Retry(-1, timedelta(0), timedelta(0))).attempts) == 51


def test_nothing_is_repeated_after_the_stop() -> None:
    def stopped(timers: Timers, function: Function) -> None:
        timers.stop()
        timers.fire(function)

    assert fire(9, Retry(-1, timedelta(hours=1), timedelta(hours=1)), stopped).attempts == [(0, -1, None)]


def test_waits_double_up_to_the_longest() -> None:
    policy = Retry(5, timedelta(seconds=2), timedelta(seconds=10))
    assert [policy.wait(number) for number in (1, 2, 3, 4, 1000)] == [2, 4, 8, 10, 10]


def test_a_run_learns_that_it_is_late_and_when_the_last_one_was() -> None:
    def twice(timers: Timers, function: Function) -> None:
        timers.fire(function, past_due=True, upcoming=NOON)
        timers.fire(function)

    first, second = fire(0, None, twice).values
    never = "0001-01-01T00:00:00+00:00"
    assert first == {
        "Schedule": {"AdjustForDST": True},
        "ScheduleStatus": {"Last": never, "LastUpdated": never, "Next": "2026-01-01T12:00:00+00:00"},
        "IsPastDue": True,
    }
    assert not second["IsPastDue"]
    assert second["ScheduleStatus"]["Last"] > "2026"


@pytest.fixture(scope="module")
def host(host_of: Any) -> Any:
    files = {"host.json": '{"version": "2.0", "functionTimeout": "00:00:01"}'}
    return host_of(APP, files, timers=True, env={"AzureWebJobs.off.Disabled": "1"})


def test_runs_follow_the_schedule_after_failures_too_and_never_overlap(host: Any) -> None:
    host.wait_for("[early] ok")
    host.wait_for("long begins", count=2)
    steps = [line for line in host.output if line.startswith("long ")]
    assert steps[:3] == ["long begins", "long ends", "long begins"]
    assert [line for line in host.output if "[off]" in line] == [host.wait_for("[off] disabled")]


def test_a_run_that_passes_the_function_timeout_is_reported(host: Any) -> None:
    host.wait_for("[long] runs longer than functionTimeout")


def test_a_timer_without_a_usable_schedule_is_in_error_and_says_why(host: Any) -> None:
    assert "the setting SCHEDULE is missing" in host.wait_for("[unset] in error")
    assert "now and then" in host.wait_for("[vague] in error")
