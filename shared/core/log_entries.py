"""A row of a log query in; its cells as values that can be trusted, or why it cannot be read, out.

Pure: no I/O; time is an argument. Null and missing mean the same; a wrong type makes the row a bad one, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.core.cluster import Cluster, NotACluster
from shared.core.observation import Health, Observation, Source, Subject
from shared.core.words import read, safe

type Row = Mapping[str, Any]
"""By column, as the port `Logs` gives it."""

NAMESPACE = "flux-system"  # where the controllers and their logs are
PATIENCE = timedelta(minutes=10)  # events and the compliance sweep say the same better, if they say it at all
OLDEST = timedelta(days=7)  # Log Analytics takes rows of two days, and they are read two days later at the most
AHEAD = timedelta(days=1)  # beyond that Log Analytics sets the time itself
LONGEST = timedelta(days=30)
MAX_COUNT = 1_000_000_000
MAX_REASON = 256
MAX_REVISION = 1_000

_KIND = re.compile(r"[A-Z][A-Za-z0-9]{0,62}")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")  # RFC 1123 subdomain
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")  # RFC 1123 label


class BadRow(ValueError):
    """The row cannot be read. The text names the column and the fault, and quotes nothing."""


@dataclass(frozen=True, slots=True)
class Look:
    """When the rows are looked at, up to when they were asked for, and how the inventory spells clusters, by key."""

    now: datetime
    end: datetime
    known: Mapping[str, Cluster] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a row says. Unless it `opens`, it matters only to an incident that fails. Of several the gravest wins."""

    seen: Observation
    opens: bool = True
    grave: int = 0


def cluster_of(row: Row, look: Look) -> Cluster:
    """Of `_ResourceId`, in any letter case; spelled as the inventory spells it."""
    try:
        found = Cluster.from_arm_id(text_of(row, "_ResourceId"))
    except NotACluster:
        raise BadRow("_ResourceId is not a cluster's") from None
    return look.known.get(found.key, found)


def object_of(row: Row, look: Look) -> Subject:
    """The Flux object of Kind, Namespace and Name."""
    kind, namespace, name = (text_of(row, column) for column in ("Kind", "Namespace", "Name"))
    if not (_KIND.fullmatch(kind) and _LABEL.fullmatch(namespace) and _NAME.fullmatch(name)):
        raise BadRow("Kind, Namespace and Name are no Kubernetes names")
    return Subject(cluster_of(row, look), kind, namespace, name)


def controller_of(row: Row, look: Look, *, otherwise: str = "") -> Subject:
    """The controller that wrote it: what is no Flux object belongs to the extension."""
    name = text_of(row, "Controller") or otherwise
    if not _NAME.fullmatch(name):
        raise BadRow("Controller is no Kubernetes name")
    return controller(cluster_of(row, look), name)


def controller(cluster: Cluster, name: str) -> Subject:
    """The subject of a controller."""
    return Subject(cluster, "Extension", NAMESPACE, name)


def text_of(row: Row, column: str) -> str:
    """Raw, as it came; empty for null."""
    value = row.get(column)
    if value is not None and not isinstance(value, str):
        raise BadRow(f"{column} is no text")
    return value or ""


def count_of(row: Row, column: str) -> int:
    """0 for null."""
    value = row.get(column)
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= MAX_COUNT:
        raise BadRow(f"{column} is no count")
    return int(value)


def moment_of(row: Row, column: str) -> datetime | None:
    """In UTC; None for null."""
    value = row.get(column)
    if value is None:
        return None
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise BadRow(f"{column} is no time")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise BadRow(f"{column} is no time") from None


def at_of(row: Row, column: str, look: Look) -> datetime:
    """When it was written. A row that is there was written before now: a clock that is ahead is set right."""
    at = moment_of(row, column)
    if at is None or not look.now - OLDEST <= at <= look.now + AHEAD:
        raise BadRow(f"{column} is missing, or far from now")
    return min(at, look.now)


def since_of(row: Row, column: str, at: datetime) -> datetime | None:
    """When it began; None where that cannot be."""
    since = moment_of(row, column)
    return since if since is not None and at - LONGEST <= since <= at else None


def logged(
    subject: Subject,
    at: datetime,
    look: Look,
    text: str,
    *,
    reason: str = "",
    said: str = "",
    health: Health = Health.FAILING,
    since: datetime | None = None,
    revision: str = "",
) -> Observation:
    """What a log says of a subject. `reason` is one that the tables know, `said` the one that was written, if it is another.

    Learned of late, so that the hold-off begins now, and lasts for ten minutes at least.
    """
    text = text if text.strip() else said or reason or "an error without words"
    words = read(subject.kind, subject.namespace, subject.name, reason, text, health)
    return Observation(
        subject,
        health,
        at,
        Source.LOGS,
        reason=safe((said or reason)[:MAX_REASON]),
        message=words.message,
        cause=words.cause,
        fingerprint=words.fingerprint,
        revision=safe(revision[:MAX_REVISION]),
        origin=words.origin,
        needs=words.needs,
        since=since,
        held_from=look.now + max(timedelta(), PATIENCE - words.cause.hold_off),
    )
