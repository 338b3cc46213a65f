"""Incidents, inventory and runs in; the sentence about the fleet, its figures and what may make them wrong out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.core.finding import Finding, Run
from shared.core.fleet_summary import SWEEPS
from shared.core.inventory import Compliance, Configuration
from tests.examples import after, cluster
from tests.fleets import FLEET, NOW, RUNS, Given, broken, over, swept


def test_what_is_broken_is_counted_by_cause_and_by_cluster() -> None:
    some = [broken("aks-1"), broken("aks-2"), broken("aks-2", "prune-failed", named="infra")]
    assert Given(some, FLEET).sentence() == "2 things are broken on 2 of 3 clusters"
    assert Given(some[:1], FLEET).sentence() == "1 thing is broken on 1 of 3 clusters"


def test_one_cluster_and_all_clusters_are_said_as_people_say_it() -> None:
    assert Given([broken("aks-1")], FLEET[:1]).sentence() == "1 thing is broken on 1 cluster"
    assert Given([broken("aks-1"), broken("aks-2")], FLEET[:2]).sentence() == "1 thing is broken on all 2 clusters"


def test_without_an_inventory_nobody_knows_of_how_many() -> None:
    assert Given([broken("aks-1")]).sentence() == "1 thing is broken on 1 cluster"


def test_all_is_well_only_where_somebody_looked() -> None:
    assert Given((), FLEET).sentence() == "All is well on 3 clusters"
    assert Given((), FLEET, {}).sentence() == "Nothing is known to be broken on 3 clusters"
    late = RUNS | {"sweep_compliance": replace(RUNS["sweep_compliance"], at=after(minutes=14))}
    assert Given((), FLEET, late).sentence() == "Nothing is known to be broken on 3 clusters"
    blind = RUNS | {"sweep_errors": replace(RUNS["sweep_errors"], findings=(Finding("log", False),))}
    assert Given((), FLEET, blind).shown()["summary"]["level"] == "unknown"


def test_a_cluster_that_cannot_be_seen_is_a_doubt() -> None:
    hidden = replace(FLEET[0], hidden_since=after())
    found = Given((), [hidden, *FLEET[1:]])
    assert found.sentence() == "Nothing is known to be broken on 3 clusters"
    assert ("warning", "1 cluster can no longer be seen in Azure.") in found.notes()
    assert found.shown()["clusters"][0]["state"] == "hidden"


def test_what_azure_calls_not_compliant_is_a_doubt_though_nothing_fails() -> None:
    odd = Configuration("cluster-config", "apps", compliance=Compliance.NON_COMPLIANT)
    found = Given((), [*FLEET[:2], *swept("aks-3", configurations=(odd,))])
    assert found.sentence() == "Nothing is known to be broken on 3 clusters"
    assert ("warning", "Azure calls 1 cluster not compliant where nothing is known to fail.") in found.notes()


def test_nothing_known_is_not_all_well() -> None:
    assert Given().sentence() == "No cluster is known yet"
    assert Given().shown()["summary"]["level"] == "unknown"


def test_what_is_held_back_or_muted_is_not_broken() -> None:
    held = broken("aks-1", "dns-failed", at=NOW)
    muted = broken("aks-2")
    found = Given([held, muted], FLEET, mutes={cluster("aks-2").key: after(hours=2)})
    assert found.sentence() == "Nothing is broken, but 2 failures are held back or muted"
    assert found.shown()["summary"]["level"] == "held"
    assert found.shown()["summary"]["states"] == {"open": 0, "held": 1, "flapping": 0, "muted": 1, "resolved": 0}


def test_what_is_over_is_no_trouble() -> None:
    assert Given([over(broken("aks-1"))], FLEET).sentence() == "All is well on 3 clusters"


# ------------------------------------------------------------------------------------------------------------ figures and notes


def test_the_trend_is_what_changed_since_the_sweep_before() -> None:
    run = replace(RUNS["sweep_compliance"], counts={"failing": 5, "objects": 9}, before={"failing": 3, "left": 1})
    assert Given((), FLEET, {"sweep_compliance": run}).shown()["summary"]["trend"] == {"failing": 2}


@pytest.mark.parametrize(("minutes", "gap", "state"), [(15, 60, "ok"), (16, 60, "late"), (31, 600, "late"), (30, 600, "ok")])
def test_a_sweep_is_late_after_three_of_its_intervals_and_not_before_a_quarter_of_an_hour(
    minutes: int, gap: int, state: str
) -> None:
    run = Run("sweep_compliance", NOW - timedelta(minutes=minutes), 1.0, gap)
    assert Given((), FLEET, {"sweep_compliance": run}).shown()["sweeps"][0]["state"] == state


def test_what_makes_the_figures_doubtful_is_said_the_gravest_first() -> None:
    deaf = {"name": "payments", "state": "broken", "error": "WorkflowNotFound", "waiting": 2, "last_post_at": None}
    runs = {"sweep_errors": replace(RUNS["sweep_errors"], findings=(Finding("log-1", False, "no-table"), Finding("b", False)))}
    found = Given((), FLEET, runs, frozenset(SWEEPS), channels=[deaf])
    assert found.notes() == [
        ("critical", "The channel payments is broken (WorkflowNotFound); 2 incidents wait to be told."),
        ("warning", "The compliance sweep has not run yet: what is shown comes from events alone."),
        ("warning", "The error sweep could not see everything: log-1 (no-table) and 1 more."),
    ]


def test_a_sweep_that_is_off_is_said_and_is_no_fault() -> None:
    found = Given((), FLEET, {}, frozenset())
    assert [level for level, _ in found.notes()] == ["info", "info"]
    assert [row["state"] for row in found.shown()["sweeps"]] == ["off", "off"]
