"""What Azure shows of the fleet in; incidents opened and closed, the inventory, and what could not be seen, out.

Law: incidents are saved before the inventory, the inventory before the run: whatever dies in between is done again by the next
run, and does no harm. What has not changed is not written.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from shared.core import graph_rows
from shared.core.azure_values import Reading
from shared.core.compliance import Decision, decide
from shared.core.compliance_findings import of_reading
from shared.core.coverage import Coverage
from shared.core.finding import Finding, Run
from shared.core.graph_rows import ConfigurationRow, with_statuses
from shared.core.incident import BAD, Flap, Incident
from shared.core.inventory import by_key
from shared.core.observation import Observation, Subject
from shared.core.scope import Scope
from shared.core.second_look import unexplained, with_answers
from shared.core.sight import Identity, Sight, missing
from shared.core.transition import Outcome, reduce
from shared.core.trouble import Trouble, Unanswered
from shared.ports import (
    Clock,
    FleetBook,
    IncidentBook,
    Journal,
    Presence,
    ResourceGraph,
    ResourceManager,
    Stored,
    StoreUnavailable,
)

JOB = "sweep_compliance"
QUERIES = ("clusters", "flux_configurations", "flux_extensions", "subscriptions")
SEEN_BY_ROLE = frozenset({"clusters", "flux_configurations"})  # forbidden: all that was known is out of sight
PROBES = 20  # resources that are asked for singly in one run, because they are not shown any more
LOOKS = 50  # configurations that are read singly in one run, because their row does not say how their objects are
LOOK_UNTIL, PROBE_UNTIL = timedelta(minutes=3), timedelta(minutes=5)  # since the run began; host.json ends it after 10 min
TRIES = 8  # of writers that race for the same incidents
NAMED = 20  # unreadable rows that the log names

type _Key = tuple[str, str, str, str]  # of a subject

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Gathered:
    """One run as it goes on. `stored` are the failing incidents, by key of their subject."""

    reading: Reading
    before: Run | None
    stored: dict[_Key, Stored] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SweepCompliance:
    """The job. `scope` is what `graph` asks about."""

    graph: ResourceGraph
    arm: ResourceManager
    incidents: IncidentBook
    fleet: FleetBook
    journal: Journal
    clock: Clock
    scope: Scope = field(default_factory=Scope)
    coverage: Coverage = field(default_factory=Coverage)
    flap: Flap = field(default_factory=Flap)

    def __call__(self) -> Run:
        """One run. Raises `StoreUnavailable`; what Azure does is never an error here: what it does not say stays as it was."""
        at = self.clock.now()
        gathered = _Gathered(Reading(at), self.journal.runs().get(JOB))
        sight = self._gather(gathered)
        decision = decide(sight, self.coverage)
        outcomes = self._apply(decision.observations, gathered.stored)
        if decision.changed:
            self.fleet.put_clusters(decision.changed)
        if decision.dropped:
            self.fleet.drop_clusters(decision.dropped)
        run = self._run(gathered, decision)
        self.journal.put_run(run)
        _log(run, outcomes, gathered.reading)
        return run

    def _run(self, gathered: _Gathered, decision: Decision) -> Run:
        at, before = gathered.reading.now, gathered.before
        return Run(
            JOB,
            at,
            seconds=(self.clock.now() - at).total_seconds(),
            gap=(at - before.at).total_seconds() if before else 0.0,
            counts={**decision.counts, "bad_rows": len(gathered.reading.unread)},
            before=before.counts if before else {},
            findings=(*gathered.findings, *decision.findings, *of_reading(gathered.reading)),
        )

    # -------------------------------------------------------------------------------------------------------- gathering

    def _gather(self, gathered: _Gathered) -> Sight:
        rows = {query: self._ask(query, gathered) for query in QUERIES}
        inventory = by_key(self.fleet.inventory())
        gathered.stored = {one.incident.subject.key: one for one in self.incidents.failing() if one.incident}
        reading = gathered.reading
        clusters, configurations, extensions, subscriptions = (rows[query] for query in QUERIES)
        sight = Sight(
            reading.now,
            None if clusters is None else graph_rows.clusters(clusters, reading),
            None if configurations is None else graph_rows.configurations(configurations, reading),
            None if extensions is None else graph_rows.extensions(extensions, reading),
            None if subscriptions is None else graph_rows.subscriptions(subscriptions, reading),
            inventory,
            _by_cluster(gathered.stored),
            gone=frozenset(key for key, info in inventory.items() if self.scope.excludes(info.cluster.subscription)),
        )
        return self._probe(self._look(sight, gathered), gathered)

    def _ask(self, query: str, gathered: _Gathered) -> Sequence[Mapping[str, Any]] | None:
        try:
            return self.graph.ask(query)
        except Unanswered as fault:
            gathered.findings.append(fault.finding)
            return () if fault.trouble is Trouble.FORBIDDEN and query in SEEN_BY_ROLE else None

    def _look(self, sight: Sight, gathered: _Gathered) -> Sight:
        """At what says that something is wrong, and not what; and at what may be well again, and does not say so."""
        wanted = unexplained(sight)
        seen, gone = dict[str, ConfigurationRow](), set[str]()
        for row in wanted[:LOOKS]:
            if self._late(gathered, LOOK_UNTIL):
                break
            try:
                resource = self.arm.get(row.arm_id)
            except Unanswered as fault:  # most likely the next one would not be answered either
                gathered.findings.append(fault.finding)
                break
            if resource is None:
                gone.add(row.arm_id)
            else:
                seen[row.arm_id] = with_statuses(row, resource, gathered.reading)
        if rest := len(wanted) - len(seen) - len(gone):
            said = f"{rest} of {len(wanted)} configurations that do not say how their objects are were not looked at"
            gathered.findings.append(Finding("statuses", False, said, "Nothing: the next runs look at them."))
        return with_answers(sight, seen, gone)

    def _probe(self, sight: Sight, gathered: _Gathered) -> Sight:
        """What was known and is not shown: gone, hidden, or only late?"""
        found: dict[Presence, set[str]] = defaultdict(set)
        todo = [one for one in missing(sight) if one.lower() not in sight.gone]
        waiting = todo[PROBES:]
        for place, arm_id in enumerate(todo[:PROBES]):
            if self._late(gathered, PROBE_UNTIL):
                waiting = todo[place:]
                break
            try:
                found[self.arm.presence(arm_id)].add(arm_id.lower())
            except Unanswered as fault:  # most likely the next one would not be answered either
                gathered.findings.append(fault.finding)
                break
        gone, hidden, there = (frozenset(found[one]) for one in (Presence.GONE, Presence.HIDDEN, Presence.THERE))
        later = frozenset(one.lower() for one in waiting)
        return replace(sight, gone=sight.gone | gone, hidden=hidden, there=there, waiting=later)

    def _late(self, gathered: _Gathered, limit: timedelta) -> bool:
        """A run that the host ends has written nothing, and the next one would begin anew."""
        return self.clock.now() - gathered.reading.now > limit

    # ----------------------------------------------------------------------------------------------------------- acting

    def _apply(self, observations: Sequence[Observation], stored: Mapping[_Key, Stored]) -> Counter[Outcome]:
        """Each incident is written at most once, unless somebody else wrote in between. Raises `StoreUnavailable`."""
        seen: dict[_Key, list[Observation]] = defaultdict(list)
        for one in observations:
            seen[one.subject.key].append(one)
        strangers = [some[0].subject for key, some in seen.items() if key not in stored and some[0].health in BAD]
        known = {**stored, **self._find(strangers)}
        todo: Sequence[Subject] = [some[0].subject for key, some in seen.items() if key in known]
        outcomes = Counter[Outcome]()
        for _ in range(TRIES):
            todo = self._save(todo, seen, known, outcomes)
            if not todo:
                return outcomes
            known = self._find(todo)
        raise StoreUnavailable(f"{TRIES} writers in a row were faster")

    def _find(self, subjects: Sequence[Subject]) -> dict[_Key, Stored]:
        """Those of these subjects; with nothing for who has no incident."""
        if not subjects:
            return {}
        found = {one.incident.subject.key: one for one in self.incidents.find(subjects) if one.incident}
        return {one.key: found.get(one.key, Stored(None, None)) for one in subjects}

    def _save(
        self,
        subjects: Sequence[Subject],
        seen: Mapping[_Key, Sequence[Observation]],
        known: Mapping[_Key, Stored],
        outcomes: Counter[Outcome],
    ) -> Sequence[Subject]:
        """Who is to be tried again."""
        changed, done = list[Stored](), dict[_Key, list[Outcome]]()
        for subject in subjects:
            before = known[subject.key]
            after, steps = _reduced(before.incident, seen[subject.key], self.flap)
            if after is not None and after is not before.incident:
                changed.append(Stored(after, before.version))
                done[subject.key] = steps
        raced = self.incidents.save_all(changed) if changed else ()
        lost = {subject.key for subject in raced}
        outcomes.update(step for key, steps in done.items() if key not in lost for step in steps)
        return raced


def _reduced(incident: Incident | None, seen: Sequence[Observation], flap: Flap) -> tuple[Incident | None, list[Outcome]]:
    steps = []
    for one in seen:
        change = reduce(incident, one, flap)
        incident = change.incident
        steps.append(change.outcome)
    return incident, steps


def _by_cluster(stored: Mapping[_Key, Stored]) -> Mapping[str, Mapping[Identity, Incident]]:
    found: dict[str, dict[Identity, Incident]] = defaultdict(dict)
    for (cluster, *identity), one in stored.items():
        if one.incident is not None:
            found[cluster][identity[0], identity[1], identity[2]] = one.incident
    return found


def _log(run: Run, outcomes: Counter[Outcome], reading: Reading) -> None:
    counts = {**run.counts, **{outcome.value: outcomes[outcome] for outcome in (Outcome.OPENED, Outcome.CLOSED)}}
    log.info("%s", ", ".join(f"{name}: {count}" for name, count in counts.items()))
    for finding in run.findings:
        log.warning("%s: %s", finding.name, finding.detail)
    if reading.unread:
        log.warning("could not be read: %s", "; ".join(reading.unread[:NAMED]))
