"""Gaps in the watch over a cluster: each appears, does not, ends, is switched off, and cannot be judged any more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from shared.core.causes import CAUSES
from shared.core.coverage import KINDS, Coverage, Gap
from shared.core.gaps import GAPS
from shared.core.grouping import group_of
from shared.core.incident import Incident
from shared.core.observation import Health, Source
from tests.examples import START, after, after_all, alert, cluster, failing, subject
from tests.sights import Row, Watch, cluster_row, configuration_row, extension_row, iso, status

ARC = cluster("arc-1", "rg-stores", "connectedClusters")
EXPECTED = Coverage(expect=("*",))


@dataclass(frozen=True)
class Case:
    """`wrong` is a watch in which the gap is; `mended` are the rows after which it is none; `message` what its card shows."""

    wrong: Callable[[], Watch]
    mended: dict[str, list[Row]]
    message: str
    minutes: float = 5  # from the first sweep to the one that finds it
    reason: str = ""
    judged: bool = True  # only while the cluster runs
    name: str = "platform"
    note: str = ""
    origin: str = ""
    coverage: Coverage = field(default_factory=Coverage)


def extension(**columns: Any) -> Callable[[], Watch]:
    return lambda: Watch(extensions=[extension_row(**columns)])


def configuration(*statuses: Row, **columns: Any) -> Callable[[], Watch]:
    return lambda: Watch(configurations=[configuration_row(*statuses, **columns)])


def behind() -> Watch:
    """aks-2 has had another commit since eight; the first cluster has not."""
    other = cluster("aks-2")
    row = configuration_row(status(), on=other, syncedCommit="main@sha1:" + "b" * 40, at=after(hours=7))
    old = configuration_row(status(), sourceUpdatedAt=iso(after(hours=-1)), at=after(hours=7))
    return Watch([cluster_row(), cluster_row(other)], [row, old], [extension_row(), extension_row(other)], now=after(hours=7))


def still(minutes: float = 2000, **columns: Any) -> dict[str, list[Row]]:
    return {"configurations": [configuration_row(status(), at=after(minutes=minutes), **columns)]}


FLUX = "microsoft.flux"
SUBSCRIPTION = cluster().subscription
CASES = {
    Gap.EXTENSION_MISSING: Case(
        lambda: Watch(extensions=[], configurations=[], coverage=EXPECTED),
        {"extensions": [extension_row()]},
        "The cluster is expected to run Flux, and has no extension microsoft.flux.",
        name=FLUX,
        origin=SUBSCRIPTION,
    ),
    Gap.EXTENSION_FAILED: Case(
        extension(provisioningState="Failed", errorMessage="no room"),
        {"extensions": [extension_row()]},
        "no room",
        reason="Failed",
        name="flux",
        origin="microsoft.flux 1.24.1",
    ),
    Gap.EXTENSION_UNSUPPORTED: Case(
        extension(version="1.21.9"),
        {"extensions": [extension_row(version="1.22.0")]},
        "Version 1.21 is installed; 1.24 and the 2 minor versions before it are supported.",
        name="flux",
        origin="microsoft.flux 1.21",
    ),
    Gap.EXTENSION_PINNED: Case(
        extension(autoUpgrade=False),
        {"extensions": [extension_row()]},
        "Automatic upgrades of the minor version are off: somebody has to upgrade it by hand.",
        name="flux",
        origin="microsoft.flux 1.24.1",
    ),
    Gap.CONFIGURATION_FAILED: Case(
        configuration(status(), provisioningState="Failed"),
        {"configurations": [configuration_row(status())]},
        "Azure reports the configuration as Failed.",
        reason="Failed",
        origin="https://github.com/contoso/fleet",
    ),
    Gap.CONFIGURATION_SUSPENDED: Case(
        configuration(status(), suspended=True),
        still(),
        "It has been suspended for longer than 24 h.",
        minutes=24 * 60 + 1,
        origin="https://github.com/contoso/fleet",
    ),
    Gap.SOURCE_NOT_SYNCED: Case(
        behind,
        {
            "configurations": [
                configuration_row(status(), syncedCommit="main@sha1:" + "b" * 40, at=after(hours=7)),
            ]
        },
        "Other clusters with the same source and ref have had a newer revision for longer than 6 h.",
        minutes=0,
        origin="https://github.com/contoso/fleet branch:main",
    ),
    Gap.AGENT_SILENT: Case(
        Watch,
        still(66),
        "The cluster runs, but its Flux agent has not reported for longer than 1 h.",
        minutes=61,
        name="fluxconfig-agent",
        origin=SUBSCRIPTION,
    ),
    Gap.CLUSTER_DISCONNECTED: Case(
        lambda: Watch([cluster_row(ARC, state="Offline", lastConnectivity=iso(START))], [], []),
        {"clusters": [cluster_row(ARC)]},
        "Azure Arc reports the cluster as Offline.",
        reason="Offline",
        judged=False,
        name="arc-1",
        origin=SUBSCRIPTION,
    ),
}


def found(gap: Gap, **changed: Any) -> tuple[Watch, Incident]:
    """After two sweeps."""
    case = CASES[gap]
    watch = case.wrong()
    for name, value in changed.items():
        setattr(watch, name, value)
    watch.sweep()
    watch.sweep(minutes=case.minutes)
    return watch, watch.gap(gap)


def test_every_gap_but_the_loss_of_sight_is_tried_here_and_every_one_is_looked_for() -> None:
    assert {*CASES, Gap.VISIBILITY_LOST} == set(GAPS) == set(KINDS) == set(Gap)
    assert {gap.value for gap in Gap} <= CAUSES.keys()


@pytest.mark.parametrize("gap", CASES)
def test_it_appears_and_says_what_it_is(gap: Gap) -> None:
    watch, one = found(gap)
    case = CASES[gap]
    assert (watch.gaps, one.cause, one.subject.name) == ({gap}, gap, case.name)
    assert (one.message, one.reason, one.origin) == (case.message, case.reason, case.origin)
    assert one.opened_at is not None
    assert one.opened_at <= watch.now


@pytest.mark.parametrize("gap", CASES)
def test_while_it_lasts_nothing_is_written(gap: Gap) -> None:
    watch, one = found(gap)
    for _ in range(2):
        assert watch.sweep(minutes=1).changed == ()
        assert watch.gap(gap) is one


@pytest.mark.parametrize("gap", CASES)
def test_it_ends_when_it_is_mended(gap: Gap) -> None:
    watch, _ = found(gap)
    for table, rows in CASES[gap].mended.items():
        setattr(watch, table, [*rows, *getattr(watch, table)[len(rows) :]] if gap is not Gap.SOURCE_NOT_SYNCED else rows)
    watch.sweep(minutes=5)
    assert (watch.gap(gap).failing, watch.gap(gap).gone) == (False, False)


@pytest.mark.parametrize("gap", CASES)
def test_switched_off_it_does_not_appear_and_what_is_open_closes(gap: Gap) -> None:
    watch, one = found(gap)
    watch.coverage = replace(watch.coverage, off=frozenset({gap}))
    watch.sweep(minutes=5)
    assert (watch.gap(gap).failing, watch.gap(gap).gone) == (False, True)
    off = CASES[gap].wrong()
    off.coverage = watch.coverage
    off.sweep()
    off.sweep(minutes=CASES[gap].minutes)
    assert one.subject.key not in off.incidents


@pytest.mark.parametrize("gap", [gap for gap, case in CASES.items() if case.judged])
def test_of_a_cluster_that_is_stopped_it_cannot_be_judged_any_more(gap: Gap) -> None:
    watch, _ = found(gap)
    watch.clusters = [{**row, "state": "Stopped"} for row in watch.clusters or ()]
    watch.sweep(minutes=5)
    assert (watch.gap(gap).failing, watch.gap(gap).gone) == (False, True)
    assert watch.gaps == set()


@pytest.mark.parametrize("gap", CASES)
def test_without_an_answer_it_stays_as_it_is(gap: Gap) -> None:
    watch, one = found(gap)
    watch.clusters = watch.configurations = watch.extensions = watch.subscriptions = None
    watch.sweep(minutes=5)
    assert watch.gap(gap) is one


@pytest.mark.parametrize("gap", CASES)
def test_out_of_sight_it_stays_as_it_is(gap: Gap) -> None:
    watch, one = found(gap)
    watch.clusters = watch.configurations = watch.extensions = []
    watch.sweep(minutes=5)
    assert watch.gap(gap) is one


@pytest.mark.parametrize("gap", CASES)
def test_a_storm_of_it_is_one_group(gap: Gap) -> None:
    one, other = (found(gap)[1] for _ in range(2))
    assert group_of(one) == group_of(replace(other, subject=replace(other.subject, cluster=cluster("aks-3"))))


# ------------------------------------------------------------------------------------------------------ loss of sight


def test_loss_of_sight_is_switched_off_like_the_others() -> None:
    watch = Watch(coverage=Coverage(off=frozenset({Gap.VISIBILITY_LOST})))
    watch.sweep()
    watch.clusters = watch.configurations = watch.extensions = []
    watch.sweep(minutes=5)
    assert watch.gaps == set()
    watch.coverage = Coverage()
    watch.sweep(minutes=5)
    assert watch.gaps == {Gap.VISIBILITY_LOST}
    watch.coverage = Coverage(off=frozenset(Gap))
    watch.sweep(minutes=5)
    assert watch.gaps == set()


# -------------------------------------------------------------------------------------------- whose incident is it not


def test_the_incident_of_a_controller_is_not_that_of_the_extension() -> None:
    controller = failing(
        of=subject("Extension", "source-controller", "flux-system"), cause="controller-down", source=Source.LOGS
    )
    watch = Watch().knows(after_all(controller))
    watch.sweep()
    assert watch.open == {("Extension", "source-controller")}


def test_an_alert_about_the_agent_is_not_ended_by_its_report() -> None:
    watch = Watch().knows(after_all(replace(alert(START), subject=subject("Agent", "fluxconfig-agent", "flux-system"))))
    watch.sweep()
    assert watch.open == {("Agent", "fluxconfig-agent")}


def test_an_extension_of_another_name_is_not_there_any_more() -> None:
    watch, one = found(Gap.EXTENSION_FAILED)
    watch.extensions = [extension_row(name="flux2")]
    watch.sweep(minutes=5)
    assert watch.incidents[one.subject.key].ready is Health.HEALTHY
    assert watch.gaps == set()
