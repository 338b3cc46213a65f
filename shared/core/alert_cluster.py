"""An alert and the inventory in; the one cluster that it is about out, or why nobody can tell.

Pure: no I/O. Law: never a guess. An id names a cluster wherever it stands; a mere name only where one cluster has it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from shared.core.azure_alert import Alert
from shared.core.cluster import Cluster, NotACluster
from shared.core.inventory import ClusterInfo


class NoCluster(Exception):
    """The text says why. `named` is the name that the alert gives, `clusters` how many there are of that name."""

    def __init__(self, why: str, named: str = "", clusters: int = 0) -> None:
        super().__init__(why)
        self.named, self.clusters = named, clusters


@dataclass(frozen=True, slots=True)
class Directory:
    """The inventory by key and by name in lower case."""

    by_key: Mapping[str, ClusterInfo] = field(default_factory=dict)
    by_name: Mapping[str, tuple[ClusterInfo, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, infos: Iterable[ClusterInfo]) -> Directory:
        """Each cluster once."""
        by_key = {info.cluster.key: info for info in infos}
        by_name = defaultdict[str, list[ClusterInfo]](list)
        for info in by_key.values():
            by_name[info.cluster.name.lower()].append(info)
        return cls(by_key, {name: tuple(some) for name, some in by_name.items()})


def cluster_of(alert: Alert, known: Directory) -> ClusterInfo:
    """The cluster as the inventory knows it; of an id that it does not know no more than the id. Raises `NoCluster`."""
    for ids in alert.resources:
        found = {cluster.key: cluster for cluster in _clusters(ids)}
        if len(found) > 1:
            raise NoCluster(f"it is about {len(found)} clusters at once")
        for key, cluster in found.items():
            return known.by_key.get(key) or ClusterInfo(cluster)
    named = alert.labels.get("cluster", "")
    if not named:
        raise NoCluster("it names no cluster")
    return _named(named, known)


def _named(named: str, known: Directory) -> ClusterInfo:
    """Of the label `cluster`: the last segment of an id, or an id."""
    for cluster in _clusters((named,)):
        return known.by_key.get(cluster.key) or ClusterInfo(cluster)
    name = named.rstrip("/").rpartition("/")[2]
    found = known.by_name.get(name.lower(), ())
    if len(found) == 1:
        return found[0]
    why = f"{len(found)} clusters have the name that it gives" if found else "no known cluster has the name that it gives"
    raise NoCluster(why, name, len(found))


def _clusters(ids: Iterable[str]) -> Iterator[Cluster]:
    """Of ids of clusters, and of what is within one, such as its extension. Other ids, and names, are passed over."""
    for one in ids:
        segments = one.strip("/").split("/")
        try:
            yield Cluster.from_arm_id("/".join(segments[:8]))
        except NotACluster:
            continue
