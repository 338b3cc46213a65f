"""Moments in; room or the wait for it out. Sliding windows, as Teams and Power Automate count.

Pure: time is an argument. Figures: learn.microsoft.com/connectors/teams "Throttling Limits", msteams-docs connectors-using.md.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` in any `window`."""

    count: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class Limits:
    """None is unlimited. Calls count per webhook, posts per connection, over all flows of its owner."""

    calls: Limit | None = Limit(4, timedelta(seconds=1))
    posts: Limit | None = Limit(25, timedelta(seconds=300))
    message_bytes: int = 28_672


REAL = Limits()
UNPACED = Limits(calls=None, posts=None)


class Window:
    """The recent past of one limited thing."""

    def __init__(self, limit: Limit | None) -> None:
        self._limit = limit
        self._taken: deque[datetime] = deque()

    def used(self, now: datetime) -> int:
        """How much of the limit is spent at this moment."""
        while self._limit and self._taken and self._taken[0] <= now - self._limit.window:
            self._taken.popleft()
        return len(self._taken) if self._limit else 0

    def take(self, now: datetime) -> timedelta | None:
        """None if there was room, which is then taken; else how long until there is."""
        if self._limit is None:
            return None
        if self.used(now) < self._limit.count:
            self._taken.append(now)
            return None
        return self._taken[0] + self._limit.window - now
