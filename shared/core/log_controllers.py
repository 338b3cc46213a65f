"""What logs say of controllers in; who has fallen silent, who is not calm, and who is well again, out.

Pure: no I/O; time is an argument. Nobody else sees the controllers, so the sweep that opens their incidents closes them: upon
signs of life and an hour of calm. No life, no close.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from shared.core.incident import BAD, Incident
from shared.core.log_entries import NAMESPACE, BadRow, Entry, Look, Row, at_of, controller_of, count_of, logged
from shared.core.observation import Health, Observation, Source, Subject

CALM = timedelta(hours=1)
STALE = timedelta(hours=6)  # above the interval of nearly everything that a fleet reconciles
FEW = 3  # silent objects that say something of their controller, if it has as many

type Key = tuple[str, str, str, str]
"""Of a subject."""

type Life = Mapping[Key, datetime]
"""When controllers last wrote anything at all."""


@dataclass(slots=True)
class _Objects:
    subject: Subject
    known: int = 0
    silent: list[datetime] = field(default_factory=list)  # when each wrote its last line


def silences(rows: Iterable[tuple[Row, bool]], look: Look) -> tuple[Observation, ...]:
    """Controllers most of whose objects are silent. Each row comes with whether it is. Rows that cannot be read are left out.

    Objects may be gone, or wait for a long interval: it is true only of a controller that gives no sign of life besides.
    """
    found: dict[Key, _Objects] = {}
    for row, silent in rows:
        try:
            subject = controller_of(row, look)
            last = at_of(row, "LastLine", look) if silent else look.end
        except BadRow:
            continue
        objects = found.setdefault(subject.key, _Objects(subject))
        objects.known += 1
        if silent:
            objects.silent.append(last)
    return tuple(_silent(one, look) for one in found.values() if _is_silent(one))


def _is_silent(objects: _Objects) -> bool:
    count = len(objects.silent)
    return count > 0 and 2 * count >= objects.known and count >= min(FEW, objects.known)


def _silent(objects: _Objects, look: Look) -> Observation:
    since = min(max(objects.silent), look.end)
    text = (
        f"{objects.subject.name} has written nothing about {len(objects.silent)} of {objects.known} objects"
        f" since {since:%Y-%m-%d %H:%M} UTC."
    )
    return logged(objects.subject, look.end, look, text, reason="Silent", since=since)


def signs_of_life(rows: Iterable[Row], look: Look) -> Life:
    """Rows of flux_controllers. One that cannot be read is no sign of life."""
    found: dict[Key, datetime] = {}
    for row in rows:
        try:
            if count_of(row, "Lines"):
                key, at = controller_of(row, look).key, at_of(row, "LastSeen", look)
                found[key] = max(at, found.get(key, at))
        except BadRow:
            continue
    return found


def watched(incident: Incident, extension: str = "") -> bool:
    """A failing controller, which only logs and the inventory of pods see. `extension` is the name of the cluster's own."""
    subject = incident.subject
    return (
        (subject.kind, subject.namespace) == ("Extension", NAMESPACE)
        and subject.name != extension
        and incident.cause != "extension-failed"  # where the inventory does not name it
        and incident.ready in BAD
    )


def may_close(incident: Incident, uneasy: Mapping[Key, datetime], end: datetime) -> bool:
    """As far as the incident goes: calm long enough, or silent, for which a sign of life is enough."""
    if _said_silent(incident):
        return True
    last = incident.last_seen_at or incident.observed_at
    return incident.subject.key not in uneasy and last is not None and last + CALM < end


def closing(incident: Incident, life: Life, end: datetime) -> Entry | None:
    """Healthy at the end of the window, if the controller lives. For one that may close."""
    at = life.get(incident.subject.key)
    since = incident.observed_at if _said_silent(incident) else end - CALM
    if at is None or (since is not None and at <= since):
        return None
    return Entry(Observation(incident.subject, Health.HEALTHY, end, Source.COMPLIANCE), opens=False)


def _said_silent(incident: Incident) -> bool:
    return incident.cause == "controller-silent"


def disturbed(incident: Incident, at: datetime | None) -> Incident:
    """Seen failing again at that time: neither logs nor state say so by themselves, and calm begins after it. What only
    an alert keeps open ends with the alert: nobody asks for its calm.
    """
    if at is None or incident.ready not in BAD or (incident.last_seen_at is not None and at <= incident.last_seen_at):
        return incident
    return replace(incident, last_seen_at=at)


def common_life(lives: Mapping[str, Life], complete: Iterable[str]) -> Life:
    """Signs of life by workspace in; of the controllers whose workspaces were all read completely, out."""
    whole, found = set(complete), defaultdict[Key, list[tuple[str, datetime]]](list)
    for workspace, life in lives.items():
        for key, at in life.items():
            found[key].append((workspace, at))
    return {key: max(at for _, at in seen) for key, seen in found.items() if whole.issuperset(name for name, _ in seen)}
