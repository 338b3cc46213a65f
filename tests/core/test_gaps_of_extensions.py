"""Where exactly the gaps of the extension begin: who is to have one, which fail, which are too old."""

from __future__ import annotations

from typing import Any

import pytest

from shared.core.coverage import NEWEST, Coverage, Gap
from shared.core.measures import Fleet, minor
from shared.core.sight import extension_id
from tests.examples import START, cluster
from tests.sights import Row, Watch, cluster_row, extension_row


def gaps(row: Row | None = None, **known: Any) -> set[str]:
    watch = Watch(configurations=[], extensions=[row] if row else [], **known)
    watch.sweep()
    return watch.gaps


@pytest.mark.parametrize(
    ("tags", "expect", "missing"),
    [
        (None, (), False),
        (None, ("*",), True),
        (None, ("*/resourcegroups/rg-prod-*",), True),
        (None, ("*/resourcegroups/rg-test-*",), False),
        ({"fluxwatch-expect-flux": "true"}, (), True),
        ({"Fluxwatch-Expect-Flux": " YES "}, (), True),
        ({"fluxwatch-expect-flux": "false"}, ("*",), False),
        ({"fluxwatch-expect-flux": "perhaps"}, ("*",), False),
        ({"fluxwatch-expect-flux": ""}, ("*",), True),
        ({"fluxwatch-expect-flux": None}, ("*",), True),
        ("fluxwatch-expect-flux", ("*",), True),
    ],
)
def test_the_tag_decides_who_is_to_have_it_and_else_the_globs(tags: Any, expect: tuple[str, ...], missing: bool) -> None:
    found = gaps(clusters=[cluster_row(tags=tags)], coverage=Coverage(expect=expect))
    assert found == ({Gap.EXTENSION_MISSING} if missing else set())


@pytest.mark.parametrize(
    ("kind", "state", "missing"),
    [
        ("managedClusters", "Running", True),
        ("managedClusters", "RUNNING", True),
        ("managedClusters", "Stopped", False),
        ("managedClusters", "", False),
        ("connectedClusters", "Connected", True),
        ("connectedClusters", "Connecting", False),
        ("provisionedClusters", "", True),  # Resource Graph knows no state of these
        ("provisionedClusters", "Offline", False),
    ],
)
def test_only_of_a_cluster_that_runs_it_is_expected(kind: str, state: str, missing: bool) -> None:
    found = gaps(clusters=[cluster_row(cluster(kind=kind), state=state)], coverage=Coverage(expect=("*",)))
    assert (Gap.EXTENSION_MISSING in found) is missing


def test_one_that_was_known_and_is_not_shown_is_missing_only_if_it_is_gone() -> None:
    watch = Watch(coverage=Coverage(expect=("*",)))
    watch.sweep()
    watch.extensions = []
    watch.sweep(minutes=5)
    assert (watch.gaps, watch.info().extension is None) == (set(), False)
    watch.gone = frozenset({extension_id(cluster(), "flux").lower()})
    watch.sweep(minutes=5)
    assert (watch.gaps, watch.info().extension) == ({Gap.EXTENSION_MISSING}, None)


def test_when_it_is_not_expected_any_more_nobody_says_that_it_is_there() -> None:
    watch = Watch(configurations=[], extensions=[], coverage=Coverage(expect=("*",)))
    watch.sweep()
    watch.clusters = [cluster_row(tags={"fluxwatch-expect-flux": "false"})]
    watch.sweep(minutes=5)
    assert watch.gap(Gap.EXTENSION_MISSING).gone


@pytest.mark.parametrize(
    ("columns", "message", "reason"),
    [
        ({"provisioningState": "Failed"}, "Azure reports the extension as Failed.", "Failed"),
        ({"provisioningState": "CANCELED"}, "Azure reports the extension as CANCELED.", "CANCELED"),
        ({"provisioningState": "failed", "statusMessage": "timed out"}, "timed out", "failed"),
        ({"provisioningState": "Updating", "errorMessage": "no room"}, "no room", "Failed"),
    ],
)
def test_an_extension_fails_by_its_state_or_its_error(columns: Row, message: str, reason: str) -> None:
    watch = Watch(extensions=[extension_row(**columns)])
    watch.sweep()
    one = watch.gap(Gap.EXTENSION_FAILED)
    assert (one.message, one.reason) == (message, reason)


@pytest.mark.parametrize("state", ["Succeeded", "Creating", "Deleting", "", None, 7])
def test_an_extension_on_its_way_does_not_fail(state: Any) -> None:
    assert gaps(extension_row(provisioningState=state)) == set()


@pytest.mark.parametrize(
    ("version", "old"),
    [
        ("1.24.1", False),
        ("1.22.0", False),
        ("1.21.99", True),
        ("1.9.0", True),
        ("0.30.0", True),
        ("2.0.0", False),
        ("1.21", True),
        ("1.21.0-preview", True),
        ("", False),
        (None, False),
        ("latest", False),
        ("1", False),
        ("1.x.0", False),
        ("1.99999.0", False),
        ("\u0661.\u0661.0", False),
    ],
)
def test_more_than_two_minor_versions_behind_is_out_of_support(version: Any, old: bool) -> None:
    assert (Gap.EXTENSION_UNSUPPORTED in gaps(extension_row(version=version))) is old


@pytest.mark.parametrize(
    ("version", "train", "newest"),
    [
        ("1.27.0", "Stable", (1, 27)),
        ("1.27.0", "stable", (1, 27)),
        ("1.27.0", "Preview", NEWEST),
        ("1.27.0", "", NEWEST),
        ("1.3.0", "Stable", NEWEST),
        ("2.0.0", "Stable", NEWEST),
        ("", "Stable", NEWEST),
    ],
)
def test_the_newest_is_the_newest_stable_one_that_was_seen(version: str, train: str, newest: tuple[int, int]) -> None:
    watch = Watch(extensions=[extension_row(version=version, releaseTrain=train)])
    watch.sweep()
    assert Fleet.of(watch.inventory.values(), Coverage(), START).newest == newest


@pytest.mark.parametrize("state", ["Creating", "Failed", "CANCELED"])
def test_a_version_that_was_only_asked_for_makes_no_other_cluster_old(state: str) -> None:
    other = cluster("aks-2")
    watch = Watch(
        clusters=[cluster_row(), cluster_row(other)],
        configurations=[],
        extensions=[extension_row(), extension_row(other, version="1.42.0", provisioningState=state)],
    )
    watch.sweep()
    assert Gap.EXTENSION_UNSUPPORTED not in watch.gaps


@pytest.mark.parametrize(("said", "pinned"), [(False, True), ("false", True), (True, False), (None, False), ("never", False)])
def test_pinned_is_only_what_says_so(said: Any, pinned: bool) -> None:
    assert (Gap.EXTENSION_PINNED in gaps(extension_row(autoUpgrade=said))) is pinned


@pytest.mark.parametrize(
    ("version", "numbers"), [("1.24.1", (1, 24)), ("1.24", (1, 24)), ("1", None), ("a.b", None), ("", None)]
)
def test_major_and_minor_number(version: str, numbers: tuple[int, int] | None) -> None:
    assert minor(version) == numbers
