"""What is known of clusters, and everything that is remembered, in; the same out of real table storage, by few requests."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from azure.data.tables import TableClient

from local.azurite import Azurite
from shared.adapters.tables import TableStore, cluster_key, incident_key
from shared.core.inventory import ClusterInfo, Configuration, with_sources
from shared.core.told import Ledger, Said, Told, Tracked
from tests import parts
from tests.examples import START, after, after_all, cluster, healthy
from tests.full import FULL, FULL_CLUSTER
from tests.parts import Requests, fresh_table


@pytest.fixture
def received() -> list[int]:
    """Bytes of each answer."""
    return []


def length(said: Any) -> int:
    return int(said.http_response.headers.get("Content-Length") or len(said.http_response.body()))


OVER = Told(Said.RESOLVED, after(minutes=5), "group")


def test_a_mute_that_is_taken_off_is_gone(store: TableStore) -> None:
    store.put_clusters([ClusterInfo(cluster(), mute_until=after(hours=1))])
    store.put_clusters([ClusterInfo(cluster())])
    assert store.ledger(START)[1] == {}


def test_few_clusters_cost_a_request_each_and_many_cost_one(store: TableStore, requests_made: Requests) -> None:
    infos = [ClusterInfo(cluster(f"aks-{number:03}")) for number in range(101)]
    store.create()
    assert requests_made.during(lambda: store.put_clusters(infos)) == Counter(POST=2)
    keys = [info.cluster.key for info in infos]
    assert requests_made.during(lambda: store.clusters(keys[:2])) == Counter(GET=2)
    assert requests_made.during(lambda: store.clusters(keys)) == Counter(GET=1)
    assert store.clusters(keys) == {info.cluster.key: info for info in infos}


def test_the_long_columns_stay_where_they_are_when_cards_and_the_ledger_ask(
    store: TableStore, table: TableClient, received: list[int]
) -> None:
    configuration = Configuration("a", "b", "https://x", objects=frozenset(f"{number:08x}" for number in range(9_000)))
    infos = [
        ClusterInfo(cluster(f"aks-{number}"), mute_until=after(hours=1), configurations=(configuration,)) for number in range(5)
    ]
    store.put_clusters(infos)
    keys = [info.cluster.key for info in infos]
    with TableClient.from_connection_string(
        parts.azurite().connection_string, table.table_name, raw_response_hook=lambda said: received.append(length(said))
    ) as client:
        for ask in (
            lambda of: of.clusters(keys[:1]),
            lambda of: of.clusters(keys),
            lambda of: of.ledger(START),
            lambda of: of.inventory(),
        ):
            ask(TableStore(client))
    assert [size < 10_000 for size in received] == [True, True, True, False, False]


def test_many_clusters_are_few_requests(store: TableStore, requests_made: Requests) -> None:
    infos = [replace(FULL_CLUSTER, cluster=cluster(f"aks-{number:03}")) for number in range(120)]
    store.create()
    assert requests_made.during(lambda: store.put_clusters(infos)) == Counter(POST=2)
    assert requests_made.during(store.inventory) == Counter(GET=1)
    keys = [info.cluster.key for info in infos]
    assert requests_made.during(lambda: store.drop_clusters(keys)) == Counter(POST=2)
    assert requests_made.during(lambda: store.drop_clusters(keys[:100])) == Counter(POST=2, GET=1)  # nobody is there
    assert store.inventory() == []


def test_the_archive_holds_everything_that_ever_opened_with_its_message(store: TableStore) -> None:
    over = replace(FULL, ready="healthy", alerts={})
    store.save(over, None)
    store.save(after_all(healthy(START)), None)
    store.record(Ledger(), {incident_key(FULL.subject): {"default": OVER}})
    assert store.incidents() == [Tracked(incident_key(FULL.subject), over, {"default": OVER})]


def test_more_rows_than_a_page_holds_are_all_read(storage: Azurite, requests_made: Requests) -> None:
    rows = [
        {"PartitionKey": "fleet", "RowKey": f"cluster:{number:04}", "cluster": "/x", "mute_until": START}
        for number in range(1_050)
    ]
    with fresh_table(storage, raw_request_hook=requests_made.saw) as table:
        table.create_table()
        for begin in range(0, len(rows), 100):
            table.submit_transaction([("create", {**row, "cluster": f"/{row['RowKey']}"}) for row in rows[begin : begin + 100]])
        muted: dict[str, object] = {}
        asked = requests_made.during(lambda: muted.update(TableStore(table).ledger(START - timedelta(days=1))[1]))
    assert (len(muted), asked) == (1_050, Counter(GET=2))


@pytest.mark.parametrize(
    "long",
    [
        {"configurations": tuple(Configuration("a", f"b-{number}", "https://x/" + "y" * 500) for number in range(150))},
        {"configurations": tuple(Configuration("ä", f"ö-{number}", "https://x/" + "ü" * 500) for number in range(150))},
        {"configurations": (Configuration("a", "b", objects=frozenset(f"{number:08x}" for number in range(4_200))),)},
        {"departed": {f"{number:08x}": number for number in range(2_100)}},
    ],
)
def test_a_row_with_more_columns_than_others_is_read_whole(
    store: TableStore, requests_made: Requests, long: dict[str, Any]
) -> None:
    infos = [ClusterInfo(cluster("aks-1"), "westeurope"), ClusterInfo(cluster("aks-2"), **long)]
    store.put_clusters(infos)
    found = list[ClusterInfo]()
    assert requests_made.during(lambda: found.extend(store.inventory())) == Counter(GET=2)
    assert sorted(found, key=lambda info: info.cluster.key) == infos


def test_a_row_that_an_older_version_wrote_is_read_among_others(store: TableStore, table: TableClient) -> None:
    new, old = FULL_CLUSTER, ClusterInfo(cluster("aks-old"), "westeurope", configurations=with_sources({"a/b": "https://x"}))
    store.put_clusters([new])
    columns = {"cluster": old.cluster.arm_id, "region": "westeurope", "subscription_name": "", "sources": "a/b https://x"}
    table.upsert_entity({"PartitionKey": "fleet", "RowKey": cluster_key(old.cluster.key), **columns})
    assert {info.cluster.key: info for info in store.inventory()} == {new.cluster.key: new, old.cluster.key: old}
