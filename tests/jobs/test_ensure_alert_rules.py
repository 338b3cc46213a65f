"""Events about extensions in, any number of times and in any order; exactly the right rules out."""

from __future__ import annotations

import logging
from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.core.trouble import Trouble
from shared.jobs.ensure_alert_rules import EnsureAlertRules, NotEnsured
from shared.jobs.reconcile_alert_rules import ReconcileAlertRules
from tests.estates import FLEET, KEY, Place, own
from tests.examples import cluster
from tests.fake_rules import FakeRules
from tests.fakes import FakeClock, FakeStore

AKS = cluster("aks-1")
OWN = {"fluxwatch-alert-rules": "own"}


def event(name: str = "aks-1", kind: str = "Write") -> dict:
    arm_id = f"{cluster(name).arm_id}/providers/Microsoft.KubernetesConfiguration/extensions/flux"
    return {
        "eventType": f"Microsoft.Resources.Resource{kind}Success",
        "subject": arm_id,
        "data": {"resourceUri": arm_id, "claims": {"name": "Jo Secret"}, "correlationId": "c-1"},
    }


class Ensuring:
    """The job over a place."""

    def __init__(self, place: Place | None = None) -> None:
        self.place, self.rules, self.clock = place or Place(), FakeRules(), FakeClock()
        self.book = self.place.book(self.rules, clock=self.clock)
        self.job = EnsureAlertRules(self.book)

    @property
    def names(self) -> set[str]:
        return {rule.name for rule in self.rules.rules.values()}


def test_the_first_event_makes_the_rules_and_the_action_group_first():
    ensuring = Ensuring()
    ensuring.job(event())
    assert ensuring.names == FLEET | {"fluxwatch"}
    assert ensuring.rules.written[0] == "fluxwatch"


def test_when_nothing_changed_resource_manager_is_asked_three_things_and_nothing_is_written():
    ensuring = Ensuring(Place({"aks-1": OWN, "aks-2": {}}))
    ensuring.job(event())
    for calls in (ensuring.place.calls, ensuring.rules.reads, ensuring.rules.written):
        calls.clear()
    ensuring.job(event())
    assert ensuring.rules.reads == ["groups", "log rules"]
    assert ensuring.place.calls == ["extension", "clusters", "flux_extensions", "alert_workspaces"]
    assert not ensuring.rules.written


def test_only_what_covers_the_cluster_is_touched():
    ensuring = Ensuring(Place({"aks-1": OWN, "aks-2": OWN}))
    ensuring.job(event("aks-1"))
    assert ensuring.names == FLEET | own(AKS) | {"fluxwatch"}


def test_an_extension_of_another_type_changes_nothing():
    ensuring = Ensuring(Place(type="microsoft.azuremonitor.containers"))
    assert ensuring.job(event()) is None
    assert (ensuring.place.calls, ensuring.names) == (["extension"], set())


def test_what_is_no_extension_is_not_even_looked_at():
    ensuring = Ensuring()
    assert ensuring.job({"eventType": "Microsoft.Resources.ResourceWriteSuccess", "subject": AKS.arm_id}) is None
    assert not ensuring.place.calls


def test_an_extension_that_the_graph_does_not_show_yet_counts():
    ensuring = Ensuring(Place({"aks-1": OWN}, late={"aks-1"}))
    ensuring.job(event())
    assert own(AKS) <= ensuring.names


def test_an_extension_that_is_gone_takes_the_clusters_own_rules_along_and_none_of_the_fleets():
    ensuring = Ensuring(Place({"aks-1": OWN, "aks-2": {}}))
    ensuring.job(event())
    ensuring.place.bare.add("aks-1")
    ensuring.job(event(kind="Delete"))
    assert ensuring.names == FLEET | {"fluxwatch"}


def test_a_delete_that_comes_late_does_not_take_away_what_is_there_again():
    ensuring = Ensuring(Place({"aks-1": OWN}))
    ensuring.job(event())
    ensuring.rules.written.clear()
    ensuring.job(event(kind="Delete"))
    assert not ensuring.rules.written


@pytest.mark.parametrize("unanswered", ["extension", "clusters", "alert_workspaces"])
def test_what_is_not_answered_is_asked_for_again_by_another_delivery(unanswered):
    ensuring = Ensuring()
    ensuring.place.unanswered.add(unanswered)
    with pytest.raises(NotEnsured, match=unanswered):
        ensuring.job(event())
    ensuring.place.unanswered.clear()
    ensuring.job(event())
    assert ensuring.names == FLEET | {"fluxwatch"}


def test_what_only_people_can_mend_is_not_delivered_again():
    ensuring = Ensuring(Place({"aks-1": {"fluxwatch-alert-rules": "perhaps"}}))
    made = ensuring.job(event())
    assert made is not None
    assert [finding.name for finding in made.findings] == ["alert rule tags"]


def test_slow_writes_end_before_event_grid_gives_up_and_go_on_with_the_next_delivery():
    ensuring = Ensuring()
    put = ensuring.rules.put

    class Slow(FakeRules):
        def put(self, rule):
            ensuring.clock.passes(seconds=10)
            put(rule)

    slow = Slow()
    slow.rules = ensuring.rules.rules
    job = EnsureAlertRules(ensuring.place.book(slow, clock=ensuring.clock))
    with pytest.raises(NotEnsured, match="2 of 4 writes are left for later"):
        job(event())
    job(event())
    assert ensuring.names == FLEET | {"fluxwatch"}


def test_neither_claims_nor_a_key_are_logged(caplog):
    ensuring = Ensuring()
    with caplog.at_level(logging.DEBUG):
        ensuring.job(event())
    assert "aks-1/flux (c-1): 4 of 4 rules written" in caplog.text
    assert "Secret" not in caplog.text
    assert KEY not in caplog.text


TROUBLES = st.lists(st.sampled_from([None, None, Trouble.THROTTLED, Trouble.REFUSED, Trouble.UNREACHABLE]), max_size=12)
EVENTS = st.permutations([(name, kind) for name in ("aks-1", "aks-2", "aks-3") for kind in ("Write", "Write", "Write")])


@settings(max_examples=15)  # of nine events each, and more
@given(EVENTS, TROUBLES, st.booleans())
def test_each_event_three_times_in_any_order_with_faults_makes_exactly_the_right_rules(events, troubles, lost):
    ensuring = Ensuring(Place({"aks-1": OWN, "aks-2": {"fluxwatch-alert-rules": "off"}, "aks-3": {}}))
    ensuring.rules.troubles, ensuring.rules.lost = deque(troubles), lost
    for name, kind in events:
        for _ in range(len(troubles) + 1):  # Event Grid delivers again what was not taken
            try:
                ensuring.job(event(name, kind))
                break
            except NotEnsured:
                continue
    assert ensuring.names == FLEET | own(AKS) | {"fluxwatch"}
    run = ReconcileAlertRules(ensuring.book, FakeStore())()
    assert (run.counts["left"], run.findings) == (6, ())
