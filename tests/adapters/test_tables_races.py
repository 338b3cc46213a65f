"""Events that arrive at the same time in, on real table storage; incidents from which nothing is lost out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pytest

from local.flux import Happening
from shared.adapters.tables import TableStore, incident_key
from shared.core.inventory import ClusterInfo
from shared.core.told import Ledger, Said, Told
from shared.intake import TRIES, Reply
from shared.jobs.receive_azure_alert import ReceiveAzureAlert
from shared.jobs.receive_flux_event import ReceiveFluxEvent
from shared.ports import Conflict
from tests import alerts, senders
from tests.examples import START, subject
from tests.parts import Requests

OPEN = Told(Said.OPEN, START, "group")


class Clock:
    """Stands still."""

    def now(self) -> datetime:
        return START

    def sleep(self, seconds: float) -> None:
        raise AssertionError(f"an event waited {seconds} s")


@pytest.fixture
def deliver(store: TableStore) -> Callable[[Happening], Reply]:
    """Through the job, as it runs in Azure."""
    receive = ReceiveFluxEvent(store, Clock(), [senders.KEY])

    def deliver(happening: Happening) -> Reply:
        body = senders.body(happening)
        return receive(senders.path(), senders.headers(body), body)

    return deliver


def causes(number: int) -> list[Happening]:
    """Failures of one object in one second, each for a cause of its own. Fingerprints do not mask words."""
    words = ("acorn", "birch", "cedar", "daisy", "elder", "fern", "gorse", "hazel", "ivy", "juniper", "kelp", "larch")
    return [senders.failure(message=f"kustomize build failed: {word} is missing") for word in words[:number]]


def test_of_failures_that_race_for_one_object_none_is_lost(store: TableStore, deliver: Callable[[Happening], Reply]) -> None:
    """As many as the job has tries: in each round one of them wins, so all of them are stored."""
    begin = Barrier(TRIES)

    def race(happening: Happening) -> Reply:
        begin.wait()
        return deliver(happening)

    with ThreadPoolExecutor(TRIES) as clusters:
        replies = list(clusters.map(race, causes(TRIES)))
    assert Counter((reply.status, reply.outcome) for reply in replies) == {(202, "opened"): 1, (202, "changed"): TRIES - 1}
    found = store.load(subject()).incident
    assert found is not None
    assert (found.count, len(set(found.seen))) == (TRIES, TRIES)


def test_an_alert_of_forty_pods_at_once_is_heard_of_each(store: TableStore) -> None:
    store.put_clusters([ClusterInfo(subject().cluster)])
    receive = ReceiveAzureAlert(store, store, store, Clock())

    def fires(pod: int) -> Reply:
        labels = {"alertname": "PodCrashLooping", "cluster": subject().cluster.name, "pod": f"pod-{pod}"}
        return receive({}, alerts.body(alerts.sample("prometheus-rule-fired", labels=labels)))

    with ThreadPoolExecutor(16) as group:  # as many as the host lets in, by the sample settings
        replies = Counter(reply.outcome for reply in group.map(fires, range(40)))
    assert replies == {"opened": 1, "noted": 39}


def test_notify_that_records_meanwhile_loses_nothing_and_is_not_undone(
    store: TableStore, deliver: Callable[[Happening], Reply]
) -> None:
    deliver(senders.failure())
    key = incident_key(subject())
    begin = Barrier(5)

    def notify(number: int) -> None:
        ledger = store.record(Ledger(), {key: {"default": OPEN}}) if number == 0 else ledgers[-1]
        ledgers.append(store.record(ledger, {key: {"default": OPEN, f"channel-{number}": OPEN}}))

    def receive(happening: Happening) -> Reply:
        begin.wait()
        return deliver(happening)

    ledgers: list[Ledger] = []
    with ThreadPoolExecutor(5) as both:
        racing = [both.submit(receive, one) for one in causes(4)]
        begin.wait()
        for number in range(6):
            notify(number)
        replies = [one.result() for one in racing]
    [one] = store.tracked(START)
    accepted = [reply.status for reply in replies].count(202)
    assert one.incident.count == 1 + accepted
    assert set(one.told) == {"default", "channel-5"}
    assert store.ledger(START)[0] == ledgers[-1]


def test_of_two_notifiers_only_one_records(store: TableStore) -> None:
    ledger = store.record(Ledger(), {})
    begin = Barrier(4)

    def notify(_: int) -> bool:
        begin.wait()
        try:
            store.record(ledger, {})
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as notifiers:
        assert Counter(notifiers.map(notify, range(4))) == {True: 1, False: 3}


@pytest.mark.parametrize(
    ("before", "happening", "outcome", "asked"),
    [
        ([], senders.failure(), "opened", Counter(GET=1, POST=1)),
        ([senders.failure()], senders.failure(message="kustomize build failed: oak"), "changed", Counter(GET=1, PATCH=1)),
        ([senders.failure()], senders.failure(), "unchanged", Counter(GET=1)),
        ([], senders.recovery(), "noted", Counter(GET=1, POST=1)),
        ([], senders.heartbeat(), "unchanged", Counter(GET=1)),
        ([senders.recovery()], senders.heartbeat(), "unchanged", Counter(GET=1)),
        ([], senders.progress(), "unchanged", Counter(GET=1)),
        ([senders.failure()], senders.progress(), "unchanged", Counter(GET=1)),
    ],
    ids=[
        "first",
        "another-cause",
        "same-bytes",
        "well",
        "heartbeat-of-new",
        "heartbeat-of-known",
        "progress",
        "progress-of-failing",
    ],
)
def test_an_event_costs_a_read_and_at_most_a_write(
    store: TableStore,
    deliver: Callable[[Happening], Reply],
    requests_made: Requests,
    before: list[Happening],
    happening: Happening,
    outcome: str,
    asked: Counter[str],
) -> None:
    store.create()
    for one in before:
        deliver(one)
    replies: list[Reply] = []
    assert requests_made.during(lambda: replies.append(deliver(happening))) == asked
    assert [(reply.status, reply.outcome) for reply in replies] == [(202, outcome)]
