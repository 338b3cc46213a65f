"""Values and real table storage in; what is stored, by how many requests, and who may not undo whom, out."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from azure.core.pipeline.transport import HttpRequest, RequestsTransport
from azure.data.tables import TableClient

from local.azurite import Azurite
from shared.adapters.tables import TableStore, incident_key
from shared.core.inventory import ClusterInfo
from shared.core.told import ChannelState, Ledger, Said, Told
from shared.ports import Conflict, Stored
from tests.examples import START, after, after_all, cluster, failing, healthy, incident, subject
from tests.full import FULL
from tests.parts import Requests

OPEN = Told(Said.OPEN, START, "group", ("fp:one",), 1)
OVER = Told(Said.RESOLVED, after(minutes=5), "group")
NOBODY: dict[str, dict[str, Told]] = {}


def key_of(name: str) -> str:
    return incident_key(subject(name=name))


def put(store: TableStore, *names: str) -> None:
    for name in names:
        store.save(incident(of=subject(name=name)), None)


def told_of(store: TableStore) -> dict[str, dict[str, Told]]:
    return {one.incident.subject.name: dict(one.told) for one in store.tracked(START)}


# ------------------------------------------------------------------------------------------------------- IncidentStore


def test_every_field_comes_back(store: TableStore) -> None:
    store.save(FULL, None)
    assert store.load(FULL.subject).incident == FULL


def test_a_subject_that_nobody_saw_has_no_incident_even_where_there_is_no_table(store: TableStore) -> None:
    assert store.load(subject()) == Stored(None, None)


def test_the_table_is_made_by_whatever_comes_first(store: TableStore) -> None:
    store.save(incident(), None)
    assert store.load(subject()).incident == incident()


def test_making_the_table_twice_is_no_fault(store: TableStore) -> None:
    store.create()
    store.create()
    assert store.incidents() == []


def test_the_cluster_of_a_subject_is_the_same_in_any_letter_case(store: TableStore) -> None:
    store.save(incident(), None)
    other = subject(on=cluster("AKS-PROD-WEU-01", "RG-Prod-WEU"))
    assert store.load(other).incident == incident()


def test_an_update_replaces_the_incident(store: TableStore) -> None:
    store.save(FULL, None)
    changed = replace(FULL, count=12, message="another", alerts={}, note="")
    store.save(changed, store.load(FULL.subject).version)
    assert store.load(FULL.subject).incident == changed


def test_two_who_create_the_same_incident_conflict(store: TableStore) -> None:
    store.save(incident(), None)
    with pytest.raises(Conflict):
        store.save(incident(), None)


def test_who_writes_over_what_he_has_not_read_conflicts(store: TableStore) -> None:
    store.save(incident(), None)
    version = store.load(subject()).version
    store.save(incident(count=2), version)
    with pytest.raises(Conflict):
        store.save(incident(count=3), version)
    found = store.load(subject()).incident
    assert found is not None
    assert found.count == 2


def test_an_incident_that_was_deleted_meanwhile_is_a_conflict_not_a_fault(store: TableStore, table: TableClient) -> None:
    store.save(incident(), None)
    version = store.load(subject()).version
    table.delete_entity("fleet", incident_key(subject()))
    with pytest.raises(Conflict):
        store.save(incident(count=2), version)


# --------------------------------------------------------------------------------------- receivers and notify, at once


def test_what_was_told_survives_what_receivers_write(store: TableStore) -> None:
    store.save(incident(), None)
    version = store.load(subject()).version
    store.record(Ledger(), {incident_key(subject()): {"default": OPEN}})
    with pytest.raises(Conflict):  # the row has changed, so it is read again
        store.save(incident(count=2), version)
    store.save(incident(count=2), store.load(subject()).version)
    [one] = store.tracked(START)
    assert (one.incident.count, one.told) == (2, {"default": OPEN})


def test_what_receivers_wrote_survives_what_notify_records(store: TableStore) -> None:
    store.save(incident(), None)
    store.tracked(START)  # notify reads …
    store.save(incident(count=2, message="newer"), store.load(subject()).version)
    store.record(Ledger(), {incident_key(subject()): {"default": OPEN}})  # … and records what it told of the older one
    assert store.load(subject()).incident == incident(count=2, message="newer")
    assert told_of(store) == {"apps": {"default": OPEN}}


# -------------------------------------------------------------------------------------------------------------- Board


def test_nothing_told_is_an_empty_ledger_and_nobody_muted(store: TableStore) -> None:
    assert store.ledger(START) == (Ledger(), {})


def test_the_ledger_comes_back_and_a_second_writer_conflicts(store: TableStore) -> None:
    made = Ledger({"default": ChannelState(START, error="HTTP 500", failures=2)}, {"owner": (START, after(seconds=1))}, START)
    written = store.record(made, NOBODY)
    assert store.ledger(START)[0] == written == replace(made, version=written.version)
    again = store.record(replace(written, posts={}), NOBODY)
    with pytest.raises(Conflict):
        store.record(written, NOBODY)
    with pytest.raises(Conflict):
        store.record(made, NOBODY)  # who believes that there is none
    assert store.ledger(START)[0] == again


def test_only_mutes_that_still_last_are_given_by_the_cluster_in_lower_case(store: TableStore) -> None:
    ends = {"aks-Past": after(seconds=-1), "aks-Now": START, "aks-Later": after(minutes=30), "aks-Never": None}
    store.put_clusters(ClusterInfo(cluster(name), mute_until=end) for name, end in ends.items())
    assert store.ledger(START)[1] == {cluster("aks-later").key: after(minutes=30)}


def test_tracked_is_what_fails_what_lately_did_and_what_was_told_and_not_yet_told_to_be_over(store: TableStore) -> None:
    def closed(name: str, at: float) -> None:
        of = subject(name=name)
        store.save(after_all(failing(after(minutes=at - 1), of=of), healthy(after(minutes=at), of=of)), None)

    now = after(hours=3)
    put(store, "fails")
    closed("lately", 179)
    closed("long-ago", 60)
    closed("told-open", 60)
    closed("told-over", 60)
    store.save(after_all(healthy(START, of=subject(name="well"))), None)
    store.record(Ledger(), {key_of("told-open"): {"default": OPEN, "payments": OVER}, key_of("told-over"): {"default": OVER}})
    found = store.tracked(now)
    assert {one.incident.subject.name for one in found} == {"fails", "lately", "told-open"}
    assert {one.told_open for one in found if one.incident.subject.name == "told-open"} == {True}


def test_the_messages_of_those_that_exist_are_given(store: TableStore) -> None:
    store.save(FULL, None)
    key = incident_key(FULL.subject)
    assert store.messages([key, key_of("nobody")]) == {key: FULL.message}


def test_what_was_told_and_the_ledger_are_written_at_once_or_not_at_all(store: TableStore) -> None:
    put(store, "one", "two")
    first = store.record(Ledger(), NOBODY)
    store.record(first, NOBODY)
    marks = {key_of("one"): {"default": OPEN}, key_of("two"): {"default": OPEN}}
    with pytest.raises(Conflict):
        store.record(first, marks)
    assert told_of(store) == {"one": {}, "two": {}}


def test_one_that_is_gone_undoes_the_whole_record(store: TableStore) -> None:
    put(store, "one")
    with pytest.raises(Conflict):
        store.record(Ledger(), {key_of("one"): {"default": OPEN}, key_of("nobody"): {"default": OPEN}})
    assert (told_of(store), store.ledger(START)[0]) == ({"one": {}}, Ledger())


def test_a_record_of_many_is_as_few_transactions_as_the_service_takes(store: TableStore, requests_made: Requests) -> None:
    names = [f"apps-{number:03}" for number in range(100)]
    put(store, *names)
    marks = {key_of(name): {"default": OPEN} for name in names}
    assert requests_made.during(lambda: store.record(Ledger(), marks)) == Counter(POST=2)
    assert told_of(store) == {name: {"default": OPEN} for name in names}
    with pytest.raises(Conflict):
        store.record(Ledger(), marks)


def test_sweeping_deletes_what_has_long_been_over_and_nothing_else(store: TableStore) -> None:
    old, young = after(minutes=1), after(days=40)

    def resolved(name: str, at: object) -> None:
        store.save(incident(of=subject(name=name), ready="healthy", resolved_at=at), None)

    resolved("old", old)
    resolved("young", young)
    resolved("told-open", old)
    put(store, "still-fails")
    store.save(after_all(healthy(old, of=subject(name="never-failed"))), None)
    store.put_clusters([ClusterInfo(cluster())])
    store.record(Ledger(), {key_of("told-open"): {"default": OPEN}})
    assert store.sweep(after(days=30)) == 3  # also what a channel that is gone or broken never heard the end of
    names = ("old", "young", "told-open", "still-fails", "never-failed")
    left = [name for name in names if store.load(subject(name=name)).incident]
    assert left == ["young", "still-fails"]
    assert store.clusters([cluster().key]) == {cluster().key: ClusterInfo(cluster())}


class Meanwhile(RequestsTransport):
    """Real, but somebody else is quicker than the first DELETE."""

    def __init__(self, act: object) -> None:
        super().__init__()
        self.act = act

    def send(self, request: HttpRequest, **options: object) -> object:
        if request.method == "DELETE" and self.act:
            act, self.act = self.act, None
            act()
        return super().send(request, **options)


def test_what_fails_again_while_it_is_swept_stays(store: TableStore, table: TableClient, storage: Azurite) -> None:
    over = incident(ready="healthy", resolved_at=START)
    store.save(over, None)
    again = replace(incident(after(days=40)), count=7)
    transport = Meanwhile(lambda: store.save(again, store.load(subject()).version))
    with TableClient.from_connection_string(storage.connection_string, table.table_name, transport=transport) as other:
        assert TableStore(other).sweep(after(days=30)) == 0
    assert store.load(subject()).incident == again


def test_sweeping_where_another_sweeps_is_no_fault(store: TableStore, table: TableClient, storage: Azurite) -> None:
    store.save(incident(ready="healthy", resolved_at=START), None)
    transport = Meanwhile(lambda: store.sweep(after(days=30)))
    with TableClient.from_connection_string(storage.connection_string, table.table_name, transport=transport) as other:
        TableStore(other).sweep(after(days=30))
    assert store.load(subject()).incident is None
