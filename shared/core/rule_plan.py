"""The rules that shall be and those that are in; the steps from the one to the other, each with its reasons, out.

Pure. Only what Fluxwatch made is written over or deleted: it says so by its tag, and has a name as Fluxwatch gives them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from shared.core.action_group import NAME
from shared.core.alert_rule import OWNER, Plan, Rule, RuleKind, Step, Verb
from shared.core.finding import Finding
from shared.core.rule_fields import shown
from shared.core.rule_normal import differences, moved
from shared.core.rule_target import ours

TURN: Mapping[RuleKind, int] = {RuleKind.ACTIONS: 0, RuleKind.METRICS: 1, RuleKind.LOGS: 2}  # rules call the action group
NOT_OURS = "Rename or delete it, or leave it: Fluxwatch writes only over what is tagged managed-by: fluxwatch."


def plan(desired: Sequence[Rule], actual: Sequence[Rule], spares: Callable[[Rule], str] = lambda rule: "") -> Plan:
    """`spares` says why a rule of ours that is not desired is left all the same; empty: it is deleted.

    Creations come before updates, these before deletions: a cluster that changes hands is watched twice rather than not at all.
    """
    there = {rule.key: rule for rule in actual}
    wanted = {rule.key: rule for rule in desired}
    kept = [_kept(rule, there.get(rule.key)) for rule in wanted.values()]
    others = [step for rule in actual if rule.key not in wanted for step in _unwanted(rule, spares)]
    kept.sort(key=_turn)
    steps = [*chain.from_iterable(kept), *others]
    foreign = [step for step in steps if step.verb is Verb.LEAVE and step.rule.key in wanted and not _owned(step.rule)]
    return Plan(tuple(steps), tuple(_finding(step) for step in foreign))


def _kept(wanted: Rule, found: Rule | None) -> tuple[Step, ...]:
    if found is None:
        return (Step(Verb.CREATE, wanted, ("missing",)),)
    if not _owned(found):
        return (Step(Verb.LEAVE, found, (f"managed by {shown(found.owner, 60) or 'nobody who says so'}",)),)
    if reason := moved(wanted, found):
        return Step(Verb.DELETE, found, (reason,)), Step(Verb.CREATE, wanted, (reason,))
    reasons = differences(wanted, found)
    return (Step(Verb.UPDATE if reasons else Verb.LEAVE, replace(wanted, tags=_tags(wanted, found)), reasons),)


def _owned(rule: Rule) -> bool:
    return rule.owner == OWNER and ours(rule, NAME)


def _tags(wanted: Rule, found: Rule) -> Mapping[str, str]:
    """What others wrote stays."""
    mine = {name.lower() for name in wanted.tags}
    return {**{name: value for name, value in found.tags.items() if name.lower() not in mine}, **wanted.tags}


def _unwanted(rule: Rule, spares: Callable[[Rule], str]) -> Iterator[Step]:
    if _owned(rule):
        reason = spares(rule)
        yield Step(Verb.LEAVE, rule, (reason,)) if reason else Step(Verb.DELETE, rule, ("not wanted any more",))


def _turn(steps: tuple[Step, ...]) -> tuple[int, bool]:
    first = steps[0]
    return TURN[first.rule.kind] if first.rule.kind is RuleKind.ACTIONS else 1, steps[-1].verb is not Verb.CREATE


def _finding(step: Step) -> Finding:
    return Finding("alert rules", False, f"{step.rule.name} has a name of Fluxwatch's, and is {step.reasons[0]}", NOT_OURS)
