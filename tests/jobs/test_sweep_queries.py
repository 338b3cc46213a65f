"""The compliance sweep's queries, executed; their rows are those with which the other tests of the sweep work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from local.azure.generate import BEGIN, generate
from local.azure.values import graph_value
from local.azure.world import World
from local.kql import Database
from shared.core.azure_values import parse_time
from shared.core.inventory import by_key
from shared.jobs.sweep_compliance import QUERIES, SweepCompliance
from tests.azure import ArmOf, GraphOf, Row
from tests.fakes import FakeClock, FakeStore
from tests.parts import HOME


class ExecutedGraph(GraphOf):
    """Answers with the shipped queries."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.database = Database("resourcegraph")

    def ask(self, query: str) -> list[Row]:
        for table, rows in self.world.graph_rows().items():
            self.database.replace(table, rows)
        result = self.database.run((HOME / f"shared/queries/{query}.kql").read_text("utf-8"))
        names = [name for name, _ in result.columns]
        return [dict(zip(names, map(graph_value, row), strict=True)) for row in result.rows]


def eventful() -> World:
    world = generate(5, 8)
    first, second, third, *_ = world.members.values()
    world.fail(first.objects[1], "BuildFailed", "kustomize build failed: no such file", BEGIN)
    world.wait(second.objects[2], "dependency 'shop/web' is not ready", BEGIN)
    world.suspend_configuration(third.configurations[0], BEGIN)
    world.fail_extension(third, "no room", "Failed")
    world.fail_configuration(second.configurations[1], "the token has expired", BEGIN)
    world.stop_cluster(list(world.members.values())[3])
    world.report(BEGIN + timedelta(minutes=1))
    return world


@pytest.fixture(scope="module")
def world() -> World:
    return eventful()


@pytest.fixture(scope="module")
def executed(world: World) -> ExecutedGraph:
    return ExecutedGraph(world)


def plain(row: Row) -> Mapping[str, object]:
    """Times as times: the spellings of one moment are many."""
    return {key: parse_time(value) if key.endswith(("At", "Connectivity")) else value or None for key, value in row.items()}


@pytest.mark.parametrize("query", QUERIES)
def test_the_rows_that_other_tests_work_with_are_those_of_the_query(world: World, executed: ExecutedGraph, query: str) -> None:
    made, asked = GraphOf(world).ask(query), executed.ask(query)
    assert [*map(plain, made)] == [*map(plain, asked)]


def test_a_sweep_with_the_executed_queries_finds_what_a_sweep_without_them_finds(world: World, executed: ExecutedGraph) -> None:
    stores = []
    for graph in (executed, GraphOf(world)):
        store = FakeStore()
        job = SweepCompliance(graph, ArmOf(world), store, store, store, FakeClock(BEGIN + timedelta(minutes=2)))
        run = job()
        assert (run.findings, run.counts["bad_rows"]) == ((), 0)
        stores.append(store)
    one, other = stores
    assert {key: row.incident for key, row in one.rows.items()} == {key: row.incident for key, row in other.rows.items()}
    assert len(one.rows) >= 4
    assert by_key(one.inventory()) == by_key(other.inventory())
