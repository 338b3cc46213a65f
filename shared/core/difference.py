"""What is true of an incident, and what a channel was told of it, in; what the channel is still to be told, and why, out.

Pure: no I/O; time is an argument.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shared.core.causes import Severity
from shared.core.incident import Incident, State
from shared.core.told import Said, Told


class News(StrEnum):
    """Kinds of news, the most pressing first."""

    OPENED = "opened"
    CHANGED = "changed"
    FLAPPING = "flapping"
    UPDATED = "updated"  # a group grew or shrank
    RESOLVED = "resolved"
    REMINDER = "reminder"

    @property
    def rank(self) -> int:
        """0 is the most pressing."""
        return list(News).index(self)


@dataclass(frozen=True, slots=True)
class Repeat:
    """After how long an open incident is told again, by severity. None: never."""

    critical: timedelta | None = timedelta(hours=4)
    warning: timedelta | None = timedelta(hours=24)

    def of(self, severity: Severity) -> timedelta | None:
        """The repeat interval of a severity; info is not repeated."""
        return {Severity.CRITICAL: self.critical, Severity.WARNING: self.warning}.get(severity)


@dataclass(frozen=True, slots=True)
class Quiet:
    """Nothing to tell, and why."""

    why: str


_TOLD = Quiet("told already")
_HELD = Quiet("held back: it may pass")
_MUTED = Quiet("muted")
_OVER = Quiet("over, and nobody was told of it")
_RESTLESS = Quiet("its message keeps changing: told at longer intervals")

CHANGES = 3  # changes of cause that are told at once; a message that no fingerprint can tame must not become a flood
CALM = timedelta(minutes=30)  # the interval after that


def difference(incident: Incident, state: State, told: Told | None, *, now: datetime, repeat: Repeat) -> News | Quiet:
    """What one channel is to be told of the incident, which is in `state` at `now`. Level-triggered: truth against belief."""
    if state is State.MUTED:
        return _MUTED
    if state is State.RESOLVED:
        return News.RESOLVED if told is not None and told.open else _OVER
    if state is State.FLAPPING:
        return _TOLD if told and told.said is Said.FLAPPING else News.FLAPPING
    if told is not None and told.said is Said.OPEN:
        return _of_open(incident, told, now, repeat)
    return _HELD if state is State.HELD else News.OPENED


def _of_open(incident: Incident, told: Told, now: datetime, repeat: Repeat) -> News | Quiet:
    if incident.fingerprint not in told.fingerprints:
        return News.CHANGED if len(told.fingerprints) <= CHANGES or now >= told.at + CALM else _RESTLESS
    after = repeat.of(incident.severity)
    return News.REMINDER if after is not None and now >= told.at + after else _TOLD
