"""A cluster as Azure shows it in; what that says of its Flux objects, as observations, out.

Pure: time is an argument. A row is what the agent saw when it last reported, or a little before: docs/decisions/0010.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import chain

from shared.core.conditions import NOT_COMPLIANT, Shown
from shared.core.graph_rows import ConfigurationRow
from shared.core.incident import BAD, Incident
from shared.core.inventory import Configuration, object_digest
from shared.core.measures import suspended
from shared.core.observation import Health, Observation, Source, Subject
from shared.core.sight import Identity, Place
from shared.core.words import read

SETTLE = timedelta(minutes=2)  # a report may be stamped so much later than what it tells was true
UNTIMED = timedelta(minutes=15)  # what tells no time at all is taken to be so old

_SOURCES = frozenset({"GitRepository", "OCIRepository", "Bucket"})  # what a configuration makes and calls by its own name

type _Seen = tuple[datetime, bool, Health, Shown, ConfigurationRow]


def of_objects(place: Place, now: datetime) -> Iterator[Observation]:
    """What is bad, and the end of what fails. Of what is well and did not fail there is nothing to say."""
    for identity, (at, bad, health, one, row) in _newest(place, now).items():
        if bad:
            yield _bad(Subject(place.cluster, *identity), at, one, row)
        elif identity in place.failing:
            yield Observation(Subject(place.cluster, *identity), health, at, Source.COMPLIANCE, heartbeat=True)


def _newest(place: Place, now: datetime) -> Mapping[Identity, _Seen]:
    """Where two configurations show the same object, the newer word counts; of the same age, the bad one."""
    found: dict[Identity, _Seen] = {}
    for row in place.rows:
        earliest = now - SETTLE if row.suspended else row.reported_at and row.reported_at - SETTLE
        rests = suspended(row)
        for one in row.objects:
            health = Health.SUSPENDED if rests else one.health
            seen = (seen_at(one.since, earliest, now), health in BAD, health, one, row)
            known = found.get(one.identity)
            if known is None or seen[:2] > known[:2]:
                found[one.identity] = seen
    return found


def seen_at(since: datetime | None, earliest: datetime | None, now: datetime) -> datetime:
    """When it was so: not before the condition came to be so, nor before what the report can tell at the earliest."""
    if since is None or earliest is None:
        return since or earliest or now - UNTIMED
    return max(since, earliest)


def _bad(subject: Subject, at: datetime, one: Shown, row: ConfigurationRow) -> Observation:
    words = read(subject.kind, subject.namespace, subject.name, one.reason, _said(one), one.health)
    return Observation(
        subject,
        one.health,
        at,
        Source.COMPLIANCE,
        reason=one.reason,
        message=words.message,
        cause=words.cause,
        fingerprint=words.fingerprint,
        revision=_revision(subject, words.origin, one, row),
        origin=words.origin,
        needs=words.needs,
        since=one.since,
    )


def _said(one: Shown) -> str:
    return (one.message.strip() and one.message) or one.reason or NOT_COMPLIANT


def _revision(subject: Subject, origin: str, one: Shown, row: ConfigurationRow) -> str:
    """What an event of this failure carries: a Kustomization its source's revision, a HelmRelease its chart's version. A source
    that fails has none, in events neither.
    """
    if subject.kind == "HelmRelease":
        return origin.rpartition("@")[2] or one.revision
    own = subject.namespace == row.namespace and subject.name.startswith(row.name + "-")
    return row.revision if subject.kind == "Kustomization" and own else ""


# ---------------------------------------------------------------------------------------------------------- departures


def of_departures(place: Place, now: datetime) -> Iterator[Observation]:
    """What fails and is not there any more."""
    shown = {one.identity for row in place.rows for one in row.objects}
    for identity, incident in place.failing.items():
        if identity not in shown and _left(identity, incident, place):
            yield gone(place, identity, now)


def gone(place: Place, identity: Identity, now: datetime) -> Observation:
    """That a subject which fails is no more. A clock that is ahead of ours does not keep it."""
    heard = place.failing[identity].observed_at
    return Observation(Subject(place.cluster, *identity), Health.GONE, max(now, heard or now), Source.COMPLIANCE)


def _left(identity: Identity, incident: Incident, place: Place) -> bool:
    """It was shown and is no more; or it had left when it was last heard of; or it would be shown if it were there."""
    digest = object_digest(*identity)
    if digest in place.vanished:
        return True
    heard = incident.last_seen_at
    if heard is None:
        return False
    if (left := place.info.departed.get(digest)) is not None and heard.timestamp() <= left:
        return True
    owner = _named_after(identity, place)
    return any(row.name == owner and row.whole and _reported_after(row, heard) for row in place.rows)


def _named_after(identity: Identity, place: Place) -> str:
    """Azure names what a configuration makes itself: its source `<configuration>`, Kustomizations `<configuration>-<name>`. Of
    configurations whose names begin alike it is the longest, whether it is shown or not.
    """
    kind, namespace, name = identity
    known: Iterator[Configuration | ConfigurationRow] = chain(place.info.configurations, place.rows)
    names = {one.name for one in known if one.namespace == namespace}
    if kind in _SOURCES:
        return name if name in names else ""
    owned = (own for own in names if name.startswith(own + "-")) if kind == "Kustomization" else ()
    return max(owned, key=len, default="")


def _reported_after(row: ConfigurationRow, heard: datetime) -> bool:
    return row.reported_at is not None and row.reported_at - SETTLE > heard
