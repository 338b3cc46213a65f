"""The times of a connection's latest posts in; how many more it may carry now out.

Pure: no I/O; time is an argument. Teams lets a flow's connection post 25 times in 300 s and takes 4 requests a second
(learn.microsoft.com/connectors/teams, "Throttling Limits"; MicrosoftDocs/msteams-docs connectors-using.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Pace:
    """At most `posts` within `window`, and `burst` within one second."""

    posts: int = 20
    window: timedelta = timedelta(seconds=300)
    burst: int = 4

    def recent(self, posts: Iterable[datetime], now: datetime) -> tuple[datetime, ...]:
        """The posts that still count."""
        return tuple(at for at in posts if now - at < self.window)

    def left(self, posts: Iterable[datetime], now: datetime) -> int:
        """How many posts Teams would still take."""
        return max(0, self.posts - len(self.recent(posts, now)))

    def share(self, posts: Iterable[datetime], now: datetime) -> int:
        """How many posts one run may make: half of what is left, rounded up. Something is left for what comes next."""
        return (self.left(posts, now) + 1) // 2

    def wait(self, posts: Iterable[datetime], now: datetime) -> float:
        """Seconds until the next post may go out without more than `burst` in a second."""
        second = timedelta(seconds=1)
        latest = sorted(at for at in posts if now - at < second)
        return max(0.0, (latest[-self.burst] + second - now).total_seconds()) if len(latest) >= self.burst else 0.0
