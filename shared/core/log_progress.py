"""The answers of a run over logs in, one after the other; what to ask next, what was read whole, and the findings, out.

Pure: no I/O; time is an argument. It is filled while the run goes on, and forgotten with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from shared.core import log_findings
from shared.core.finding import Finding
from shared.core.log_controllers import Key
from shared.core.log_entries import Entry
from shared.core.log_errors import Reading
from shared.core.log_windows import QUERIES, SLICE, STALLED, Window, window
from shared.core.observation import Health
from shared.core.trouble import Trouble, Unanswered

SHORTEST = timedelta(minutes=2)  # less than that is not asked in halves

type Place = tuple[str, str]
"""Workspace, query."""


class Marked(Protocol):
    """How far a query's rows have been read; None: not at all."""

    @property
    def until(self) -> datetime | None:
        """In UTC."""


@dataclass(slots=True)
class Progress[M: Marked]:
    """Of one run, which reads up to `end`. `stopped`: no more questions there in this run."""

    end: datetime
    marks: dict[Place, M]
    stopped: set[Place] = field(default_factory=set)
    uneasy: dict[Key, datetime] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    _widths: dict[Place, timedelta] = field(default_factory=dict)
    _clusters: set[str] = field(default_factory=set)
    _bad: Counter[tuple[str, str]] = field(default_factory=Counter)  # query, fault
    _faults: list[tuple[Window, Unanswered]] = field(default_factory=list)
    _partial: list[tuple[Window, str]] = field(default_factory=list)
    _skipped: list[Window] = field(default_factory=list)

    def next(self, place: Place) -> Window | None:
        """What to ask there; None if all is read, or no more is to be asked."""
        if place in self.stopped:
            return None
        return window(*place, self.marks[place].until, self.end, self._widths.get(place, SLICE))

    @property
    def todo(self) -> list[Window]:
        """What to ask next everywhere."""
        return [asked for place in self.marks if (asked := self.next(place))]

    @property
    def complete(self) -> list[str]:
        """Workspaces of which every query was answered up to the end."""
        workspaces = dict.fromkeys(workspace for workspace, _ in self.marks)
        return [
            one for one in workspaces if not any((one, query) in self.stopped or self.next((one, query)) for query in QUERIES)
        ]

    # ---------------------------------------------------------------------------------------------------- what happened

    def narrowed(self, asked: Window) -> Window | None:
        """It was too much: what to ask instead, now and in the rest of the run. None the second time."""
        place = asked.place
        if asked.query == STALLED or place in self._widths or asked.end - asked.start < SHORTEST:
            return None
        self._widths[place] = asked.narrower
        return self.next(place)

    def failed(self, asked: Window, why: Unanswered) -> None:
        """No answer."""
        self._faults.append((asked, why))
        self.stopped.add(asked.place)

    def cut(self, asked: Window, code: str) -> None:
        """Some rows are missing."""
        self._partial.append((asked, code))
        self.stopped.add(asked.place)

    def reached(self, asked: Window, mark: M) -> None:
        """Read, saved, and the watermark moved."""
        self.marks[asked.place] = mark
        self._skipped += [asked] if asked.skipped else []

    def add(self, query: str, rows: int, reading: Reading, entries: Collection[Entry]) -> None:
        """What was read. `entries` are what counts of the reading."""
        self.counts.update(
            rows=rows, observations=sum(one.seen.health is not Health.NOTED for one in entries), dropped=reading.dropped
        )
        self._bad.update({(query, why): count for why, count in reading.bad.items()})
        self._clusters.update(one.seen.subject.cluster.key for one in entries)
        for key, at in reading.uneasy.items():
            self.uneasy[key] = max(at, self.uneasy.get(key, at))

    # ------------------------------------------------------------------------------------------------- what comes of it

    @property
    def bad_rows(self) -> int:
        """Rows that could not be read."""
        return self._bad.total()

    def findings(self, known: Collection[str], gap: float) -> tuple[Finding, ...]:
        """`known`: keys of the clusters of the inventory. `gap`: seconds since the run before; 0: unknown."""
        absent = {asked.place for asked, why in self._faults if why.trouble is Trouble.NO_TABLE}
        until = {place: mark.until for place, mark in self.marks.items() if mark.until is not None and place not in absent}
        return (
            *log_findings.troubled(self._faults),
            *log_findings.partial(self._partial),
            *log_findings.skipped(self._skipped),
            *log_findings.unread(self._bad),
            *log_findings.outside(self._clusters - set(known) if known else ()),
            *log_findings.behind(until, self.end, gap),
        )
