"""An incident and an observation in; the incident as it now is, and why, out.

Pure: no I/O; time comes with the observation. The rules are section 4 of the design.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from shared.core.alert_voice import hear, under_alerts
from shared.core.incident import BAD, Flap, Incident
from shared.core.incident_steps import Change, Outcome, cause_fields, due_of, holding, observed, opened, over, voice
from shared.core.observation import Health, Observation, Source

__all__ = ["Change", "Outcome", "reduce"]

_WEIGHT = {Health.WAITING: 1, Health.PROGRESSING: 1, Health.HEALTHY: 2, Health.REMEDIATED: 3, Health.FAILING: 4}
"""Who wins within one second: sources give whole seconds, and deliveries come in no order."""


def reduce(incident: Incident | None, seen: Observation, flap: Flap) -> Change:
    """The observation applied. An older one never overrides a newer one; in the same second failing wins."""
    if seen.source is Source.ALERT:
        return hear(incident, seen, flap)
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
    began = min(incident.opened_at or seen.at, seen.at)
    late = replace(incident, opened_at=began, **cause_fields(incident.due_at, seen))
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
        return Change(opened(before, seen, flap, **voice(before, seen)), Outcome.OPENED, holding(seen))
    if seen.health is Health.WAITING and before.ready is not Health.WAITING:
        ready = before.ready if before.ready in BAD else Health.WAITING
        return Change(observed(before, seen, ready=ready), Outcome.NOTED, "waits, and fails besides")
    if seen.health is Health.REMEDIATED:
        return Change(observed(before, seen), Outcome.NOTED, "remediated, which is not what was wanted")
    more = {"count": before.count + 1, "last_seen_at": max(seen.at, before.last_seen_at or seen.at), **voice(before, seen)}
    more |= {"due_at": sooner}
    if seen.fingerprint == before.fingerprint:
        return Change(replace(before, **more), Outcome.COUNTED, "the same cause again")
    more |= cause_fields(before.due_at, seen) | under_alerts(before, seen)
    return Change(replace(before, **more), Outcome.CHANGED, "another cause")


def _sooner(before: Incident, seen: Observation) -> datetime | None:
    """When it is due, now that it was seen again: who learned of it late held it back for longer than who saw it."""
    if before.due_at is None or seen.at >= before.due_at or seen.health is not before.ready:
        return before.due_at
    return min(before.due_at, due_of(seen))


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
        return Change(observed(Incident(seen.subject), seen), Outcome.NOTED, "healthy")
    if incident.ready not in BAD:
        if seen.heartbeat and not incident.suspended:
            return Change(incident, Outcome.UNCHANGED, "healthy as ever")
        return Change(observed(incident, seen), Outcome.NOTED, "healthy")
    return over(observed(incident, seen), seen, flap, "healthy again")


def _progressing(incident: Incident | None, seen: Observation, flap: Flap) -> Change:
    """Progress ends a wait, for it has found what it waited for; a failure it does not end."""
    if incident is not None and incident.ready is Health.WAITING:
        return over(observed(incident, seen, ready=Health.HEALTHY), seen, flap, "no longer waiting")
    return Change(incident, Outcome.UNCHANGED, "in progress")


def _suspended(incident: Incident | None, seen: Observation, _: Flap) -> Change:
    if incident is None or incident.suspended:
        return Change(incident, Outcome.UNCHANGED, "suspended")
    return Change(replace(incident, suspended=True, observed_at=seen.at, seen=()), Outcome.NOTED, "suspended")


def _gone(incident: Incident | None, seen: Observation, flap: Flap) -> Change:
    if incident is None or incident.gone:
        return Change(incident, Outcome.UNCHANGED, "gone")
    silent = {rule: (max(at, seen.at), False) for rule, (at, _) in incident.alerts.items()}  # nobody resolves them any more
    after = replace(observed(incident, seen, ready=Health.HEALTHY), gone=True, alerts=silent)
    why = "the object is gone"
    return over(after, seen, flap, why) if incident.failing else Change(after, Outcome.NOTED, why)


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


# ------------------------------------------------------------------------------------------------- log lines


def _detail(incident: Incident, seen: Observation) -> Change:
    if seen.health not in BAD or incident.detail or seen.fingerprint == incident.fingerprint:
        return Change(incident, Outcome.UNCHANGED, "logs do not close, and add only what is missing")
    return Change(replace(incident, detail=seen.message), Outcome.NOTED, "logs add detail")
