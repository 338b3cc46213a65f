"""Controllers: who has fallen silent, who is calm, and who says that they are well again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from shared.core.causes import CAUSES
from shared.core.incident import Incident
from shared.core.log_controllers import closing, common_life, disturbed, may_close, signs_of_life, watched
from shared.core.log_entries import Look, controller
from shared.core.log_errors import effect, read
from shared.core.observation import Health, Source
from tests.examples import FLAP, START, after, after_all, cluster, failing, healthy, incident, seen, subject
from tests.logs import life_row, pod_row, stalled_row

NOW = after(minutes=5)
END = START
LOOK = Look(NOW, END)
KUSTOMIZE = controller(cluster(), "kustomize-controller")


def silent_row(name: str, hours: float = 8, **known: Any) -> dict[str, Any]:
    return stalled_row(after(hours=-hours), "silent", Name=name, **known)


def open_since(at: datetime, cause: str = "log-errors", **known: Any) -> Incident:
    return incident(at, of=KUSTOMIZE, cause=cause, **known)


# --------------------------------------------------------------------------------------------------------------- silent


@pytest.mark.parametrize(
    ("silent", "failing_ones", "said"),
    [(3, 0, True), (3, 3, True), (3, 4, False), (2, 0, True), (1, 0, True), (2, 1, False), (2, 2, False), (0, 3, False)],
)
def test_a_controller_is_silent_if_at_least_half_of_its_objects_are_and_three(
    silent: int, failing_ones: int, said: bool
) -> None:
    rows = [silent_row(f"s{number}") for number in range(silent)]
    rows += [stalled_row(Name=f"f{number}") for number in range(failing_ones)]
    reading = read("flux_stalled", rows, LOOK)
    assert (len(reading.silent) == 1, len(reading.entries)) == (said, failing_ones)


def test_the_silent_are_named_by_their_number_and_since_when() -> None:
    rows = [silent_row(f"s{number}", 7 + number) for number in range(3)] + [stalled_row(Name="f")]
    (said,) = read("flux_stalled", rows, LOOK).silent
    assert said.message == "kustomize-controller has written nothing about 3 of 4 objects since 2026-11-20 01:00 UTC."
    assert (said.subject, said.at, said.since, said.held_from) == (KUSTOMIZE, END, after(hours=-7), after(minutes=15))
    assert said.cause == CAUSES["controller-silent"]
    assert (said.reason, said.source) == ("Silent", Source.LOGS)


def test_each_controller_of_each_cluster_is_silent_for_itself() -> None:
    other = cluster("arc-1", kind="connectedClusters")
    rows = [silent_row("a"), silent_row("b", Controller="helm-controller", Kind="HelmRelease"), silent_row("c", on=other)]
    names = [(one.subject.cluster.name, one.subject.name) for one in read("flux_stalled", rows, LOOK).silent]
    assert names == [
        ("aks-prod-weu-01", "kustomize-controller"),
        ("aks-prod-weu-01", "helm-controller"),
        ("arc-1", "kustomize-controller"),
    ]


def test_a_failing_row_without_its_controller_is_about_its_object_all_the_same() -> None:
    reading = read("flux_stalled", [stalled_row(Controller=None), silent_row("a", Controller=None)], LOOK)
    assert (len(reading.entries), reading.silent, dict(reading.bad)) == (1, (), {"Controller is no Kubernetes name": 1})


# ------------------------------------------------------------------------------------------------------- signs of life


def test_life_is_when_a_controller_wrote_last() -> None:
    rows = [life_row(after(minutes=-9)), life_row(after(minutes=-2)), life_row(after(minutes=-5))]
    assert signs_of_life(rows, LOOK) == {KUSTOMIZE.key: after(minutes=-2)}


@pytest.mark.parametrize("known", [{"Lines": 0}, {"Lines": None}, {"Lines": "9"}, {"LastSeen": None}, {"_ResourceId": "x"}])
def test_what_cannot_be_read_is_no_sign_of_life(known: dict[str, Any]) -> None:
    assert signs_of_life([life_row(**known)], LOOK) == {}


def test_life_counts_only_where_every_workspace_that_shows_it_was_read_whole() -> None:
    lives = {"a": {KUSTOMIZE.key: START}, "b": {KUSTOMIZE.key: after(minutes=1)}}
    assert common_life(lives, ["a", "b"]) == {KUSTOMIZE.key: after(minutes=1)}
    assert common_life(lives, ["a"]) == {}
    assert common_life({"a": lives["a"], "b": {}}, ["a"]) == {KUSTOMIZE.key: START}


# -------------------------------------------------------------------------------------------------------------- closing


def test_a_controller_that_lives_and_was_calm_for_an_hour_is_well_again() -> None:
    one = open_since(after(minutes=-61))
    assert may_close(one, {}, END)
    entry = closing(one, {KUSTOMIZE.key: after(minutes=-3)}, END)
    assert entry is not None
    assert (entry.seen.health, entry.seen.source, entry.seen.at) == (Health.HEALTHY, Source.COMPLIANCE, END)
    closed = effect(one, [entry], None, FLAP)
    assert (closed.closed, closed.incident and closed.incident.resolved_at) == (True, END)


def test_without_calm_it_stays_open() -> None:
    assert not may_close(open_since(after(minutes=-60)), {}, END)
    assert not may_close(open_since(after(minutes=-61)), {KUSTOMIZE.key: after(minutes=-1)}, END)


@pytest.mark.parametrize("life", [None, after(minutes=-60), after(hours=-3)])
def test_without_life_it_stays_open(life: datetime | None) -> None:
    assert closing(open_since(after(hours=-9)), {KUSTOMIZE.key: life} if life else {}, END) is None


def test_a_silent_one_is_well_again_at_its_first_sign_of_life() -> None:
    silent = open_since(after(minutes=-20), "controller-silent")
    assert may_close(silent, {KUSTOMIZE.key: after(minutes=-1)}, END)
    assert closing(silent, {KUSTOMIZE.key: after(minutes=-20)}, END) is None
    assert closing(silent, {KUSTOMIZE.key: after(minutes=-19)}, END) is not None


@pytest.mark.parametrize(
    ("of", "extension", "mine"),
    [
        (KUSTOMIZE, "flux", True),
        (controller(cluster(), "flux"), "flux", False),
        (subject("Extension", "kustomize-controller", "default"), "flux", False),
        (subject(), "", False),
    ],
)
def test_only_controllers_are_closed_here(of: Any, extension: str, mine: bool) -> None:
    assert watched(incident(of=of), extension) is mine


def test_a_failed_extension_and_an_alert_are_not_for_logs_to_close() -> None:
    assert not watched(open_since(START, "extension-failed"))
    assert not watched(replace(open_since(START), ready=Health.HEALTHY, alerts={"rule": (START, True)}))


# ---------------------------------------------------------------------------------------------------------------- calm


def test_failing_again_is_remembered_so_that_calm_begins_after_it() -> None:
    one = open_since(after(hours=-5))
    again = disturbed(one, after(minutes=-5))
    assert (again.last_seen_at, again.count) == (after(minutes=-5), one.count)
    assert not may_close(again, {}, END)
    assert disturbed(again, after(minutes=-5)) is again
    assert disturbed(again, after(minutes=-9)) is again
    assert disturbed(again, None) is again


def test_what_is_well_is_not_disturbed() -> None:
    well = after_all(failing(of=KUSTOMIZE), healthy(after(minutes=1), of=KUSTOMIZE))
    assert disturbed(well, after(minutes=9)) is well


def test_noise_opens_nothing_and_disturbs_the_calm() -> None:
    source = controller(cluster(), "source-controller")
    (noise,) = read("flux_pods", [pod_row(Restarts=1)], LOOK).entries
    assert effect(None, [noise], START, FLAP).incident is None
    after_noise = effect(incident(after(hours=-2), of=source), [noise], START, FLAP)
    assert after_noise.incident is not None
    assert (after_noise.incident.last_seen_at, after_noise.closed, after_noise.opened) == (START, False, False)


def test_what_does_not_open_says_nothing_of_who_is_well() -> None:
    (entry,) = read("flux_stalled", [stalled_row()], LOOK).entries
    only_detail = replace(entry, opens=False)
    well = after_all(seen(Health.HEALTHY, after(hours=-1)))
    assert effect(well, [only_detail], None, FLAP).incident is well
    assert effect(None, [only_detail], None, FLAP).incident is None
    detailed = effect(incident(after(hours=-1), fingerprint="fp:other"), [only_detail], None, FLAP).incident
    assert detailed is not None
    assert detailed.detail == entry.seen.message
