"""Where exactly the gaps of configurations and of their agents begin."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.core.coverage import Coverage, Gap
from shared.core.incident import State, state_of
from tests.examples import FLAP, START, after, cluster
from tests.sights import Row, Watch, cluster_row, configuration_row, extension_row, iso, status

B = "main@sha1:" + "b" * 40


def gaps(*rows: Row, minutes: float = 0, **known: Any) -> set[str]:
    """Those that are open when the rows are swept again so much later, the agent reporting all the while."""
    watch = Watch(configurations=rows, **known)
    watch.sweep()
    watch.configurations = [row | {"statusUpdatedAt": iso(watch.now + timedelta(minutes=minutes))} for row in rows]
    watch.sweep(minutes=minutes)
    return watch.gaps


# ------------------------------------------------------------------------------------------------------------ failed


@pytest.mark.parametrize(
    ("columns", "fails"),
    [
        ({}, False),
        ({"provisioningState": "FAILED"}, True),
        ({"provisioningState": "Canceled"}, True),
        ({"provisioningState": "Updating"}, False),
        ({"provisioningState": None}, False),
        ({"errorMessage": "the token has expired"}, True),
        ({"complianceState": "Pending"}, False),
        ({"complianceState": "Marvellous"}, False),
        ({"complianceState": "Non-Compliant"}, True),  # and every object is well
        ({"complianceState": "Non-Compliant", "suspended": True}, False),
        ({"complianceState": "Non-Compliant", "statuses": [status(ready="False")]}, False),  # the object itself says so
        ({"complianceState": "Non-Compliant", "statuses": [status(ready="Unknown")]}, False),  # it will soon be known
        ({"complianceState": "Non-Compliant", "statuses": None}, False),  # nobody has looked
    ],
)
def test_a_configuration_fails_by_its_own_word(columns: Row, fails: bool) -> None:
    assert (Gap.CONFIGURATION_FAILED in gaps(configuration_row(status(), **columns))) is fails


@pytest.mark.parametrize("statuses", [None, [], [None]])
def test_what_was_looked_at_and_names_no_object_fails(statuses: Any) -> None:
    row = configuration_row(complianceState="Non-Compliant", statuses=None)
    watch = Watch(configurations=[row], looks={row["id"]: {"properties": {"statuses": statuses}}})
    watch.sweep()
    assert watch.gaps == {Gap.CONFIGURATION_FAILED}
    watch.looks = {}  # not this time: nothing is known anew
    before = watch.gap(Gap.CONFIGURATION_FAILED)
    assert watch.sweep(minutes=5).changed == ()
    assert watch.gap(Gap.CONFIGURATION_FAILED) is before


def test_what_was_looked_at_and_names_an_object_does_not_fail_itself() -> None:
    row = configuration_row(complianceState="Non-Compliant", statuses=None)
    watch = Watch(configurations=[row], looks={row["id"]: {"properties": {"statuses": [status(ready="False")]}}})
    watch.sweep()
    assert watch.open == {("Kustomization", "platform-apps")}
    watch.looks = {}
    assert watch.sweep(minutes=5).changed == ()
    assert watch.info().configurations[0].failing == 1


@pytest.mark.parametrize("state", ["Pending", "Non-Compliant"])
@pytest.mark.parametrize(("minutes", "late"), [(24 * 60, False), (24 * 60 + 1, True)])
def test_not_compliant_for_a_day_is_too_long(state: str, minutes: float, late: bool) -> None:
    row = configuration_row(status(ready="Unknown"), complianceState=state)
    assert (Gap.CONFIGURATION_FAILED in gaps(row, minutes=minutes)) is late


def test_not_compliant_for_long_has_a_cause_of_its_own_and_begins_when_its_object_did() -> None:
    watch = Watch(configurations=[configuration_row(status(ready="False", at=after(hours=-25)))])
    watch.sweep()
    one = watch.gap(Gap.CONFIGURATION_FAILED)
    assert (one.cause, one.reason, one.opened_at) == ("configuration-failing", "NotCompliant", after(hours=-25))


# --------------------------------------------------------------------------------------------------------- suspended


@pytest.mark.parametrize("columns", [{"suspended": True}, {"complianceState": "Suspended"}])
@pytest.mark.parametrize(("minutes", "late"), [(24 * 60, False), (24 * 60 + 1, True)])
def test_suspended_for_a_day_is_too_long(columns: Row, minutes: float, late: bool) -> None:
    assert (gaps(configuration_row(status(), **columns), minutes=minutes) == {Gap.CONFIGURATION_SUSPENDED}) is late


def test_a_limit_that_is_raised_ends_it() -> None:
    watch = Watch(configurations=[configuration_row(status(), suspended=True)])
    watch.sweep()
    watch.sweep(hours=25)
    watch.coverage = Coverage(configuration_limit=timedelta(hours=48))
    watch.sweep(minutes=5)
    assert watch.gaps == set()


# -------------------------------------------------------------------------------------------------------- not synced


OTHER = cluster("aks-2")


def beside(here: Row, there: Row, *, hours: float = 7) -> set[str]:
    """Both reported just now; `there` is on another cluster."""
    now = after(hours=hours)
    there = there | {"id": "", "clusterId": OTHER.key}
    rows = [row | {"statusUpdatedAt": iso(now)} for row in (here, there)]
    watch = Watch([cluster_row(), cluster_row(OTHER)], rows, [extension_row(), extension_row(OTHER)], now=now)
    watch.sweep()
    return watch.gaps


def synced(commit: str, at: datetime, **columns: Any) -> Row:
    return configuration_row(status(), syncedCommit=commit, sourceUpdatedAt=iso(at), **columns)


OLD = "main@sha1:" + "a" * 40


@pytest.mark.parametrize(
    ("here", "there", "lags"),
    [
        (synced(OLD, after(hours=-1)), synced(B, START), True),
        (synced(OLD, after(hours=-1)), synced(OLD, START), False),
        (synced(OLD, after(hours=1)), synced(B, START), False),  # ours is the newer
        (synced(OLD, after(hours=-1)), synced(B, after(hours=2)), False),  # not for long yet
        (synced(OLD, after(hours=-1)), synced(B, START, sourceRef="branch:dev"), False),
        (synced(OLD, after(hours=-1)), synced(B, START, sourceUrl="https://github.com/contoso/other"), False),
        (synced(OLD, after(hours=-1)), synced(B, START, sourceUrl="https://GitHub.com/contoso/fleet.git"), True),
        (synced(OLD, after(hours=-1), suspended=True), synced(B, START), False),
        (synced(OLD, after(hours=-1)), synced(B, START, suspended=True), False),  # who is suspended is no measure
        (synced(OLD, after(hours=-1), sourceRef="commit:" + "a" * 40), synced(B, START, sourceRef="commit:" + "a" * 40), False),
        (synced(OLD, after(hours=-1), sourceUrl=None), synced(B, START, sourceUrl=None), False),
        (synced(OLD, after(hours=-1)) | {"sourceUpdatedAt": None}, synced(B, START), False),
        (synced(OLD, after(hours=-1)), synced(B, START) | {"sourceUpdatedAt": "x"}, False),
    ],
)
def test_a_source_is_behind_only_others_with_the_same_source_and_ref(here: Row, there: Row, lags: bool) -> None:
    assert (Gap.SOURCE_NOT_SYNCED in beside(here, there)) is lags


@pytest.mark.parametrize(("ahead", "behind"), [(0, 0), (1, 0), (2, 2), (3, 1)])
def test_of_many_clusters_no_single_one_makes_all_others_late(ahead: int, behind: int) -> None:
    some, now = [cluster(f"aks-{number}") for number in range(4)], after(hours=7)
    news = [(B, START) if place < ahead else (OLD, after(hours=-1)) for place in range(4)]
    rows = [synced(*new, on=on, statusUpdatedAt=iso(now)) for on, new in zip(some, news, strict=True)]
    watch = Watch([cluster_row(on) for on in some], rows, [extension_row(on) for on in some], now=now)
    watch.sweep()
    assert sum(one.failing for one in watch.incidents.values()) == behind


@pytest.mark.parametrize(
    ("columns", "minutes", "late"),
    [
        ({}, 6 * 60, False),
        ({}, 6 * 60 + 1, True),
        ({"provisioningState": "Creating"}, 6 * 60 + 1, False),
        ({"complianceState": "Compliant"}, 6 * 60 + 1, False),
        ({"suspended": True}, 6 * 60 + 1, False),
    ],
)
def test_what_never_synced_is_late_too(columns: Row, minutes: float, late: bool) -> None:
    row = configuration_row(**{"syncedCommit": "", "complianceState": "Pending", "statuses": None, **columns})
    assert (Gap.SOURCE_NOT_SYNCED in gaps(row, minutes=minutes)) is late


def test_of_a_silent_agent_nobody_knows_whether_it_is_behind() -> None:
    now = after(hours=7)
    there = synced(B, START, statusUpdatedAt=iso(now)) | {"id": "", "clusterId": OTHER.key}
    watch = Watch([cluster_row(), cluster_row(OTHER)], [synced(OLD, after(hours=-1)), there], [extension_row()], now=now)
    watch.sweep()
    assert watch.gaps == {Gap.AGENT_SILENT}


# ------------------------------------------------------------------------------------------------------------- agent


@pytest.mark.parametrize(
    ("columns", "minutes", "silent"),
    [
        ({}, 55, False),
        ({}, 56, True),
        ({"suspended": True}, 56, False),
        ({"complianceState": "Suspended"}, 56, False),
        ({"statusUpdatedAt": None}, 56, False),
        ({"statusUpdatedAt": "2036-01-01T00:00:00Z"}, 56, False),
    ],
)
def test_an_agent_is_silent_after_an_hour(columns: Row, minutes: float, silent: bool) -> None:
    watch = Watch(configurations=[configuration_row(status(), **columns)])
    watch.sweep()
    watch.sweep(minutes=minutes)
    assert (Gap.AGENT_SILENT in watch.gaps) is silent


@pytest.mark.parametrize("reported", [None, "", "2036-01-01T00:00:00Z"])
def test_a_report_without_a_time_that_is_believed_ends_no_silence(reported: Any) -> None:
    watch = Watch()
    watch.sweep(hours=2)
    watch.configurations = [configuration_row(status(), statusUpdatedAt=reported)]
    watch.sweep(minutes=5)
    assert Gap.AGENT_SILENT in watch.gaps


def test_the_newest_report_of_all_counts_and_who_reports_again_is_written_down() -> None:
    rows = [configuration_row(status()), configuration_row(status("b"), name="b", at=after(minutes=50))]
    watch = Watch(configurations=rows)
    watch.sweep()
    watch.sweep(minutes=100)
    assert watch.gaps == set()
    watch.sweep(minutes=10)
    assert watch.gap(Gap.AGENT_SILENT).opened_at == after(minutes=50)
    watch.configurations = [rows[0], rows[1] | {"statusUpdatedAt": iso(watch.now + timedelta(minutes=4))}]
    assert len(watch.sweep(minutes=5).changed) == 1
    assert watch.gaps == set()


@pytest.mark.parametrize("state", ["Stopped", "Deallocated", "", None])
def test_a_cluster_that_does_not_run_owes_no_report(state: Any) -> None:
    watch = Watch([cluster_row(state=state)])
    watch.sweep(hours=5)
    assert watch.gaps == set()


# ---------------------------------------------------------------------------------------------------------- disconnected


@pytest.mark.parametrize(
    ("kind", "state", "lost"),
    [
        ("connectedClusters", "Offline", True),
        ("connectedClusters", "EXPIRED", True),
        ("connectedClusters", "Connecting", False),
        ("connectedClusters", "Connected", False),
        ("connectedClusters", "", False),
        ("managedClusters", "Stopped", False),
        ("managedClusters", "Offline", False),
        ("provisionedClusters", "Offline", False),
    ],
)
def test_only_azure_arc_loses_touch(kind: str, state: str, lost: bool) -> None:
    watch = Watch([cluster_row(cluster(kind=kind), state=state, lastConnectivity=iso(START))], [], [])
    watch.sweep()
    assert (Gap.CLUSTER_DISCONNECTED in watch.gaps) is lost


@pytest.mark.parametrize(
    ("said", "opened"), [(iso(after(hours=-3)), after(hours=-3)), (None, after(minutes=5)), ("x", after(minutes=5))]
)
def test_it_lost_touch_when_it_was_last_connected(said: Any, opened: datetime) -> None:
    arc = cluster(kind="connectedClusters")
    watch = Watch([cluster_row(arc, state="Offline", lastConnectivity=said)], [], [])
    watch.sweep()
    one = watch.gap(Gap.CLUSTER_DISCONNECTED)
    assert one.opened_at == opened
    assert state_of(one, after(minutes=16), flap=FLAP) is State.OPEN
