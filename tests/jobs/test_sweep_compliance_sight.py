"""What the compliance sweep makes of answers that do not come, of what is not shown, and of roles that are lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from local.azure.world import MISSING, World
from shared.core.coverage import Gap
from shared.core.observation import Health
from shared.core.trouble import Trouble, Unanswered
from shared.jobs.sweep_compliance import LOOKS, PROBES, QUERIES
from tests.azure import ArmOf
from tests.fakes import FakeClock
from tests.sweeps import Fleet, swept, wrong

# ----------------------------------------------------------------------------------------------------------- no answer


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("trouble", [Trouble.UNREACHABLE, Trouble.FORBIDDEN, Trouble.CUT])
def test_an_answer_that_does_not_come_changes_nothing_of_what_it_would_show(query: str, trouble: Trouble) -> None:
    fleet = swept()
    fleet.breaks()
    fleet.sweep()
    fleet.graph.fails(query, trouble=trouble)
    infos, incidents = dict(fleet.store.infos), fleet.incidents()
    run = fleet.sweep()
    assert (fleet.store.infos, fleet.incidents(), fleet.writes) == (infos, incidents, ["put_run"])
    assert list(wrong(run)) == [query]


@pytest.mark.parametrize("queries", [QUERIES, QUERIES[:2]])
def test_without_any_answer_nothing_is_gone_and_the_next_one_is_believed(queries: Sequence[str]) -> None:
    fleet = swept()
    fleet.breaks()
    fleet.sweep()
    fleet.world.recover(next(one for one in fleet.world.objects() if one.health is Health.FAILING), fleet.clock.at)
    fleet.graph.fails(*queries)
    assert set(wrong(fleet.sweep())) == set(queries)
    assert len(fleet.open()) == 1
    fleet.sweep()
    assert fleet.open() == set()


# ------------------------------------------------------------------------------------------------------- asked for singly


def unexplained(fleet: Fleet) -> int:
    """Resource Graph shows no statuses of any configuration, and calls them all Non-Compliant."""
    configurations = list(fleet.world.configurations())
    for one in configurations:
        fleet.world.spoil(one.arm_id, statuses=MISSING, complianceState="Non-Compliant")
    return len(configurations)


def test_what_does_not_say_what_is_wrong_is_looked_at_but_not_all_at_once() -> None:
    fleet = swept(27, 2)
    fleet.breaks(27)
    number = unexplained(fleet)
    run = fleet.sweep()
    assert (number, fleet.arm.asked.total()) == (54, LOOKS)
    assert wrong(run)["statuses"].startswith(f"{number - LOOKS} of {number}")
    assert fleet.gaps() == set()
    for _ in range(4):
        fleet.sweep()
    assert fleet.open() == fleet.world.truth()  # everybody had a turn
    assert len(fleet.arm.asked) == number


def test_a_look_that_is_not_answered_is_a_finding_and_concludes_nothing() -> None:
    fleet = swept()
    fleet.breaks()
    unexplained(fleet)
    fleet.arm.script.append(Unanswered(Trouble.THROTTLED, "configuration"))
    run = fleet.sweep()
    assert (fleet.arm.asked.total(), fleet.gaps()) == (1, set())
    assert {"configuration", "statuses"} == set(wrong(run))


@dataclass
class Slow(ArmOf):
    """Answers after a minute."""

    world: World
    clock: FakeClock

    def __post_init__(self) -> None:
        super().__init__(self.world)

    def _called(self, arm_id: str) -> None:
        super()._called(arm_id)
        self.clock.passes(minutes=1)


def test_however_slowly_azure_answers_a_run_ends_before_the_host_ends_it() -> None:
    fleet = swept(15, 2)
    fleet.breaks(15)
    unexplained(fleet)
    for member in list(fleet.world.members.values())[:10]:
        fleet.world.delete_cluster(member)
    fleet.arm = Slow(fleet.world, fleet.clock)
    run = fleet.sweep()
    assert run.seconds <= 7 * 60
    assert "visibility" not in wrong(run)  # who was not asked for yet is as he was
    assert wrong(run)["statuses"].startswith("6 of 10")


def test_who_is_not_shown_is_asked_for_but_not_all_at_once() -> None:
    fleet = swept(PROBES + 5, 2)
    for member in list(fleet.world.members.values()):
        fleet.world.delete_cluster(member)
    fleet.sweep()
    assert (fleet.arm.asked.total(), len(fleet.store.infos)) == (PROBES, 5)
    fleet.sweep()
    assert (fleet.store.infos, fleet.gaps()) == ({}, set())


def test_a_probe_that_is_not_answered_leaves_everything_as_it_was() -> None:
    fleet = swept()
    fleet.breaks()
    fleet.sweep()
    for member in list(fleet.world.members.values()):
        fleet.world.delete_cluster(member)
    fleet.arm.script.append(Unanswered(Trouble.UNREACHABLE, "cluster"))
    run = fleet.sweep()
    assert (fleet.arm.asked.total(), len(fleet.store.infos), len(fleet.open())) == (1, 3, 1)
    assert {"cluster", "clusters", "visibility"} == set(wrong(run))


def test_resource_graph_that_lags_is_no_news() -> None:
    fleet = swept()
    fleet.breaks()
    fleet.sweep()
    before = fleet.open()
    for query in QUERIES[:3]:
        fleet.graph.script[query].append([])
    run = fleet.sweep()
    assert (fleet.open(), fleet.gaps(), fleet.writes) == (before, set(), ["put_run"])
    assert "clusters" in wrong(run)


# ---------------------------------------------------------------------------------------------------------------- roles


@pytest.mark.parametrize("what", ["one", "all", "configurations", "everything"])
def test_a_role_that_is_lost_is_told_and_given_back_ends_it(what: str) -> None:
    fleet = swept()
    fleet.breaks(3)
    fleet.sweep()
    before = fleet.open()
    members = list(fleet.world.members.values())
    hidden = {"one": members[:1], "configurations": ["Microsoft.KubernetesConfiguration"]}.get(what, members)
    for one in hidden:
        fleet.world.hide(one)
    if what == "everything":  # Resource Graph does not answer who may see nothing at all
        fleet.graph.fails(*QUERIES, trouble=Trouble.FORBIDDEN)
    run = fleet.sweep()
    lost = {(Gap.VISIBILITY_LOST, one.cluster.name) for one in (members[:1] if what == "one" else members)}
    assert (fleet.gaps(), fleet.open()) == (lost, before)
    assert "visibility" in wrong(run)
    fleet.sweep()
    assert fleet.writes == ["put_run"]
    for one in hidden:
        fleet.world.show(one)
    run = fleet.sweep()
    assert (fleet.gaps(), fleet.open(), run.findings) == (set(), before, ())


def test_a_fleet_that_nobody_may_see_says_so() -> None:
    run = Fleet(World()).sweep()
    assert wrong(run) == {"clusters": "the identity sees no cluster"}
