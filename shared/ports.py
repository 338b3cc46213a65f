"""What the jobs need of the outside, stated from their side. Adapters fit them; tests put fakes behind them.

Law: one small Protocol for each need, values of the core in and out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.core.card_elements import Element
from shared.core.delivery import Verdict
from shared.core.incident import Incident
from shared.core.inventory import ClusterInfo
from shared.core.observation import Subject
from shared.core.told import Ledger, Told, Tracked


class StoreUnavailable(Exception):
    """The store does not answer, or refuses. The text names the fault, never an address or a key."""


class Conflict(Exception):
    """Somebody else wrote in between: read again."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An incident as it was read; None if there is none. `version` goes back with the write."""

    incident: Incident | None
    version: str | None


class IncidentStore(Protocol):
    """Incidents, one at a time. Every method may raise `StoreUnavailable`."""

    def load(self, subject: Subject) -> Stored:
        """The incident of a subject."""

    def save(self, incident: Incident, version: str | None) -> None:
        """Write it. Raises `Conflict` unless `version` is still the one that is stored."""


class Board(Protocol):
    """What is true beside what was told. Every method may raise `StoreUnavailable`."""

    def ledger(self, now: datetime) -> tuple[Ledger, Mapping[str, datetime]]:
        """What the channels did, and until when clusters (by key) are muted."""

    def tracked(self, now: datetime) -> Sequence[Tracked]:
        """Every incident that fails, lately failed, or was told and not yet told to be over. Messages may be missing."""

    def messages(self, keys: Iterable[str]) -> Mapping[str, str]:
        """The messages of incidents, by key; of those that exist."""

    def record(self, ledger: Ledger, told: Mapping[str, Mapping[str, Told]]) -> Ledger:
        """Write the ledger, and by key what the incidents' channels now believe, at once. Raises `Conflict`."""

    def sweep(self, resolved_before: datetime) -> int:
        """Delete what was over before then, told or not; how many."""


class Inventory(Protocol):
    """What is known of clusters."""

    def clusters(self, keys: Iterable[str]) -> Mapping[str, ClusterInfo]:
        """The known ones of these clusters, by key. May raise `StoreUnavailable`."""


class Archive(Protocol):
    """Everything that is remembered, for people to look at."""

    def incidents(self) -> Sequence[Tracked]:
        """Every incident that ever opened, with its message. May raise `StoreUnavailable`."""


class Channel(Protocol):
    """One Teams channel."""

    def post(self, message: Element) -> Verdict:
        """Post it. Never raises for what the other side does: the verdict says it."""


class Clock(Protocol):
    """Time, and the passing of it."""

    def now(self) -> datetime:
        """Aware, in UTC."""

    def sleep(self, seconds: float) -> None:
        """Wait."""
