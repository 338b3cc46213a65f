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
from shared.core.finding import Run
from shared.core.incident import Incident
from shared.core.inventory import ClusterInfo, with_sources
from shared.core.observation import Subject
from shared.core.told import Ledger, Told, Tracked
from shared.ports import Conflict, Mark, Stored
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
    """Fits every port of the store. `script` says for a method what its next calls do: None is to work.

    `written` are the keys of the incidents and clusters that were written, in their order.
    """

    def __init__(self, *incidents: Incident) -> None:
        self.rows: dict[str, _Row] = {self.key(one.subject): _Row(one) for one in incidents}
        self.infos: dict[str, ClusterInfo] = {}
        self.journal: dict[str, Run] = {}
        self.watermarks: dict[tuple[str, str], Mark] = {}
        self.written: list[str] = []
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
        if not self._write(incident, version):
            raise Conflict

    def _write(self, incident: Incident, version: str | None) -> bool:
        key = self.key(incident.subject)
        row = self.rows.get(key)
        if version != (str(row.version) if row else None):
            return False
        self.rows[key] = replace(row, incident=incident, version=row.version + 1) if row else _Row(incident)
        self.written.append(key)
        return True

    # --------------------------------------------------------------------------------------------------- IncidentBook

    def failing(self) -> Sequence[Stored]:
        self._called("failing")
        return [_bare(row) for row in self.rows.values() if row.incident.failing]

    def find(self, subjects: Sequence[Subject]) -> Sequence[Stored]:
        self._called("find")
        return [_bare(row) for key in dict.fromkeys(map(self.key, subjects)) if (row := self.rows.get(key))]

    def save_all(self, changed: Sequence[Stored]) -> Sequence[Subject]:
        self._called("save_all")
        given = {self.key(one.incident.subject): (self._whole(one.incident), one.version) for one in changed if one.incident}
        return [incident.subject for incident, version in given.values() if not self._write(incident, version)]

    def _whole(self, incident: Incident) -> Incident:
        """An empty message is one that was not read."""
        row = self.rows.get(self.key(incident.subject))
        return incident if incident.message or row is None else replace(incident, message=row.incident.message)

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
            self.rows[key] = replace(self.rows[key], told=of, version=self.rows[key].version + 1)
        self.stored = replace(ledger, version=str(int(ledger.version or 0) + 1))
        return self.stored

    def sweep(self, resolved_before: datetime) -> int:
        self._called("sweep")
        old = [key for key, row in self.rows.items() if _is_over(row, resolved_before)]
        for key in old:
            del self.rows[key]
        return len(old)

    # ------------------------------------------------------------------------------------ Inventory, FleetBook, Archive

    def clusters(self, keys: Iterable[str]) -> Mapping[str, ClusterInfo]:
        self._called("clusters")
        return {key: _brief(self.infos[key]) for key in keys if key in self.infos}

    def inventory(self) -> Sequence[ClusterInfo]:
        self._called("inventory")
        return list(self.infos.values())

    def put_clusters(self, infos: Iterable[ClusterInfo]) -> None:
        self._called("put_clusters")
        put = {info.cluster.key: info for info in infos}
        self.infos |= put
        self.written.extend(put)

    def drop_clusters(self, keys: Iterable[str]) -> None:
        self._called("drop_clusters")
        for key in keys:
            self.infos.pop(key, None)

    def incidents(self) -> Sequence[Tracked]:
        self._called("incidents")
        return [Tracked(key, row.incident, row.told) for key, row in self.rows.items() if row.incident.opened_at]

    # -------------------------------------------------------------------------------------------- Journal, Watermarks

    def runs(self) -> Mapping[str, Run]:
        self._called("runs")
        return dict(self.journal)

    def put_run(self, run: Run) -> None:
        self._called("put_run")
        self.journal[run.job] = run

    def marks(self) -> Sequence[Mark]:
        self._called("marks")
        return list(self.watermarks.values())

    def advance(self, mark: Mark, until: datetime) -> Mark:
        self._called("advance")
        key = (mark.workspace.lower(), mark.query)
        stored = self.watermarks.get(key)
        if mark.version != (stored.version if stored else None):
            raise Conflict
        self.watermarks[key] = replace(mark, until=until, version=str(int(mark.version or 0) + 1))
        return self.watermarks[key]


def _bare(row: _Row) -> Stored:
    """Without its message."""
    return Stored(replace(row.incident, message=""), str(row.version))


def _brief(info: ClusterInfo) -> ClusterInfo:
    """What cards need."""
    known = with_sources(info.sources)
    return ClusterInfo(info.cluster, info.region, info.subscription_name, info.mute_until, configurations=known)


def _turned_lately(incident: Incident, now: datetime) -> bool:
    return incident.turned_at is not None and incident.turned_at >= now - RECENT


def _is_over(row: _Row, before: datetime) -> bool:
    idle = row.incident.resolved_at or row.incident.observed_at
    return not row.incident.failing and idle is not None and idle < before
