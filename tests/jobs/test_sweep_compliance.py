"""The compliance sweep as a job: what it asks, what it writes and in which order, and what becomes of it when it dies."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from local.azure.generate import BEGIN, generate
from shared.core.incident import Incident
from shared.core.observation import Health, Subject
from shared.core.transition import reduce
from shared.jobs.sweep_compliance import JOB, TRIES
from shared.ports import Stored, StoreUnavailable
from tests.examples import FLAP, healthy
from tests.fakes import FakeStore
from tests.sweeps import EVERY, WRITES, Fleet, swept, wrong

# ------------------------------------------------------------------------------------------------------------- writing


def test_incidents_are_written_first_then_the_inventory_then_the_run() -> None:
    fleet = swept()
    fleet.breaks()
    fleet.world.delete_cluster(list(fleet.world.members.values())[-1])
    fleet.sweep()
    assert fleet.writes == list(WRITES)
    assert fleet.open() == fleet.world.truth()


def test_a_fleet_that_does_not_change_costs_no_write_but_the_run() -> None:
    fleet = swept()
    fleet.breaks(2)
    fleet.sweep()
    for _ in range(5):
        run = fleet.sweep()
        assert (fleet.writes, fleet.store.written) == (["put_run"], [])
    assert (run.counts["failing"], run.gap, run.before) == (2, 300.0, run.counts)


def test_only_what_changed_is_written() -> None:
    fleet = swept(5)
    fleet.breaks(1)
    fleet.sweep()
    (failing,) = fleet.incidents()
    assert fleet.store.written == ["|".join(failing.subject.key), failing.subject.cluster.key]


def test_a_run_says_what_there_is_and_what_it_was_before() -> None:
    fleet = swept(4, 6)
    fleet.breaks(1)
    run = fleet.sweep()
    assert run == fleet.store.journal[JOB]
    assert (run.job, run.at, run.findings) == (JOB, fleet.clock.at, ())
    assert (run.counts["clusters"], run.counts["objects"], run.counts["failing"], run.counts["bad_rows"]) == (4, 24, 1, 0)
    assert run.before["failing"] == 0


# -------------------------------------------------------------------------------------------------------------- dying


@pytest.mark.parametrize("method", ["runs", "inventory", "failing", "find", *WRITES])
def test_whatever_dies_is_done_again_by_the_next_run(method: str) -> None:
    fleet, calm = swept(), swept()
    for one in (fleet, calm):
        one.breaks()
        one.world.delete_cluster(list(one.world.members.values())[-1])
    fleet.store.script[method].append(StoreUnavailable("timeout"))
    with pytest.raises(StoreUnavailable):
        fleet.sweep()
    for one in (fleet, calm):
        one.sweep()
    fleet.sweep()
    assert fleet.writes == ["put_run"]
    assert fleet.open() == fleet.world.truth() == calm.open()
    assert fleet.store.infos.keys() == calm.store.infos.keys() == fleet.world.members.keys()


@pytest.mark.parametrize("method", WRITES)
def test_what_left_just_before_it_died_is_closed_by_the_next_run(method: str) -> None:
    fleet = swept()
    fleet.breaks()
    fleet.sweep()
    (failing,) = fleet.open()
    fleet.world.delete_object(next(one for one in fleet.world.objects() if one.subject.key == failing))
    fleet.world.delete_cluster(list(fleet.world.members.values())[-1])
    fleet.store.script[method].append(StoreUnavailable("timeout"))
    with pytest.raises(StoreUnavailable):
        fleet.sweep()
    fleet.sweep()
    assert (fleet.open(), len(fleet.store.infos)) == (set(), 2)


# --------------------------------------------------------------------------------------------------------------- races


class Raced(FakeStore):
    """Somebody else writes to what is to be saved, right before it is; so many times."""

    def __init__(self, change: Callable[[Incident], Incident], times: int) -> None:
        super().__init__()
        self.change, self.times = change, times

    def save_all(self, changed: Sequence[Stored]) -> Sequence[Subject]:
        for one in changed if self.times else ():
            if one.incident is not None:
                row = self.rows.get(self.key(one.incident.subject))
                self._write(self.change(row.incident if row else one.incident), str(row.version) if row else None)
        self.times = max(0, self.times - 1)
        return super().save_all(changed)


def undone(one: Incident) -> Incident:
    """By somebody who knows nothing of it."""
    return replace(one, ready=Health.HEALTHY, observed_at=BEGIN - EVERY)


def recovered(one: Incident) -> Incident:
    """By an event that is newer than the row."""
    after = reduce(one, healthy((one.observed_at or BEGIN) + EVERY, of=one.subject), FLAP).incident
    assert after is not None
    return after


@pytest.mark.parametrize("times", [1, TRIES - 1])
def test_who_was_slower_reads_again(times: int) -> None:
    fleet = Fleet(generate(2, 6), Raced(undone, times))
    fleet.breaks(2)
    fleet.sweep()
    assert fleet.open() == fleet.world.truth()


def test_an_event_that_was_faster_and_knows_better_wins() -> None:
    fleet = Fleet(generate(2, 6), Raced(recovered, 1))
    fleet.breaks()
    fleet.sweep()
    assert (fleet.open(), fleet.writes[-1]) == (set(), "put_run")


def test_who_is_always_slower_gives_up_before_the_inventory() -> None:
    fleet = Fleet(generate(2, 6), Raced(undone, TRIES))
    fleet.breaks()
    with pytest.raises(StoreUnavailable, match="8 writers"):
        fleet.sweep()
    assert fleet.store.infos == {}


# ------------------------------------------------------------------------------------------------- mutes, rows, clocks


def test_a_cluster_is_muted_by_its_tag_and_a_tag_that_is_no_time_is_a_finding() -> None:
    fleet = swept()
    first, second, _ = fleet.world.members.values()
    first.tags["Fluxwatch-Mute-Until"] = "2026-12-01T06:00:00Z"
    second.tags["fluxwatch-mute-until"] = "tomorrow"
    run = fleet.sweep()
    muted = fleet.store.infos[first.cluster.key].mute_until
    assert muted is not None
    assert muted.isoformat() == "2026-12-01T06:00:00+00:00"
    assert wrong(run)["mutes"].endswith(second.cluster.name)
    assert fleet.store.infos[second.cluster.key].mute_until is None


def test_a_bad_row_is_counted_named_once_and_harms_no_other(caplog: pytest.LogCaptureFixture) -> None:
    fleet = swept()
    fleet.breaks(3)
    spoilt, *_ = fleet.world.configurations()
    fleet.world.spoil(spoilt.arm_id, row_name="password=hunter2 not/a name")
    with caplog.at_level(logging.INFO):
        run = fleet.sweep()
    assert (run.counts["bad_rows"], wrong(run)["rows"]) == (1, "1 row could not be read")
    assert len(fleet.open()) == 2
    named = [line for line in caplog.messages if line.startswith("could not be read")]
    assert (len(named), "hunter2" in caplog.text) == (1, False)
    fleet.world.mend(spoilt.arm_id)
    fleet.sweep()
    assert fleet.open() == fleet.world.truth()


def test_a_clock_that_is_ahead_is_a_finding() -> None:
    fleet = swept()
    one, *_ = fleet.world.configurations()
    fleet.world.spoil(one.arm_id, statusUpdatedAt="2027-01-01T00:00:00Z")
    assert "1 time lies" in wrong(fleet.sweep())["clocks"]


def test_the_log_says_in_a_line_what_a_run_found(caplog: pytest.LogCaptureFixture) -> None:
    fleet = swept()
    fleet.breaks(2)
    with caplog.at_level(logging.INFO):
        fleet.sweep()
    (line,) = caplog.messages
    assert "clusters: 3" in line
    assert "failing: 2" in line
    assert line.endswith("opened: 2, closed: 0")


# ------------------------------------------------------------------------------------------------- what events gain by it


def test_cards_of_events_learn_from_the_inventory_where_an_object_comes_from() -> None:
    fleet = swept()
    one = next(one for one in fleet.world.objects() if one.kind == "Kustomization")
    configuration = one.configuration
    key = one.member.cluster.key
    known = fleet.store.clusters([key])[key]
    named = f"{configuration.namespace}/{configuration.name}"
    assert known.source_of(one.namespace, one.name) == configuration.source
    assert known.owner_of(one.kind, one.namespace, one.name) == named
    assert fleet.store.infos[key].configuration_of(one.kind, one.namespace, one.name) == named
    assert (known.region, known.subscription_name.startswith("Contoso")) == (one.member.region, True)
