"""Incidents by the hundred in and out of real table storage: by few requests, and whoever is in the way stays alone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from azure.core.pipeline.transport import HttpRequest, RequestsTransport
from azure.data.tables import TableClient

from local.azurite import Azurite
from shared.adapters.table_incidents import MANY
from shared.adapters.table_writes import TRANSACTION, Write, portions, row_of
from shared.adapters.tables import TableStore, incident_key
from shared.core.incident import Incident
from shared.core.told import Ledger, Said, Told
from shared.ports import Stored, StoreUnavailable
from tests.examples import START, incident, subject
from tests.parts import Requests

OPEN = Told(Said.OPEN, START, "group")


def many(count: int, **known: object) -> list[Incident]:
    return [incident(of=subject(name=f"apps-{number:03}"), **known) for number in range(count)]


def put(store: TableStore, incidents: Sequence[Incident]) -> None:
    assert store.save_all([Stored(one, None) for one in incidents]) == []


def counted(found: Sequence[Stored], count: int) -> list[Stored]:
    return [replace(one, incident=replace(one.incident, count=count)) for one in found if one.incident]


def counts(store: TableStore) -> Counter[int]:
    return Counter(one.incident.count for one in store.failing() if one.incident)


def test_a_request_is_made_for_each_hundred_rows_that_change(store: TableStore, requests_made: Requests) -> None:
    store.create()
    assert requests_made.during(lambda: put(store, many(120))) == Counter(POST=2)
    found: list[Stored] = []
    assert requests_made.during(lambda: found.extend(store.failing())) == Counter(GET=1)
    assert requests_made.during(lambda: store.save_all(counted(found[:101], 2))) == Counter(POST=2)
    assert counts(store) == {1: 19, 2: 101}
    assert requests_made.during(lambda: store.save_all([])) == Counter()


def test_few_are_read_one_by_one_and_many_by_one_look_at_all(store: TableStore, requests_made: Requests) -> None:
    put(store, many(40))
    subjects = [one.subject for one in many(40)]
    assert requests_made.during(lambda: store.find(subjects[:MANY])) == Counter(GET=MANY)
    assert requests_made.during(lambda: store.find(subjects[: MANY + 1])) == Counter(GET=1)
    assert len(store.find(subjects[: MANY + 1])) == MANY + 1


def test_long_messages_go_in_as_many_transactions_as_it_takes(store: TableStore, requests_made: Requests) -> None:
    store.create()
    long = many(75, message="\N{FIRE}" * 4_000)  # on the wire a character is twelve
    assert requests_made.during(lambda: put(store, long)) == Counter(POST=2)
    assert store.load(long[0].subject).incident == long[0]


def test_a_transaction_is_within_what_the_service_takes() -> None:
    heavy = [Write("upsert", row_of(f"cluster:{number:03}") | {"objects_0": "ä" * 32_000}) for number in range(50)]
    light = [Write("delete", row_of(f"cluster:{number:03}")) for number in range(50, 300)]
    made = list(portions([*heavy, *light]))
    assert [one for some in made for one in some] == [*heavy, *light]
    assert max(len(some) for some in made) == TRANSACTION
    assert max(sum(len(json.dumps(one.row)) for one in some) for some in made) < 4 * 1024 * 1024
    assert [len(some) for some in made] == [18, 18, 100, 100, 64]


def test_who_races_for_one_row_costs_one_request_more(store: TableStore, requests_made: Requests) -> None:
    put(store, many(20))
    found = store.failing()
    store.save_all(counted(found[10:11], 7))
    missed: list[object] = []
    assert requests_made.during(lambda: missed.extend(store.save_all(counted(found, 2)))) == Counter(POST=2)
    assert missed == [found[10].incident and found[10].incident.subject]
    assert counts(store) == {2: 19, 7: 1}


def test_who_races_for_many_rows_costs_few_requests_more(store: TableStore, requests_made: Requests) -> None:
    put(store, many(30))
    found = store.failing()
    store.save_all(counted(found[::2], 7))
    assert requests_made.during(lambda: store.save_all(counted(found, 2))) == Counter(POST=3, GET=1)
    assert counts(store) == {2: 15, 7: 15}


def test_a_row_that_storage_refuses_is_left_out_and_named(store: TableStore, caplog: pytest.LogCaptureFixture) -> None:
    huge = incident(of=subject(name="huge"), detail="secret" * 10_000)
    assert store.save_all([Stored(one, None) for one in (*many(5), huge)]) == [huge.subject]
    assert counts(store) == {1: 5}
    assert "storage refuses a row (PropertyValueTooLarge): left out" in caplog.text
    assert "secret" not in caplog.text


def test_storage_that_refuses_row_after_row_is_a_fault(store: TableStore) -> None:
    with pytest.raises(StoreUnavailable, match="Table storage answered 400 PropertyValueTooLarge"):
        put(store, many(9, detail="x" * 40_000))


def test_names_that_no_encoding_knows_are_stored_and_found(store: TableStore) -> None:
    odd = incident(of=subject(name="half-\ud800"), message="half \udfff\0")
    put(store, [odd])
    [found] = store.find([odd.subject])
    assert found.incident is not None
    assert found.incident.subject.name == "half-?"
    assert store.save_all([found]) == []
    assert store.load(odd.subject).incident == replace(odd, subject=found.incident.subject, message="half ?\0")


# --------------------------------------------------------------------------------------------------------------- races


def test_of_two_sweeps_that_save_the_same_incidents_each_row_is_written_by_one(store: TableStore) -> None:
    put(store, many(110))
    found = store.failing()
    begin = Barrier(2)

    def sweep(count: int) -> int:
        begin.wait()
        return len(found) - len(store.save_all(counted(found, count)))

    with ThreadPoolExecutor(2) as sweeps:
        written = list(sweeps.map(sweep, (2, 3)))
    assert sum(written) == 110
    assert counts(store) == Counter({2: written[0], 3: written[1]})


class Meanwhile(RequestsTransport):
    """Real, but somebody else is quicker than the first transaction."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__()
        self.acts = [act]

    def send(self, request: HttpRequest, **options: object) -> object:
        if request.url.endswith("$batch") and self.acts:
            self.acts.pop()()
        return super().send(request, **options)


def test_a_receiver_that_saves_after_the_sweep_has_read_is_not_undone(
    store: TableStore, table: TableClient, storage: Azurite
) -> None:
    put(store, many(5))
    event, new = many(5)[2], subject(name="new")

    def receive() -> None:
        store.save(replace(event, count=9, message="newer"), store.load(event.subject).version)
        store.save(incident(of=new, count=8), None)

    transport = Meanwhile(receive)
    with TableClient.from_connection_string(storage.connection_string, table.table_name, transport=transport) as other:
        sweep = TableStore(other)
        changed = [*counted(sweep.failing(), 2), Stored(incident(of=new), None)]
        assert {of.name for of in sweep.save_all(changed)} == {event.subject.name, "new"}
    assert counts(store) == {2: 4, 9: 1, 8: 1}
    assert store.load(event.subject).incident == replace(event, count=9, message="newer")


def test_what_notify_records_while_a_sweep_saves_is_kept(store: TableStore, table: TableClient, storage: Azurite) -> None:
    put(store, many(5))
    told = {incident_key(one.subject): {"default": OPEN} for one in many(3)}
    transport = Meanwhile(lambda: store.record(Ledger(), told))
    with TableClient.from_connection_string(storage.connection_string, table.table_name, transport=transport) as other:
        sweep = TableStore(other)
        assert len(sweep.save_all(counted(sweep.failing(), 2))) == 3
        assert sweep.save_all(counted(sweep.failing(), 2)) == []
    assert counts(store) == {2: 5}
    assert sorted(len(one.told) for one in store.tracked(START)) == [0, 0, 1, 1, 1]
