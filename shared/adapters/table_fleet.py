"""The rows of clusters.

Law: the compliance sweep writes them whole; cards read the columns that people can read, and leave the long ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from shared.adapters.inventory_json import BRIEF, USUAL, decode_brief, decode_cluster, encode_cluster, goes_on
from shared.adapters.table_rows import BARE, PAGE, Table, guarded, known
from shared.adapters.table_writes import Write, digest_key, row_of
from shared.core.inventory import ClusterInfo

FEW = 3  # rows that are read one by one rather than all at once

_CLUSTERS = "PartitionKey eq 'fleet' and RowKey ge 'cluster:' and RowKey lt 'cluster;'"


def cluster_key(key: str) -> str:
    """The row of a cluster."""
    return digest_key("cluster", key)


class FleetRows(Table):
    """Fits the ports Inventory and FleetBook."""

    @guarded
    def clusters(self, keys: Iterable[str]) -> Mapping[str, ClusterInfo]:
        """See the port: where they are, whether they are muted, and the URLs of their sources. A request for each of a few, one
        for all of many.
        """
        wanted = {cluster_key(key): key for key in keys}
        rows = self._few(wanted) if len(wanted) <= FEW else self._all()
        infos = {key: known(partial(decode_brief, rows[row_key])) for row_key, key in wanted.items() if row_key in rows}
        return {key: info for key, info in infos.items() if info}

    def _few(self, wanted: Mapping[str, str]) -> Mapping[str, Mapping[str, Any]]:
        return {key: row for key in wanted if (row := self._get(key, BRIEF)) is not None}

    def _all(self) -> Mapping[str, Mapping[str, Any]]:
        rows = self._table.query_entities(_CLUSTERS, results_per_page=PAGE, select=["RowKey", *BRIEF])
        return {row["RowKey"]: row for row in rows}

    @guarded
    def inventory(self) -> Sequence[ClusterInfo]:
        """See the port. A request for each 1,000 clusters, or for 4 MB of them; where a row is very long, all of them again."""
        rows = self._bare(USUAL)
        if any(goes_on(row) for row in rows):
            rows = self._bare(None)
        return [info for row in rows if (info := known(partial(decode_cluster, row)))]

    def _bare(self, columns: Sequence[str] | None) -> Sequence[Mapping[str, Any]]:
        """Without times, which the SDK is slow to read. Real storage gives None for a column that a row does not have."""
        select = list(columns) if columns else None
        return list(self._table.query_entities(_CLUSTERS, results_per_page=PAGE, select=select, headers=dict(BARE)))

    def put_clusters(self, infos: Iterable[ClusterInfo]) -> None:
        """See the port. A request for each 100."""
        self._put([Write("upsert", row_of(cluster_key(info.cluster.key)) | encode_cluster(info)) for info in infos])

    def drop_clusters(self, keys: Iterable[str]) -> None:
        """See the port. A request for each 100, and a few more where some are not there."""
        self._put([Write("delete", row_of(cluster_key(key))) for key in keys])

    @guarded
    def _put(self, writes: Sequence[Write]) -> None:
        self._write_all(writes)
