"""What the jobs need of the outside, stated from their side. Adapters fit them; tests put fakes behind them.

Law: one small Protocol for each need, values of the core in and out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from shared.core.alert_rule import Rule
from shared.core.card_elements import Element
from shared.core.delivery import Verdict
from shared.core.finding import Run
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


class FleetBook(Protocol):
    """What the compliance sweep knew of all clusters. Every method may raise `StoreUnavailable`."""

    def inventory(self) -> Sequence[ClusterInfo]:
        """Everything that is known."""

    def put_clusters(self, infos: Iterable[ClusterInfo]) -> None:
        """Write what is known of these."""

    def drop_clusters(self, keys: Iterable[str]) -> None:
        """Forget these; who is not there is no fault."""


class IncidentBook(Protocol):
    """Incidents, many at a time. Every method may raise `StoreUnavailable`."""

    def failing(self) -> Sequence[Stored]:
        """Every incident that fails, with its version. Messages may be missing: an empty one is not written back."""

    def find(self, subjects: Sequence[Subject]) -> Sequence[Stored]:
        """Those of these subjects that have an incident, failing or not; in any order, messages as in `failing`."""

    def save_all(self, changed: Sequence[Stored]) -> Sequence[Subject]:
        """Write each unless somebody else did meanwhile; the subjects of those that were not written. `version` None: new."""


class Journal(Protocol):
    """What the latest run of each sweep left. Every method may raise `StoreUnavailable`."""

    def runs(self) -> Mapping[str, Run]:
        """By job."""

    def put_run(self, run: Run) -> None:
        """Replace that of its job."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the rows of a query over a workspace have been read; None: not at all. `version` goes back with the write."""

    workspace: str
    query: str
    until: datetime | None = None
    version: str | None = None


class Watermarks(Protocol):
    """How far logs have been read. Every method may raise `StoreUnavailable`."""

    def marks(self) -> Sequence[Mark]:
        """All there are."""

    def advance(self, mark: Mark, until: datetime) -> Mark:
        """Write that rows are read up to `until`. Raises `Conflict` unless the mark is still the one that is stored."""


class ResourceGraph(Protocol):
    """Azure Resource Graph over the scopes of the fleet."""

    def ask(self, query: str) -> Sequence[Mapping[str, Any]]:
        """All rows of queries/<query>.kql, as JSON gives them. Raises `trouble.Unanswered`: never less than all of them."""


class Presence(StrEnum):
    """What Azure Resource Manager says of a resource."""

    THERE = "there"
    GONE = "gone"  # 404: of it, of its group or of its subscription
    HIDDEN = "hidden"  # 403: nobody can say


class ResourceManager(Protocol):
    """Azure Resource Manager, one resource at a time. Every method may raise `trouble.Unanswered`."""

    def presence(self, arm_id: str) -> Presence:
        """Of a cluster, an extension or a flux configuration."""

    def get(self, arm_id: str) -> Mapping[str, Any] | None:
        """The resource as ARM gives it; None if it is gone."""


type Parameter = datetime | timedelta
"""Of a query. Datetimes are aware."""


@dataclass(frozen=True, slots=True)
class LogRows:
    """The rows of one query. `partial` is a code of Azure's if some are missing: they say nothing about the others."""

    rows: Sequence[Mapping[str, Any]]
    partial: str = ""


class Logs(Protocol):
    """Log Analytics workspaces."""

    def ask(self, workspace: str, query: str, parameters: Mapping[str, Parameter]) -> LogRows:
        """Rows of queries/<query>.kql by column: aware datetimes, numbers, texts, None. Raises `trouble.Unanswered`."""

    def plan(self, workspace: str, table: str) -> str:
        """Analytics, Basic or Auxiliary. Raises `trouble.Unanswered`."""


class AlertRules(Protocol):
    """The alert rules of one resource group, as Azure has them. Every method may raise `Unanswered`."""

    def groups(self) -> Sequence[Rule]:
        """All Prometheus rule groups there, whoever made them. One list."""

    def log_rules(self) -> Sequence[Rule]:
        """All scheduled query rules there. One list."""

    def action_group(self, name: str) -> Rule | None:
        """The action group there; None if there is none of that name."""

    def put(self, rule: Rule) -> None:
        """Create it, or replace it whole. The same once more does no harm."""

    def delete(self, rule: Rule) -> None:
        """It is no more; no matter whether it was."""


class TokenCheck(Protocol):
    """Who calls, where a key is not enough."""

    def check(self, authorization: str) -> None:
        """The header of that name. Raises `refusal.Unsigned` (401), and `trouble.Unanswered` if nobody can tell."""


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
