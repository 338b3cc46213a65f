"""The simulated Azure, well and with its faults, in; the same rows by every way, or the trouble that it is, out.

Law: the adapters and the simulation were made from the same documents, by different hands: here they have to agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from math import ceil

import pytest

from local.azure import AzureServer, Limits, World, generate
from local.azure.generate import BEGIN, WORKSPACE
from shared.adapters.azure_client import AzureClient
from shared.adapters.log_analytics import LogsClient
from shared.adapters.queries import QUERIES, load
from shared.adapters.resource_graph import GraphClient
from shared.adapters.resource_manager import ArmClient
from shared.core.scope import Scope
from shared.core.trouble import Trouble, Unanswered
from shared.ports import Parameter, Presence
from tests.fakes import FakeClock

EVERYTHING = Scope(everything=True)
GRAPH = sorted(path.stem for path in QUERIES.glob("*.kql") if load(path.stem).profile == "resourcegraph")
LOGS = sorted(path.stem for path in QUERIES.glob("flux_*.kql") if load(path.stem).profile == "loganalytics")
QUIET = Limits(quota=None)


def window(query: str) -> dict[str, Parameter]:
    given: dict[str, Parameter] = {"_start": BEGIN, "_end": BEGIN + timedelta(minutes=10)}
    return given | {name: timedelta(hours=6) for name, kind in load(query).parameters.items() if kind == "timespan"}


@pytest.fixture(scope="module")
def world() -> World:
    """With one object that fails, and says so in its controller's log."""
    world = generate(4, 12, seed=7)
    broken = next(one for member in world.members.values() for one in member.objects if one.kind == "Kustomization")
    world.fail(broken, "BuildFailed", "kustomize build failed: no such file", BEGIN + timedelta(minutes=5))
    world.reconcile(BEGIN + timedelta(minutes=6))
    return world


@pytest.fixture(scope="module")
def running(world: World) -> Iterator[AzureServer]:
    with AzureServer(world, clock=lambda: BEGIN + timedelta(minutes=15)) as azure:
        yield azure


@pytest.fixture
def azure(running: AzureServer) -> AzureServer:
    running.faults.switch_off()
    running.limits = QUIET
    running.forget()
    return running


@pytest.fixture
def graph(client: AzureClient, clock: FakeClock) -> GraphClient:
    return GraphClient(client, EVERYTHING, clock)


@pytest.fixture
def logs(client: AzureClient, clock: FakeClock) -> LogsClient:
    return LogsClient(client, ArmClient(client), clock)


@pytest.mark.parametrize("query", GRAPH)
def test_every_query_of_the_graph_gives_the_columns_that_it_promises(graph: GraphClient, query: str) -> None:
    rows = graph.ask(query)
    assert rows
    assert {tuple(sorted(row)) for row in rows} == {tuple(sorted(load(query).columns))}


@pytest.mark.parametrize("rows", [1, 3, 8, 9])
def test_pages_of_any_size_are_the_same_rows_in_as_many_calls_as_it_takes(
    azure: AzureServer, client: AzureClient, graph: GraphClient, clock: FakeClock, rows: int
) -> None:
    whole = graph.ask("flux_configurations")
    azure.forget()
    assert GraphClient(client, EVERYTHING, clock, page=rows).ask("flux_configurations") == whole
    assert azure.calls["graph"] == ceil(len(whole) / rows)


def test_pages_become_smaller_where_they_are_too_large(azure: AzureServer, graph: GraphClient) -> None:
    whole = graph.ask("flux_configurations")
    azure.faults.switch_on("graph", "too-large")
    assert graph.ask("flux_configurations") == whole


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        ("throttled-long", Trouble.THROTTLED),
        ("throttled-bare", Trouble.THROTTLED),
        ("unavailable", Trouble.UNREACHABLE),
        ("reset", Trouble.UNREACHABLE),
        ("forbidden", Trouble.FORBIDDEN),
        ("expired-token", Trouble.UNAUTHORIZED),
        ("truncated-without-token", Trouble.CUT),
        ("tenant-limit", Trouble.TOO_WIDE),
        ("garbage", Trouble.UNREADABLE),
        ("no-object", Trouble.UNREADABLE),
    ],
)
def test_what_befalls_the_graph_is_told_for_what_it_is(
    azure: AzureServer, graph: GraphClient, fault: str, trouble: Trouble
) -> None:
    azure.faults.switch_on("graph", fault)
    with pytest.raises(Unanswered) as raised:
        graph.ask("clusters")
    assert raised.value.trouble is trouble


@pytest.mark.parametrize("fault", ["throttled", "throttled-quota", "throttled-ms", "throttled-bare", "unavailable", "reset"])
def test_what_passes_is_waited_out(azure: AzureServer, graph: GraphClient, clock: FakeClock, fault: str) -> None:
    azure.faults.switch_on("graph", fault, times=1)
    assert graph.ask("clusters")
    assert 0 < sum(clock.slept) < 2


def test_without_an_identity_nothing_is_asked(azure: AzureServer, graph: GraphClient) -> None:
    azure.faults.switch_on("token", "no-identity")
    with pytest.raises(Unanswered) as raised:
        graph.ask("clusters")
    assert raised.value.trouble is Trouble.NO_IDENTITY
    assert not azure.calls["graph"]


def test_what_the_graph_lists_is_there_and_what_it_does_not_is_gone(graph: GraphClient, client: AzureClient) -> None:
    manager = ArmClient(client)
    ids = [row["id"] for query in ("clusters", "flux_configurations", "flux_extensions") for row in graph.ask(query)[:2]]
    assert {manager.presence(one) for one in ids} == {Presence.THERE}
    assert {manager.presence(f"{one}-no-more") for one in ids} == {Presence.GONE}
    assert {manager.get(f"{one}-no-more") for one in ids} == {None}


def test_what_may_not_be_seen_is_hidden(azure: AzureServer, graph: GraphClient, client: AzureClient) -> None:
    arm_id = graph.ask("clusters")[0]["id"]
    azure.faults.switch_on("arm", "forbidden")
    assert ArmClient(client).presence(arm_id) is Presence.HIDDEN


@pytest.mark.parametrize("query", LOGS)
def test_every_query_of_the_logs_is_answered_in_full(logs: LogsClient, query: str) -> None:
    found = logs.ask(WORKSPACE, query, window(query))
    assert not found.partial
    assert {tuple(row) for row in found.rows} <= {load(query).columns}


def test_rows_are_the_same_by_query_and_by_search(azure: AzureServer, world: World, logs: LogsClient) -> None:
    """It thinks that the plan is still Analytics: it looks once an hour."""
    plans, asked = world.workspaces[WORKSPACE.lower()].plans, ("flux_controllers", window("flux_controllers"))
    rows = logs.ask(WORKSPACE, *asked).rows
    assert {(row["LastSeen"].utcoffset(), type(row["Lines"])) for row in rows} == {(timedelta(), int)}
    plans["ContainerLogV2"] = "Basic"
    try:
        azure.forget()
        assert logs.ask(WORKSPACE, *asked).rows == rows
        assert (azure.calls["logs"], azure.calls["search"]) == (1, 1)
        assert logs.plan(WORKSPACE, "ContainerLogV2") == "Basic"
    finally:
        plans["ContainerLogV2"] = "Analytics"


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        ("gateway-timeout", Trouble.TIMEOUT),
        ("no-table", Trouble.NO_TABLE),
        ("throttled-long", Trouble.THROTTLED),
        ("forbidden", Trouble.FORBIDDEN),
        ("garbage", Trouble.UNREADABLE),
        ("reset", Trouble.UNREACHABLE),
    ],
)
def test_what_befalls_the_logs_is_told_for_what_it_is(
    azure: AzureServer, logs: LogsClient, fault: str, trouble: Trouble
) -> None:
    azure.faults.switch_on("logs", fault)
    with pytest.raises(Unanswered) as raised:
        logs.ask(WORKSPACE, "flux_controllers", window("flux_controllers"))
    assert raised.value.trouble is trouble


@pytest.mark.parametrize("fault", ["partial", "partial-nothing"])
def test_what_is_partial_says_so(azure: AzureServer, logs: LogsClient, fault: str) -> None:
    azure.faults.switch_on("logs", fault)
    assert logs.ask(WORKSPACE, "flux_controllers", window("flux_controllers")).partial == "EngineError"
