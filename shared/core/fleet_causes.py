"""Incidents in; what is broken, a cause at a time and within it a commit at a time, the gravest first, out.

Pure: no I/O. What merely waits for something else that is broken stands under that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from shared.core import links
from shared.core.advice import advice
from shared.core.card_links import Links
from shared.core.fleet_known import Known, Seen
from shared.core.fleet_rows import Json, commit_of, iso, short
from shared.core.incident import State
from shared.core.inventory import ClusterInfo

_SHOWN = frozenset({State.OPEN, State.FLAPPING, State.HELD})


def causes(shown: Sequence[Seen], known: Known, to: Links, *, muted: bool = False) -> list[Json]:
    """Rows of causes. `muted`: those that are muted are wanted too."""
    states = _SHOWN | ({State.MUTED} if muted else frozenset())
    wanted = [one for one in shown if one.state in states]
    there = {one.one.key for one in wanted}
    heads, waiting = defaultdict[str, list[Seen]](list), defaultdict[str, list[Seen]](list)
    for one in wanted:
        if one.parent in there:
            waiting[one.parent].append(one)
        else:
            heads[one.cause.id].append(one)
    rows = [_cause(some, [w for one in some for w in waiting[one.one.key]], known, to) for some in heads.values()]
    return sorted(rows, key=lambda row: (not row["certain"], row["rank"], -row["clusters"], -row["objects"], row["id"]))


def _cause(some: Sequence[Seen], waiting: Sequence[Seen], known: Known, to: Links) -> Json:
    cause = some[0].cause
    severity = min((one.severity for one in some), key=lambda severity: severity.rank)
    return {
        "id": cause.id,
        "title": cause.title,
        "severity": severity,
        "rank": severity.rank,
        "certain": any(one.state is not State.HELD for one in some),  # else all of it may pass by itself
        "clusters": len(_clusters(some)),
        "objects": len(some),
        "waiting": len(waiting),
        "since": iso(_since(some)),
        "remedy": _remedy(some),
        "runbook_url": links.runbook(to.runbooks, cause.runbook),
        "groups": _groups(some, known, to),
    }


def _groups(some: Iterable[Seen], known: Known, to: Links) -> list[Json]:
    """The same commit that fails in the same way is one group, as it is one card."""
    apart = defaultdict[tuple[str, str, str], list[Seen]](list)
    for one in some:
        incident = one.one.incident
        apart[incident.origin, incident.revision, incident.fingerprint].append(one)
    rows = [_group(together, known, to) for together in apart.values()]
    return sorted(rows, key=lambda row: (-len(row["clusters"]), row["since"] or "", row["fingerprint"], row["revision"]))


def _group(some: Sequence[Seen], known: Known, to: Links) -> Json:
    first = min(some, key=lambda one: (one.one.incident.opened_at or known.now, one.one.key))
    incident = first.one.incident
    info = known.clusters.get(first.where) or ClusterInfo(incident.subject.cluster)
    return {
        "revision": short(incident.revision),
        "commit_url": commit_of(incident, info, to),
        "source": incident.origin or info.source_of(incident.subject.namespace, incident.subject.name),
        "fingerprint": incident.fingerprint,
        "message": incident.message,
        "since": iso(_since(some)),
        "states": sorted({one.state for one in some}),
        "objects": sorted({_named(one) for one in some}),
        "clusters": _clusters(some),
    }


def _named(one: Seen) -> str:
    subject = one.one.incident.subject
    named = f"{subject.namespace}/{subject.name}".lstrip("/")  # a rule and a cluster are in no namespace
    return f"{subject.kind} {named}"


def _clusters(some: Iterable[Seen]) -> list[Json]:
    clusters = {one.where: one.one.incident.subject.cluster for one in some}
    return [{"name": of.name, "id": of.arm_id} for of in sorted(clusters.values(), key=lambda of: (of.name.lower(), of.key))]


def _since(some: Iterable[Seen]) -> datetime | None:
    return min((one.one.incident.opened_at for one in some if one.one.incident.opened_at), default=None)


def _remedy(some: Sequence[Seen]) -> str:
    """With the names in its commands as far as all of them have these."""
    first = some[0]
    subjects = {one.one.incident.subject.key[1:] for one in some}
    if len(subjects) > 1:
        return first.cause.remedy
    return advice(
        first.cause.remedy, first.one.incident.subject, first.one.incident.message, everywhere=len(_clusters(some)) > 1
    )
