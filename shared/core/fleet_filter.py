"""The query of the fleet page in; which clusters and incidents it lets through out.

Pure: no I/O. A value that nothing has is named and ignored: an old link shows everything rather than nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from shared.core.causes import CAUSES
from shared.core.cluster import Cluster
from shared.core.fleet_known import Known, Seen, Standing
from shared.core.incident import State
from shared.core.inventory import ClusterInfo
from shared.core.redact import clean

LONGEST = 200  # characters of a value that are looked at
FIELDS = ("q", "subscription", "state", "cluster", "cause")
STATES = frozenset({*State, *Standing})


@dataclass(frozen=True)
class Asked:
    """What is asked for, by field, and what of it was ignored. `words` are those of `q`; all have to be found."""

    values: Mapping[str, str]
    unknown: Mapping[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()

    @classmethod
    def of(cls, query: Mapping[str, str], known: Known) -> Asked:
        """Letter case does not count."""
        given = {name: clean(query.get(name, ""))[:LONGEST].strip() for name in FIELDS}
        there: dict[str, Collection[str]] = {
            "subscription": {part for info in known.clusters.values() for part in _subscription(info)},
            "state": STATES,
            "cluster": {part for info in known.clusters.values() for part in _names(info.cluster)},
            "cause": CAUSES.keys(),
        }
        unknown = {name: value for name, value in given.items() if value and name in there and value.lower() not in there[name]}
        values = {name: value for name, value in given.items() if value and name not in unknown}
        return cls(values, unknown, tuple(values.get("q", "").lower().split()))

    def __bool__(self) -> bool:
        return bool(self.values)

    def clusters(self, known: Known) -> dict[str, ClusterInfo]:
        """Those that are let through, by key."""
        return {key: info for key, info in known.clusters.items() if not self or self._takes(key, info, known)}

    def incidents(self, known: Known) -> list[Seen]:
        """Those that are let through, over ones included."""
        return [one for one in known.seen if not self or self._fits(one, known)]

    def _is(self, name: str, *values: str) -> bool:
        return name not in self.values or self.values[name].lower() in values

    def _takes(self, key: str, info: ClusterInfo, known: Known) -> bool:
        failing = known.failing.get(key, ())
        return (
            self._is("subscription", *_subscription(info))
            and self._is("cluster", *_names(info.cluster))
            and self._is("state", known.standings[key], *(one.state for one in known.of.get(key, ())))
            and self._is("cause", *(one.cause.id for one in failing))
            and (self._says(_of_cluster(info)) or any(self._says(_of_cluster(info) + _of_incident(one)) for one in failing))
        )

    def _fits(self, one: Seen, known: Known) -> bool:
        info = known.clusters.get(one.where) or ClusterInfo(one.one.incident.subject.cluster)
        return (
            self._is("subscription", *_subscription(info))
            and self._is("cluster", *_names(info.cluster))
            and self._is("state", one.state, *_only_of_clusters(known.standings.get(one.where)))
            and self._is("cause", one.cause.id)
            and self._says(_of_cluster(info) + _of_incident(one))
        )

    def _says(self, text: str) -> bool:
        return not self.words or all(word in text.lower() for word in self.words)


def _only_of_clusters(standing: Standing | None) -> tuple[str, ...]:
    return () if standing is None or standing.of_incidents else (standing,)


def _subscription(info: ClusterInfo) -> tuple[str, str]:
    return info.cluster.subscription.lower(), info.subscription_name.lower()


def _names(cluster: Cluster) -> tuple[str, str]:
    return cluster.name.lower(), cluster.key


def _of_cluster(info: ClusterInfo) -> str:
    cluster = info.cluster
    return " ".join((cluster.name, info.subscription_name, cluster.subscription, cluster.resource_group, info.region, ""))


def _of_incident(one: Seen) -> str:
    incident, subject = one.one.incident, one.one.incident.subject
    what = f"{subject.kind} {subject.namespace}/{subject.name}"
    return " ".join((what, one.cause.title, incident.reason, incident.revision, incident.message))
