"""The benchmarks of the sweep and of the fleet page measure what they say, on a tiny fleet: nothing is judged by time here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from subprocess import CalledProcessError

import pytest

pytest.importorskip("azure_functions_runtime", reason="Microsoft's worker library exists for Python 3.13 and newer")

from bench import page, sweep
from bench.counted_table import CountedTable, counted_table
from bench.own_process import found_by
from bench.page import Shown
from bench.scale import FULL
from bench.sweep import Swept, pages, rows_written
from bench.sweep_runs import take_away
from local.azure.process import AzureProcess
from local.azurite import start_azurite
from shared.adapters.tables import TableStore
from shared.core.inventory import ClusterInfo
from shared.ports import Stored
from tests import parts
from tests.examples import cluster, incident, subject

CLUSTERS, FAILING, PAGE = 3, 2, 2
_tables = count(1)


@pytest.fixture(scope="module")
def measured() -> tuple[Swept, Shown]:
    """Azure, storage, the sweep and the page, each in a process of its own; two rows a page of Resource Graph."""
    parts.azurite()  # skips where there is none
    with AzureProcess(CLUSTERS, sweep.OBJECTS, failing=FAILING) as azure, start_azurite() as azurite:
        swept = sweep.measured(azure, azurite.connection_string, runs=1, page=PAGE)
        return swept, page.measured(azure, azurite.connection_string, runs=1)


@pytest.fixture
def swept(measured: tuple[Swept, Shown]) -> Swept:
    return measured[0]


@pytest.fixture
def shown(measured: tuple[Swept, Shown]) -> Shown:
    return measured[1]


@pytest.fixture
def table() -> Iterator[CountedTable]:
    """One that nobody else uses."""
    with counted_table(parts.azurite().connection_string, f"bench{next(_tables)}")[0] as client:
        TableStore(client).create()
        yield client


def versions(table: CountedTable) -> dict[str, str]:
    return {row["RowKey"]: row.metadata["etag"] for row in table.list_entities()}


def test_a_page_more_is_asked_for_only_where_there_is_a_row_more() -> None:
    assert [pages(rows, 2) for rows in (0, 1, 2, 3, 4)] == [1, 1, 1, 2, 2]


def test_calls_are_counted_where_they_arrive_one_for_each_page(swept: Swept) -> None:
    rows = dict(swept.first["rows"])
    subscriptions = rows.pop("subscriptions")
    assert rows == {"clusters": CLUSTERS, "flux_configurations": 2 * CLUSTERS, "flux_extensions": CLUSTERS}
    expected = {**rows, "subscriptions": subscriptions}
    assert swept.asked == {query: swept.sweeps * pages(some, PAGE) for query, some in expected.items()}


def test_a_first_sweep_writes_all_and_the_next_nothing_but_the_record_of_the_run(swept: Swept) -> None:
    assert swept.first["written"] == {"cluster": CLUSTERS, "incident": FAILING, "run": 1}
    assert [one["written"] for one in swept.same] == [{"run": 1}]


def test_what_is_missing_is_what_is_written(swept: Swept) -> None:
    assert swept.gone == CLUSTERS + FAILING == rows_written(swept.changed)


def test_memory_and_processor_time_are_those_of_the_sweep_alone(swept: Swept) -> None:
    assert 20 < swept.peak_mb < 100
    assert all(0 < one["cpu"] <= one["seconds"] * 4 for one in (swept.first, *swept.same, swept.changed))


def test_a_sweep_that_sees_less_than_there_is_ends_the_benchmark(swept: Swept) -> None:
    less = replace(swept, changed={**swept.changed, "written": {"run": 1}})
    with pytest.raises(AssertionError, match="0 rows written for 5 changes"):
        list(sweep._writes(less))


def test_rows_are_counted_as_storage_has_them(table: CountedTable) -> None:
    store = TableStore(table)
    infos = [ClusterInfo(cluster(f"aks-{number}")) for number in range(3)]
    store.put_clusters(infos)
    store.save(incident(), None)
    before = versions(table)
    assert table.written == {"cluster": 3, "incident": 1}
    table.written.clear()
    store.put_clusters(infos[:1])
    changed = [key for key, version in versions(table).items() if before[key] != version]
    assert table.written == {"cluster": len(changed)} == {"cluster": 1}


def test_a_row_that_storage_refuses_is_not_counted(table: CountedTable) -> None:
    store = TableStore(table)
    store.save(incident(), None)
    table.written.clear()
    raced = store.save_all([Stored(incident(), None), Stored(incident(of=subject(name="other")), None)])
    assert [one.name for one in raced] == ["apps"]
    assert table.written == {"incident": 1}


def test_only_so_many_rows_of_each_kind_are_taken_away(table: CountedTable) -> None:
    store = TableStore(table)
    store.put_clusters([ClusterInfo(cluster(f"aks-{number}")) for number in range(3)])
    store.save(incident(), None)
    assert take_away(table, 2) == 3
    assert [key.partition(":")[0] for key in versions(table)] == ["cluster"]


def test_the_page_shows_the_fleet_that_was_swept_and_has_the_size_of_what_is_sent(shown: Shown) -> None:
    assert shown.world == {"clusters": CLUSTERS, "objects": CLUSTERS * sweep.OBJECTS, "failing": FAILING}
    assert len(shown.later) == 1
    html, json = (shown.later[0][form] for form in page.NAMES)
    assert html["clusters"] == json["clusters"] == CLUSTERS
    assert min(html["size"], json["size"]) > CLUSTERS * 1_000
    assert all(one["seconds"] > 0 for one in (html, json, *shown.first.values()))


def test_a_process_of_its_own_that_fails_is_no_measurement(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CalledProcessError):
        found_by("bench.none")
    assert "No module named bench.none" in capfd.readouterr().err


def test_the_fleet_is_that_of_the_targets() -> None:
    assert (FULL.members, FULL.members * sweep.OBJECTS, FULL.members // FULL.fewer_members) == (500, 10_000, 10)
    assert (sweep.SECONDS, sweep.MEMORY, page.SECONDS, page.BYTES) == (2.0, 200.0, 0.3, 1_500_000.0)
