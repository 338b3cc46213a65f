"""Incidents in; which of them are mere consequences of another one's failure, and of whose, out.

Pure: no I/O. Names tell who depends on whom: Azure calls the objects of a flux configuration `<configuration>` (its source) and
`<configuration>-<kustomization>`, Flux calls the HelmChart of a HelmRelease `<namespace>-<name>`; messages name the rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from shared.core.causes import CAUSES
from shared.core.incident import Incident
from shared.core.told import Tracked
from shared.core.words import SOURCE_KINDS

GRACE = timedelta(minutes=5)  # after a source is well again, until what depends on it has had its turn


def fold(tracked: Iterable[Tracked], now: datetime, grace: timedelta = GRACE) -> dict[str, str]:
    """Key of the dependent → key of the one that it waits for. A parent that is itself folded passes its children on."""
    parents: dict[str, list[Tracked]] = defaultdict(list)
    children: list[Tracked] = []
    for one in tracked:
        if one.incident.failing or _just_resolved(one.incident, now, grace):
            parents[one.incident.subject.cluster.key].append(one)
        if one.incident.failing and _borrowed(one.incident):
            children.append(one)
    direct = {
        child.key: parent for child in children if (parent := _parent(child, parents[child.incident.subject.cluster.key]))
    }
    roots = {child: _root(child, direct) for child in direct}
    return {child: root for child, root in roots.items() if root not in direct}  # who waits in a circle waits for nobody else


def _parent(child: Tracked, candidates: Iterable[Tracked]) -> str | None:
    found = [one for one in candidates if one.key != child.key and _depends(child.incident, one.incident)]
    # A source is nearer to the cause than a Kustomization; the rest is for determinism.
    return (
        min(found, key=lambda one: (one.incident.subject.kind not in SOURCE_KINDS, one.incident.subject.key)).key
        if found
        else None
    )


def _root(child: str, direct: Mapping[str, str]) -> str:
    seen = {child}
    parent = direct[child]
    while parent in direct and parent not in seen:
        seen.add(parent)
        parent = direct[parent]
    return parent


def _borrowed(incident: Incident) -> bool:
    cause = CAUSES.get(incident.cause)
    return cause is not None and cause.borrowed


def _just_resolved(incident: Incident, now: datetime, grace: timedelta) -> bool:
    return incident.opened_at is not None and incident.resolved_at is not None and now - incident.resolved_at < grace


def _depends(child: Incident, parent: Incident) -> bool:
    mine, theirs = child.subject, parent.subject
    if child.needs:
        return child.needs == f"{theirs.namespace}/{theirs.name}" and (theirs.kind in SOURCE_KINDS or theirs.kind == mine.kind)
    if theirs.kind == "HelmChart":
        return theirs.name == f"{mine.namespace}-{mine.name}"
    if mine.namespace != theirs.namespace:
        return False
    if theirs.kind in SOURCE_KINDS:
        return mine.name == theirs.name or mine.name.startswith(theirs.name + "-")
    return theirs.kind == mine.kind == "Kustomization" and not _borrowed(parent)
