"""An observation in; its incident stored, and what that did, out. What the functions that receive have in common.

Law: one read and at most one write; what others wrote meanwhile is read again, never overwritten.
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.core.incident import Flap
from shared.core.observation import Observation
from shared.core.transition import Change, reduce
from shared.ports import Conflict, IncidentStore, StoreUnavailable

TRIES = 8  # of deliveries that race for one subject; each round one of them wins
RETRY_AFTER = 5  # seconds; well within notification-controller's timeout


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
