"""One thing that was looked at, whether it is well, and what to do if it is not.

Pure: values only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

SHORTEST = timedelta(minutes=15)  # whatever the schedule: a host that starts, or a slow answer, is no news
GAPS = 3  # so many intervals without a run are late


@dataclass(frozen=True, slots=True)
class Finding:
    """`name` says what was looked at, in a word or two; `remedy` is a sentence for somebody who was woken up."""

    name: str
    ok: bool
    detail: str = ""
    remedy: str = ""
    at: datetime | None = None  # when it was seen, where that is not the time of the run

    def as_json(self) -> dict[str, Any]:
        """With what is empty left out."""
        texts = {"detail": self.detail, "remedy": self.remedy}
        return {"name": self.name, "ok": self.ok} | {key: text for key, text in texts.items() if text}


@dataclass(frozen=True, slots=True)
class Run:
    """What the latest run of a sweep left behind. `at` is when it began, `seconds` how long it took, `gap` how long after the
    one before it began (0: unknown). `findings` are what it could not see or read; none if all went well.
    """

    job: str
    at: datetime
    seconds: float = 0.0
    gap: float = 0.0
    counts: Mapping[str, int] = field(default_factory=dict)
    before: Mapping[str, int] = field(default_factory=dict)  # the counts of the run before
    findings: tuple[Finding, ...] = ()

    @property
    def late_after(self) -> timedelta:
        """After so long without another run, this one's successor is late."""
        return max(SHORTEST, GAPS * timedelta(seconds=self.gap))
