"""The rows of incidents: one at a time for who receives events, many at a time for the sweeps.

Law: the columns here (`incident`, `message`, …) are written on condition of the row's version; `told` is notify's and stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from azure.data.tables import UpdateMode

from shared.adapters.incident_json import decode_incident, encode_incident
from shared.adapters.json_fields import whole
from shared.adapters.table_rows import PAGE, Table, guarded, known
from shared.adapters.table_writes import Write, digest_key, on_condition, row_of
from shared.core.incident import Incident
from shared.core.observation import Subject
from shared.ports import Stored

INCIDENTS = "PartitionKey eq 'fleet' and RowKey ge 'incident:' and RowKey lt 'incident;'"
MANY = 20  # incidents that are read one by one; more are looked for among all

_UNTOLD: dict[str, Any] = {"told": "", "told_open": False}


def incident_key(subject: Subject) -> str:
    """The row of a subject."""
    return digest_key("incident", *subject.key)


class IncidentRows(Table):
    """Fits the ports IncidentStore and IncidentBook."""

    @guarded
    def load(self, subject: Subject) -> Stored:
        """See the port."""
        row = self._get(incident_key(subject), ["incident", "message"])
        if row is None:
            return Stored(None, None)
        return Stored(known(lambda: decode_incident(row["incident"], row.get("message") or "")), row.metadata["etag"])

    @guarded
    def save(self, incident: Incident, version: str | None) -> None:
        """See the port."""
        row = _row(incident) | {"message": incident.message}
        if version is None:
            self._table.create_entity(row | _UNTOLD)
        else:
            self._table.update_entity(row, mode=UpdateMode.MERGE, **on_condition(version))

    @guarded
    def failing(self) -> Sequence[Stored]:
        """See the port: without messages. A request for each 1,000."""
        wanted = f"{INCIDENTS} and failing eq true"
        rows = self._table.query_entities(wanted, results_per_page=PAGE, select=["incident"])
        read = ((known(partial(read_incident, row.get("incident", ""))), row.metadata["etag"]) for row in rows)
        return [Stored(incident, version) for incident, version in read if incident]

    @guarded
    def find(self, subjects: Sequence[Subject]) -> Sequence[Stored]:
        """See the port: without messages. A request for each of a few; one for each 1,000 rows of the table for many.

        A row that cannot be read is an incident of which nothing is known: it can be written anew.
        """
        wanted = {incident_key(subject): subject for subject in subjects}
        rows = self._each(wanted) if len(wanted) <= MANY else self._among_all(wanted)
        return [
            Stored(known(partial(read_incident, text)) or Incident(wanted[key]), version)
            for key, (text, version) in rows.items()
        ]

    def _each(self, keys: Mapping[str, object]) -> dict[str, tuple[str, str | None]]:
        rows = {key: row for key in keys if (row := self._get(key, ["incident"])) is not None}
        return {key: (row.get("incident", ""), row.metadata["etag"]) for key, row in rows.items()}

    def _among_all(self, keys: Mapping[str, object]) -> dict[str, tuple[str, str | None]]:
        rows = self._table.query_entities(INCIDENTS, results_per_page=PAGE, select=["RowKey", "incident"])
        return {row["RowKey"]: (row.get("incident", ""), row.metadata["etag"]) for row in rows if row["RowKey"] in keys}

    @guarded
    def save_all(self, changed: Sequence[Stored]) -> Sequence[Subject]:
        """See the port. A request for each 100, and a few more where somebody was quicker."""
        given = {incident_key(one.incident.subject): (one.incident, one.version) for one in changed if one.incident}
        missed = self._write_all([_write(incident, version) for incident, version in given.values()])
        return [incident.subject for key, (incident, _) in given.items() if key in missed]


@lru_cache(maxsize=8_192)  # about 2 KB each
def read_incident(text: str) -> Incident:
    """Nearly all rows are as they were when they were last read: those are not decoded again."""
    return decode_incident(text)


def _row(incident: Incident) -> dict[str, Any]:
    """Everything but the message."""
    moments: Mapping[str, datetime | None] = {
        "turned_at": incident.turned_at,
        "idle_since": incident.resolved_at or incident.observed_at,
    }
    return {
        **row_of(incident_key(incident.subject)),
        "incident": whole(encode_incident(incident)),
        "failing": incident.failing,
        "opened": incident.opened_at is not None,
        **{column: at for column, at in moments.items() if at is not None},
    }


def _write(incident: Incident, version: str | None) -> Write:
    """An empty message was perhaps only not read: the one that is stored stays."""
    message = {"message": whole(incident.message)} if incident.message or version is None else {}
    if version is None:
        return Write("create", _row(incident) | message | _UNTOLD)
    return Write("update", _row(incident) | message, version)
