"""An event over an Azure that takes several calls at once; the same rules, in the same order where it matters, out."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from shared.core.alert_rule import Rule, RuleKind
from shared.core.trouble import Trouble, Unanswered
from shared.jobs.ensure_alert_rules import EnsureAlertRules, NotEnsured
from shared.jobs.reconcile_alert_rules import ReconcileAlertRules
from shared.rule_book import AT_ONCE
from tests.estates import FLEET, Place, own
from tests.examples import cluster
from tests.fake_rules import FakeRules
from tests.fakes import FakeClock, FakeStore

ALL = FLEET | {"fluxwatch"}
WAIT = 10.0  # seconds after which a test fails instead of hanging


class Together(FakeRules):
    """Writes of rules end only when `size` of them have begun. `refused` is the name of a rule that Azure does not take."""

    def __init__(self, size: int = 1, refused: str = "") -> None:
        super().__init__()
        self._barrier, self._refused = threading.Barrier(size), refused
        self.begun = list[str]()
        self.before = set[str]()

    def put(self, rule: Rule) -> None:
        if rule.kind is RuleKind.ACTIONS:
            self.before = set(self.begun)
        else:
            self.begun.append(rule.name)
            self._barrier.wait(WAIT)
        if rule.name == self._refused:
            raise Unanswered(Trouble.THROTTLED, "a rule")
        super().put(rule)

    @property
    def names(self) -> set[str]:
        return {rule.name for rule in self.rules.values()}


def event() -> dict:
    arm_id = f"{cluster('aks-1').arm_id}/providers/Microsoft.KubernetesConfiguration/extensions/flux"
    return {"eventType": "Microsoft.Resources.ResourceWriteSuccess", "subject": arm_id, "data": {"resourceUri": arm_id}}


def ensure(rules: FakeRules, place: Place | None = None, clock: FakeClock | None = None) -> None:
    EnsureAlertRules(replace((place or Place()).book(rules, clock=clock), at_once=AT_ONCE))(event())


def test_rules_are_written_together_and_only_once_the_action_group_that_they_call_is_there():
    rules = Together(len(FLEET))
    ensure(rules)
    assert (rules.names, rules.before, rules.written[0]) == (ALL, set(), "fluxwatch")


def test_a_second_event_asks_the_same_three_things_and_writes_nothing():
    rules, place = Together(), Place()
    ensure(rules, place)
    for calls in (place.calls, rules.reads, rules.written):
        calls.clear()
    ensure(rules, place)
    assert (sorted(rules.reads), rules.written) == (["groups", "log rules"], [])
    assert place.calls[0] == "extension"  # of another type: nothing else is asked
    assert sorted(place.calls[1:]) == ["alert_workspaces", "clusters", "flux_extensions"]


def test_a_write_that_fails_keeps_none_of_those_beside_it():
    refused = sorted(FLEET)[0]
    rules = Together(len(FLEET), refused)
    with pytest.raises(NotEnsured, match=refused):
        ensure(rules)
    assert rules.names == ALL - {refused}


def test_after_the_time_is_up_no_write_begins():
    clock = FakeClock()

    class Slow(Together):
        def put(self, rule: Rule) -> None:
            super().put(rule)
            clock.passes(seconds=20)

    rules = Slow()
    with pytest.raises(NotEnsured, match=f"{len(FLEET)} of {len(ALL)} writes are left for later"):
        ensure(rules, clock=clock)
    assert rules.names == {"fluxwatch"}


def test_the_fleet_is_looked_at_side_by_side_as_well():
    rules, place = Together(), Place({"aks-1": {"fluxwatch-alert-rules": "own"}, "aks-2": {}})
    job = ReconcileAlertRules(replace(place.book(rules), at_once=AT_ONCE), FakeStore())
    first, second = job(), job()
    assert rules.names == ALL | own(cluster("aks-1"))
    assert (first.counts["created"], second.counts["left"]) == (len(rules.names), len(rules.names))
    assert not first.findings + second.findings
