"""What both jobs of alert rules do: what shall be and what is in; the plan, and the writes that carry it out, out.

Law: the outside through ports only. What could not be asked is a finding, and is left as it is; so is a write that fails, and
the others are made all the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from shared.core import action_group
from shared.core.action_group import Receiver
from shared.core.alert_rule import Plan, Rule, RuleKind, Step, Verb
from shared.core.azure_values import Reading
from shared.core.compliance_findings import of_reading
from shared.core.desired_rules import Desired, desired, for_cluster
from shared.core.extension_event import ExtensionChange
from shared.core.finding import Finding
from shared.core.rule_catalogue import Catalogue
from shared.core.rule_estate import QUERIES, Estate, Wanted, estate
from shared.core.rule_plan import plan
from shared.core.trouble import Unanswered
from shared.ports import AlertRules, Clock, Presence, ResourceGraph, ResourceManager
from shared.settings import Settings

PROBES = 20  # clusters that are asked for singly in one run, because they have rules and are not shown
NAMED = 20  # findings of writes that failed
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
    """What became of a plan."""

    counts: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RuleBook:
    """`catalogue` is read when it is first wanted; it may raise `BadCatalogue`, and then no rule is touched."""

    graph: ResourceGraph
    arm: ResourceManager
    rules: AlertRules
    clock: Clock
    catalogue: Callable[[], Catalogue]
    wanted: Wanted

    def fleet(self) -> Look:
        """At all: six questions, and one for each cluster that has rules of its own and is not shown any more."""
        missed, notes = list[Finding](), list[Finding]()
        shown = self._estate(missed, notes)
        actual = self._actual(missed, actions=True)
        if actual is None:
            return Look(Plan(findings=tuple(notes)), tuple(missed))
        want = desired(self.catalogue(), self.wanted, shown)
        if gone := self._gone(want.doubtful(actual), missed):
            want = replace(want, gone=want.gone | gone)
        return _look(plan(want.rules, actual, want.spares), missed, [*notes, *want.findings])

    def one(self, change: ExtensionChange, there: bool | None) -> Look:
        """At what covers one cluster. `there`: it has this microsoft.flux; None: nobody could say.

        Five questions; the action group is looked at only if there is something to write.
        """
        missed, notes = list[Finding](), list[Finding]()
        shown = self._estate(missed, notes)
        if there is not None:  # Resource Graph hears of it later
            shown = (shown.with_flux if there else shown.without_flux)(change.cluster.key, change.name)
        actual = self._actual(missed, actions=False)
        if actual is None:
            return Look(Plan(findings=tuple(notes)), tuple(missed))
        want = desired(self.catalogue(), self.wanted, shown)
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

    def _estate(self, missed: list[Finding], notes: list[Finding]) -> Estate:
        rows: dict[str, Sequence[Mapping[str, Any]] | None] = {}
        for query in QUERIES:
            try:
                rows[query] = self.graph.ask(query)
            except Unanswered as fault:
                rows[query] = None
                missed.append(fault.finding)
        reading = Reading(self.clock.now())
        made = estate(rows["clusters"], rows["flux_extensions"], rows["alert_workspaces"], reading)
        notes.extend(of_reading(reading))
        if rows["clusters"] is not None and not rows["clusters"]:
            remedy = "Check FLEET_SCOPES, and the role of the app's identity there (docs/permissions.md). No rule is deleted."
            notes.append(Finding("clusters", False, "the identity sees no cluster", remedy))
        return made

    def _actual(self, missed: list[Finding], *, actions: bool) -> list[Rule] | None:
        """All that are there, or none: a rule that is not seen would be made twice, or taken for missing."""
        try:
            found = [*self.rules.groups(), *self.rules.log_rules()]
            group = self.rules.action_group(action_group.NAME) if actions and self.wanted.receiver else None
        except Unanswered as fault:
            missed.append(fault.finding)
            return None
        return [group, *found] if group else found

    def _gone(self, doubtful: Sequence[str], missed: list[Finding]) -> frozenset[str]:
        gone = set[str]()
        for key in doubtful[:PROBES]:
            try:
                if self.arm.presence(key) is Presence.GONE:
                    gone.add(key)
            except Unanswered as fault:  # most likely the next one would not be answered either
                missed.append(fault.finding)
                break
        return frozenset(gone)

    # ----------------------------------------------------------------------------------------------------------- acting

    def apply(self, made: Plan, until: datetime) -> Applied:
        """In the plan's order. After `until` nothing more is begun."""
        done = Applied(Counter(left=sum(step.verb is Verb.LEAVE for step in made.steps)))
        for place, step in enumerate(made.writes):
            if self.clock.now() >= until:
                rest = len(made.writes) - place
                said = f"{rest} of {len(made.writes)} writes are left for later"
                done.findings.insert(0, Finding("alert rules", False, said, LATER))
                break
            self._write(step, done)
        del done.findings[NAMED:]
        return done

    def _write(self, step: Step, done: Applied) -> None:
        try:
            (self.rules.delete if step.verb is Verb.DELETE else self.rules.put)(step.rule)
        except Unanswered as fault:
            done.counts["failed"] += 1
            finding = fault.finding
            done.findings.append(replace(finding, detail=f"{step.rule.name}: {finding.detail}"))
        else:
            done.counts[DONE[step.verb]] += 1


def _look(made: Plan, missed: Sequence[Finding], notes: Sequence[Finding]) -> Look:
    findings = tuple(dict.fromkeys([*notes, *made.findings]))
    return Look(replace(made, findings=findings), tuple(dict.fromkeys(missed)))


DONE: Mapping[Verb, str] = {Verb.CREATE: "created", Verb.UPDATE: "updated", Verb.DELETE: "deleted", Verb.LEAVE: "left"}
BUDGET = timedelta(seconds=18)  # of writes, where Event Grid waits for 30 s: the last may take some seconds more
