"""How far a query's rows have been read, and now, in; the stretch of time to ask for next out.

Pure: no I/O; time is an argument. Windows are on the time of ingestion, half-open and laid end to end: each row is read once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

STEADY = ("flux_pods", "flux_events", "flux_errors")
"""Asked in every run. In this order: what says the most of a failure opens its incident, and the next adds detail."""

STALLED = "flux_stalled"  # a question about the state of a day, asked every hour
CONTROLLERS = "flux_controllers"
QUERIES = (*STEADY, STALLED)

FIRST = timedelta(hours=1)
SLICE = timedelta(hours=6)
NARROW = timedelta(hours=1)  # no wider than that after a query took too long
OLDEST = timedelta(days=2)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Window:
    """What to ask of a workspace. `skipped`: rows since then are given up, for they are too old."""

    workspace: str
    query: str
    start: datetime
    end: datetime
    skipped: datetime | None = None

    @property
    def place(self) -> tuple[str, str]:
        """Workspace and query."""
        return self.workspace, self.query

    @property
    def is_wide(self) -> bool:
        """Of a backlog: what is missing in its answer may be too much for one."""
        return self.end - self.start > NARROW

    @property
    def narrower(self) -> timedelta:
        """The width to try after this one was too wide: half of it, and no more than an hour."""
        return min((self.end - self.start) / 2, NARROW)

    def parameters(self, lookback: timedelta, stale: timedelta) -> Mapping[str, datetime | timedelta]:
        """As the query's header names them."""
        last = {"_stale": stale} if self.query == STALLED else {"_lookback": lookback}
        return {"_start": self.start, "_end": self.end, **last}


def window(workspace: str, query: str, until: datetime | None, end: datetime, width: timedelta = SLICE) -> Window | None:
    """The next, not wider than `width`; None if there is nothing to ask. `until`: read so far; None: never."""
    if query == STALLED:
        return Window(workspace, query, end - DAY, end) if until is None or end - until >= HOUR else None
    start = max(end - FIRST if until is None else until, end - OLDEST)
    if start >= end:
        return None
    return Window(workspace, query, start, min(end, start + width), until if until is not None and until < start else None)


def in_turn(places: Iterable[tuple[str, str]], now: datetime) -> list[tuple[str, str]]:
    """In another order at each moment: where time is short for all, nobody is always the last."""
    return sorted(places, key=lambda place: sha256(f"{now} {place}".encode()).digest())
