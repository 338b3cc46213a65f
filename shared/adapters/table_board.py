"""The rows as notify and people see them: what is true beside what was told.

Law: notify writes `told` and the ledger, in one transaction, and no other column.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache, partial
from itertools import batched
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError

from shared.adapters.incident_json import decode_ledger, decode_told, encode_ledger, encode_told
from shared.adapters.table_incidents import INCIDENTS, incident_key, read_incident
from shared.adapters.table_rows import BARE, PAGE, Table, guarded, known
from shared.adapters.table_writes import MERGE, PARTITION, REPLACE, TRANSACTION, on_condition, row_of
from shared.core.told import Ledger, Told, Tracked

LEDGER = "channels"
RECENT = timedelta(hours=1)  # longer than flapping and folding look back

# The SDK puts parameters in word by word: a space has to follow each.
_HEAD = "PartitionKey eq 'fleet' and RowKey lt 'incident' and (RowKey eq 'channels' or mute_until gt @now )"
_HEAD_COLUMNS = ["RowKey", "channels", "posts", "swept_at", "cluster", "mute_until"]


class BoardRows(Table):
    """Fits the ports Board and Archive."""

    @guarded
    def ledger(self, now: datetime) -> tuple[Ledger, Mapping[str, datetime]]:
        """See the port. One request."""
        ledger, muted = Ledger(), {}
        rows = self._table.query_entities(_HEAD, parameters={"now": now}, results_per_page=PAGE, select=_HEAD_COLUMNS)
        for row in rows:
            if row["RowKey"] == LEDGER:
                version = row.metadata["etag"] or ""
                ledger = known(partial(decode_ledger, row, version)) or Ledger(version=version)
            else:
                muted[(row.get("cluster") or "").lower()] = row["mute_until"]
        return ledger, muted

    @guarded
    def tracked(self, now: datetime) -> Sequence[Tracked]:
        """See the port. A request for each 1,000 rows."""
        wanted = f"{INCIDENTS} and (failing eq true or told_open eq true or turned_at ge @since )"
        rows = self._table.query_entities(
            wanted, parameters={"since": now - RECENT}, results_per_page=PAGE, select=["incident", "told"], headers=dict(BARE)
        )
        return [one for row in rows if (one := known(partial(_tracked, row.get("incident", ""), row.get("told") or "")))]

    @guarded
    def messages(self, keys: Iterable[str]) -> Mapping[str, str]:
        """See the port. A request for each."""
        return {key: row.get("message") or "" for key in keys if (row := self._get(key, ["message"])) is not None}

    @guarded
    def record(self, ledger: Ledger, told: Mapping[str, Mapping[str, Told]]) -> Ledger:
        """See the port. One transaction for each 99 incidents, each with the ledger in it."""
        marks = [
            ("update", {**row_of(key), "told": encode_told(of), "told_open": any(one.open for one in of.values())}, MERGE)
            for key, of in told.items()
        ]
        for some in batched(marks, TRANSACTION - 1) if marks else [()]:
            ledger = self._transact(ledger, some)
        return ledger

    def _transact(self, ledger: Ledger, marks: Sequence[tuple[Any, ...]]) -> Ledger:
        row = row_of(LEDGER) | encode_ledger(ledger)
        head: tuple[Any, ...] = ("create", row)
        if ledger.version:
            head = ("update", row, {**REPLACE, **on_condition(ledger.version)})
        done = self._table.submit_transaction([head, *marks])
        return replace(ledger, version=done[0]["etag"])

    @guarded
    def sweep(self, resolved_before: datetime) -> int:
        """See the port. A row that changes meanwhile stays."""
        old = f"{INCIDENTS} and failing eq false and idle_since lt @before"
        gone = 0
        for row in self._table.query_entities(old, parameters={"before": resolved_before}, select=["RowKey"]):
            try:
                self._table.delete_entity(
                    PARTITION, row["RowKey"], etag=row.metadata["etag"], match_condition=MatchConditions.IfNotModified
                )
                gone += 1
            except HttpResponseError as error:
                if error.status_code not in (404, 412):
                    raise
        return gone

    @guarded
    def incidents(self) -> Sequence[Tracked]:
        """See the port."""
        rows = self._table.query_entities(
            f"{INCIDENTS} and opened eq true",
            results_per_page=PAGE,
            select=["incident", "told", "message"],
            headers=dict(BARE),
        )
        both = (
            (known(partial(_tracked, row.get("incident", ""), row.get("told") or "")), row.get("message") or "") for row in rows
        )
        return [replace(one, incident=replace(one.incident, message=message)) for one, message in both if one]


@lru_cache(maxsize=8_192)
def _tracked(incident: str, told: str) -> Tracked:
    """As `read_incident`, with its key and what was told."""
    decoded = read_incident(incident)
    return Tracked(incident_key(decoded.subject), decoded, decode_told(told))
