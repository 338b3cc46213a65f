"""What both jobs of alert rules do: what shall be and what is in; the plan, and the writes that carry it out, out.

Law: the outside through ports only. What could not be asked is a finding, and is left as it is; so is a write that fails, and
the others are made all the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Any

from shared.core import action_group
from shared.core.action_group import Receiver
from shared.core.alert_rule import Plan, Rule, RuleKind, Step, Verb
from shared.core.azure_values import Reading
from shared.core.compliance_findings import of_reading
from shared.core.desired_rules import desired, for_cluster
from shared.core.extension_event import ExtensionChange
from shared.core.finding import Finding
from shared.core.rule_catalogue import Catalogue
from shared.core.rule_doubt import Desired
from shared.core.rule_estate import QUERIES, Estate, Wanted, estate
from shared.core.rule_plan import plan
from shared.core.rule_target import cluster_of
from shared.core.trouble import Trouble, Unanswered
from shared.ports import AlertRules, Clock, Presence, ResourceGraph, ResourceManager
from shared.settings import Settings
from shared.side_by_side import side_by_side

PROBES = 20  # clusters that are asked for singly in one run, because they have rules and are not shown
AT_ONCE = 5  # calls to Azure: as many as one event has questions to which the answers do not wait for each other
PROBING = timedelta(minutes=2)  # of a run, for these
NAMED = 20  # findings of writes that failed
LATE = "late"  # a write that was not begun
REFUSED = "refused"  # a write that Azure will never take as it is
WAITS = "See the other findings: what failed comes first, or somebody would be watched by no rule."
LATER = "Nothing: the next run makes them. If it lasts, Azure Resource Manager is slow or throttles: see the other findings."


def wanted(settings: Settings) -> Wanted:
    """What the settings say of alert rules."""
    alerts, entra = settings.alerts, settings.alerts.entra
    ids = {"tenant": entra.tenant, "app": entra.app, "object": entra.object} if entra else {}
    return Wanted(
        metrics=alerts.metrics,
        logs=settings.azure.workspaces,
        actions=alerts.actions or action_group.id_of(alerts.group),
        receiver=None if alerts.actions else Receiver(settings.own_url, alerts.key, **ids),
        runbooks=settings.runbook_url,
    )


@dataclass(frozen=True, slots=True)
class Look:
    """What is to be done, and what could not be asked: another look may see it. What only people can mend is in the plan."""

    plan: Plan
    missed: tuple[Finding, ...] = ()


@dataclass(slots=True)
class Applied:
    """What became of a plan. Of its `findings` another attempt does not mend those that are in `refused` too."""

    counts: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    refused: list[Finding] = field(default_factory=list)
    failed: list[Step] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RuleBook:
    """`catalogue` is read when it is first wanted; it may raise `BadCatalogue`, and then no rule is touched. `at_once` calls
    to Azure are made side by side where none needs the answer of another: Event Grid waits 30 s for a dozen and a half.
    """

    graph: ResourceGraph
    arm: ResourceManager
    rules: AlertRules
    clock: Clock
    catalogue: Callable[[], Catalogue]
    wanted: Wanted
    at_once: int = 1

    def fleet(self) -> Look:
        """At all: six questions, and one for each cluster that has rules of its own and is not shown any more."""
        missed, notes = list[Finding](), list[Finding]()
        shown, actual = self._gathered(missed, notes, actions=True)
        if actual is None:
            return _look(Plan(), missed, notes)
        want = desired(self.catalogue(), self.wanted, shown)
        if doubtful := want.doubtful(actual):
            gone = self._gone([want.asks_for(key) for key in doubtful[:PROBES]], missed)
            shown = shown.settled(doubtful, frozenset(key for key in doubtful if want.asks_for(key) in gone))
            want = desired(self.catalogue(), self.wanted, shown)
        return _look(plan(want.rules, actual, want.spares), missed, [*notes, *want.findings, *want.strange(actual)])

    def one(self, change: ExtensionChange, there: bool | None) -> Look:
        """At what covers one cluster. `there`: it has this microsoft.flux; None: nobody could say.

        Five questions; the action group is looked at only if there is something to write.
        """
        missed, notes = list[Finding](), list[Finding]()
        shown, actual = self._gathered(missed, notes, actions=False)
        if there is not None:  # Resource Graph hears of it later
            shown = (shown.with_flux if there else shown.without_flux)(change.cluster.key, change.name)
        if actual is None:
            return _look(Plan(), missed, notes)
        want = desired(self.catalogue(), self.wanted, shown)
        if doubtful := want.doubtful(actual):
            want = desired(self.catalogue(), self.wanted, shown.settled(doubtful, frozenset()))
        mine, found = (for_cluster(rules, self.wanted, change.cluster) for rules in (want.rules, actual))
        made = plan(mine, found, want.spares)
        if made.writes:
            made = self._with_action_group(made, want, missed)
        return _look(made, missed, [*notes, *want.findings])

    def _with_action_group(self, made: Plan, want: Desired, missed: list[Finding]) -> Plan:
        """The rules call it: it comes first."""
        group = [rule for rule in want.rules if rule.kind is RuleKind.ACTIONS]
        try:
            there = self.rules.action_group(action_group.NAME) if group else None
        except Unanswered as fault:
            missed.append(fault.finding)
            return made
        first = plan(group, [there] if there else [], want.spares)
        return Plan((*first.steps, *made.steps), (*first.findings, *made.findings))

    # -------------------------------------------------------------------------------------------------------- gathering

    def _gathered(self, missed: list[Finding], notes: list[Finding], *, actions: bool) -> tuple[Estate, list[Rule] | None]:
        """What Azure shows, and the rules that are in: all of them, or None, for a rule that is not seen would be made twice,
        or taken for missing.
        """
        asks: list[Callable[[], Sequence[Any]]] = [partial(self.graph.ask, query) for query in QUERIES]
        asks += [self.rules.groups, self.rules.log_rules]
        if actions and self.wanted.receiver:
            asks.append(self._action_groups)
        said = side_by_side([partial(_said, ask) for ask in asks], self.at_once)
        missed += [one for one in said if isinstance(one, Finding)]
        answers = [None if isinstance(one, Finding) else one for one in said]
        found = [one for one in answers[len(QUERIES) :] if one is not None]
        whole = len(found) == len(asks) - len(QUERIES)
        return self._estate(answers, notes), [rule for rules in reversed(found) for rule in rules] if whole else None

    def _action_groups(self) -> list[Rule]:
        found = self.rules.action_group(action_group.NAME)
        return [found] if found else []

    def _estate(self, answers: Sequence[Sequence[Mapping[str, Any]] | None], notes: list[Finding]) -> Estate:
        """Of the answers to QUERIES, which come first."""
        rows = dict(zip(QUERIES, answers, strict=False))
        reading = Reading(self.clock.now())
        made = estate(rows["clusters"], rows["flux_extensions"], rows["alert_workspaces"], reading)
        notes.extend(of_reading(reading))
        if rows["clusters"] is not None and not rows["clusters"]:
            remedy = "Check FLEET_SCOPES, and the role of the app's identity there (docs/permissions.md). No rule is deleted."
            notes.append(Finding("clusters", False, "the identity sees no cluster", remedy))
        return made

    def _gone(self, ids: Iterable[str], missed: list[Finding]) -> frozenset[str]:
        """Those that are no more."""
        gone, until = set[str](), self.clock.now() + PROBING
        for one in ids:
            if self.clock.now() >= until:
                break
            try:
                if self.arm.presence(one) is Presence.GONE:
                    gone.add(one)
            except Unanswered as fault:  # most likely the next one would not be answered either
                missed.append(fault.finding)
                break
        return frozenset(gone)

    # ----------------------------------------------------------------------------------------------------------- acting

    def apply(self, made: Plan, until: datetime) -> Applied:
        """In the plan's order: of one kind of step side by side, the action group by itself, for the rules call it. After
        `until` nothing more is begun. What takes a watch away is not done while what shall watch instead has failed.
        """
        done = Applied(Counter(left=sum(step.verb is Verb.LEAVE for step in made.steps)))
        for _, steps in groupby(made.writes, lambda step: (step.rule.kind is RuleKind.ACTIONS, step.verb)):
            ready = [step for step in steps if not _waits(step, made, done.failed)]
            became = side_by_side([partial(self._write, step, until) for step in ready], self.at_once)
            for step, (name, fault) in zip(ready, became, strict=True):
                done.counts[name] += 1
                if fault:
                    done.failed.append(step)
                    done.findings.append(fault)
                    done.refused += [fault] if name == REFUSED else []
        done.counts["failed"] += done.counts.pop(REFUSED, 0)
        if rest := done.counts.pop(LATE, 0):
            said = f"{rest} of {len(made.writes)} writes are left for later"
            done.findings.insert(0, Finding("alert rules", False, said, LATER))
        del done.findings[NAMED:]
        if waiting := sum(_waits(step, made, done.failed) for step in made.writes):
            said = f"{waiting} write{'s wait' if waiting > 1 else ' waits'} for those that failed"
            done.refused.append(Finding("alert rules", False, said, WAITS))
            done.findings.append(done.refused[-1])
        return done

    def _write(self, step: Step, until: datetime) -> tuple[str, Finding | None]:
        """What became of it, and why not what was wanted."""
        if self.clock.now() >= until:
            return LATE, None
        try:
            (self.rules.delete if step.verb is Verb.DELETE else self.rules.put)(step.rule)
        except Unanswered as fault:
            finding = fault.finding
            became = REFUSED if fault.trouble in (Trouble.REFUSED, Trouble.UNREGISTERED) else "failed"
            return became, replace(finding, detail=f"{step.rule.name}: {finding.detail}")
        return DONE[step.verb], None


def _waits(step: Step, made: Plan, failed: Sequence[Step]) -> bool:
    """A cluster is left out of the fleet's rules only once it has its own, and loses these only once the fleet's look again."""
    before = [one for one in failed if one.rule.kind is step.rule.kind]
    if step.verb is Verb.UPDATE:
        return any(one.verb is Verb.CREATE and cluster_of(one.rule) for one in before)
    if step.verb is not Verb.DELETE or all(one.verb is Verb.DELETE for one in before):
        return False
    return not any(one.verb is Verb.CREATE and one.rule.key == step.rule.key for one in made.steps)  # it is made anew


def _said[T](ask: Callable[[], T]) -> T | Finding:
    try:
        return ask()
    except Unanswered as fault:
        return fault.finding


def _look(made: Plan, missed: Sequence[Finding], notes: Sequence[Finding]) -> Look:
    findings = tuple(dict.fromkeys([*notes, *made.findings]))
    return Look(replace(made, findings=findings), tuple(dict.fromkeys(missed)))


DONE: Mapping[Verb, str] = {Verb.CREATE: "created", Verb.UPDATE: "updated", Verb.DELETE: "deleted", Verb.LEAVE: "left"}
BUDGET = timedelta(seconds=18)  # of writes, where Event Grid waits for 30 s: the last may take some seconds more
