"""Configurations and clusters that are not shown: gone, hidden, late; and no rows are never all well."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.core.coverage import Gap
from shared.core.observation import Health
from shared.core.sight import configuration_id, extension_id, missing
from tests.examples import START, after, after_all, alert, cluster, failing, subject
from tests.sights import Watch, cluster_row, configuration_row, extension_row, is_gone, status, watched

KEY = cluster().key
PLATFORM = configuration_id(cluster(), "platform").lower()
OF = subject(name="platform-apps")


# ------------------------------------------------------------------------------------------------------- configurations


@pytest.mark.parametrize(("found", "closed"), [("gone", True), ("hidden", False), ("there", False), ("", False)])
def test_a_configuration_is_gone_only_if_azure_says_so(found: str, closed: bool) -> None:
    watch = watched()
    others = configuration_row(status("b"), name="other")
    watch.configurations = [others]
    if found:
        setattr(watch, found, frozenset({PLATFORM}))
    watch.sweep(minutes=5)
    assert is_gone(watch) is closed
    assert len(watch.info().configurations) == 2 - closed
    assert watch.gaps == set()  # one that is missing beside others is no loss of sight


def test_the_last_configuration_may_go_too() -> None:
    watch = watched()
    watch.configurations, watch.gone = [], frozenset({PLATFORM})
    watch.sweep(minutes=5)
    assert is_gone(watch)
    assert (watch.info().configurations, watch.gaps) == ((), set())


@pytest.mark.parametrize(("found", "lost"), [("hidden", True), ("", True), ("there", False)])
def test_all_configurations_out_of_sight_at_once_is_a_loss_of_sight(found: str, lost: bool) -> None:
    watch = watched()
    watch.configurations = []
    if found:
        setattr(watch, found, frozenset({PLATFORM}))
    watch.sweep(minutes=5)
    assert watch.gaps == ({Gap.VISIBILITY_LOST} if lost else set())
    assert not is_gone(watch)
    assert (watch.info().hidden_since == watch.now) is lost


def test_no_answer_neither_begins_nor_ends_a_loss_of_sight() -> None:
    watch = watched()
    watch.configurations = None
    watch.sweep(minutes=5)
    assert (watch.gaps, is_gone(watch)) == (set(), False)
    watch.configurations = []
    watch.sweep(minutes=5)
    since = watch.now
    watch.configurations = None
    assert watch.sweep(minutes=5).changed == ()
    assert (watch.gaps, watch.info().hidden_since) == ({Gap.VISIBILITY_LOST}, since)
    watch.configurations = [configuration_row(status(ready="False"))]
    watch.sweep(minutes=5)
    assert (watch.gaps, watch.info().hidden_since, watch.gap(Gap.VISIBILITY_LOST).opened_at) == (set(), None, since)


# ------------------------------------------------------------------------------------------------------------- clusters


def test_a_cluster_that_is_gone_takes_all_its_incidents_with_it() -> None:
    watch = watched()
    watch.knows(after_all(alert(START)), after_all(failing(of=subject("Extension", "source-controller", "flux-system"))))
    watch.clusters = watch.configurations = watch.extensions = []
    watch.gone = frozenset({KEY})
    decision = watch.sweep(minutes=5)
    assert (watch.open, watch.inventory, decision.dropped) == (set(), {}, (KEY,))
    assert {one.health for one in decision.observations} == {Health.GONE}
    assert decision.counts["clusters"] == 0


@pytest.mark.parametrize(("found", "lost"), [("hidden", True), ("", True), ("there", False)])
def test_a_cluster_that_is_not_shown_stays_as_it_was(found: str, lost: bool) -> None:
    watch = watched()
    known = watch.info()
    watch.clusters = watch.configurations = watch.extensions = []
    if found:
        setattr(watch, found, frozenset({KEY}))
    decision = watch.sweep(minutes=5)
    assert (watch.gaps, is_gone(watch)) == ({Gap.VISIBILITY_LOST} if lost else set(), False)
    assert replace(watch.info(), hidden_since=None) == known
    assert decision.counts["configurations"] == 1
    assert "visibility" in {one.name for one in decision.findings} or not lost
    assert watch.sweep(minutes=5).changed == ()


def test_sight_that_is_given_back_ends_it_and_what_happened_meanwhile_is_noticed() -> None:
    watch = watched()
    rows = watch.clusters, watch.extensions
    watch.clusters = watch.configurations = watch.extensions = []
    watch.sweep(minutes=5)
    watch.clusters, watch.extensions = rows
    watch.configurations = [configuration_row(status("b"), at=after(minutes=12))]
    watch.sweep(minutes=5)
    assert (watch.gaps, is_gone(watch), watch.info().hidden_since) == (set(), True, None)


def test_no_answer_about_clusters_is_not_a_cluster_less() -> None:
    watch = watched()
    watch.clusters = None
    decision = watch.sweep(minutes=5)
    assert (decision.changed, decision.dropped, watch.gaps, is_gone(watch)) == ((), (), set(), False)


def test_what_the_rows_of_a_hidden_cluster_say_of_objects_counts() -> None:
    watch = watched()
    watch.clusters, watch.configurations = [], [configuration_row(status(), at=after(minutes=9))]
    watch.sweep(minutes=5)
    assert not watch.of().failing


def test_a_stranger_with_incidents_is_asked_for_and_closed_if_it_is_gone() -> None:
    elsewhere = replace(OF, cluster=cluster("aks-old"))
    watch = Watch().knows(after_all(failing(of=elsewhere)))
    assert elsewhere.cluster.key in missing(watch.sight())
    watch.sweep()
    assert watch.incidents[elsewhere.key].failing
    assert elsewhere.cluster.key not in watch.inventory
    watch.gone = frozenset({elsewhere.cluster.key})
    watch.sweep(minutes=5)
    assert watch.incidents[elsewhere.key].gone


# ----------------------------------------------------------------------------------------------------- whom to ask for


def test_clusters_are_asked_for_first_and_first_who_is_missing_for_the_first_time() -> None:
    some = [cluster(f"aks-{number}") for number in range(4)]
    watch = Watch(
        [cluster_row(one) for one in some],
        [configuration_row(status(), on=some[0])],
        [extension_row(one) for one in some],
    )
    watch.sweep()
    watch.clusters, watch.configurations, watch.extensions = [cluster_row(some[0]), cluster_row(some[1])], [], []
    watch.inventory[some[2].key] = replace(watch.inventory[some[2].key], hidden_since=START)
    asked = [one.lower() for one in missing(watch.sight())]
    assert asked[:2] == [some[3].key, some[2].key]
    wanted = {configuration_id(some[0], "platform"), *(extension_id(one, "flux") for one in some[:2])}
    assert set(asked[2:]) == {one.lower() for one in wanted}


def test_everybody_has_a_turn() -> None:
    some = [cluster(f"aks-{number:03}") for number in range(40)]
    watch = Watch([cluster_row(one) for one in some], [], [])
    watch.sweep()
    watch.clusters = []
    first = set[str]()
    for _ in range(15):
        watch.now += timedelta(minutes=5)
        first |= set(missing(watch.sight())[:20])
    assert len(first) == 40


def test_nobody_is_asked_for_while_there_is_no_answer() -> None:
    watch = watched()
    watch.clusters = watch.configurations = watch.extensions = None
    assert missing(watch.sight()) == []


# ------------------------------------------------------------------------------------------- no rows is never all well


def test_an_empty_answer_ends_nothing_and_says_so() -> None:
    watch = watched()
    watch.clusters = watch.configurations = watch.extensions = watch.subscriptions = []
    decision = watch.sweep(minutes=5)
    assert watch.of().failing
    assert any("not the one cluster that was known" in one.detail for one in decision.findings)
    assert decision.dropped == ()


def test_a_fleet_that_was_never_seen_is_a_finding() -> None:
    decision = Watch([], [], [], []).sweep()
    assert [(one.name, one.detail) for one in decision.findings] == [("clusters", "the identity sees no cluster")]
    assert Watch(None, None, None, None).sweep().findings == ()  # that there was no answer is another one


def test_configurations_of_clusters_that_are_not_shown_are_a_finding_and_nothing_else() -> None:
    stranger = cluster("aks-9")
    watch = Watch(configurations=[configuration_row(status(ready="False"), on=stranger)])
    decision = watch.sweep()
    assert watch.open == set()
    assert any("aks-9" in one.detail for one in decision.findings)
