"""Extensions of a simulated fleet that are written and deleted in; deliveries to the host's Event Grid webhook out.

Law: nothing before the handshake; then at least once, in any order, as Event Grid has it (learn.microsoft.com/azure/event-grid:
delivery-and-retry), but its waits are shortened by a factor.
"""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched
from random import Random
from types import TracebackType
from typing import Any, Self

import requests

from local.azure.event_schema import Change, Schema, encoded
from local.azure.world import World

PATH = "/runtime/webhooks/eventgrid"
FUNCTION = "ensure_alert_rules"
ANSWERS_WITHIN = 30  # seconds
FINAL = frozenset({400, 413})  # not tried again
WAITS = (10, 30, 60, 300, 600, 1800, 3600)  # seconds before the second, third, … try; then every hour
SIDE_BY_SIDE = 8


def pause(number: int) -> float:
    """Seconds before the try of that number; 1 is the second one."""
    return WAITS[min(number, len(WAITS)) - 1]


class NotValidated(Exception):
    """The webhook did not return the code: no event is ever sent there."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a subscription delivers: `copies` of each event; up to `batch` in one request; in another order than theirs, where
    `disorder` is a seed. `pace` is what every wait is multiplied with; `tries` is the most for one request.
    """

    schema: Schema = Schema.EVENT_GRID
    copies: int = 1
    batch: int = 1
    disorder: int | None = None
    pace: float = 0.01
    tries: int = 30


class EventGrid:
    """A subscription, from the handshake to its end: a context manager. `to` is the host's address, `key` one of its own.

    `answers` counts requests by status (0: no connection), `delivered` and `dead` count events.
    """

    def __init__(
        self, world: World, to: str, *, key: str = "", way: Way | None = None, clock: Callable[[], datetime] | None = None
    ) -> None:
        self.way = way or Way()
        self.answers: Counter[int] = Counter()
        self.delivered = self.dead = 0
        self._world, self._key, self._clock = world, key, clock or (lambda: datetime.now(UTC))
        self._address = f"{to.rstrip('/')}{PATH}?functionName={FUNCTION}"
        self._changes: list[Change] = []
        self._holds = 0
        self._number = self._open = 0
        self._moved, self._stopping = threading.Condition(), threading.Event()
        self._pool = ThreadPoolExecutor(SIDE_BY_SIDE, "event-grid")

    def __enter__(self) -> Self:
        """Raises `NotValidated`."""
        self._validate()
        self._world.watchers.append(self._hear)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._world.watchers.remove(self._hear)
        self._stopping.set()
        self._pool.shutdown(cancel_futures=True)

    @contextmanager
    def held(self) -> Iterator[None]:
        """What happens meanwhile is delivered together in the end: batches and disorder are made of several events."""
        with self._moved:
            self._holds += 1
        try:
            yield
        finally:
            with self._moved:
                self._holds -= 1
                self._release()

    def wait(self, limit: float = 60) -> bool:
        """Until nothing is under way. Whether that came before `limit` seconds had gone by."""
        with self._moved:
            return self._moved.wait_for(lambda: not self._open, limit)

    # --------------------------------------------------------------------------------------------------------- delivering

    def _hear(self, arm_id: str, deleted: bool) -> None:
        with self._moved:
            self._number += 1
            self._changes.append(Change(arm_id, deleted, self._clock(), self._number))
            self._release()

    def _release(self) -> None:
        if self._holds:
            return
        changes = [one for one in self._changes for _ in range(self.way.copies)]
        self._changes.clear()
        if self.way.disorder is not None:
            Random(self.way.disorder).shuffle(changes)  # noqa: S311 - an order is no secret
        for some in batched(changes, self.way.batch):
            self._open += 1
            self._pool.submit(self._deliver, some)

    def _deliver(self, changes: Sequence[Change]) -> None:
        arrived = False
        try:
            arrived = self._try(changes)
        finally:
            with self._moved:
                self.delivered += len(changes) if arrived else 0
                self.dead += 0 if arrived else len(changes)
                self._open -= 1
                self._moved.notify_all()

    def _try(self, changes: Sequence[Change]) -> bool:
        """A request is all or nothing: what was not taken is sent again as a whole."""
        body = encoded(changes, self.way.schema)
        for number in range(self.way.tries):
            if number and self._stopping.wait(pause(number) * self.way.pace):
                return False
            status = self._post("Notification", body, number).status
            with self._moved:
                self.answers[status] += 1
            if 200 <= status < 300 or status in FINAL:
                return status not in FINAL
        return False

    def _validate(self) -> None:
        code = str(uuid.uuid5(uuid.NAMESPACE_URL, self._address))
        event = {
            "id": code,
            "topic": "/subscriptions/00000000-0000-0000-0000-000000000000",
            "subject": "",
            "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent",
            "eventTime": f"{self._clock():%Y-%m-%dT%H:%M:%S}Z",
            "dataVersion": "2",
            "metadataVersion": "1",
            "data": {"validationCode": code, "validationUrl": "https://eventgrid.example/validate"},
        }
        said = self._post("SubscriptionValidation", [event], 0)
        if said.status != 200 or said.body.get("validationResponse") != code:
            raise NotValidated(f"the webhook answered the handshake with {said.status}")

    def _post(self, kind: str, body: Any, number: int) -> _Said:
        headers = {
            "aeg-event-type": kind,
            "aeg-subscription-name": FUNCTION.upper(),
            "aeg-delivery-count": str(number),
            **({"x-functions-key": self._key} if self._key else {}),
        }
        try:
            answer = requests.post(self._address, json=body, headers=headers, timeout=ANSWERS_WITHIN, allow_redirects=False)
            said = answer.json() if kind == "SubscriptionValidation" else {}
        except requests.ConnectionError:
            return _Said(0, {})
        except requests.RequestException:  # no answer in time, or one that is no JSON
            return _Said(408, {})
        return _Said(answer.status_code, said if isinstance(said, dict) else {})


@dataclass(frozen=True, slots=True)
class _Said:
    status: int
    body: Mapping[str, Any]
