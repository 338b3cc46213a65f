"""Rows that this version cannot read in; everything else as ever, and the row written anew by the next event, out."""

from __future__ import annotations

import pytest
from azure.data.tables import TableClient

from shared.adapters.tables import LEDGER, PARTITION, TableStore, incident_key
from shared.core.told import Ledger
from tests.examples import START, incident, subject

UNREADABLE = [
    "",
    "{",
    "[]",
    "null",
    '{"ready": "hibernating"}',
    '{"subject": ["not-an-id", "a", "b", "c"]}',
    '{"severity": "dire"}',
]


def spoil(table: TableClient, name: str, text: str) -> None:
    table.update_entity({"PartitionKey": PARTITION, "RowKey": incident_key(subject(name=name)), "incident": text})


@pytest.mark.parametrize("text", UNREADABLE)
def test_a_row_that_cannot_be_read_does_not_silence_the_others(
    store: TableStore, table: TableClient, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    for name in ("well", "spoilt"):
        store.save(incident(of=subject(name=name)), None)
    spoil(table, "spoilt", text)
    assert [one.incident.subject.name for one in store.tracked(START)] == ["well"]
    assert [one.incident.subject.name for one in store.incidents()] == ["well"]
    assert "cannot be read" in caplog.text


@pytest.mark.parametrize("text", UNREADABLE)
def test_the_next_event_writes_it_anew(store: TableStore, table: TableClient, text: str) -> None:
    fresh = incident(of=subject(name="spoilt"))
    store.save(fresh, None)
    spoil(table, "spoilt", text)
    found = store.load(fresh.subject)
    assert found.incident is None
    store.save(fresh, found.version)
    assert store.load(fresh.subject).incident == fresh


def test_a_ledger_that_cannot_be_read_begins_anew(store: TableStore, table: TableClient) -> None:
    store.record(Ledger(), {})
    table.update_entity({"PartitionKey": PARTITION, "RowKey": LEDGER, "channels": "{", "posts": "?"})
    ledger, _ = store.ledger(START)
    assert (ledger.channels, ledger.posts) == ({}, {})
    assert store.record(ledger, {}).version
