"""The durable state of one subject, and what it amounts to at a moment.

Pure: no I/O; time is an argument. How observations change it is in transition.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from shared.core.causes import Severity
from shared.core.observation import Health, Subject

BAD = frozenset({Health.FAILING, Health.WAITING, Health.REMEDIATED})


class State(StrEnum):
    """What an incident is, at a moment."""

    OPEN = "open"
    HELD = "held"  # failing, but perhaps not for long
    FLAPPING = "flapping"
    MUTED = "muted"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Flap:
    """When an incident flaps: opened `count` times within `window`; it is stable again after a `window` of calm."""

    count: int = 3
    window: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Incident:
    """The state of one subject. Every time is by the clock of the source that saw it."""

    subject: Subject
    ready: Health = Health.HEALTHY  # what the newest of Flux event and compliance said
    observed_at: datetime | None = None  # when it said so
    seen: tuple[str, ...] = ()  # fingerprints seen in that very second: the same bytes twice change nothing
    alerts: Mapping[str, tuple[datetime, bool]] = field(default_factory=dict)  # rule → (fired or resolved at, fires)
    suspended: bool = False
    opened_at: datetime | None = None
    due_at: datetime | None = None  # held until then
    last_seen_at: datetime | None = None
    resolved_at: datetime | None = None
    turned_at: datetime | None = None  # opened or resolved last
    openings: tuple[datetime, ...] = ()  # the recent ones that count for flapping
    flapping: bool = False
    gone: bool = False
    count: int = 0
    severity: Severity = Severity.WARNING
    cause: str = ""  # id of a Cause
    cause_at: datetime | None = None
    reason: str = ""
    fingerprint: str = ""
    message: str = ""
    revision: str = ""
    origin: str = ""
    note: str = ""
    needs: str = ""
    detail: str = ""  # what logs and alerts add

    @property
    def failing(self) -> bool:
        """Something is wrong: with the object's readiness, or in the words of an alert."""
        return self.ready in BAD or any(fires for _, fires in self.alerts.values())

    @property
    def firing(self) -> frozenset[str]:
        """The names of the alerts that fire: a rule has a voice for each of its series, with a mark behind its name."""
        return frozenset(rule.partition("#")[0] for rule, (_, fires) in self.alerts.items() if fires)


def state_of(incident: Incident, now: datetime, *, muted: bool = False, flap: Flap) -> State:
    """What the incident is at `now`. `muted`: its cluster is in a maintenance window."""
    flapping = incident.flapping and incident.turned_at is not None and now < incident.turned_at + flap.window
    if not incident.failing and not flapping:
        return State.RESOLVED
    if muted or incident.suspended:
        return State.MUTED
    if flapping:
        return State.FLAPPING
    return State.HELD if incident.due_at is not None and now < incident.due_at else State.OPEN
