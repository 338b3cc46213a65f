"""An incident and an observation in; the incident as it now is, and why, out.

Pure: no I/O; time comes with the observation. The rules are section 4 of the design.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from shared.core.causes import Severity
from shared.core.incident import BAD, Flap, Incident
from shared.core.observation import READINESS, Health, Observation, Source

MAX_SEEN = 8

type _Fields = dict[str, Any]
"""Some fields of an incident: a transition gathers what it changes and makes the incident anew once, for that is dear."""

_WEIGHT = {Health.WAITING: 1, Health.PROGRESSING: 1, Health.HEALTHY: 2, Health.REMEDIATED: 3, Health.FAILING: 4}
"""Who wins within one second: sources give whole seconds, and deliveries come in no order."""


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


def reduce(incident: Incident | None, seen: Observation, flap: Flap) -> Change:
    """The observation applied. An older one never overrides a newer one; in the same second failing wins."""
    if seen.source is Source.ALERT:
        return _alert(incident, seen, flap)
    if seen.source is Source.LOGS and incident is not None and incident.failing:
        return _detail(incident, seen)
    if incident is not None and (why := _stale(incident, seen)):
        return _supplement(incident, seen) or Change(incident, Outcome.UNCHANGED, why)
    return _BY_HEALTH[seen.health](incident, seen, flap)


def _stale(incident: Incident, seen: Observation) -> str | None:
    """Why the observation says nothing new, by its time; None if it does."""
    if incident.observed_at is None or seen.at > incident.observed_at:
        return None
    if seen.at < incident.observed_at:
        return "older than what is known"
    if seen.health is incident.ready and (seen.health is Health.HEALTHY or seen.fingerprint in incident.seen):
        return "known already"
    if _WEIGHT.get(seen.health, 4) < _WEIGHT.get(incident.ready, 0):
        return f"{incident.ready} wins in the same second"
    return None


def _supplement(incident: Incident, seen: Observation) -> Change | None:
    """A rollback that overtook the failure it answers: the failure still says what went wrong."""
    if (
        seen.health is not Health.FAILING
        or incident.ready is not Health.REMEDIATED
        or incident.cause_at != incident.observed_at
    ):
        return None
    opened = min(incident.opened_at or seen.at, seen.at)
    late = replace(incident, opened_at=opened, **_cause(incident.due_at, seen))
    return Change(late, Outcome.CHANGED, "the failure that was rolled back")


# -------------------------------------------------------------------------------------------------- by what was seen


def _bad(incident: Incident | None, seen: Observation, flap: Flap) -> Change:
    before = incident or Incident(seen.subject)
    sooner = _sooner(before, seen)
    if _shown_before(before, seen):
        if sooner == before.due_at:
            return Change(incident, Outcome.UNCHANGED, "as Azure showed it before")
        return Change(replace(before, due_at=sooner), Outcome.NOTED, "as Azure showed it before; due sooner")
    if not before.failing:
        return Change(_open(before, seen, flap, **_voice(before, seen)), Outcome.OPENED, _holding(seen))
    if seen.health is Health.WAITING and before.ready is not Health.WAITING:
        ready = before.ready if before.ready in BAD else Health.WAITING
        return Change(_observed(before, seen, ready=ready), Outcome.NOTED, "waits, and fails besides")
    if seen.health is Health.REMEDIATED:
        return Change(_observed(before, seen), Outcome.NOTED, "remediated, which is not what was wanted")
    more = {"count": before.count + 1, "last_seen_at": max(seen.at, before.last_seen_at or seen.at), **_voice(before, seen)}
    more |= {"due_at": sooner}
    if seen.fingerprint == before.fingerprint:
        return Change(replace(before, **more), Outcome.COUNTED, "the same cause again")
    return Change(replace(before, **(more | _cause(before.due_at, seen))), Outcome.CHANGED, "another cause")


def _sooner(before: Incident, seen: Observation) -> datetime | None:
    """When it is due, now that it was seen again: who learned of it late held it back for longer than who saw it."""
    if before.due_at is None or seen.at >= before.due_at or seen.health is not before.ready:
        return before.due_at
    return min(before.due_at, _due(seen))


def _shown_before(before: Incident, seen: Observation) -> bool:
    """Compliance is a state, shown at each sweep: only what differs is news. Its words may be shorter than an event's."""
    if seen.source is not Source.COMPLIANCE or before.ready not in BAD or before.suspended:
        return False
    if seen.health is Health.FAILING and before.ready is Health.FAILING:
        return seen.fingerprint == before.fingerprint or (seen.cause is not None and seen.cause.id == before.cause)
    return seen.health in (before.ready, Health.WAITING)  # what fails may wait besides


def _healthy(incident: Incident | None, seen: Observation, flap: Flap) -> Change:
    if incident is None:
        if seen.heartbeat:
            return Change(None, Outcome.UNCHANGED, "healthy as ever")
        return Change(_observed(Incident(seen.subject), seen), Outcome.NOTED, "healthy")
    if incident.ready not in BAD:
        if seen.heartbeat and not incident.suspended:
            return Change(incident, Outcome.UNCHANGED, "healthy as ever")
        return Change(_observed(incident, seen), Outcome.NOTED, "healthy")
    return _over(_observed(incident, seen), seen, flap, "healthy again")


def _progressing(incident: Incident | None, seen: Observation, flap: Flap) -> Change:
    """Progress ends a wait, for it has found what it waited for; a failure it does not end."""
    if incident is not None and incident.ready is Health.WAITING:
        return _over(_observed(incident, seen, ready=Health.HEALTHY), seen, flap, "no longer waiting")
    return Change(incident, Outcome.UNCHANGED, "in progress")


def _suspended(incident: Incident | None, seen: Observation, _: Flap) -> Change:
    if incident is None or incident.suspended:
        return Change(incident, Outcome.UNCHANGED, "suspended")
    return Change(replace(incident, suspended=True, observed_at=seen.at, seen=()), Outcome.NOTED, "suspended")


def _gone(incident: Incident | None, seen: Observation, flap: Flap) -> Change:
    if incident is None or incident.gone:
        return Change(incident, Outcome.UNCHANGED, "gone")
    silent = {rule: (max(at, seen.at), False) for rule, (at, _) in incident.alerts.items()}  # nobody resolves them any more
    after = replace(_observed(incident, seen, ready=Health.HEALTHY), gone=True, alerts=silent)
    why = "the object is gone"
    return _over(after, seen, flap, why) if incident.failing else Change(after, Outcome.NOTED, why)


def _noted(incident: Incident | None, _: Observation, __: Flap) -> Change:
    return Change(incident, Outcome.UNCHANGED, "of no consequence")


_BY_HEALTH: Mapping[Health, Callable[[Incident | None, Observation, Flap], Change]] = {
    Health.FAILING: _bad,
    Health.WAITING: _bad,
    Health.REMEDIATED: _bad,
    Health.HEALTHY: _healthy,
    Health.PROGRESSING: _progressing,
    Health.SUSPENDED: _suspended,
    Health.GONE: _gone,
    Health.NOTED: _noted,
}


# ------------------------------------------------------------------------------------------------- alerts and log lines


def _alert(incident: Incident | None, seen: Observation, flap: Flap) -> Change:
    """An alert speaks for its own rule, from Fired to Resolved, whatever the object's readiness."""
    before = incident or Incident(seen.subject)
    known = before.alerts.get(seen.rule)
    fires = seen.health in BAD
    if known and (seen.at < known[0] or (seen.at == known[0] and (known[1] or not fires))):
        return Change(incident, Outcome.UNCHANGED, "known already" if seen.at == known[0] else "older than what is known")
    after = replace(before, alerts={**before.alerts, seen.rule: (seen.at, fires)})
    if fires and not before.failing:
        return Change(_open(after, seen, flap), Outcome.OPENED, _holding(seen))
    if fires:
        return Change(replace(after, detail=after.detail or seen.message), Outcome.NOTED, "an alert joins the incident")
    why = "the alert is resolved"
    return _over(after, seen, flap, why) if before.failing else Change(after, Outcome.NOTED, why)


def _detail(incident: Incident, seen: Observation) -> Change:
    if seen.health not in BAD or incident.detail or seen.fingerprint == incident.fingerprint:
        return Change(incident, Outcome.UNCHANGED, "logs do not close, and add only what is missing")
    return Change(replace(incident, detail=seen.message), Outcome.NOTED, "logs add detail")


# ----------------------------------------------------------------------------------------------------------- the steps


def _observed(incident: Incident, seen: Observation, *, ready: Health | None = None) -> Incident:
    """The readiness voice has spoken; logs only stand in for it."""
    return replace(incident, **_voice(incident, seen, ready))


def _voice(incident: Incident, seen: Observation, ready: Health | None = None) -> _Fields:
    same_second = seen.at == incident.observed_at
    prints = (*incident.seen, seen.fingerprint) if same_second else (seen.fingerprint,)
    return {
        "ready": seen.health if ready is None else ready,
        "observed_at": seen.at,
        "seen": prints[-MAX_SEEN:] if seen.fingerprint else (),
        "suspended": incident.suspended and seen.source not in READINESS,
        "gone": False,
    }


def _open(before: Incident, seen: Observation, flap: Flap, /, **besides: Any) -> Incident:
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
        **_cause(None, seen),
        **besides,
    )


def _began(before: Incident, seen: Observation) -> datetime:
    """When the source says that it began; but not within what is over already."""
    since = min(seen.since or seen.at, seen.at)
    return seen.at if before.resolved_at is not None and since < before.resolved_at else since


def _over(after: Incident, seen: Observation, flap: Flap, why: str) -> Change:
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


def _cause(due_at: datetime | None, seen: Observation) -> _Fields:
    """The cause as the observation has it. A graver cause is due at once, even if the one before was held back."""
    cause, due = seen.cause, _due(seen)
    return {
        "due_at": due if due_at is None else min(due, due_at),
        "severity": cause.severity if cause else Severity.WARNING,
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


def _due(seen: Observation) -> datetime:
    return (seen.held_from or seen.since or seen.at) + (seen.cause.hold_off if seen.cause else timedelta())


def _holding(seen: Observation) -> str:
    seconds = int(seen.cause.hold_off.total_seconds()) if seen.cause else 0
    return f"failing; told if it lasts {seconds} s" if seconds else "failing"
