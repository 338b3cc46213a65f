"""Timer functions in; their runs out, each on a thread of its own.

UTC. A run never overlaps itself: ticks that pass meanwhile are skipped. A failed run does not stop the schedule.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from local.host.functions import Function, Retry
from local.host.protos import PROTOS, Message, timer
from local.host.worker import Attempt, Result, Worker

log = logging.getLogger(__package__)
_ONCE = Retry(0, timedelta(0), timedelta(0))
_NEVER = datetime.min.replace(tzinfo=UTC)  # what Azure passes for a run that has not been


class BadSchedule(ValueError):
    """The schedule is no NCRONTAB expression, or one that never comes."""


def next_tick(schedule: str, after: datetime) -> datetime:
    """The first moment later than `after`. NCRONTAB: six fields with seconds first, or five; both day fields must fit."""
    from croniter import CroniterError, croniter  # type: ignore[import-untyped]  # here: it takes longer to import than the rest of the host

    fields = len(schedule.split())
    if fields not in (5, 6):
        raise BadSchedule(f"schedule {schedule}: needs 5 or 6 fields")
    try:
        moments = croniter(schedule, after, ret_type=datetime, day_or=False, second_at_beginning=fields == 6)
        moment: datetime = moments.get_next()
    except CroniterError as error:
        raise BadSchedule(f"schedule {schedule}: {error}") from None
    return moment


class Timers:
    """Started once; `stop` lets no new run begin."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._stopped = threading.Event()
        self._last: dict[str, datetime] = {}

    def start(self, functions: Iterable[Function]) -> None:
        """Returns at once. A bad schedule puts its function in error."""
        for function in functions:
            threading.Thread(target=self._keep, args=(function,), name=f"timer {function.name}", daemon=True).start()

    def stop(self) -> None:
        """Runs that are under way go on."""
        self._stopped.set()

    def fire(self, function: Function, *, past_due: bool = False, upcoming: datetime = _NEVER) -> Result:
        """One run, with the repetitions of its retry policy."""
        value = timer(past_due=past_due, last=self._last.get(function.name, _NEVER), upcoming=upcoming)
        self._last[function.name] = datetime.now(UTC)
        policy = function.retry or _ONCE
        result = self._worker.invoke(function, value, Attempt(0, policy.limit))
        number = 0
        while not result.ok and (policy.limit < 0 or number < policy.limit):
            number += 1
            if self._stopped.wait(policy.wait(number)):
                break
            result = self._worker.invoke(function, value, Attempt(number, policy.limit, _exception(result)))
        return result

    def _keep(self, function: Function) -> None:
        try:
            if function.trigger.get("runOnStartup"):
                self.fire(function)
            schedule = str(function.trigger.get("schedule", ""))
            while not self._wait_for(moment := next_tick(schedule, datetime.now(UTC))):
                self.fire(function, upcoming=next_tick(schedule, moment))
        except BadSchedule as error:
            function.error = str(error)
            log.warning("in error: %s", error, extra={"function": function.name})

    def _wait_for(self, moment: datetime) -> bool:
        """Whether the timers were stopped. Several waits: the clock may be set, and a laptop may sleep."""
        while (left := (moment - datetime.now(UTC)).total_seconds()) > 0:
            if self._stopped.wait(min(left, 30)):
                return True
        return self._stopped.is_set()


def _exception(result: Result) -> Message:
    exception: Message = PROTOS.RpcException(source="", message=result.error or "", stack_trace=result.stack)
    return exception
