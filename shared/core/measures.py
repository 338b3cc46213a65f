"""The whole fleet in; what each cluster of it is measured by out, and the words in which a gap is judged.

Pure: time is an argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.core.coverage import NEWEST, Coverage
from shared.core.graph_rows import ConfigurationRow
from shared.core.inventory import ClusterInfo, Compliance, Extension
from shared.core.observation import Health
from shared.core.sight import Place

_RUNS = frozenset({"running", "connected"})
_NOT_DONE = frozenset({"creating", "failed", "canceled"})

type Source = tuple[str, str]
"""URL and ref."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A gap. `text` holds no time and no name, so that the same gap is the same cause everywhere; `origin` is what a storm of
    it has in common. `cause`: where it is not the gap's own.
    """

    text: str
    reason: str = ""
    origin: str = ""
    since: datetime | None = None
    note: str = ""
    cause: str = ""


type Judged = tuple[str, str, Wrong | Health]
"""Namespace and name of the subject, and the judgement."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """What a cluster is measured by: all others. `ahead`: the newest revision that has been about for long, and since when."""

    now: datetime
    coverage: Coverage
    newest: tuple[int, int] = NEWEST
    ahead: Mapping[Source, tuple[str, datetime]] = field(default_factory=dict)

    @classmethod
    def of(cls, infos: Iterable[ClusterInfo], coverage: Coverage, now: datetime) -> Fleet:
        """The measures of a fleet."""
        known = list(infos)
        stable = (one.extension for one in known if one.extension is not None and _released(one.extension))
        seen = [version for one in stable if (version := minor(one.version)) and version[0] == NEWEST[0]]
        return cls(now, coverage, max([NEWEST, *seen]), _ahead(known, coverage, now))


def _released(extension: Extension) -> bool:
    """Its version is one that there is: of an installation that is not done it may be what somebody asked for, and no more."""
    return extension.train.lower() == "stable" and extension.provisioning.lower() not in _NOT_DONE


def _ahead(infos: Iterable[ClusterInfo], coverage: Coverage, now: datetime) -> Mapping[Source, tuple[str, datetime]]:
    """Of two clusters each is believed. Of more, a revision counts that two have: no cluster alone makes all others late."""
    first: dict[Source, dict[str, datetime]] = {}
    having: dict[Source, dict[str, set[str]]] = {}
    for info in infos:
        for one in info.configurations:
            if one.source and one.revision and one.synced_at and not one.suspended:
                had = first.setdefault((one.source, one.ref), {})
                had[one.revision] = min(had.get(one.revision, one.synced_at), one.synced_at)
                having.setdefault((one.source, one.ref), {}).setdefault(one.revision, set()).add(info.cluster.key)
    long_ago = now - coverage.sync_limit
    settled = {
        source: [(at, made) for made, at in had.items() if at < long_ago and _borne_out(made, having[source])]
        for source, had in first.items()
    }
    return {source: (max(some)[1], max(some)[0]) for source, some in settled.items() if some}


def _borne_out(revision: str, having: Mapping[str, set[str]]) -> bool:
    return len(having[revision]) > 1 or len(set[str]().union(*having.values())) <= 2


def minor(version: str) -> tuple[int, int] | None:
    """Major and minor number of 1.20.0; None for what is no version."""
    parts = version.split(".")
    if len(parts) < 2 or not all(part.isascii() and part.isdigit() and len(part) < 5 for part in parts[:2]):
        return None
    return int(parts[0]), int(parts[1])


def runs(place: Place) -> bool:
    """It runs, and is connected. Clusters on Azure Local have no such state in Resource Graph."""
    state = place.info.state.lower()
    return state in _RUNS or (not state and place.cluster.type == "provisionedClusters")


def asleep(place: Place) -> bool:
    """It is known not to run, or not to be connected: whatever it last reported, it owes nothing now."""
    return bool(place.info.state) and not runs(place)


def silent_since(place: Place, fleet: Fleet) -> datetime | None:
    """When the agent last reported, if that was too long ago; None if it was not, or if there is nothing to report."""
    reports = [row.reported_at for row in place.rows if row.reported_at and not suspended(row)]
    last = max(reports, default=None)
    return last if last is not None and runs(place) and fleet.now - last > fleet.coverage.agent_limit else None


def suspended(row: ConfigurationRow) -> bool:
    return row.suspended or row.compliance is Compliance.SUSPENDED


def hours(length: timedelta) -> str:
    """As settings write it: 6 h, 90 min."""
    seconds = int(length.total_seconds())
    if seconds % 60:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds % 3600 else f"{seconds // 3600} h"
