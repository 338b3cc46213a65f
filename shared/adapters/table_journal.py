"""What the sweeps leave for their next run, and for health: the latest run of each, and how far logs have been read.

Law: a mark moves only on the condition that it is still where it was read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from azure.data.tables import UpdateMode

from shared.adapters.run_json import decode_run, encode_run
from shared.adapters.table_rows import PAGE, Table, guarded, known
from shared.adapters.table_writes import digest_key, on_condition, row_of
from shared.core.finding import Run
from shared.ports import Mark

_RUNS = "PartitionKey eq 'fleet' and RowKey ge 'run:' and RowKey lt 'run;'"
_MARKS = "PartitionKey eq 'fleet' and RowKey ge 'mark:' and RowKey lt 'mark;'"


def mark_key(mark: Mark) -> str:
    """The row of a query over a workspace, however the workspace's id is spelled."""
    return digest_key("mark", mark.workspace.lower(), mark.query)


class JournalRows(Table):
    """Fits the ports Journal and Watermarks."""

    @guarded
    def runs(self) -> Mapping[str, Run]:
        """See the port. One request."""
        rows = self._table.query_entities(_RUNS, results_per_page=PAGE, select=["run"])
        return {run.job: run for row in rows if (run := known(partial(decode_run, row.get("run", ""))))}

    @guarded
    def put_run(self, run: Run) -> None:
        """See the port."""
        row = row_of(f"run:{run.job}") | {"job": run.job, "at": run.at, "run": encode_run(run)}
        self._table.upsert_entity(row, mode=UpdateMode.REPLACE)

    @guarded
    def marks(self) -> Sequence[Mark]:
        """See the port. One request."""
        rows = self._table.query_entities(_MARKS, results_per_page=PAGE, select=["workspace", "query", "until"])
        return [mark for row in rows if (mark := known(partial(_mark, row, row.metadata["etag"])))]

    @guarded
    def advance(self, mark: Mark, until: datetime) -> Mark:
        """See the port."""
        row = row_of(mark_key(mark)) | {"workspace": mark.workspace, "query": mark.query, "until": until}
        if mark.version is None:
            done = self._table.create_entity(row)
        else:
            done = self._table.update_entity(row, mode=UpdateMode.REPLACE, **on_condition(mark.version))
        return replace(mark, until=until, version=done["etag"])


def _mark(row: Mapping[str, Any], version: str | None) -> Mark:
    """One whose time cannot be read begins anew: if it were not known at all, nobody could write over it."""
    until = row.get("until")
    return Mark(row["workspace"], row["query"], until if isinstance(until, datetime) else None, version)
