"""What Azure shows and has in; the rules that are there after a run, and what the run says of itself, out."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.core.rule_estate import Wanted
from shared.core.trouble import Trouble
from shared.jobs.reconcile_alert_rules import JOB, ReconcileAlertRules
from tests.estates import FLEET, KEY, LOGS, METRICS, WANTED, Place, named, own
from tests.examples import cluster
from tests.fake_rules import FakeRules
from tests.fakes import FakeClock, FakeStore

AKS = cluster("aks-1")


class Upkeep:
    """The job over a place."""

    def __init__(self, place: Place | None = None, *, wanted: Wanted = WANTED) -> None:
        self.place, self.rules, self.store, self.clock = place or Place(), FakeRules(), FakeStore(), FakeClock()
        self.job = ReconcileAlertRules(self.place.book(self.rules, wanted, self.clock), self.store)

    def runs(self):
        self.rules.written.clear()
        self.rules.reads.clear()
        self.place.calls.clear()
        return self.job()

    @property
    def names(self) -> set[str]:
        return {rule.name for rule in self.rules.rules.values()}


def test_the_first_run_makes_everything_and_the_second_writes_nothing():
    upkeep = Upkeep()
    assert upkeep.runs().counts == {"created": 4, "updated": 0, "deleted": 0, "left": 0, "failed": 0}
    assert upkeep.rules.written[0] == "fluxwatch"
    assert upkeep.names == FLEET | {"fluxwatch"}
    run = upkeep.runs()
    assert (upkeep.rules.written, run.counts["left"], run.findings) == ([], 4, ())
    assert upkeep.store.journal[JOB] == run


def test_five_hundred_clusters_that_did_not_change_cost_six_questions_and_no_write():
    tags = {f"aks-{number}": {"fluxwatch-alert-rules": "own"} if number < 20 else {} for number in range(500)}
    upkeep = Upkeep(Place(tags))
    upkeep.runs()
    run = upkeep.runs()
    assert (len(upkeep.place.calls) + len(upkeep.rules.reads), upkeep.rules.written) == (6, [])
    assert run.counts["left"] == 4 + 20 * 2


def test_a_look_writes_nothing():
    upkeep = Upkeep()
    assert len(upkeep.job.book.fleet().plan.writes) == 4
    assert not upkeep.rules.rules


def test_a_write_that_fails_is_a_finding_without_a_key_and_the_others_are_made():
    upkeep = Upkeep()
    upkeep.rules.troubles = deque([None, None, None, Trouble.FORBIDDEN])
    run = upkeep.runs()
    assert (run.counts["created"], run.counts["failed"]) == (3, 1)
    (finding,) = run.findings
    assert finding.detail == "fluxwatch: forbidden"
    assert KEY not in str(run)
    assert upkeep.runs().counts["created"] == 1


@pytest.mark.parametrize("query", ["clusters", "flux_extensions", "alert_workspaces"])
def test_what_azure_does_not_answer_deletes_nothing(query):
    upkeep = Upkeep(Place({"aks-1": {"fluxwatch-alert-rules": "own"}, "aks-2": {}}))
    upkeep.runs()
    before = upkeep.names
    upkeep.place.clusters["aks-1"] = {}
    upkeep.place.unanswered.add(query)
    run = upkeep.runs()
    assert (upkeep.names, upkeep.rules.written) == (before, [])
    assert [finding.name for finding in run.findings] == [query]
    upkeep.place.unanswered.clear()
    assert upkeep.runs().counts["deleted"] == 2
    assert upkeep.names == FLEET | {"fluxwatch"}


@pytest.mark.parametrize("question", range(3))
def test_without_knowing_all_that_is_there_nothing_is_written(question):
    upkeep = Upkeep()
    upkeep.rules.troubles = deque([*[None] * question, Trouble.THROTTLED])
    run = upkeep.runs()
    assert (upkeep.rules.written, len(run.findings)) == ([], 1)


def test_an_identity_that_lost_its_sight_deletes_nothing():
    upkeep = Upkeep(Place({"aks-1": {"fluxwatch-alert-rules": "own"}}))
    upkeep.runs()
    upkeep.place.hidden.add("aks-1")
    run = upkeep.runs()
    assert not upkeep.rules.written
    assert [finding.name for finding in run.findings] == ["clusters"]


def test_the_own_rules_of_a_cluster_go_with_it_but_not_while_it_is_only_out_of_sight():
    upkeep = Upkeep(Place({"aks-1": {"fluxwatch-alert-rules": "own"}, "aks-2": {}}))
    upkeep.runs()
    upkeep.place.hidden.add("aks-1")
    upkeep.runs()
    assert own(AKS) <= upkeep.names
    upkeep.place.hidden.clear()
    del upkeep.place.clusters["aks-1"]
    assert upkeep.runs().counts["deleted"] == 2
    assert upkeep.names == FLEET | {"fluxwatch"}


def test_a_workspace_that_is_not_shown_keeps_its_rules():
    upkeep = Upkeep()
    upkeep.runs()
    upkeep.place.workspaces = {LOGS: {}}
    run = upkeep.runs()
    assert upkeep.names == FLEET | {"fluxwatch"}
    assert [finding.detail for finding in run.findings] == ["the workspace amw-prod is not shown"]


def test_drift_is_put_right_and_what_terraform_owns_is_left():
    upkeep = Upkeep()
    upkeep.runs()
    group, log_rule = (next(one for one in upkeep.rules.rules.values() if one.name == named(*of)) for of in PAIRS)
    drifted = replace(group, properties={**group.properties, "enabled": False})
    theirs = replace(log_rule, tags={"managed-by": "terraform"}, properties={})
    upkeep.rules.rules |= {drifted.key: drifted, theirs.key: theirs}
    run = upkeep.runs()
    assert upkeep.rules.written == [group.name]
    assert upkeep.rules.rules[theirs.key] == theirs
    assert "managed by terraform" in run.findings[0].detail


PAIRS = (("flux-resources", METRICS), ("FluxErrors", LOGS))


def test_what_there_is_no_time_for_is_left_for_the_next_run():
    upkeep = Upkeep()
    job = replace(upkeep.job, budget=timedelta())
    run = job()
    assert (upkeep.rules.written, run.counts["created"]) == ([], 0)
    assert run.findings[0].detail == "4 of 4 writes are left for later"


def test_with_somebody_elses_action_group_none_is_asked_for():
    upkeep = Upkeep(wanted=replace(WANTED, receiver=None))
    upkeep.runs()
    assert upkeep.rules.reads == ["groups", "log rules"]
    assert upkeep.names == FLEET
