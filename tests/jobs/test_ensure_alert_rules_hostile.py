"""Events and answers as bad luck or an attacker would have them in; what is written, told and delivered again, out."""

from __future__ import annotations

import logging
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from shared.core.rule_estate import Wanted
from shared.core.trouble import Trouble, Unanswered
from shared.jobs.ensure_alert_rules import EnsureAlertRules, NotEnsured
from shared.jobs.reconcile_alert_rules import ReconcileAlertRules
from tests.estates import FLEET, LOGS, METRICS, OTHER, WANTED, Place, own
from tests.examples import cluster
from tests.fake_rules import FakeRules
from tests.fakes import FakeClock, FakeStore

AKS = cluster("aks-1")
OWN = {"fluxwatch-alert-rules": "own"}
ALL = FLEET | {"fluxwatch"}


def event(name: str = "aks-1", kind: str = "Write", extension: str = "flux") -> dict[str, Any]:
    arm_id = f"{cluster(name).arm_id}/providers/Microsoft.KubernetesConfiguration/extensions/{extension}"
    return {"eventType": f"Microsoft.Resources.Resource{kind}Success", "subject": arm_id, "data": {"resourceUri": arm_id}}


class Ensuring:
    def __init__(self, place: Place | None = None, wanted: Wanted = WANTED) -> None:
        self.place, self.rules, self.clock = place or Place(), FakeRules(), FakeClock()
        self.book = self.place.book(self.rules, wanted, self.clock)
        self.job, self.sweep = EnsureAlertRules(self.book), ReconcileAlertRules(self.book, FakeStore())

    @property
    def names(self) -> set[str]:
        return {rule.name for rule in self.rules.rules.values()}


def test_a_rule_that_azure_will_never_take_does_not_bring_the_event_back_and_health_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ensuring = Ensuring()
    ensuring.rules.troubles = deque([None, None, None, None, Trouble.REFUSED])
    with caplog.at_level(logging.WARNING):
        assert ensuring.job(event()) is not None
    assert len(ensuring.names) == 3
    assert "refused" in caplog.text
    ensuring.rules.troubles = deque([None, None, None, Trouble.REFUSED])
    assert [finding.detail.split(": ")[1] for finding in ensuring.sweep().findings] == ["refused"]


@pytest.mark.parametrize("trouble", [Trouble.BUSY, Trouble.THROTTLED, Trouble.FORBIDDEN, Trouble.UNREACHABLE])
def test_a_write_that_may_work_later_brings_the_event_back_also_beside_one_that_never_will(trouble: Trouble) -> None:
    ensuring = Ensuring()
    ensuring.rules.troubles = deque([None, None, None, Trouble.REFUSED, trouble])
    with pytest.raises(NotEnsured, match=trouble) as raised:
        ensuring.job(event())
    assert "refused" not in str(raised.value)
    ensuring.job(event())
    assert ensuring.names == ALL


@pytest.mark.parametrize("properties", [None, {}, {"extensionType": None}, {"ExtensionType": "Microsoft.Flux"}])
def test_an_extension_that_does_not_say_its_type_is_looked_for_in_the_graph(properties: Any) -> None:
    ensuring = Ensuring(Place({"aks-1": OWN, "aks-2": {}}))
    found = {"properties": properties}
    ensuring.place.get = lambda arm_id: found  # type: ignore[method-assign]
    ensuring.job(event())
    assert ensuring.names == ALL | own(AKS)


def test_another_extension_that_is_gone_takes_nothing_along_though_the_graph_does_not_show_flux() -> None:
    ensuring = Ensuring(Place({"aks-1": OWN, "aks-2": {}}))
    ensuring.sweep()
    ensuring.place.late.add("aks-1")
    ensuring.place.get = lambda arm_id: None  # type: ignore[method-assign]
    ensuring.job(event(kind="Delete", extension="azuremonitor"))
    assert ensuring.names == ALL | own(AKS)
    ensuring.job(event(kind="Delete"))
    assert ensuring.names == ALL


def test_a_graph_that_shows_no_extension_any_more_deletes_nothing_and_the_runs_after_it_write_nothing() -> None:
    ensuring = Ensuring(Place({f"aks-{number}": OWN for number in range(30)}))
    ensuring.sweep()
    before = ensuring.names
    ensuring.place.late |= set(ensuring.place.clusters)
    ensuring.place.presence = lambda arm_id: "there"  # type: ignore[method-assign,assignment,return-value]
    ensuring.sweep()
    assert ensuring.names == before
    ensuring.rules.written.clear()
    ensuring.job(event("aks-3"))
    ensuring.sweep()
    assert not ensuring.rules.written
    assert ensuring.names == before


def test_the_own_rules_of_a_cluster_without_flux_go_once_resource_manager_says_so_and_nobody_else_is_asked() -> None:
    ensuring = Ensuring(Place({"aks-1": OWN, "aks-2": {}}, bare=set()))
    ensuring.sweep()
    ensuring.place.bare.add("aks-1")
    ensuring.place.calls.clear()
    ensuring.sweep()
    assert ensuring.names == ALL
    assert ensuring.place.calls.count("presence") == 1
    ensuring.place.calls.clear()
    ensuring.sweep()
    assert "presence" not in ensuring.place.calls


def test_another_workspace_in_the_settings_leaves_what_was_made_for_the_former_one_and_says_so() -> None:
    ensuring = Ensuring(Place(workspaces={METRICS: {}, OTHER: {}, LOGS: {}}))
    ensuring.sweep()
    other = EnsureAlertRules(ensuring.place.book(ensuring.rules, Wanted((OTHER,), (LOGS,), WANTED.actions, WANTED.receiver)))
    other(event())
    assert ensuring.names > ALL
    run = ReconcileAlertRules(other.book, FakeStore())()
    assert [finding.detail for finding in run.findings] == ["2 rules are for amw-prod, which the settings do not name"]


def test_two_that_share_a_resource_group_do_not_delete_each_others_rules() -> None:
    ensuring = Ensuring(Place(workspaces={METRICS: {}, OTHER: {}, LOGS: {}}))
    other = ReconcileAlertRules(
        ensuring.place.book(ensuring.rules, Wanted((OTHER,), (), WANTED.actions, WANTED.receiver)), FakeStore()
    )
    for _ in range(2):
        ensuring.sweep()
        other()
    ensuring.rules.written.clear()
    ensuring.sweep()
    other()
    assert not ensuring.rules.written


def test_one_event_that_two_instances_are_given_at_once_makes_one_set() -> None:
    ensuring = Ensuring(Place({"aks-1": OWN, "aks-2": {}}))
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(ensuring.job, event()) for _ in range(8)]:
            done.result()
    assert ensuring.names == ALL | own(AKS)


@pytest.mark.parametrize(
    "given",
    [
        {"eventType": 5, "data": []},
        {"eventType": "Microsoft.Resources.ResourceWriteSuccess", "data": "x" * 1_000_000, "subject": "/" * 1_000_000},
        {**event(), "data": {"resourceUri": event()["subject"] + "/" * 2_000 + "x"}},
        {**event(), "data": {"resourceUri": event()["subject"].replace("aks-1", "aks-1\nforged")}},
        {**event(), "data": {"resourceUri": event()["subject"].replace("/subscriptions/", "/subscriptions/../")}},
        {**event(), "data": {"resourceUri": event()["subject"] + "?x=1"}},
        {**event(), "subject": event()["subject"] + "\ud800", "data": {"resourceUri": None}},
    ],
)
def test_events_of_any_form_are_passed_over_without_a_question_and_without_their_text(
    given: Any, caplog: pytest.LogCaptureFixture
) -> None:
    ensuring = Ensuring()
    with caplog.at_level(logging.DEBUG):
        assert ensuring.job(given) is None
    assert not ensuring.place.calls
    assert "forged" not in caplog.text


def test_a_correlation_with_lines_and_colours_makes_no_lines_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    given = event()
    given["data"] |= {"correlationId": "c\x1b[2J\nforged: a line", "claims": {"name": "Jo Secret"}}
    with caplog.at_level(logging.INFO):
        Ensuring().job(given)
    assert not [record for record in caplog.records if "\n" in record.getMessage() or "\x1b" in record.getMessage()]


def test_slow_probes_leave_time_for_the_writes() -> None:
    ensuring = Ensuring(Place({f"aks-{number}": OWN for number in range(12)} | {"last": {}}))
    ensuring.sweep()
    ensuring.place.hidden |= {f"aks-{number}" for number in range(12)}
    asked = ensuring.place.presence

    def slow(arm_id: str) -> Any:
        ensuring.clock.passes(minutes=1)
        return asked(arm_id)

    ensuring.place.presence = slow  # type: ignore[method-assign]
    began = ensuring.clock.now()
    ensuring.sweep()
    assert ensuring.clock.now() - began <= timedelta(minutes=3)


class Picky(FakeRules):
    """It does not take rules whose names begin so."""

    def __init__(self, trouble: Trouble, *beginnings: str) -> None:
        super().__init__()
        self.trouble, self.beginnings = trouble, beginnings

    def put(self, rule: Any) -> None:
        if rule.name.startswith(self.beginnings):
            raise Unanswered(self.trouble, "a rule")
        super().put(rule)


@pytest.mark.parametrize("trouble", [Trouble.REFUSED, Trouble.THROTTLED])
def test_a_cluster_is_not_left_out_of_the_fleets_rules_before_its_own_are_there(trouble: Trouble) -> None:
    place, rules = Place(), Picky(trouble, "no-rule")
    sweep = ReconcileAlertRules(place.book(rules), FakeStore())
    sweep()
    place.clusters["aks-1"] = OWN
    rules.beginnings = ("flux-resources-aks-1",)
    run = sweep()
    group = next(one for one in rules.rules.values() if one.name.startswith("flux-resources-amw"))
    assert "aks-1" not in str(group.properties)
    assert run.findings[-1].detail == "1 write waits for those that failed"
    rules.beginnings = ("no-rule",)
    sweep()
    group = next(one for one in rules.rules.values() if one.name.startswith("flux-resources-amw"))
    assert "aks-1" in str(group.properties)


def test_own_rules_stay_until_the_fleets_look_at_the_cluster_again() -> None:
    place, rules = Place({"aks-1": OWN, "aks-2": {}}), Picky(Trouble.REFUSED, "no-rule")
    book = place.book(rules)
    ReconcileAlertRules(book, FakeStore())()
    place.clusters["aks-1"] = {}
    rules.beginnings = ("flux-resources-amw", "FluxErrors-law")
    assert EnsureAlertRules(book)(event()) is not None
    assert own(AKS) <= {rule.name for rule in rules.rules.values()}
    rules.beginnings = ("no-rule",)
    EnsureAlertRules(book)(event())
    assert {rule.name for rule in rules.rules.values()} == ALL
