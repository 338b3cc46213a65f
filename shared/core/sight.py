"""What Azure showed and what was known before in; each cluster as it is to be judged now out.

Pure: values only; time is an argument. No answer and no row are two things: only what is known to be gone is taken for gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from zlib import crc32

from shared.core.cluster import Cluster
from shared.core.graph_rows import ClusterRow, ConfigurationRow, ExtensionRow
from shared.core.incident import Incident
from shared.core.inventory import ClusterInfo, Configuration

type Identity = tuple[str, str, str]
"""Kind, namespace, name: an object of one cluster."""


class Standing(StrEnum):
    """Whether Azure shows a cluster."""

    LISTED = "listed"
    GONE = "gone"  # Azure says that it does not exist
    HIDDEN = "hidden"  # not shown, and nobody says why
    LAGGING = "lagging"  # not shown, but there; or nobody could be asked for all clusters


@dataclass(frozen=True, slots=True)
class Sight:
    """Everything that a sweep gathered. None: there was no answer. Mappings of rows and incidents are by key of the cluster.

    `gone`, `hidden` and `there` are ids in lower case of what was asked for singly, `waiting` of what is still to be asked for;
    what is in none of them did not give an answer.
    """

    now: datetime
    clusters: Mapping[str, ClusterRow] | None
    configurations: Mapping[str, Sequence[ConfigurationRow]] | None
    extensions: Mapping[str, ExtensionRow] | None
    subscriptions: Mapping[str, str] | None
    inventory: Mapping[str, ClusterInfo]
    failing: Mapping[str, Mapping[Identity, Incident]]
    gone: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    there: frozenset[str] = frozenset()
    waiting: frozenset[str] = frozenset()

    def standing(self, key: str) -> Standing:
        """Of a cluster."""
        if self.clusters is not None and key in self.clusters:
            return Standing.LISTED
        if key in self.gone:
            return Standing.GONE
        if self.clusters is None or not self.out_of_sight(key, self.inventory.get(key)):
            return Standing.LAGGING
        return Standing.HIDDEN

    def out_of_sight(self, arm_id: str, known: ClusterInfo | None) -> bool:
        """Of what is not shown, and not gone: whether nobody says why. `known`: the cluster that it is, or is on.

        What waits for its turn is as it was, unless something else in its subscription is hidden: so are roles lost.
        """
        if arm_id in self.there:
            return False
        if arm_id not in self.waiting or (known is not None and known.hidden_since is not None):
            return True
        subscription = "/".join(arm_id.split("/", 3)[:3]) + "/"
        return any(one.startswith(subscription) for one in self.hidden)


@dataclass(frozen=True, slots=True)
class Place:
    """One cluster: its row and those of what is on it, what was known of it (`old`), and what is known now (`info`).

    `kept` are names of configurations that are known and not shown, `vanished` digests of objects that were shown and are not.
    """

    cluster: Cluster
    standing: Standing
    row: ClusterRow | None
    old: ClusterInfo | None
    info: ClusterInfo
    rows: Sequence[ConfigurationRow] = ()
    extension: ExtensionRow | None = None
    failing: Mapping[Identity, Incident] = field(default_factory=dict)
    kept: frozenset[str] = frozenset()
    vanished: frozenset[str] = frozenset()
    hidden: bool = False  # it, or all its configurations


def configuration_id(cluster: Cluster, name: str) -> str:
    """The ARM id of a fluxConfiguration."""
    return f"{cluster.arm_id}/providers/Microsoft.KubernetesConfiguration/fluxConfigurations/{name}"


def extension_id(cluster: Cluster, name: str) -> str:
    """The ARM id of an extension."""
    return f"{cluster.arm_id}/providers/Microsoft.KubernetesConfiguration/extensions/{name}"


def missing(sight: Sight) -> list[str]:
    """ARM ids of what was known and is not shown, to be asked for singly: clusters first, and first what is missing for the
    first time. Beyond that the order is another one at each moment, so that everybody has a turn.
    """
    clusters = [] if sight.clusters is None else [key for key in sight.inventory if key not in sight.clusters]
    known = {*(sight.clusters or ()), *clusters}
    strangers = [] if sight.clusters is None else [key for key in sight.failing if key not in known]
    ranked = [(0, key, sight.inventory[key].hidden_since is not None) for key in clusters]
    for key, info in sight.inventory.items():
        if sight.standing(key) is Standing.LISTED:
            ranked += ((1, id_, info.hidden_since is not None) for id_ in _missing_on(info, sight))
    ranked += ((2, key, False) for key in strangers)
    return [id_ for _, id_, _ in sorted(ranked, key=lambda one: (one[0], one[2], crc32(f"{one[1]} {sight.now}".encode())))]


def _missing_on(info: ClusterInfo, sight: Sight) -> Iterator[str]:
    key = info.cluster.key
    if sight.configurations is not None:
        shown = {row.name.lower() for row in sight.configurations.get(key, ())}
        known: Sequence[Configuration] = info.configurations
        yield from (configuration_id(info.cluster, one.name) for one in known if one.name.lower() not in shown)
    if sight.extensions is not None and info.extension is not None and key not in sight.extensions:
        yield extension_id(info.cluster, info.extension.name)
