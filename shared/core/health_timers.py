"""A timer's settings, its latest run and its watermarks in; whether it runs, is in time and sees everything, out.

Pure: time is an argument.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.core.finding import SHORTEST, Finding, Run
from shared.core.headline import count, duration

SHOWN = 20  # findings of one run
HOURLY: Mapping[str, timedelta] = {"flux_stalled": timedelta(hours=1)}
"""Queries that are asked more seldom than their sweep runs."""

_LOG = "look for {job} in the log: the host names functions that it cannot start, and runs that end in an error."
_LATE = f"L{_LOG[1:]} A run may also take longer than its interval."


@dataclass(frozen=True, slots=True)
class Timer:
    """A job that runs by the clock. `switch` is the setting without which it is off; `schedule` is empty if it is missing."""

    job: str
    setting: str
    schedule: str
    usual: str
    without: str  # what does not happen then
    switch: str = ""
    on: bool = True

    @property
    def journals(self) -> bool:
        """The host starts it, it has something to do, and each run leaves a trace."""
        return bool(self.switch and self.on and self.schedule)

    @property
    def setting_finding(self) -> Finding:
        """Off is well: nobody asked for it."""
        if not self.on:
            return Finding(self.job, True, f"off: {self.switch} is empty")
        if not self.schedule:
            remedy = f"Set it, for example to {self.usual}: without it the host does not run {self.job}, and {self.without}."
            return Finding(self.job, False, f"{self.setting} is missing", remedy)
        return Finding(self.job, True)


def ran(job: str, run: Run | None, now: datetime) -> list[Finding]:
    """Whether the latest run is recent, and what it could not see or read, under the job's name."""
    if run is None:
        return [Finding(job, True, "has not run yet", f"Wait for its first run. If none comes, {_LOG.format(job=job)}")]
    ago = f"ran {duration(now - run.at)} ago"
    if now - run.at > run.late_after:
        head = Finding(job, False, f"late: {ago}{_usual(run)}", _LATE.format(job=job))
    else:
        head = Finding(job, True, f"{ago}, took {run.seconds:.1f} s{_usual(run)}")
    bad = [replace(one, name=f"{job}: {one.name}") for one in run.findings if not one.ok or one.remedy]
    if len(bad) > SHOWN:
        rest = Finding(f"{job}: more", False, f"{count(len(bad) - SHOWN, 'finding')} besides", "The log has a line for each.")
        bad = [*bad[:SHOWN], rest]
    return [head, *bad]


def _usual(run: Run) -> str:
    return f"; {duration(timedelta(seconds=run.gap))} after the run before" if run.gap > 0 else ""


def read_up_to(name: str, marks: Mapping[str, datetime | None], run: Run | None, lag: timedelta, now: datetime) -> Finding:
    """How far one workspace's logs have been read. `marks` by query; `lag` is how long rows are waited for."""
    ages = {query: now - until for query, until in sorted(marks.items()) if until is not None}
    if not ages:
        return Finding(name, True, "not read yet", "Wait for the first run of sweep_errors.")
    usual = lag + (run.late_after if run else SHORTEST)
    late = {query: age for query, age in ages.items() if age > usual + HOURLY.get(query, timedelta())}
    words = ", ".join(f"{query} {duration(age)}" for query, age in (late or ages).items())
    if not late:
        return Finding(name, True, f"read up to so long ago: {words}")
    remedy = (
        "What was logged since is not lost: it is read as soon as the queries are answered. "
        "See the findings of sweep_errors and of this workspace."
    )
    return Finding(name, False, f"late: read up to so long ago: {words}", remedy)
