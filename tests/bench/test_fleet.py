"""The fleet that is measured is one that could be: sized events, distinct objects, and causes that group."""

from __future__ import annotations

import pytest

from bench import fleet
from shared.core import flux_event


@pytest.mark.parametrize("number", range(fleet.OBJECTS))
def test_events_of_failures_have_the_size_that_is_claimed(number: int) -> None:
    assert len(fleet.body(fleet.failure(number), fleet.cluster(number))) == fleet.BODY


def test_heartbeats_have_the_size_that_is_claimed() -> None:
    assert len(fleet.body(fleet.heartbeat(7), fleet.cluster(7))) == fleet.BODY


def test_events_are_such_as_the_parser_takes() -> None:
    event = flux_event.parse(fleet.body(fleet.failure(1), fleet.cluster(1)))
    assert (event.kind, event.reason, event.at) == ("Kustomization", "ReconciliationFailed", fleet.START)


def test_every_object_is_its_own_and_every_cause_is_shared() -> None:
    found = fleet.incidents(3 * fleet.OBJECTS)
    assert len({one.subject.key for one in found}) == 3 * fleet.OBJECTS
    assert len({one.fingerprint for one in found}) == fleet.OBJECTS


def test_incidents_are_open_and_not_held_back_any_more() -> None:
    assert all(one.failing and one.due_at is not None and one.due_at <= fleet.NOW for one in fleet.incidents(fleet.OBJECTS))


def test_one_object_fails_for_the_same_cause_on_every_kind_of_cluster() -> None:
    found = [fleet.incident(1 + place * fleet.OBJECTS) for place in range(0, 400, 33)]
    assert len({one.subject.cluster.type for one in found}) == 2
    assert len({one.fingerprint for one in found}) == 1
