"""Scripts in; stores, channels and clocks that live in memory out. They fit our own ports, and stand in for nothing else.

Law: as strict as what they stand for: a write with an old version is a conflict, and what was posted is kept.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from shared.core.card_elements import Element
from shared.core.delivery import Answer, Verdict
from shared.core.incident import Incident
from shared.core.inventory import ClusterInfo
from shared.core.observation import Subject
from shared.core.told import Ledger, Told, Tracked
from shared.ports import Conflict, Stored
from tests.examples import START

RECENT = timedelta(hours=1)


@dataclass(slots=True)
class FakeClock:
    """Stands still unless it is told to sleep, or is set."""

    at: datetime = START
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)

    def passes(self, **length: float) -> None:
        self.at += timedelta(**length)


@dataclass(slots=True)
class FakeChannel:
    """Answers with the scripted verdicts, then takes every post."""

    verdicts: deque[Verdict] = field(default_factory=deque)
    posts: list[Element] = field(default_factory=list)

    def post(self, message: Element) -> Verdict:
        self.posts.append(message)
        return self.verdicts.popleft() if self.verdicts else Verdict(Answer.TOLD)

    @property
    def headlines(self) -> list[str]:
        """What was posted, in a sentence each."""
        return [message["attachments"][0]["content"]["speak"] for message in self.posts]


@dataclass(slots=True)
class _Row:
    incident: Incident
    version: int = 1
    told: Mapping[str, Told] = field(default_factory=dict)


class FakeStore:
    """Fits IncidentStore, Board, Inventory and Archive. `script` says for a method what its next calls do: None is to work."""

    def __init__(self, *incidents: Incident) -> None:
        self.rows: dict[str, _Row] = {self.key(one.subject): _Row(one) for one in incidents}
        self.infos: dict[str, ClusterInfo] = {}
        self.script: defaultdict[str, deque[Exception | None]] = defaultdict(deque)
        self.calls: list[str] = []
        self.stored = Ledger()

    @staticmethod
    def key(subject: Subject) -> str:
        return "|".join(subject.key)

    def _called(self, method: str) -> None:
        self.calls.append(method)
        if self.script[method] and (fault := self.script[method].popleft()) is not None:
            raise fault

    # -------------------------------------------------------------------------------------------------- IncidentStore

    def load(self, subject: Subject) -> Stored:
        self._called("load")
        row = self.rows.get(self.key(subject))
        return Stored(row.incident, str(row.version)) if row else Stored(None, None)

    def save(self, incident: Incident, version: str | None) -> None:
        self._called("save")
        row = self.rows.get(self.key(incident.subject))
        if version != (str(row.version) if row else None):
            raise Conflict
        made = replace(row, incident=incident, version=row.version + 1) if row else _Row(incident)
        self.rows[self.key(incident.subject)] = made

    # ---------------------------------------------------------------------------------------------------------- Board

    def ledger(self, now: datetime) -> tuple[Ledger, Mapping[str, datetime]]:
        self._called("ledger")
        mutes = {key: info.mute_until for key, info in self.infos.items() if info.mute_until and info.mute_until > now}
        return self.stored, mutes

    def tracked(self, now: datetime) -> Sequence[Tracked]:
        self._called("tracked")
        found = [Tracked(key, replace(row.incident, message=""), row.told) for key, row in self.rows.items()]
        return [one for one in found if one.incident.failing or one.told_open or _turned_lately(one.incident, now)]

    def messages(self, keys: Iterable[str]) -> Mapping[str, str]:
        self._called("messages")
        return {key: self.rows[key].incident.message for key in keys if key in self.rows}

    def record(self, ledger: Ledger, told: Mapping[str, Mapping[str, Told]]) -> Ledger:
        self._called("record")
        if ledger.version != self.stored.version or not told.keys() <= self.rows.keys():
            raise Conflict
        for key, of in told.items():
            self.rows[key] = replace(self.rows[key], told=of)
        self.stored = replace(ledger, version=str(int(ledger.version or 0) + 1))
        return self.stored

    def sweep(self, resolved_before: datetime) -> int:
        self._called("sweep")
        old = [key for key, row in self.rows.items() if _is_over(row, resolved_before)]
        for key in old:
            del self.rows[key]
        return len(old)

    # ---------------------------------------------------------------------------------------------- Inventory, Archive

    def clusters(self, keys: Iterable[str]) -> Mapping[str, ClusterInfo]:
        self._called("clusters")
        return {key: self.infos[key] for key in keys if key in self.infos}

    def incidents(self) -> Sequence[Tracked]:
        self._called("incidents")
        return [Tracked(key, row.incident, row.told) for key, row in self.rows.items() if row.incident.opened_at]


def _turned_lately(incident: Incident, now: datetime) -> bool:
    return incident.turned_at is not None and incident.turned_at >= now - RECENT


def _is_over(row: _Row, before: datetime) -> bool:
    resolved = row.incident.resolved_at
    return not row.incident.failing and resolved is not None and resolved < before
