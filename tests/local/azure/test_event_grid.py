"""Extensions that come and go in; what the simulated Event Grid delivers, how often and in which order, out.

Law: the webhook is a real one; no wait is waited for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from local.azure import World
from local.azure.event_grid import FUNCTION, PATH, EventGrid, NotValidated, Way, pause
from local.azure.event_schema import Schema
from local.azure.fleet import Member
from local.demo import free_port
from shared.core.extension_event import read
from tests.local.azure.conftest import Clock
from tests.local.azure.webhook import Webhook, webhook
from tests.parts import before

AT_ONCE = 0.0
LIMIT = 30


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as found:
        yield found


@pytest.fixture
def members(world: World) -> list[Member]:
    return list(world.members.values())


def way(**more: Any) -> Way:
    return Way(pace=AT_ONCE, **more)


def delivered(world: World, hook: Webhook, some: list[Member], how: Way, **more: Any) -> EventGrid:
    """The extensions of these are written, and all that is sent of it has arrived or is lost."""
    with EventGrid(world, hook.url, way=how, **more) as grid:
        with grid.held():
            for one in some:
                world.wrote(one)
        assert grid.wait(LIMIT)
    return grid


def subjects(hook: Webhook) -> list[str]:
    return [event["subject"] for sent in hook.events for event in sent.body]


# ----------------------------------------------------------------------------------------------------------- handshake


def test_nothing_is_sent_before_the_handshake_and_nothing_of_what_was_before(world, members, hook):
    world.wrote(members[0])
    delivered(world, hook, [members[1]], way(), key="the-key")
    first, *rest = hook.sent
    assert first.headers["aeg-event-type"] == "SubscriptionValidation"
    assert first.body[0]["eventType"] == "Microsoft.EventGrid.SubscriptionValidationEvent"
    assert [one.headers["aeg-event-type"] for one in rest] == ["Notification"]
    assert subjects(hook) == [members[1].extension_id]
    assert {(one.path, one.headers["x-functions-key"]) for one in hook.sent} == {(f"{PATH}?functionName={FUNCTION}", "the-key")}


@pytest.mark.parametrize(
    "answer", [(404, None), (200, None), (200, {}), (200, ["a"]), (200, {"validationResponse": "another"}), (202, {})]
)
def test_a_webhook_that_does_not_return_the_code_is_never_sent_an_event(world, members, hook, answer):
    hook.handshake = answer
    with pytest.raises(NotValidated, match="answered the handshake with"), EventGrid(world, hook.url, way=way()):
        pass
    world.wrote(members[0])
    assert not world.watchers
    assert not hook.events


def test_where_nobody_listens_there_is_no_subscription(world):
    with pytest.raises(NotValidated, match="with 0"), EventGrid(world, f"http://127.0.0.1:{free_port()}", way=way()):
        pass


# -------------------------------------------------------------------------------------------------------------- events


@pytest.mark.parametrize("schema", list(Schema))
def test_in_both_schemas_a_written_and_a_deleted_extension_are_what_fluxwatch_reads(world, members, hook, schema):
    with EventGrid(world, hook.url, way=way(schema=schema, batch=2), clock=Clock()) as grid:
        with grid.held():
            world.add_extension(members[0])
            world.delete_extension(members[0])
        assert grid.wait(LIMIT)
    [sent] = hook.events
    seen = [read(event) for event in sent.body]
    assert [(one.cluster, one.name, one.deleted, one.at) for one in seen] == [
        (members[0].cluster, "flux", False, Clock().now),
        (members[0].cluster, "flux", True, Clock().now),
    ]
    assert all(one.correlation for one in seen)
    known = {Schema.EVENT_GRID: "eventType", Schema.CLOUD_EVENTS: "specversion"}
    assert {name for name in known.values() if name in sent.body[0]} == {known[schema]}
    assert len({event["id"] for event in sent.body}) == 2


def test_what_an_agent_reports_and_what_else_befalls_a_cluster_are_no_events_of_its_extension(world, members, hook, clock):
    with EventGrid(world, hook.url, way=way()) as grid:
        world.report(clock())
        world.tag(members[0], "fluxwatch-alert-rules", "off")
        world.delete_cluster(members[0])
        assert grid.wait(LIMIT)
    assert (hook.events, grid.delivered, grid.dead) == ([], 0, 0)


def test_events_of_one_moment_come_in_batches(world, members, hook):
    grid = delivered(world, hook, [*members, members[0]], way(batch=2))
    assert sorted(len(sent.body) for sent in hook.events) == [1, 2, 2]
    assert (grid.delivered, grid.dead, dict(grid.answers)) == (5, 0, {202: 3})


def test_a_copy_is_the_same_event(world, members, hook):
    grid = delivered(world, hook, members, way(copies=3, batch=20))
    [sent] = hook.events
    ids = [event["id"] for event in sent.body]
    assert (len(ids), len(set(ids)), grid.delivered) == (12, 4, 12)


def test_disorder_is_another_order_of_the_same_events_and_the_same_for_a_seed(world, members, hook):
    orders = []
    for seed in (None, 4, 4, 5):
        delivered(world, hook, members, way(copies=2, batch=20, disorder=seed))
        orders.append(subjects(hook)[-8:])
    happened, first, again, other = orders
    assert happened == [member.extension_id for member in members for _ in range(2)]
    assert sorted(first) == sorted(happened)
    assert first == again
    assert len({tuple(order) for order in (happened, first, other)}) == 3


# ----------------------------------------------------------------------------------------------------------- repetition


def test_what_was_not_taken_is_sent_again_as_a_whole_until_it_is(world, members, hook):
    hook.answers.extend([500, 503, 401, 404])
    grid = delivered(world, hook, members[:2], way(batch=2))
    assert [one.headers["aeg-delivery-count"] for one in hook.events] == ["0", "1", "2", "3", "4"]
    assert all(one.body == hook.events[0].body for one in hook.events)
    assert dict(grid.answers) == {500: 1, 503: 1, 401: 1, 404: 1, 202: 1}
    assert (grid.delivered, grid.dead) == (2, 0)


def test_the_waits_grow_to_an_hour_and_no_further():
    waits = [pause(number) for number in range(1, 30)]
    assert waits == sorted(waits)
    assert (waits[:3], set(waits[6:])) == ([10, 30, 60], {3600})


@pytest.mark.parametrize("status", [400, 413])
def test_what_is_refused_for_good_is_dead_at_once(world, members, hook, status):
    hook.answers.append(status)
    grid = delivered(world, hook, members[:2], way(batch=2))
    assert (len(hook.events), grid.delivered, grid.dead) == (1, 0, 2)


def test_what_is_never_taken_is_dead_after_the_last_try(world, members, hook):
    hook.answers.extend([500] * 3)
    grid = delivered(world, hook, members[:1], way(tries=3))
    assert (len(hook.events), grid.delivered, grid.dead) == (3, 0, 1)


def test_what_fails_holds_up_nothing_else(world, members, hook):
    hook.answers.append(400)
    grid = delivered(world, hook, members, way())
    assert (grid.delivered, grid.dead) == (3, 1)


def test_whoever_ends_does_not_wait_for_the_next_try(world, members, hook):
    hook.answers.append(500)
    with EventGrid(world, hook.url, way=Way(pace=1_000)) as grid:  # the next one is hours away
        world.wrote(members[0])
        assert grid.wait(0) is False
        assert before(LIMIT, lambda: bool(grid.answers))
    assert (len(hook.events), grid.dead, world.watchers) == (1, 1, [])
