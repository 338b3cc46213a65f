"""Incidents, inventory and mutes in; every incident as it is at this moment, beside the cluster that it is on, out.

Pure: no I/O; time is an argument. The states are those that notify decides by.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from shared.core.causes import Cause, Severity
from shared.core.folding import fold
from shared.core.incident import State, state_of
from shared.core.inventory import ClusterInfo, Compliance
from shared.core.plan import Policy
from shared.core.reasons import cause_by_id
from shared.core.told import Tracked


class Standing(StrEnum):
    """How a cluster stands, the most pressing first. The first four are those of its worst incident."""

    OPEN = "open"
    FLAPPING = "flapping"
    HELD = "held"
    MUTED = "muted"
    NOT_COMPLIANT = "not-compliant"  # Azure says so; no incident does
    HIDDEN = "hidden"  # Azure shows it no more, and does not say that it is gone
    UNKNOWN = "unknown"  # no sweep has seen it
    WELL = "well"
    NO_FLUX = "no-flux"  # nothing of Flux is there, and nothing is missed

    @property
    def rank(self) -> int:
        """0 is the most pressing."""
        return list(Standing).index(self)

    @property
    def of_incidents(self) -> bool:
        """An incident has given it to the cluster."""
        return self.rank <= Standing.MUTED.rank


BROKEN = frozenset({State.OPEN, State.FLAPPING})
_RANKS = {severity: severity.rank for severity in Severity}
ORDER: Mapping[State, int] = {State.OPEN: 0, State.FLAPPING: 1, State.HELD: 2, State.MUTED: 3, State.RESOLVED: 4}


@dataclass(frozen=True, slots=True)
class Seen:
    """One incident, what it is now, the key of its cluster, and that of the one that it merely waits for (empty: none)."""

    one: Tracked
    state: State
    cause: Cause
    where: str
    parent: str = ""

    @property
    def severity(self) -> Severity:
        """Of the incident itself."""
        return self.one.incident.severity

    @property
    def broken(self) -> bool:
        """Fails for certain, and nobody has muted it."""
        return self.state in BROKEN


@dataclass(frozen=True)
class Known:
    """Everything that the page shows. `clusters` are by key; those beyond the inventory have sent events and no more."""

    now: datetime
    seen: Sequence[Seen]
    clusters: Mapping[str, ClusterInfo]
    inventoried: frozenset[str]
    mutes: Mapping[str, datetime]

    @cached_property
    def of(self) -> Mapping[str, Sequence[Seen]]:
        """Incidents by cluster."""
        found: dict[str, list[Seen]] = defaultdict(list)
        for one in self.seen:
            found[one.where].append(one)
        return found

    @cached_property
    def failing(self) -> Mapping[str, Sequence[Seen]]:
        """What is not over, by cluster."""
        found = {key: [one for one in some if one.state is not State.RESOLVED] for key, some in self.of.items()}
        return {key: some for key, some in found.items() if some}

    @cached_property
    def broken(self) -> Sequence[Seen]:
        """What fails for certain and is not muted, consequences included."""
        return [one for one in self.seen if one.broken]

    @cached_property
    def standings(self) -> Mapping[str, Standing]:
        """By cluster."""
        return {key: self._standing(key, info) for key, info in self.clusters.items()}

    def _standing(self, key: str, info: ClusterInfo) -> Standing:
        if failing := self.failing.get(key):
            return Standing(min((one.state for one in failing), key=ORDER.__getitem__))
        if info.hidden_since:
            return Standing.HIDDEN
        if any(one.compliance is Compliance.NON_COMPLIANT for one in info.configurations):
            return Standing.NOT_COMPLIANT
        if key not in self.inventoried:
            return Standing.UNKNOWN
        return Standing.WELL if info.extension or info.configurations else Standing.NO_FLUX


def know(
    tracked: Sequence[Tracked], infos: Iterable[ClusterInfo], mutes: Mapping[str, datetime], now: datetime, policy: Policy
) -> Known:
    """`mutes` maps a cluster's key to the end of its mute. Incidents that never opened are left out."""
    opened = [one for one in tracked if one.incident.opened_at]
    over = now - policy.grace  # what was over before then has nobody under it
    parents = fold([one for one in opened if (one.incident.resolved_at or now) >= over], now, policy.grace)
    seen = [_seen(one, mutes, now, policy, parents) for one in opened]
    seen.sort(key=_place)
    inventory = {info.cluster.key: info for info in infos}
    return Known(now, seen, inventory | _strangers(seen, inventory), frozenset(inventory), mutes)


def _seen(one: Tracked, mutes: Mapping[str, datetime], now: datetime, policy: Policy, parents: Mapping[str, str]) -> Seen:
    where = one.incident.subject.cluster.key
    until = mutes.get(where)
    state = state_of(one.incident, now, muted=until is not None and now < until, flap=policy.flap)
    return Seen(one, state, cause_by_id(one.incident.cause), where, parents.get(one.key, ""))


def _place(seen: Seen) -> tuple[int, int, str, str, str, str]:
    subject = seen.one.incident.subject
    return (ORDER[seen.state], _RANKS[seen.severity], seen.where, subject.kind, subject.namespace, subject.name)


def _strangers(seen: Iterable[Seen], inventory: Mapping[str, ClusterInfo]) -> dict[str, ClusterInfo]:
    """Clusters that no sweep has seen: those with failures; without an inventory all that were ever heard of."""
    heard = {one.where: one.one.incident.subject.cluster for one in seen if one.state is not State.RESOLVED or not inventory}
    return {key: ClusterInfo(cluster) for key, cluster in heard.items() if key not in inventory}
