"""A simulated fleet in; what Resource Graph and Resource Manager answer about it out, without a query language in between.

Law: the rows are those that the real queries give: tests/jobs/test_sweep_queries.py compares them. So a test may sweep a
thousand times in the time that one query takes to be translated.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from local.azure.graph import configuration_properties
from local.azure.world import World
from shared.core.trouble import Trouble, Unanswered
from shared.ports import Presence

type Row = dict[str, Any]

_PROVIDER = "/providers/microsoft.kubernetesconfiguration/"
_CLUSTERS = {
    "microsoft.containerservice/managedclusters": "managedClusters",
    "microsoft.kubernetes/connectedclusters": "connectedClusters",
    "microsoft.hybridcontainerservice/provisionedclusters": "provisionedClusters",
}


class GraphOf:
    """Fits ResourceGraph. `script` says for a query what its next answers are: an exception, rows, or None for the truth."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.script: defaultdict[str, deque[Exception | Sequence[Row] | None]] = defaultdict(deque)

    def ask(self, query: str) -> Sequence[Row]:
        scripted = self.script[query].popleft() if self.script[query] else None
        if isinstance(scripted, Exception):
            raise scripted
        return QUERIES[query](self.world.graph_rows()) if scripted is None else scripted

    def fails(self, *queries: str, trouble: Trouble = Trouble.UNREACHABLE) -> None:
        """Once."""
        for query in queries:
            self.script[query].append(Unanswered(trouble, query))


class ArmOf:
    """Fits ResourceManager. `script` as above, for whatever is asked next."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.script: deque[Exception] = deque()
        self.asked: Counter[str] = Counter()

    def presence(self, arm_id: str) -> Presence:
        self._called(arm_id)
        if not self.world.sees(arm_id):
            return Presence.HIDDEN
        return Presence.THERE if arm_id.lower() in self._ids() else Presence.GONE

    def get(self, arm_id: str) -> Mapping[str, Any] | None:
        self._called(arm_id)
        wanted = (one for one in self.world.configurations() if one.arm_id.lower() == arm_id.lower())
        return next(({"id": one.arm_id, "properties": configuration_properties(one)} for one in wanted), None)

    def _called(self, arm_id: str) -> None:
        self.asked[arm_id.lower()] += 1
        if self.script:
            raise self.script.popleft()

    def _ids(self) -> set[str]:
        members = self.world.members.values()
        extensions = {one.extension_id.lower() for one in members}
        return {*self.world.members, *extensions, *(one.arm_id.lower() for one in self.world.configurations())}


def _clusters(tables: Mapping[str, Sequence[Row]]) -> list[Row]:
    return [
        {
            "id": row["id"],
            "name": row["name"],
            "clusterType": _CLUSTERS[row["type"]],
            "subscriptionId": row["subscriptionId"],
            "resourceGroup": row["resourceGroup"],
            "location": row["location"],
            "state": row["properties"].get("powerState", {}).get("code") or row["properties"].get("connectivityStatus") or "",
            "kubernetesVersion": row["properties"].get("kubernetesVersion") or "",
            "lastConnectivity": row["properties"].get("lastConnectivityTime"),
            "tags": row.get("tags"),
        }
        for row in _sorted(tables["resources"])
        if row["type"] in _CLUSTERS
    ]


def _configurations(tables: Mapping[str, Sequence[Row]]) -> list[Row]:
    return [
        {
            "id": row["id"],
            "name": row["name"],
            "clusterId": _owner(row),
            "scope": said.get("scope") or "",
            "namespace": said.get("namespace") or "",
            "sourceKind": said.get("sourceKind") or "",
            "sourceUrl": holder.get("url") or "",
            "sourceRef": next((f"{key}:{value}" for key, value in (holder.get("repositoryRef") or {}).items()), ""),
            "syncedCommit": said.get("sourceSyncedCommitId") or "",
            "sourceUpdatedAt": said.get("sourceUpdatedAt"),
            "statusUpdatedAt": said.get("statusUpdatedAt"),
            "complianceState": said.get("complianceState") or "",
            "provisioningState": said.get("provisioningState") or "",
            "suspended": said.get("suspend"),
            "errorMessage": said.get("errorMessage") or "",
            "statuses": said.get("statuses"),
        }
        for row in _sorted(tables["kubernetesconfigurationresources"])
        if row["type"].endswith("/fluxconfigurations")
        for said in [row["properties"]]
        for holder in [said.get("gitRepository") or said.get("ociRepository") or {}]
    ]


def _extensions(tables: Mapping[str, Sequence[Row]]) -> list[Row]:
    return [
        {
            "id": row["id"],
            "name": row["name"],
            "clusterId": _owner(row),
            "version": said.get("CurrentVersion") or said.get("Version") or "",
            "autoUpgrade": said.get("AutoUpgradeMinorVersion"),
            "releaseTrain": said.get("ReleaseTrain") or "",
            "provisioningState": said.get("ProvisioningState") or "",
            "statusMessage": next((one["Message"] for one in said.get("Statuses") or ()), ""),
            "errorMessage": (said.get("ErrorInfo") or {}).get("Message") or "",
        }
        for row in _sorted(tables["kubernetesconfigurationresources"])
        if row["type"].endswith("/extensions")
        for said in [row["properties"]]
    ]


def _subscriptions(tables: Mapping[str, Sequence[Row]]) -> list[Row]:
    return [
        {
            "id": row["id"],
            "subscriptionId": row["subscriptionId"],
            "subscriptionName": row["name"],
            "state": row["properties"]["state"],
        }
        for row in _sorted(tables["resourcecontainers"])
    ]


def _owner(row: Row) -> str:
    return str(row["id"].lower().rpartition(_PROVIDER)[0])


def _sorted(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row["id"])


QUERIES: Mapping[str, Callable[[Mapping[str, Sequence[Row]]], list[Row]]] = {
    "clusters": _clusters,
    "flux_configurations": _configurations,
    "flux_extensions": _extensions,
    "subscriptions": _subscriptions,
}
"""Query → its rows, of the tables of Resource Graph."""
