"""The lines that the host wrote in; what the sweeps did, and what they could not see, out.

Pure. The lines are those of shared/jobs/sweep_*.py: counts at the end of each run, and a warning for each finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from shared.core.headline import count

_RUN = re.compile(r"\[(sweep_\w+)\] INFO (?:.*, )?opened: (\d+), closed: (\d+)")
_FINDING = re.compile(r"\[(sweep_\w+)\] WARNING ([^:]+): (.*)")

SWEEPS = ("sweep_compliance", "sweep_errors")


class Run(NamedTuple):
    """A sweep that came to its end."""

    job: str
    opened: int
    closed: int

    @property
    def words(self) -> str:
        """What it changed; empty if nothing."""
        done = ((self.opened, "opened"), (self.closed, "closed"))
        changed = ", ".join(f"{number} {what}" for number, what in done if number)
        return f"{self.job}: {changed}" if changed else ""


class Found(NamedTuple):
    """What was wrong with the looking itself."""

    job: str
    name: str
    detail: str


def read(lines: Iterable[str]) -> Iterator[Run | Found]:
    """In the order of the lines; other lines are passed over."""
    for line in lines:
        if run := _RUN.search(line):
            yield Run(run[1], int(run[2]), int(run[3]))
        elif found := _FINDING.search(line):
            yield Found(found[1], found[2], found[3])


def account(lines: Iterable[str]) -> list[str]:
    """A line for each sweep: how often it ran, and how many incidents it opened and closed."""
    runs = [one for one in read(lines) if isinstance(one, Run)]
    told = []
    for job in SWEEPS:
        mine = [one for one in runs if one.job == job]
        opened, closed = sum(one.opened for one in mine), sum(one.closed for one in mine)
        told.append(f"{job}: {count(len(mine), 'run')}, {count(opened, 'incident')} opened, {closed} closed")
    return told
