"""The shipped catalogue and a simulated fleet in; Azure Monitor's rules, made through the SDK's real clients, out.

Law: what Azure shows is spelt in another way than what it was sent; so who looks again has to find nothing to do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle

import pytest

from local.azure import AzureServer, Limits, World, generate
from local.azure.generate import METRICS, RULES_GROUP, WORKSPACE
from shared.adapters.azure_client import AzureClient
from shared.adapters.azure_monitor import MonitorClient
from shared.adapters.resource_graph import GraphClient
from shared.adapters.resource_manager import ArmClient
from shared.adapters.rule_files import shipped
from shared.core.action_group import Receiver, id_of
from shared.core.alert_rule import RuleKind, Verb
from shared.core.rule_estate import Wanted
from shared.core.scope import Scope
from shared.rule_book import RuleBook
from tests.fakes import FakeClock

KEY = "a-key-that-nobody-may-see"


@pytest.fixture
def world() -> World:
    return generate(4, 2, configurations=1, seed=7)


@pytest.fixture
def azure(world: World) -> Iterator[AzureServer]:
    with AzureServer(world) as server:
        server.limits = Limits(quota=None)
        yield server


@pytest.fixture
def book(client: AzureClient, clock: FakeClock) -> RuleBook:
    graph = GraphClient(client, Scope(everything=True), clock)
    receiver = Receiver("https://flux.contoso.com", KEY)
    wanted = Wanted((METRICS,), (WORKSPACE,), id_of(RULES_GROUP), receiver, "https://git.contoso.com/runbooks")
    return RuleBook(graph, ArmClient(client), MonitorClient(client, RULES_GROUP), clock, shipped, wanted)


def settle(book: RuleBook) -> Counter[str]:
    """One look and what it leads to: how many of each verb, and how many failed."""
    look = book.fleet()
    assert not look.missed
    assert not look.plan.findings
    done = book.apply(look.plan, book.clock.now() + timedelta(hours=1))
    return Counter(step.verb for step in look.plan.writes) + Counter(failed=len(done.findings))


def test_the_rules_of_a_fleet_are_made_once_and_azures_spelling_of_them_is_left_alone(
    azure: AzureServer, book: RuleBook, world: World
) -> None:
    assert set(settle(book)) == {Verb.CREATE}
    assert all(world.rules_of(kind) for kind in (RuleKind.METRICS, RuleKind.ACTIONS))
    for shown in (True, False):
        world.keys_shown = shown
        azure.forget()
        assert settle(book) == {}
        assert azure.calls["rule-writes"] == 0
        assert sum(azure.calls.values()) <= 6


def test_what_somebody_changed_is_put_right_and_what_somebody_deleted_is_made_again(book: RuleBook, world: World) -> None:
    settle(book)
    first, second, *_ = world.rules_of(RuleKind.METRICS)
    first.properties["rules"][0]["enabled"] = False
    del world.rules[second.id.lower()]
    assert settle(book) == {Verb.CREATE: 1, Verb.UPDATE: 1}
    assert settle(book) == {}


def test_a_cluster_with_rules_of_its_own_has_them_in_azure_and_loses_them_with_the_tag(book: RuleBook, world: World) -> None:
    settle(book)
    before = set(world.rules)
    member = next(one for one in world.members.values() if one.cluster.type == "managedClusters")
    world.tag(member, "fluxwatch-alert-rules", "own")
    assert settle(book)[Verb.CREATE] > 0
    own = [one for one in world.rules_of(RuleKind.METRICS) if one.id.lower() not in before]
    assert {tuple(one.properties["scopes"]) for one in own} == {(METRICS.lower(), member.cluster.key)}
    assert settle(book) == {}
    world.tag(member, "fluxwatch-alert-rules", None)
    made = len(world.rules) - len(before)
    assert settle(book)[Verb.DELETE] == made
    assert set(world.rules) == before


def test_faults_on_the_way_lead_to_the_same_rules(azure: AzureServer, book: RuleBook, world: World, clock: FakeClock) -> None:
    faults = cycle(("throttled-bare", "conflict", "server-error", "lost-answer", "reset"))
    for _ in range(10):
        azure.faults.switch_off()
        azure.faults.switch_on("rule-writes", next(faults), times=3)
        settle(book)
        clock.passes(seconds=31)
    azure.faults.switch_off()
    settle(book)
    assert settle(book) == {}
    assert len(world.rules) == len(book.fleet().plan.steps)
