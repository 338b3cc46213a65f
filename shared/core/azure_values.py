"""A value that Azure wrote in; the same value as it may be used, or nothing, out.

Law: never fails, whatever is in there: missing, null, another type, another letter case, far too long.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from shared.core.words import safe

AHEAD = timedelta(minutes=15)  # a time farther in the future than that is a clock that is wrong
MAX_LABEL = 300  # characters of a name, a state, a version; real ones have less
MAX_ID = 600  # characters of an ARM id


@dataclass(slots=True)
class Reading:
    """One reading of what Azure shows, at `now`. It keeps count of what cannot be read: `unread` are ids, never contents."""

    now: datetime
    unread: list[str] = field(default_factory=list)
    wrong_clocks: int = 0

    def refuse(self, row: Any, *besides: Any) -> None:
        """Note a row, or an entry of one, by its id."""
        where = (label(get(row, "id"), MAX_ID), *(label(one) for one in besides))
        self.unread.append(" ".join(part for part in where if part) or "a row without an id")

    def moment(self, value: Any) -> datetime | None:
        """An ISO 8601 time, aware and in UTC; None for what is none, and for what lies in the future."""
        at = parse_time(value)
        if at is not None and at > self.now + AHEAD:
            self.wrong_clocks += 1
            return None
        return at


def get(row: Any, name: str) -> Any:
    """The value of a key in whatever letter case it is written; None where there is none."""
    if not isinstance(row, dict):
        return None
    if name in row:
        return row[name]
    wanted = name.lower()
    return next((value for key, value in row.items() if isinstance(key, str) and key.lower() == wanted), None)


def text(value: Any) -> str:
    """The text as Azure wrote it; empty for what is none."""
    return value if isinstance(value, str) else ""


def label(value: Any, most: int = MAX_LABEL) -> str:
    """A short text as it may be stored and shown; empty for what is none."""
    if not isinstance(value, str) or not value:
        return ""
    return _label(value[:most])


@lru_cache(maxsize=8_192)  # states, versions, revisions: the same for many, and at every sweep
def _label(value: str) -> str:
    return safe(value).strip()


def truth(value: Any) -> bool | None:
    """A boolean, also as a word; None for what is neither."""
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.strip().lower()) if isinstance(value, str) else None


def parse_time(value: Any) -> datetime | None:
    """An ISO 8601 time, aware and in UTC. Without a zone it is taken for UTC, as Resource Graph means it."""
    if isinstance(value, datetime):
        at = value
    elif isinstance(value, str) and len(value) <= 40:
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            return None
    else:
        return None
    try:
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return at if at.year > 1970 else None  # 0001-01-01 is how Go and .NET write "never"
