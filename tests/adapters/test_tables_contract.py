"""The same calls to the store that lives in memory and to the real one in; the same answers out: so tests may trust the fake.

Law: nothing here looks behind the ports.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from shared.adapters.tables import TableStore
from shared.core.finding import Run
from shared.core.incident import Incident
from shared.core.inventory import ClusterInfo, with_sources
from shared.core.observation import Subject
from shared.core.told import Ledger, Said, Told
from shared.ports import Conflict, Mark, Stored
from tests.examples import START, after, after_all, cluster, failing, healthy, incident, subject
from tests.fakes import FakeStore
from tests.full import FULL, FULL_CLUSTER, FULL_RUN

type Store = FakeStore | TableStore
OPEN = Told(Said.OPEN, START, "group")


@pytest.fixture(params=["fake", "real"])
def either(request: pytest.FixtureRequest) -> Store:
    return FakeStore() if request.param == "fake" else request.getfixturevalue("store")


def one(name: str, **known: object) -> Incident:
    return incident(of=subject(name=name), **known)


def over(name: str) -> Incident:
    of = subject(name=name)
    return after_all(failing(START, of=of), healthy(after(minutes=1), of=of))


def read(store: Store, incidents: Iterable[Incident]) -> list[Stored]:
    """As they are stored, with their messages."""
    return [store.load(one.subject) for one in incidents]


def bare(incidents: Iterable[Incident]) -> dict[str, Incident]:
    return {one.subject.name: replace(one, message="") for one in incidents}


def names(found: Iterable[Stored]) -> dict[str, Incident]:
    return {one.incident.subject.name: one.incident for one in found if one.incident}


def key_of(store: Store, of: Subject) -> str:
    [key] = [one.key for one in store.incidents() if one.incident.subject.key == of.key]
    return key


# -------------------------------------------------------------------------------------------------------- IncidentBook


def test_what_fails_is_given_without_messages_and_with_versions_that_can_be_written(either: Store) -> None:
    assert list(either.failing()) == []
    fails, is_over = one("fails"), over("over")
    assert either.save_all([Stored(fails, None), Stored(is_over, None)]) == []
    found = either.failing()
    assert names(found) == bare([fails])
    assert either.save_all([replace(found[0], incident=replace(found[0].incident, count=2))]) == []
    assert either.load(fails.subject).incident == replace(fails, count=2)


@pytest.mark.parametrize("among", [3, 30])
def test_those_that_have_an_incident_are_found_failing_or_not(either: Store, among: int) -> None:
    stored = [one("fails"), over("over")]
    either.save_all([Stored(one, None) for one in [*stored, one("another")]])
    strangers = [subject(name=f"stranger-{number}") for number in range(among)]
    found = either.find([stored[0].subject, *strangers, stored[1].subject, stored[0].subject])
    assert names(found) == bare(stored)
    assert {one.version for one in found} == {one.version for one in read(either, stored)}
    assert list(either.find(strangers)) == list(either.find([])) == []


def test_a_message_is_written_where_there_is_one_and_kept_where_there_is_none(either: Store) -> None:
    incidents = [one("new", message=""), one("kept", message="old"), one("changed", message="old")]
    either.save_all([Stored(incident, None) for incident in incidents])
    messages = {"new": "", "kept": "", "changed": "newer"}
    found = [one for one in either.failing() if one.incident]
    either.save_all(
        [replace(one, incident=replace(one.incident, message=messages[one.incident.subject.name])) for one in found]
    )
    stored = names(read(either, incidents))
    assert {name: known.message for name, known in stored.items()} == {"new": "", "kept": "old", "changed": "newer"}


def test_every_field_is_saved(either: Store) -> None:
    either.save_all([Stored(FULL, None)])
    assert either.load(FULL.subject).incident == FULL


def test_who_was_overtaken_is_named_and_the_others_are_written(either: Store) -> None:
    incidents = [one(f"apps-{number}") for number in range(6)]
    either.save_all([Stored(one, None) for one in incidents])
    known = read(either, incidents)
    quicker = [replace(known[number], incident=replace(incidents[number], count=7)) for number in (1, 3, 4)]
    assert either.save_all(quicker) == []
    mine = [replace(one, incident=replace(one.incident, count=2)) for one in known[:5] if one.incident]
    mine += [Stored(one("new"), None), Stored(incidents[5], None), Stored(one("gone"), known[0].version)]
    missed = either.save_all(mine)
    assert sorted(of.name for of in missed) == ["apps-1", "apps-3", "apps-4", "apps-5", "gone"]
    counts = {name: known.count for name, known in names(read(either, [*incidents, one("new"), one("gone")])).items()}
    assert counts == {"apps-0": 2, "apps-1": 7, "apps-2": 2, "apps-3": 7, "apps-4": 7, "apps-5": 1, "new": 1}


def test_what_was_told_is_kept_and_makes_a_version_old(either: Store) -> None:
    either.save_all([Stored(one("apps"), None)])
    found = either.failing()
    either.record(Ledger(), {key_of(either, subject(name="apps")): {"default": OPEN}})
    assert either.save_all(found) == [subject(name="apps")]
    assert either.save_all(either.failing()) == []
    assert [one.told for one in either.tracked(START)] == [{"default": OPEN}]


def test_of_one_subject_given_twice_the_last_is_written(either: Store) -> None:
    assert either.save_all([Stored(one("apps"), None), Stored(one("apps", count=2), None)]) == []
    assert [one.incident.count for one in either.failing() if one.incident] == [2]


def test_nothing_to_save_is_nothing(either: Store) -> None:
    assert list(either.save_all([])) == list(either.save_all([Stored(None, None)])) == list(either.failing()) == []


def test_what_is_deleted_is_what_has_long_been_over(either: Store) -> None:
    well = after_all(healthy(START, of=subject(name="well")))
    either.save_all([Stored(over("old"), None), Stored(well, None), Stored(one("fails"), None)])
    assert either.sweep(START) == 0
    assert either.sweep(after(days=1)) == 2
    assert list(names(either.failing())) == ["fails"]


# ------------------------------------------------------------------------------------------------ FleetBook, Inventory


def test_everything_that_is_known_of_clusters_comes_back(either: Store) -> None:
    assert list(either.inventory()) == []
    other = ClusterInfo(cluster("aks-1"), "westeurope")
    either.put_clusters(iter([FULL_CLUSTER, other]))
    assert {info.cluster.name: info for info in either.inventory()} == {FULL_CLUSTER.cluster.name: FULL_CLUSTER, "aks-1": other}


def test_what_is_no_longer_known_of_a_cluster_is_gone(either: Store) -> None:
    either.put_clusters([FULL_CLUSTER])
    either.put_clusters([ClusterInfo(FULL_CLUSTER.cluster)])
    assert list(either.inventory()) == [ClusterInfo(FULL_CLUSTER.cluster)]
    assert either.ledger(START)[1] == {}


@pytest.mark.parametrize("asked", [1, 5])
def test_cards_get_what_they_need_of_clusters_and_no_more(either: Store, asked: int) -> None:
    either.put_clusters([FULL_CLUSTER, ClusterInfo(cluster("aks-1"))])
    keys = [FULL_CLUSTER.cluster.key, *(cluster(f"aks-{number}").key for number in range(2, asked + 1))]
    brief = ClusterInfo(
        FULL_CLUSTER.cluster,
        FULL_CLUSTER.region,
        FULL_CLUSTER.subscription_name,
        FULL_CLUSTER.mute_until,
        configurations=with_sources(FULL_CLUSTER.sources),
    )
    assert either.clusters(keys) == {FULL_CLUSTER.cluster.key: brief}


def test_who_is_dropped_is_forgotten_and_who_is_not_there_is_no_fault(either: Store) -> None:
    infos = [ClusterInfo(cluster(f"aks-{number}")) for number in range(8)]
    either.put_clusters(infos)
    either.drop_clusters(cluster(f"aks-{number}").key for number in range(2, 14))
    assert sorted(info.cluster.name for info in either.inventory()) == ["aks-0", "aks-1"]
    either.drop_clusters([])


def test_a_cluster_that_is_put_twice_is_as_it_was_put_last(either: Store) -> None:
    either.put_clusters([ClusterInfo(cluster(), "westeurope"), ClusterInfo(cluster(), "uksouth")])
    assert [info.region for info in either.inventory()] == ["uksouth"]


# ------------------------------------------------------------------------------------------------- Journal, Watermarks


def test_the_latest_run_of_each_job_comes_back(either: Store) -> None:
    assert either.runs() == {}
    either.put_run(replace(FULL_RUN, gap=1.0))
    either.put_run(Run("sweep_errors", START))
    either.put_run(FULL_RUN)
    assert either.runs() == {FULL_RUN.job: FULL_RUN, "sweep_errors": Run("sweep_errors", START)}


def test_marks_come_back_and_move_on(either: Store) -> None:
    assert list(either.marks()) == []
    until, later = after(microseconds=7), after(minutes=10)
    first = either.advance(Mark("/subscriptions/1/a", "flux_errors"), until)
    second = either.advance(Mark("/subscriptions/1/a", "flux_events"), START)
    assert {(one.workspace, one.query, one.until) for one in either.marks()} == {
        ("/subscriptions/1/a", "flux_errors", until),
        ("/subscriptions/1/a", "flux_events", START),
    }
    assert {one.version for one in either.marks()} == {first.version, second.version}
    moved = either.advance(first, later)
    assert moved == replace(first, until=later, version=moved.version)
    assert moved in list(either.marks())


def test_a_mark_that_moved_meanwhile_is_a_conflict(either: Store) -> None:
    new = Mark("/a", "flux_errors")
    first = either.advance(new, START)
    either.advance(first, after(minutes=1))
    for old in (new, first, replace(new, workspace="/A")):  # ids of Azure have no letter case
        with pytest.raises(Conflict):
            either.advance(old, after(minutes=2))
    assert [one.until for one in either.marks()] == [after(minutes=1)]


def test_a_mark_that_is_gone_is_a_conflict(either: Store) -> None:
    with pytest.raises(Conflict):
        either.advance(Mark("/a", "flux_errors", START, 'W/"1"'), after(minutes=1))


def test_no_kind_of_row_shows_among_another(either: Store) -> None:
    either.save_all([Stored(one("apps"), None)])
    either.put_clusters([replace(FULL_CLUSTER, mute_until=after(hours=1))])
    either.put_run(FULL_RUN)
    either.advance(Mark("/a", "flux_errors"), START)
    ledger, muted = either.ledger(START)
    assert (ledger, muted) == (Ledger(), {FULL_CLUSTER.cluster.key: after(hours=1)})
    found = (either.failing(), either.tracked(START), either.incidents(), either.inventory(), either.runs(), either.marks())
    assert [len(rows) for rows in found] == [1, 1, 1, 1, 1, 1]
    assert either.sweep(after(days=99)) == 0
