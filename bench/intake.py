"""Events in; the processor time that one costs in receive_flux_event out: verified, parsed, reduced, without store and host.

Law: the job as it is, its log lines written as in Azure; only the store is a dictionary and the clock stands still.
"""

from __future__ import annotations

import hmac
import json
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bench import fleet
from bench.figure import Report, figure, in_turn, ratio
from bench.scale import Scale
from local.flux import Happening
from shared.core import words
from shared.core.cluster import Cluster
from shared.core.incident import Incident
from shared.core.observation import Subject
from shared.core.signature import cluster_token, sign
from shared.jobs.receive_flux_event import ReceiveFluxEvent
from shared.ports import Stored

KEY = "benchmark-key-that-signs-nothing-real"
TARGET = 300.0  # microseconds
BASELINE = "json.loads and one HMAC"


@dataclass(frozen=True, slots=True)
class Request:
    """What the function hands to the job."""

    path: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


class Memory:
    """Fits the port IncidentStore."""

    def __init__(self, known: Mapping[tuple[str, ...], Incident] | None = None) -> None:
        self._known = dict[tuple[str, ...], Incident](known or {})

    def load(self, subject: Subject) -> Stored:
        """See the port."""
        return Stored(self._known.get(subject.key), "")

    def save(self, incident: Incident, version: str | None) -> None:
        """See the port."""
        self._known[incident.subject.key] = incident


@dataclass(frozen=True, slots=True)
class Case:
    """Events of one sort, and the outcome that each of them has to have."""

    outcome: str
    requests: Sequence[Request]
    known: Mapping[tuple[str, ...], Incident] = field(default_factory=dict)
    fresh: bool = False  # what the process remembers of earlier words is forgotten first


class Still:
    """Fits the port Clock."""

    def now(self) -> datetime:
        """See the port."""
        return fleet.START

    def sleep(self, seconds: float) -> None:
        """See the port."""


def run(scale: Scale) -> Report:
    """Three sorts of events, in turn with the least that any receiver has to do."""
    sorts = cases(scale.events)
    requests = sorts["failing, in words heard before"].requests
    measures = {name: lambda case=case: cost(case) for name, case in sorts.items()}
    with _logged():
        samples = in_turn(scale.runs, measures | {BASELINE: lambda: _baseline(requests)})
    figures = [figure(name, "us", samples[name], target=TARGET) for name in sorts]
    figures += [figure(BASELINE, "us", samples[BASELINE])]
    figures += [ratio(f"{name}, to that", samples[name], samples[BASELINE]) for name in sorts]
    return Report(f"receive_flux_event: processor time of one event of {fleet.BODY} bytes, store in memory", figures)


def cases(count: int) -> dict[str, Case]:
    """`count` events of each sort."""
    failing = [_request(fleet.failure(number), fleet.cluster(number)) for number in range(count)]
    unheard = [_request(_in_other_words(number), fleet.cluster(number)) for number in range(count)]
    again = [
        _request(fleet.failure(0), fleet.cluster(0), fleet.START + timedelta(seconds=number)) for number in range(1, count + 1)
    ]
    beats = [_request(fleet.heartbeat(number), fleet.cluster(number)) for number in range(count)]
    first = fleet.incident(0)
    return {
        "failing, in words never heard": Case("opened", unheard, fresh=True),
        "failing, in words heard before": Case("opened", failing),
        "failing again": Case("counted", again, {first.subject.key: first}),
        "heartbeat": Case("unchanged", beats),
    }


def _in_other_words(number: int) -> Happening:
    """A failure whose text no other event has."""
    failure = fleet.failure(number)
    return replace(failure, message=f"{failure.message} (build-{number}.yaml)")


def _request(happening: Happening, on: Cluster, at: datetime = fleet.START) -> Request:
    body = fleet.body(happening, on, at)
    path = {
        "subscription": on.subscription,
        "resource_group": on.resource_group,
        "cluster_type": on.type,
        "cluster": on.name,
    }
    return Request(path, {"content-type": "application/json", "x-signature": sign(body, cluster_token(KEY, on))}, body)


def cost(case: Case) -> float:
    """Microseconds of this process for one event."""
    if case.fresh:
        words._read.cache_clear()
    receive = ReceiveFluxEvent(Memory(case.known), Still(), [KEY], timedelta(hours=1))
    begin = time.process_time()
    outcomes = {receive(one.path, one.headers, one.body).outcome for one in case.requests}
    spent = time.process_time() - begin
    assert outcomes == {case.outcome}, f"{outcomes} instead of {case.outcome}"
    return spent / len(case.requests) * 1e6


def _baseline(requests: Sequence[Request]) -> float:
    begin = time.process_time()
    for one in requests:
        hmac.digest(KEY.encode(), one.body, "sha256")
        json.loads(one.body)
    return (time.process_time() - begin) / len(requests) * 1e6


@contextmanager
def _logged() -> Iterator[None]:
    """Lines are made at INFO, as in Azure, and go nowhere."""
    log, handler = logging.getLogger("shared.jobs"), logging.Handler()
    handler.emit = handler.format  # type: ignore[assignment, method-assign]  # the text is made, and dropped
    log.addHandler(handler)
    before, log.propagate = (log.level, log.propagate), False
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(before[0])
        log.propagate = before[1]
