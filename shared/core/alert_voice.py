"""An incident and an alert of Azure Monitor in; the incident as it now is, and why, out.

Pure: no I/O. Law: an alert speaks for its own rule, from Fired to Resolved, and for nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from shared.core.causes import CAUSES
from shared.core.incident import BAD, Flap, Incident
from shared.core.incident_steps import Change, Fields, Outcome, due_of, graver, holding, opened, over, severity_of
from shared.core.observation import Observation

MAX_ALERTS = 40  # of a subject
LAG = timedelta(minutes=15)  # metrics and logs are minutes old, and rules look back: so long a rule may tell of what is over


def hear(incident: Incident | None, seen: Observation, flap: Flap) -> Change:
    """An alert speaks for its own rule, from Fired to Resolved, whatever the object's readiness."""
    before = incident or Incident(seen.subject)
    known = before.alerts.get(seen.rule)
    fires = seen.health in BAD
    if known and (seen.at < known[0] or (seen.at == known[0] and (known[1] or not fires))):
        return Change(incident, Outcome.UNCHANGED, "known already" if seen.at == known[0] else "older than what is known")
    if fires and known is None and before.gone and before.observed_at is not None and seen.at <= before.observed_at:
        return Change(incident, Outcome.UNCHANGED, "older than what is known")
    after, seen = replace(before, alerts=_voices(before, seen, fires=fires)), _doubted(before, seen)
    if fires and not before.failing:
        return Change(opened(after, seen, flap), Outcome.OPENED, holding(seen))
    if fires:
        return Change(_joined(after, seen), Outcome.NOTED, "an alert joins the incident")
    why = "the alert is resolved"
    return over(_left(after), seen, flap, why) if before.failing else Change(after, Outcome.NOTED, why)


def _doubted(before: Incident, seen: Observation) -> Observation:
    """Of an object that just came to be well, or left, an alert perhaps says only what was: it is told if it lasts."""
    well = None if before.ready in BAD else before.observed_at
    if well is None or seen.at >= well + LAG:
        return seen
    return replace(seen, held_from=max(seen.at, well) + LAG)


def _voices(before: Incident, seen: Observation, *, fires: bool) -> Mapping[str, tuple[datetime, bool]]:
    """With this one. Pods come and go, and each is a voice: of too many the oldest is forgotten, silent ones first."""
    voices = {**before.alerts, seen.rule: (seen.at, fires)}
    if len(voices) > MAX_ALERTS:
        del voices[min((rule for rule in voices if rule != seen.rule), key=lambda rule: (voices[rule][1], voices[rule][0]))]
    return voices


def _joined(after: Incident, seen: Observation) -> Incident:
    """The graver of the two severities; who is as grave as what is held back does not wait for it."""
    severity = severity_of(seen.cause)
    due = after.due_at if after.due_at is None or severity.rank > after.severity.rank else min(after.due_at, due_of(seen))
    detail = after.detail or ("" if seen.message == after.message else seen.message)
    return replace(after, severity=graver(after.severity, severity), due_at=due, detail=detail)


def _left(after: Incident) -> Incident:
    """Once the last alert is over, what fails still is as grave as its own cause."""
    if after.ready not in BAD or any(fires for _, fires in after.alerts.values()):
        return after
    return replace(after, severity=severity_of(CAUSES.get(after.cause)))


def under_alerts(before: Incident, seen: Observation) -> Fields:
    """Under an alert that fires: no milder than it was, and if the alert was all that was known, its words are kept."""
    if not any(fires for _, fires in before.alerts.values()):
        return {}
    kept = {} if before.ready in BAD or before.detail else {"detail": before.message}
    return {"severity": graver(before.severity, severity_of(seen.cause)), **kept}
