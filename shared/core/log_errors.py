"""The rows of a log query in; what they say of Flux objects and controllers out, one entry for each subject.

Pure: no I/O; time is an argument. A row that cannot be read is counted, and hides no other. Columns: shared/queries.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared.core.coverage import KINDS
from shared.core.flux_event import FluxEvent
from shared.core.flux_observation import health_of
from shared.core.incident import Flap, Incident
from shared.core.log_controllers import Key, disturbed, silences
from shared.core.log_entries import (
    BadRow,
    Entry,
    Look,
    Row,
    at_of,
    cluster_of,
    controller,
    controller_of,
    count_of,
    logged,
    moment_of,
    object_of,
    since_of,
    text_of,
)
from shared.core.log_pods import pod
from shared.core.observation import Health, Observation, Source, Subject
from shared.core.reasons import REASONS
from shared.core.transition import Outcome, reduce

AGENT = "fluxconfig-agent"
AGENT_KIND = "FluxConfigAgent"  # in flux_errors: the Azure agents' own lines
AGENT_OBJECT = "FluxConfig"  # in flux_events: what the Azure agents work on

_OURS = frozenset({*KINDS.values(), "AlertRule"})  # kinds of subjects that are no Flux objects: no line may speak for them
_REFUSED = re.compile(r"response code[:=]? ?\{?40[13]\b", re.IGNORECASE)
_HERALD = "notification-controller"  # its errors name the objects of others: what they are about is the telling
_HERALDS = frozenset({"Alert", "Provider", "Receiver"})


@dataclass(frozen=True, slots=True)
class Reading:
    """What the rows of one answer say. `silent` is true only of controllers that give no sign of life besides."""

    entries: tuple[Entry, ...] = ()
    silent: tuple[Observation, ...] = ()
    uneasy: Mapping[Key, datetime] = field(default_factory=dict)  # controllers that were seen failing, though it be noise
    bad: Mapping[str, int] = field(default_factory=dict)  # rows that could not be read, by why
    dropped: int = 0  # rows that others of the same subject outweigh, or that are of no consequence


def read(query: str, rows: Iterable[Row], look: Look) -> Reading:
    """The rows of queries/<query>.kql. Never fails for what is in them."""
    best: dict[Key, Entry] = {}
    uneasy: dict[Key, datetime] = {}
    bad = Counter[str]()
    silent, seen = list[tuple[Row, bool]](), 0
    for row in rows:
        try:
            entry = _READERS[query](row, look)
        except BadRow as fault:
            bad[str(fault)] += 1
            continue
        if query == "flux_stalled":
            silent.append((row, entry is None))
        if entry is None:
            continue
        seen += 1
        subject, at = entry.seen.subject, entry.seen.at
        if subject.kind == "Extension":
            uneasy[subject.key] = max(at, uneasy.get(subject.key, at))
        best[subject.key] = max(best.get(subject.key, entry), entry, key=_weight)
    entries = tuple(one for one in best.values() if one.seen.health is not Health.NOTED or one.seen.subject.key in uneasy)
    return Reading(entries, silences(silent, look), uneasy, bad, seen - len(entries))


def _weight(entry: Entry) -> tuple[int, datetime, str]:
    """The newest wins; rows come in no order, so that the words decide between equals."""
    return (entry.grave, entry.seen.at, entry.seen.fingerprint)


# ------------------------------------------------------------------------------------------------ a reader for each query


def _error(row: Row, look: Look) -> Entry:
    """flux_errors: an object, or else the controller that wrote it."""
    kind, text = text_of(row, "Kind"), text_of(row, "SampleText")
    at = at_of(row, "LastSeen", look)
    since, revision = since_of(row, "FirstSeen", at), text_of(row, "Revision")
    if text_of(row, "Name") and kind != AGENT_KIND and not _of_another(row, kind):
        recovered = moment_of(row, "LastOk")
        seen = logged(_flux_object(row, look), at, look, text, since=since, revision=revision)
        return Entry(seen, opens=recovered is None or recovered <= at)
    if kind == AGENT_KIND and _REFUSED.search(text[:1_000]):
        agent = controller(cluster_of(row, look), AGENT)
        return Entry(logged(agent, at, look, text, reason="Unauthorized", since=since))
    subject = controller_of(row, look, otherwise=AGENT if kind == AGENT_KIND else "")
    return Entry(logged(subject, at, look, text, since=since))


def _of_another(row: Row, kind: str) -> bool:
    return text_of(row, "Controller") == _HERALD and kind not in _HERALDS


def _flux_object(row: Row, look: Look) -> Subject:
    subject = object_of(row, look)
    if subject.kind in _OURS:
        raise BadRow("Kind is no kind of Flux")
    return subject


def _event(row: Row, look: Look) -> Entry:
    """flux_events: a Warning says what a Flux event of severity error would."""
    reason, text = text_of(row, "Reason"), text_of(row, "SampleText")
    at = at_of(row, "LastSeen", look)
    since = since_of(row, "FirstSeen", at)
    if text_of(row, "Kind") == AGENT_OBJECT:
        known = reason if reason in REASONS["Extension"] else ""
        return Entry(logged(controller(cluster_of(row, look), AGENT), at, look, text, reason=known, said=reason, since=since))
    subject = _flux_object(row, look)
    health = health_of(FluxEvent(subject.kind, subject.namespace, subject.name, "error", at, text, reason))
    if health is Health.NOTED:
        return Entry(Observation(subject, health, at, Source.LOGS), opens=False)
    return Entry(logged(subject, at, look, text, reason=reason, health=health, since=since))


def _stalled(row: Row, look: Look) -> Entry | None:
    """flux_stalled: an object whose last word is an error. None if it is silent: `silences` judges many of them."""
    state = text_of(row, "State")
    if state not in ("failing", "silent"):
        raise BadRow("State is neither failing nor silent")
    subject = _flux_object(row, look)
    if state == "silent":
        controller_of(row, look)
        at_of(row, "LastLine", look)
        return None
    count_of(row, "Errors")
    return Entry(logged(subject, at_of(row, "LastError", look), look, text_of(row, "SampleText")))


_READERS: Mapping[str, Callable[[Row, Look], Entry | None]] = {
    "flux_pods": pod,
    "flux_events": _event,
    "flux_errors": _error,
    "flux_stalled": _stalled,
}


# ------------------------------------------------------------------------------------------------ what becomes of incidents


@dataclass(frozen=True, slots=True)
class Effect:
    """The incident after everything that was seen of it; the very one that was given if there is nothing to write."""

    incident: Incident | None
    opened: bool = False
    closed: bool = False


def effect(incident: Incident | None, entries: Iterable[Entry], uneasy: datetime | None, flap: Flap) -> Effect:
    """The entries of one subject, applied in their order. `uneasy`: when it was last seen failing, of a controller."""
    outcomes = set[Outcome]()
    after = incident
    for entry in entries:
        if entry.opens or (after is not None and after.failing):
            change = reduce(after, entry.seen, flap)
            after = change.incident
            outcomes.add(change.outcome)
    after = after and disturbed(after, uneasy)
    return Effect(after, Outcome.OPENED in outcomes, Outcome.CLOSED in outcomes)
