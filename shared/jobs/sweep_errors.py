"""Rows of Log Analytics in; incidents that they open and detail, watermarks, and what could not be read, out.

Law: incidents are saved before the watermark moves, and an answer that is not whole never moves it. What is read again because
a run failed, or ran beside another, takes effect once.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.core.finding import Run
from shared.core.incident import Flap
from shared.core.inventory import ClusterInfo, by_key
from shared.core.log_controllers import CALM, STALE, Key, Life, closing, common_life, may_close, signs_of_life, watched
from shared.core.log_entries import Entry, Look
from shared.core.log_errors import Reading, effect, read
from shared.core.log_findings import label
from shared.core.log_progress import Progress
from shared.core.log_windows import CONTROLLERS, QUERIES, Window, in_turn
from shared.core.observation import Subject
from shared.core.trouble import Trouble, Unanswered
from shared.ports import (
    Clock,
    Conflict,
    FleetBook,
    IncidentBook,
    Journal,
    LogRows,
    Logs,
    Mark,
    Stored,
    StoreUnavailable,
    Watermarks,
)

JOB = "sweep_errors"
TRIES = 8  # of writers that race for the same incidents
LATE = timedelta(days=2)  # a row may come so late after it was written: the scan must reach as far back
LATE_AND_PAID = timedelta(hours=1)  # where each scan is paid by the gigabyte, as on the Basic plan
MAY_BE_PAID = {"flux_errors": "ContainerLogV2"}  # query → its table, which may be on such a plan; the other tables may not
COUNTS = ("rows", "observations", "dropped", "opened", "closed")

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Sweep:
    """One run."""

    look: Look
    infos: Mapping[str, ClusterInfo]
    progress: Progress[Mark]
    before: Run | None
    until: datetime  # no more questions after that
    lives: dict[str, Life] = field(default_factory=dict)  # by workspace
    lookbacks: dict[tuple[str, str], timedelta] = field(default_factory=dict)  # by workspace and table


@dataclass(frozen=True, slots=True)
class SweepErrors:
    """The job. `workspaces` are resource ids. Rows younger than `lag` may not all be there yet: they are left for later.

    After `budget` nothing more is asked: what is left is read by later runs, in turns. It is less than half of the host's
    functionTimeout, for the last question may take minutes, and a run that the host ends has saved nothing.
    """

    logs: Logs
    watermarks: Watermarks
    incidents: IncidentBook
    fleet: FleetBook
    journal: Journal
    clock: Clock
    workspaces: Sequence[str]
    lag: timedelta = timedelta(minutes=5)
    flap: Flap = field(default_factory=Flap)
    budget: timedelta = timedelta(minutes=4)

    def __call__(self) -> Run:
        """One run. Raises `StoreUnavailable`; what Log Analytics does is never an error here: the watermark stays."""
        sweep = self._begin()
        while (todo := sweep.progress.todo) and self._has_time(sweep):
            self._round(todo, sweep)
        self._close(sweep)
        run = self._run(sweep)
        self.journal.put_run(run)
        log.info("%s", ", ".join(f"{name}: {count}" for name, count in run.counts.items()))
        for finding in run.findings:
            log.warning("%s: %s", finding.name, finding.detail)
        return run

    def _begin(self) -> _Sweep:
        now = self.clock.now()
        infos = by_key(self.fleet.inventory())
        known = {key: info.cluster for key, info in infos.items()}
        stored = {(mark.workspace.lower(), mark.query): mark for mark in self.watermarks.marks()}
        before = self.journal.runs().get(JOB)
        places = [(workspace, query) for workspace in self.workspaces for query in QUERIES]
        if before and before.seconds >= self.budget.total_seconds():
            places = in_turn(places, now)
        marks = {place: stored.get((place[0].lower(), place[1]), Mark(*place)) for place in places}
        end = now - self.lag
        return _Sweep(Look(now, end, known), infos, Progress(end, marks), before, now + self.budget)

    def _has_time(self, sweep: _Sweep) -> bool:
        return self.clock.now() < sweep.until

    def _run(self, sweep: _Sweep) -> Run:
        now, progress, before = sweep.look.now, sweep.progress, sweep.before
        gap = (now - before.at).total_seconds() if before else 0.0
        others = {"bad_rows": progress.bad_rows, "workspaces": len(self.workspaces)}
        return Run(
            JOB,
            now,
            seconds=(self.clock.now() - now).total_seconds(),
            gap=gap,
            counts={name: progress.counts[name] for name in COUNTS} | others,
            before=before.counts if before else {},
            findings=progress.findings(sweep.infos.keys(), gap),
        )

    # ------------------------------------------------------------------------------------------------ one slice of each

    def _round(self, todo: Iterable[Window], sweep: _Sweep) -> None:
        """Ask, save, and only then move the watermarks."""
        whole, entries = list[Window](), defaultdict[str, list[Entry]](list)
        for wanted in todo:
            if not self._has_time(sweep):
                break
            asked, answer = self._ask(wanted, sweep)
            if answer is None:
                continue
            reading = read(asked.query, answer.rows, sweep.look)
            silent = self._silent(asked.workspace, reading, sweep) if not answer.partial else ()
            said = [*reading.entries, *(silent or ())]
            sweep.progress.add(asked.query, len(answer.rows), reading, said)
            entries[asked.query] += said
            if answer.partial:
                sweep.progress.cut(asked, answer.partial)
            elif silent is None:
                sweep.progress.stopped.add(asked.place)
            else:
                whole.append(asked)
        self._save([one for query in QUERIES for one in entries[query]], sweep.progress)
        for asked in whole:
            self._advance(asked, sweep.progress)

    def _ask(self, asked: Window, sweep: _Sweep) -> tuple[Window, LogRows | None]:
        """What takes too long, or gives too much, is asked once more, for less time; so are the later slices of the run."""
        answer, why = None, None
        try:
            answer = self.logs.ask(asked.workspace, asked.query, asked.parameters(self._lookback(asked, sweep), STALE))
            again = bool(answer.partial) and asked.is_wide
        except Unanswered as fault:
            why, again = fault, fault.trouble is Trouble.TIMEOUT
        if again and self._has_time(sweep) and (narrower := sweep.progress.narrowed(asked)):
            return self._ask(narrower, sweep)
        if why:
            sweep.progress.failed(asked, why)
        return asked, answer

    def _lookback(self, asked: Window, sweep: _Sweep) -> timedelta:
        table = MAY_BE_PAID.get(asked.query)
        if table is None:
            return LATE
        if (asked.workspace, table) not in sweep.lookbacks:
            sweep.lookbacks[asked.workspace, table] = self._how_late(asked.workspace, table)
        return sweep.lookbacks[asked.workspace, table]

    def _how_late(self, workspace: str, table: str) -> timedelta:
        try:
            return LATE if self.logs.plan(workspace, table) == "Analytics" else LATE_AND_PAID
        except Unanswered:  # a row that comes so late is a lesser loss than two days' scan, paid every few minutes
            return LATE_AND_PAID

    def _silent(self, workspace: str, reading: Reading, sweep: _Sweep) -> Sequence[Entry] | None:
        """The silent controllers that give no sign of life; None if nobody can say."""
        if not reading.silent:
            return ()
        life = self._life(workspace, sweep, STALE)
        return None if life is None else [Entry(one) for one in reading.silent if one.subject.key not in life]

    def _advance(self, asked: Window, progress: Progress[Mark]) -> None:
        try:
            progress.reached(asked, self.watermarks.advance(progress.marks[asked.place], asked.end))
        except Conflict:
            progress.stopped.add(asked.place)
            log.info("%s of %s: another run is faster, leaving it to that one", asked.query, label(asked.workspace))

    # ----------------------------------------------------------------------------------------------------------- saving

    def _save(self, entries: Iterable[Entry], progress: Progress[Mark]) -> None:
        """Each incident is read once and written at most once; again only if somebody else wrote in between."""
        seen: dict[Key, list[Entry]] = defaultdict(list)
        for entry in entries:
            seen[entry.seen.subject.key].append(entry)
        subjects: Sequence[Subject] = [some[0].seen.subject for some in seen.values()]
        for _ in range(TRIES):
            if not subjects:
                return
            subjects = self._save_once(subjects, seen, progress)
        if subjects:
            raise StoreUnavailable(f"{TRIES} writers in a row were faster")

    def _save_once(
        self, subjects: Sequence[Subject], seen: Mapping[Key, Sequence[Entry]], progress: Progress[Mark]
    ) -> Sequence[Subject]:
        found = {one.incident.subject.key: one for one in self.incidents.find(subjects) if one.incident}
        nothing = Stored(None, None)
        before = {one.key: found.get(one.key, nothing) for one in subjects}
        after = {key: effect(one.incident, seen[key], progress.uneasy.get(key), self.flap) for key, one in before.items()}
        changed = [
            Stored(one.incident, before[key].version)
            for key, one in after.items()
            if one.incident is not None and one.incident is not before[key].incident
        ]
        raced = self.incidents.save_all(changed) if changed else ()
        saved = [one for key, one in after.items() if key not in {subject.key for subject in raced}]
        progress.counts.update(opened=sum(one.opened for one in saved), closed=sum(one.closed for one in saved))
        return raced

    # ---------------------------------------------------------------------------------------------------------- closing

    def _close(self, sweep: _Sweep) -> None:
        """Controllers that are well again: nobody else sees them."""
        end, progress = sweep.look.end, sweep.progress
        names = {key: info.extension.name for key, info in sweep.infos.items() if info.extension}
        failing = [one.incident for one in self.incidents.failing() if one.incident]
        mine = [one for one in failing if watched(one, names.get(one.subject.cluster.key, ""))]
        if not (calm := [one for one in mine if may_close(one, progress.uneasy, end)]):
            return
        complete = progress.complete
        for workspace in complete:
            self._life(workspace, sweep, CALM)
        life = common_life(sweep.lives, complete)
        self._save([entry for one in calm if (entry := closing(one, life, end))], progress)

    def _life(self, workspace: str, sweep: _Sweep, reach: timedelta) -> Life | None:
        """Signs of life of the controllers that write to a workspace; None if they cannot be had whole, or not in time."""
        if workspace in sweep.lives:
            return sweep.lives[workspace]
        if not self._has_time(sweep):
            return None
        asked = Window(workspace, CONTROLLERS, sweep.look.end - reach, sweep.look.end)
        try:
            answer = self.logs.ask(workspace, CONTROLLERS, {"_start": asked.start, "_end": asked.end})
        except Unanswered as fault:
            sweep.progress.failed(asked, fault)
            return None
        if answer.partial:
            sweep.progress.cut(asked, answer.partial)
            return None
        sweep.lives[workspace] = signs_of_life(answer.rows, sweep.look)
        return sweep.lives[workspace]
