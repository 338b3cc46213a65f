"""The steps that every transition of an incident is made of: it opens, it is over, another cause, another voice.

Pure: no I/O; time comes with the observation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from shared.core.causes import Cause, Severity
from shared.core.incident import Flap, Incident
from shared.core.observation import READINESS, Health, Observation

MAX_SEEN = 8  # fingerprints of one second

type Fields = dict[str, Any]
"""Some fields of an incident: a transition gathers what it changes and makes the incident anew once, for that is dear."""


class Outcome(StrEnum):
    """What an observation did to the incident of its subject."""

    OPENED = "opened"
    CHANGED = "changed"
    COUNTED = "counted"
    CLOSED = "closed"
    NOTED = "noted"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Change:
    """The incident after the observation. `incident` is the very one that was given if there is nothing to write."""

    incident: Incident | None
    outcome: Outcome
    reason: str


def observed(incident: Incident, seen: Observation, *, ready: Health | None = None) -> Incident:
    """The readiness voice has spoken; logs only stand in for it."""
    return replace(incident, **voice(incident, seen, ready))


def voice(incident: Incident, seen: Observation, ready: Health | None = None) -> Fields:
    """What the voice of readiness says, as fields."""
    same_second = seen.at == incident.observed_at
    prints = (*incident.seen, seen.fingerprint) if same_second else (seen.fingerprint,)
    return {
        "ready": seen.health if ready is None else ready,
        "observed_at": seen.at,
        "seen": prints[-MAX_SEEN:] if seen.fingerprint else (),
        "suspended": incident.suspended and seen.source not in READINESS,
        "gone": False,
    }


def opened(before: Incident, seen: Observation, flap: Flap, /, **besides: Any) -> Incident:
    """What did not fail fails now."""
    counts = seen.health is Health.FAILING  # waiting is not failing: it does not flap
    recent = tuple(at for at in before.openings if seen.at - at < flap.window) + ((seen.at,) if counts else ())
    still = before.flapping and before.turned_at is not None and seen.at < before.turned_at + flap.window
    return replace(
        before,
        opened_at=_began(before, seen),
        last_seen_at=seen.at,
        resolved_at=None,
        turned_at=seen.at,
        openings=recent[-flap.count :],
        flapping=still or len(recent) >= flap.count,
        count=1,
        detail="",
        **cause_fields(None, seen),
        **besides,
    )


def _began(before: Incident, seen: Observation) -> datetime:
    """When the source says that it began; but not within what is over already."""
    since = min(seen.since or seen.at, seen.at)
    return seen.at if before.resolved_at is not None and since < before.resolved_at else since


def over(after: Incident, seen: Observation, flap: Flap, why: str) -> Change:
    """One voice says that it is over; closed, unless another one still says otherwise."""
    if after.failing:
        return Change(after, Outcome.NOTED, f"{why}, but something else is wrong still")
    return Change(_close(after, seen, flap), Outcome.CLOSED, why)


def _close(incident: Incident, seen: Observation, flap: Flap) -> Incident:
    at = max(seen.at, incident.last_seen_at or seen.at)  # voices have clocks of their own: no end before its beginning
    passing = incident.due_at is not None and seen.at < incident.due_at  # gone before anyone was told: not an opening
    still = incident.flapping and incident.turned_at is not None and seen.at < incident.turned_at + flap.window
    return replace(
        incident,
        resolved_at=at,
        turned_at=at,
        openings=incident.openings[:-1] if passing and incident.opened_at in incident.openings else incident.openings,
        flapping=still,
    )


def cause_fields(due_at: datetime | None, seen: Observation) -> Fields:
    """The cause as the observation has it. A graver cause is due at once, even if the one before was held back."""
    cause, due = seen.cause, due_of(seen)
    return {
        "due_at": due if due_at is None else min(due, due_at),
        "severity": severity_of(cause),
        "cause": cause.id if cause else "",
        "cause_at": seen.at,
        "reason": seen.reason,
        "fingerprint": seen.fingerprint,
        "message": seen.message,
        "revision": seen.revision,
        "origin": seen.origin,
        "note": seen.note,
        "needs": seen.needs,
    }


def severity_of(cause: Cause | None) -> Severity:
    """A warning where no cause is known."""
    return cause.severity if cause else Severity.WARNING


def graver(one: Severity, other: Severity) -> Severity:
    """Of two."""
    return min(one, other, key=lambda severity: severity.rank)


def due_of(seen: Observation) -> datetime:
    """When it is to be told, if it lasts as long as its cause's hold-off."""
    return (seen.held_from or seen.since or seen.at) + (seen.cause.hold_off if seen.cause else timedelta())


def holding(seen: Observation) -> str:
    """Why it opened, in words."""
    seconds = int(seen.cause.hold_off.total_seconds()) if seen.cause else 0
    return f"failing; told if it lasts {seconds} s" if seconds else "failing"
