"""Objects that are not shown any more: gone, moved, only not reported; and events that come late about them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shared.core.census import MAX_DEPARTED
from shared.core.inventory import Configuration, object_digest
from shared.core.sight import configuration_id
from tests.examples import START, after, after_all, cluster, failing, subject
from tests.sights import Watch, configuration_row, is_gone, status, watched

KEY = cluster().key
PLATFORM = configuration_id(cluster(), "platform").lower()
OF = subject(name="platform-apps")


# -------------------------------------------------------------------------------------------------------------- objects


def test_an_object_that_was_shown_and_is_not_any_more_is_gone() -> None:
    watch = watched(status("b"))
    watch.configurations = [configuration_row(status("b"))]
    watch.sweep(minutes=5)
    assert (is_gone(watch), watch.of().resolved_at) == (True, watch.now)
    assert watch.sweep(minutes=5).changed == ()


def test_who_is_gone_and_comes_back_fails_again() -> None:
    watch = watched(status("b"))
    watch.configurations = [configuration_row(status("b"))]
    watch.sweep(minutes=5)
    watch.configurations = [configuration_row(status("b"), status(ready="False", at=after(minutes=12)), at=after(minutes=12))]
    watch.sweep(minutes=5)
    assert (watch.of().failing, watch.of().gone, watch.info().departed) == (True, False, {})


@pytest.mark.parametrize("statuses", [None, [], "none", [None], [7, status("b")], [status("b"), status(name="B A D")]])
def test_statuses_that_are_missing_or_not_whole_say_nothing(statuses: Any) -> None:
    watch = watched(status("b"))
    watch.configurations = [configuration_row(statuses=statuses, at=after(hours=1))]
    watch.sweep(minutes=5)
    assert not is_gone(watch)


def test_who_moves_to_another_configuration_is_not_gone() -> None:
    watch = watched(status("b"))
    watch.configurations = [configuration_row(status("b")), configuration_row(status(ready="False"), name="shop")]
    watch.sweep(minutes=5)
    assert not is_gone(watch)


def test_an_event_that_comes_late_does_not_bring_back_who_left() -> None:
    watch = watched(status("b"))
    watch.configurations = [configuration_row(status("b"), at=after(minutes=9))]
    watch.sweep(minutes=5)
    late = after_all(failing(after(minutes=8), of=replace(OF, name="web", kind="HelmRelease")))
    watch.inventory[KEY] = replace(watch.info(), departed=dict.fromkeys([_digest("HelmRelease", "web")], _second(10)))
    watch.knows(late).sweep(minutes=5)
    assert watch.of("web", "HelmRelease").gone
    newer = after_all(failing(after(minutes=11), of=replace(OF, name="web", kind="HelmRelease")))
    watch.knows(newer).sweep(minutes=5)
    assert not watch.of("web", "HelmRelease").gone


def _digest(kind: str, name: str) -> str:
    return object_digest(kind, "cluster-config", name)


def _second(minutes: float) -> int:
    return int(after(minutes=minutes).timestamp())


@pytest.mark.parametrize("minutes", [0, 10, 14])
def test_a_clock_that_is_ahead_does_not_keep_who_left(minutes: float) -> None:
    watch = watched(status("b"))
    watch.knows(after_all(failing(after(minutes=10 + minutes), of=OF)))
    watch.configurations = [configuration_row(status("b"))]
    watch.sweep(minutes=5)
    assert is_gone(watch)


def test_who_was_never_shown_is_not_missed() -> None:
    watch = Watch().knows(after_all(failing(of=replace(OF, name="somebodys"))))
    watch.configurations = [configuration_row(status(), at=after(hours=2))]
    watch.sweep(hours=2)
    assert not watch.of("somebodys").gone


@pytest.mark.parametrize(
    ("kind", "name", "gone"),
    [
        ("Kustomization", "platform-old", True),
        ("GitRepository", "platform", True),
        ("Bucket", "platform", True),
        ("HelmRelease", "platform-old", False),
        ("GitRepository", "platform-old", False),
        ("Kustomization", "platform", False),
        ("Kustomization", "platforms", False),
    ],
)
@pytest.mark.parametrize("minutes", [2, 3])
def test_who_bears_a_name_of_azures_would_be_shown(kind: str, name: str, gone: bool, minutes: float) -> None:
    watch = Watch(configurations=[configuration_row(status(), at=after(minutes=minutes))])
    watch.knows(after_all(failing(START, of=replace(OF, kind=kind, name=name))))
    watch.sweep()
    assert watch.of(name, kind).gone is (gone and minutes > 2)  # a report may be stamped two minutes later than it saw


@pytest.mark.parametrize("known", [True, False])
def test_only_the_configuration_that_it_is_named_after_can_tell(known: bool) -> None:
    watch = Watch(configurations=[configuration_row(status(), at=after(hours=1))])
    if known:
        edge = Configuration("cluster-config", "platform-edge")
        watch.sweep()
        watch.inventory[KEY] = replace(watch.info(), configurations=(*watch.info().configurations, edge))
    watch.knows(after_all(failing(of=replace(OF, name="platform-edge-apps"))))
    watch.sweep(hours=1)
    assert watch.of("platform-edge-apps").gone is not known


def test_who_left_is_remembered_for_a_day_and_not_without_end() -> None:
    many = [status(f"a{number:03}") for number in range(MAX_DEPARTED + 20)]
    watch = Watch(configurations=[configuration_row(status("b"), *many)])
    watch.sweep()
    watch.configurations = [configuration_row(status("b"))]
    watch.sweep(minutes=5)
    assert len(watch.info().departed) == MAX_DEPARTED
    watch.configurations = [configuration_row(status("c"))]
    watch.sweep(days=2)
    assert len(watch.info().departed) == 1
