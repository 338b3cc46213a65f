"""Azure Table storage: incidents, what was told of them, the ledger and the clusters, in one partition of one table.

Law: two writers of one row own different columns (`incident`, `message`, … are the receivers', `told` is notify's), so neither
can undo the other; one partition, so that what was told and the ledger are written in one transaction.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache, partial, wraps
from itertools import batched
from typing import Any, Concatenate

from azure.core import MatchConditions
from azure.core.exceptions import AzureError, HttpResponseError, ResourceNotFoundError
from azure.data.tables import TableClient, UpdateMode

from shared.adapters.incident_json import (
    decode_incident,
    decode_ledger,
    decode_told,
    encode_incident,
    encode_ledger,
    encode_told,
)
from shared.core.cluster import Cluster
from shared.core.incident import Incident
from shared.core.inventory import ClusterInfo, with_sources
from shared.core.observation import Subject
from shared.core.told import Ledger, Told, Tracked
from shared.ports import Conflict, Stored, StoreUnavailable

log = logging.getLogger(__name__)

PARTITION = "fleet"
LEDGER = "channels"
PAGE = 1_000  # rows: the most that the service gives
TRANSACTION = 100  # operations: the most that the service takes
FEW = 3  # rows that are read one by one rather than all at once
RECENT = timedelta(hours=1)  # longer than flapping and folding look back

_CLUSTERS = "PartitionKey eq 'fleet' and RowKey ge 'cluster:' and RowKey lt 'cluster;'"
_INCIDENTS = "PartitionKey eq 'fleet' and RowKey ge 'incident:' and RowKey lt 'incident;'"
# The SDK puts parameters in word by word: a space has to follow each.
_HEAD = "PartitionKey eq 'fleet' and RowKey lt 'incident' and (RowKey eq 'channels' or mute_until gt @now )"
_BARE = {"Accept": "application/json;odata=nometadata"}  # without etags: half the work for thousands of rows
_RACES = frozenset(
    {"EntityAlreadyExists", "UpdateConditionNotSatisfied", "ConditionNotMet", "ResourceNotFound", "EntityNotFound"}
)


def incident_key(subject: Subject) -> str:
    """The row of a subject: a digest, for names may hold anything."""
    return "incident:" + hashlib.sha256("\0".join(subject.key).encode()).hexdigest()[:40]


def cluster_key(key: str) -> str:
    """The row of a cluster."""
    return "cluster:" + hashlib.sha256(key.encode()).hexdigest()[:40]


@contextmanager
def _faults() -> Iterator[None]:
    """The service's errors as ours. Never their text: it may hold the address, and with it the signature."""
    try:
        yield
    except (Conflict, StoreUnavailable):
        raise
    except HttpResponseError as error:
        code = _code(error)
        if code in _RACES or error.status_code in (409, 412):
            raise Conflict from None
        raise StoreUnavailable(f"Table storage answered {error.status_code} {code}".rstrip()) from None
    except AzureError as error:
        raise StoreUnavailable(f"Table storage cannot be reached ({type(error).__name__})") from None


def _code(error: HttpResponseError) -> str:
    """The service's word for it. The SDK gives it as an enumeration, as a text or, for an insert, not at all."""
    code = getattr(error, "error_code", None)
    return str(getattr(code, "value", code) or "")


def _no_table(error: HttpResponseError) -> bool:
    """An insert has nothing else to miss."""
    return (_code(error) or "TableNotFound") == "TableNotFound" and error.status_code == 404


def _guarded[**P, R](method: Callable[Concatenate[TableStore, P], R]) -> Callable[Concatenate[TableStore, P], R]:
    """Faults as ours; and where the table is missing, it is made and the method tried once more."""

    @wraps(method)
    def call(self: TableStore, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with _faults():
            try:
                return method(self, *args, **kwargs)
            except HttpResponseError as error:
                if not _no_table(error):
                    raise
                self.create()
                return method(self, *args, **kwargs)

    return call


class TableStore:
    """Fits the ports IncidentStore, Board, Inventory and Archive. One per process; safe for many threads."""

    def __init__(self, table: TableClient) -> None:
        self._table = table

    def create(self) -> None:
        """The table, unless it is there."""
        with _faults():
            try:
                self._table.create_table()
            except HttpResponseError as error:
                if error.status_code != 409:
                    raise

    # -------------------------------------------------------------------------------------------------- IncidentStore

    @_guarded
    def load(self, subject: Subject) -> Stored:
        """See the port."""
        try:
            row = self._table.get_entity(PARTITION, incident_key(subject), select=["incident", "message"])
        except ResourceNotFoundError as error:
            if _no_table(error):
                raise
            return Stored(None, None)
        return Stored(_known(lambda: decode_incident(row["incident"], row.get("message", ""))), row.metadata["etag"])

    @_guarded
    def save(self, incident: Incident, version: str | None) -> None:
        """See the port."""
        row = {
            "PartitionKey": PARTITION,
            "RowKey": incident_key(incident.subject),
            "incident": encode_incident(incident),
            "message": incident.message,
            "failing": incident.failing,
            "opened": incident.opened_at is not None,
        }
        moments = {"turned_at": incident.turned_at, "idle_since": incident.resolved_at or incident.observed_at}
        row |= {column: at for column, at in moments.items() if at is not None}
        if version is None:
            self._table.create_entity(row | {"told": "", "told_open": False})
        else:
            self._table.update_entity(row, mode=UpdateMode.MERGE, etag=version, match_condition=MatchConditions.IfNotModified)

    # ---------------------------------------------------------------------------------------------------------- Board

    @_guarded
    def ledger(self, now: datetime) -> tuple[Ledger, Mapping[str, datetime]]:
        """See the port. One request."""
        ledger, muted = Ledger(), {}
        for row in self._table.query_entities(_HEAD, parameters={"now": now}, results_per_page=PAGE):
            if row["RowKey"] == LEDGER:
                version = row.metadata["etag"] or ""
                ledger = _known(partial(decode_ledger, row, version)) or Ledger(version=version)
            else:
                muted[row["cluster"].lower()] = row["mute_until"]
        return ledger, muted

    @_guarded
    def tracked(self, now: datetime) -> Sequence[Tracked]:
        """See the port. A request for each 1,000 rows."""
        wanted = f"{_INCIDENTS} and (failing eq true or told_open eq true or turned_at ge @since )"
        rows = self._table.query_entities(
            wanted, parameters={"since": now - RECENT}, results_per_page=PAGE, select=["incident", "told"], headers=_BARE
        )
        return [one for row in rows if (one := _known(partial(_tracked, row["incident"], row["told"])))]

    @_guarded
    def messages(self, keys: Iterable[str]) -> Mapping[str, str]:
        """See the port. A request for each."""
        return {key: row["message"] for key in keys if (row := self._get(key, ["message"])) is not None}

    @_guarded
    def record(self, ledger: Ledger, told: Mapping[str, Mapping[str, Told]]) -> Ledger:
        """See the port. One transaction for each 99 incidents, each with the ledger in it."""
        marks = [
            ("update", {**_row(key), "told": encode_told(of), "told_open": any(one.open for one in of.values())}, _MERGE)
            for key, of in told.items()
        ]
        for some in batched(marks, TRANSACTION - 1) if marks else [()]:
            ledger = self._transact(ledger, some)
        return ledger

    def _transact(self, ledger: Ledger, marks: Sequence[tuple[Any, ...]]) -> Ledger:
        row = _row(LEDGER) | encode_ledger(ledger)
        head: tuple[Any, ...] = ("create", row)
        if ledger.version:
            head = ("update", row, {**_REPLACE, "etag": ledger.version, "match_condition": MatchConditions.IfNotModified})
        done = self._table.submit_transaction([head, *marks])
        return replace(ledger, version=done[0]["etag"])

    @_guarded
    def sweep(self, resolved_before: datetime) -> int:
        """See the port. A row that changes meanwhile stays."""
        old = f"{_INCIDENTS} and failing eq false and idle_since lt @before"
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

    # ---------------------------------------------------------------------------------------------- Inventory, Archive

    @_guarded
    def clusters(self, keys: Iterable[str]) -> Mapping[str, ClusterInfo]:
        """See the port. A request for each of a few, one for all of many."""
        wanted = {cluster_key(key): key for key in keys}
        rows: Mapping[str, Mapping[str, Any]]
        if len(wanted) > FEW:
            rows = {row["RowKey"]: row for row in self._table.query_entities(_CLUSTERS, results_per_page=PAGE)}
        else:
            rows = {row_key: row for row_key in wanted if (row := self._get(row_key)) is not None}
        return {key: _info(rows[row_key]) for row_key, key in wanted.items() if row_key in rows}

    def put_clusters(self, infos: Iterable[ClusterInfo]) -> None:
        """Write what is known of clusters."""
        self._put([_cluster_row(info) for info in infos])

    @_guarded
    def _put(self, rows: Sequence[Mapping[str, Any]]) -> None:
        for some in batched(rows, TRANSACTION):
            self._table.submit_transaction([("upsert", row, _REPLACE) for row in some])

    @_guarded
    def incidents(self) -> Sequence[Tracked]:
        """See the port."""
        rows = self._table.query_entities(f"{_INCIDENTS} and opened eq true", results_per_page=PAGE)
        whole = ((_known(partial(_tracked, row["incident"], row["told"])), row.get("message", "")) for row in rows)
        return [replace(one, incident=replace(one.incident, message=message)) for one, message in whole if one]

    def _get(self, key: str, select: list[str] | None = None) -> Mapping[str, Any] | None:
        try:
            return self._table.get_entity(PARTITION, key, select=select)
        except ResourceNotFoundError as error:
            if _no_table(error):
                raise
            return None


def _known[R](decode: Callable[[], R]) -> R | None:
    """None for a row that another version wrote and this one cannot read: one row must not silence all the others."""
    try:
        return decode()
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        log.warning("a row of the table cannot be read (%s): passed over", type(fault).__name__)
        return None


@lru_cache(maxsize=8_192)  # about 2 KB each
def _tracked(incident: str, told: str) -> Tracked:
    """Nearly all rows are as they were ten seconds ago: those are not decoded again."""
    decoded = decode_incident(incident)
    return Tracked(incident_key(decoded.subject), decoded, decode_told(told))


_MERGE = {"mode": UpdateMode.MERGE}
_REPLACE = {"mode": UpdateMode.REPLACE}


def _row(key: str) -> dict[str, Any]:
    return {"PartitionKey": PARTITION, "RowKey": key}


def _cluster_row(info: ClusterInfo) -> dict[str, Any]:
    return {
        **_row(cluster_key(info.cluster.key)),
        "cluster": info.cluster.arm_id,
        "region": info.region,
        "subscription_name": info.subscription_name,
        "sources": "\n".join(f"{name} {url}" for name, url in sorted(info.sources.items())),
        **({"mute_until": info.mute_until} if info.mute_until else {}),
    }


def _info(row: Mapping[str, Any]) -> ClusterInfo:
    return ClusterInfo(
        Cluster.from_arm_id(row["cluster"]),
        row["region"],
        row["subscription_name"],
        row.get("mute_until"),
        configurations=with_sources(dict(line.split(" ", 1) for line in row["sources"].split("\n") if line)),
    )
