"""An observation in; its incident stored, and what that did, out. What the functions that receive have in common.

Law: one read and at most one write; what others wrote meanwhile is read again, never overwritten. Within a process writers of
one subject take turns: an alert of a hundred pods comes as a hundred requests at once, and racing most of them would lose.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

from shared.core.incident import Flap
from shared.core.observation import Observation, Subject
from shared.core.transition import Change, reduce
from shared.ports import Conflict, IncidentStore, StoreUnavailable

TRIES = 8  # of processes that race for one subject; each round one of them wins
TURN = 3  # seconds that a delivery waits for its turn at most: then it races
RETRY_AFTER = 5  # seconds; well within notification-controller's timeout

_LANES = tuple(Lock() for _ in range(64))  # of subjects, by their hash


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back: `outcome` and `reason` make up the body. `retry_after` in seconds, 0 for none."""

    status: int
    outcome: str
    reason: str
    retry_after: int = 0


NOT_STORED = Reply(503, "not-stored", "the incident store is unavailable, send it again", RETRY_AFTER)


def remember(store: IncidentStore, seen: Observation, flap: Flap) -> Change:
    """Again only when somebody else wrote in between. Raises `StoreUnavailable`."""
    with _turn(seen.subject):
        for _ in range(TRIES):
            stored = store.load(seen.subject)
            change = reduce(stored.incident, seen, flap)
            if change.incident is None or change.incident is stored.incident:
                return change
            try:
                store.save(change.incident, stored.version)
            except Conflict:
                continue
            return change
    raise StoreUnavailable(f"{TRIES} writers in a row were faster")


@contextmanager
def _turn(subject: Subject) -> Iterator[None]:
    """Alone in the lane of the subject, unless it is jammed."""
    lane = _LANES[hash(subject.key) % len(_LANES)]
    alone = lane.acquire(timeout=TURN)
    try:
        yield
    finally:
        if alone:
            lane.release()
