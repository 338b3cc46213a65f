"""Rows that this version cannot read in; everything else as ever, and the row written anew by the next event, out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from azure.data.tables import TableClient

from shared.adapters.table_journal import mark_key
from shared.adapters.tables import LEDGER, PARTITION, TableStore, cluster_key, incident_key
from shared.core.finding import Run
from shared.core.incident import Incident
from shared.core.inventory import ClusterInfo
from shared.core.told import Ledger
from shared.ports import Mark
from tests.examples import START, after, cluster, incident, subject

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
    spoil_row(table, incident_key(subject(name=name)), incident=text)


def spoil_row(table: TableClient, key: str, **columns: object) -> None:
    table.update_entity({"PartitionKey": PARTITION, "RowKey": key, **columns})


@pytest.mark.parametrize("text", UNREADABLE)
def test_a_row_that_cannot_be_read_does_not_silence_the_others(
    store: TableStore, table: TableClient, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    for name in ("well", "spoilt"):
        store.save(incident(of=subject(name=name)), None)
    spoil(table, "spoilt", text)
    assert [one.incident.subject.name for one in store.tracked(START)] == ["well"]
    assert [one.incident.subject.name for one in store.incidents()] == ["well"]
    assert [one.incident.subject.name for one in store.failing()] == ["well"]
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


@pytest.mark.parametrize("among", [0, 30])
def test_a_sweep_writes_it_anew(store: TableStore, table: TableClient, among: int) -> None:
    fresh = incident(of=subject(name="spoilt"))
    store.save(fresh, None)
    spoil(table, "spoilt", "{")
    [found] = store.find([fresh.subject, *(subject(name=f"stranger-{number}") for number in range(among))])
    assert found.incident == Incident(fresh.subject)  # nothing is known of it
    assert store.save_all([replace(found, incident=fresh)]) == []
    assert store.load(fresh.subject).incident == fresh


def test_a_row_without_its_columns_is_passed_over(store: TableStore, table: TableClient) -> None:
    store.create()
    for key in ("incident:1", "cluster:1", "run:1", "mark:1"):
        table.upsert_entity(
            {"PartitionKey": PARTITION, "RowKey": key, "failing": True, "opened": True, "mute_until": after(hours=1)}
        )
    assert list(store.failing()) == list(store.tracked(START)) == list(store.incidents()) == []
    assert list(store.inventory()) == list(store.marks()) == []
    assert store.runs() == {}
    assert store.ledger(START)[1].keys() <= {""}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"configurations": [5]}'])
def test_a_cluster_that_cannot_be_read_hides_no_other(
    store: TableStore, table: TableClient, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    infos = [ClusterInfo(cluster("aks-1"), "westeurope"), ClusterInfo(cluster("aks-2"))]
    store.put_clusters(infos)
    spoil_row(table, cluster_key(infos[0].cluster.key), info_0=text, cluster="aks-1")
    assert store.inventory() == infos[1:]
    assert store.clusters([info.cluster.key for info in infos]) == {infos[1].cluster.key: infos[1]}
    assert "cannot be read" in caplog.text
    store.put_clusters(infos)
    assert len(store.inventory()) == 2


def test_a_run_that_cannot_be_read_hides_no_other(store: TableStore, table: TableClient) -> None:
    store.put_run(Run("sweep_compliance", START))
    store.put_run(Run("sweep_errors", START))
    spoil_row(table, "run:sweep_compliance", run="{")
    assert list(store.runs()) == ["sweep_errors"]


def test_a_mark_that_cannot_be_read_begins_anew(store: TableStore, table: TableClient) -> None:
    marks = [store.advance(Mark("/a", query), START) for query in ("flux_errors", "flux_events")]
    spoil_row(table, mark_key(marks[0]), until="yesterday")
    spoilt, whole = sorted(store.marks(), key=lambda mark: mark.query)
    assert (spoilt.query, spoilt.until, whole) == ("flux_errors", None, marks[1])
    assert store.advance(spoilt, START).until == START


def test_a_ledger_that_cannot_be_read_begins_anew(store: TableStore, table: TableClient) -> None:
    store.record(Ledger(), {})
    table.update_entity({"PartitionKey": PARTITION, "RowKey": LEDGER, "channels": "{", "posts": "?"})
    ledger, _ = store.ledger(START)
    assert (ledger.channels, ledger.posts) == ({}, {})
    assert store.record(ledger, {}).version
