"""Complaints, silence and signs of life of controllers in; incidents that are opened, and closed again, out.

Law: a complaint is over after an hour of life and calm, silence at the first sign of life; neither while anything is unread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from shared.core.inventory import ClusterInfo, Extension
from shared.core.log_entries import controller
from shared.core.log_windows import CONTROLLERS
from shared.core.observation import Health
from shared.core.trouble import Trouble
from tests.examples import after, cluster, incident
from tests.fakes import FakeStore
from tests.log_sweeps import END, Stage, troubles
from tests.logs import OTHER_WORKSPACE, WORKSPACE, controller_row, life_row, pod_row, stalled_row

KUSTOMIZE = controller(cluster(), "kustomize-controller")


def with_open_controller(cause: str = "log-errors", hours: float = 3, **known: Any) -> Stage:
    one = incident(after(hours=-hours), of=KUSTOMIZE, cause=cause, **known)
    stage = Stage(store=FakeStore(one))
    stage.add(CONTROLLERS, life_row(after(minutes=-10)))
    return stage


def test_a_controller_that_lives_and_is_calm_is_closed() -> None:
    stage = with_open_controller()
    run = stage.run()
    assert (stage.open, run.counts["closed"]) == ({}, 1)
    assert stage.logs.windows(CONTROLLERS) == [(END - timedelta(hours=1), END)]


def quiet(stage: Stage) -> None:
    stage.logs.rows.pop((WORKSPACE, CONTROLLERS))


def unanswered(stage: Stage) -> None:
    stage.logs.always[WORKSPACE, "flux_events"] = Trouble.UNREACHABLE


def life_unanswered(stage: Stage) -> None:
    stage.logs.always[WORKSPACE, CONTROLLERS] = Trouble.UNREACHABLE


def life_partial(stage: Stage) -> None:
    stage.logs.script[CONTROLLERS] = deque(["PartialError"])


def fails_again(stage: Stage) -> None:
    stage.add("flux_errors", controller_row(after(minutes=-10)))


def restarts_once(stage: Stage) -> None:
    stage.add("flux_pods", pod_row(after(minutes=-10), Controller="kustomize-controller", Restarts=1))


def is_the_extension(stage: Stage) -> None:
    stage.store.infos[cluster().key] = ClusterInfo(cluster(), extension=Extension("kustomize-controller"))


@pytest.mark.parametrize(
    "but", [quiet, unanswered, life_unanswered, life_partial, fails_again, restarts_once, is_the_extension]
)
def test_it_stays_open_otherwise(but: Callable[[Stage], None]) -> None:
    stage = with_open_controller()
    but(stage)
    assert (stage.run().counts["closed"], list(stage.open)) == (0, ["kustomize-controller"])


def test_it_stays_open_within_the_hour() -> None:
    stage = with_open_controller(hours=1)
    assert stage.run().counts["closed"] == 0
    assert stage.logs.windows(CONTROLLERS) == []
    stage.add(CONTROLLERS, life_row(after(minutes=2)))
    assert stage.run(minutes=10).counts["closed"] == 1


def test_one_that_complains_every_half_hour_is_one_incident() -> None:
    stage = Stage()
    for minute in range(0, 360, 10):
        stage.add(CONTROLLERS, life_row(after(minutes=minute)))
    for minute in range(0, 240, 30):
        stage.add("flux_errors", controller_row(after(minutes=minute)))
    runs = [stage.run(minutes=10) for _ in range(36)]
    opened = [run.at for run in runs if run.counts["opened"]]
    closed = [run.at for run in runs if run.counts["closed"]]
    assert (len(opened), len(closed)) == (1, 1)
    assert after(minutes=210) + timedelta(hours=1) < closed[0] <= after(minutes=210) + timedelta(hours=1, minutes=20)


def test_its_message_survives_what_is_written_without_reading_it() -> None:
    stage = Stage()
    stage.add("flux_errors", controller_row(after(minutes=-20), "panic: first"))
    stage.run()
    stage.add("flux_errors", controller_row(after(minutes=1), "panic: first"))
    stage.run(minutes=10)
    (one,) = stage.all.values()
    assert (one.message, one.last_seen_at, one.count) == ("panic: first", after(minutes=1), 1)


def test_a_workspace_that_does_not_answer_keeps_only_its_own_controllers_open() -> None:
    stage = with_open_controller()
    stage.workspaces = (WORKSPACE, OTHER_WORKSPACE)
    unanswered(stage)
    stage.store.rows |= FakeStore(incident(after(hours=-3), of=controller(cluster("b"), "helm-controller"))).rows
    stage.add(CONTROLLERS, life_row(after(minutes=-9), "helm-controller", cluster("b")), workspace=OTHER_WORKSPACE)
    stage.run()
    assert list(stage.open) == ["kustomize-controller"]


def silent(stage: Stage, hours: float = 8) -> Stage:
    for name in ("a", "b", "c"):
        row = stalled_row(after(hours=-hours), "silent", Name=name)
        stage.add("flux_stalled", row, ingested=after(minutes=-30))
    return stage


def test_a_controller_that_writes_nothing_at_all_is_silent() -> None:
    stage = silent(Stage())
    assert stage.run().counts["opened"] == 1
    assert stage.open == {"kustomize-controller": "controller-silent"}
    assert stage.logs.windows(CONTROLLERS) == [(END - timedelta(hours=6), END)]


def test_one_whose_objects_are_gone_or_slow_but_that_writes_is_not() -> None:
    stage = silent(Stage())
    stage.add(CONTROLLERS, life_row(after(hours=-2)))
    assert (stage.run().counts["opened"], stage.open) == (0, {})


def test_if_nobody_can_say_whether_it_writes_it_is_asked_again() -> None:
    stage = silent(Stage())
    stage.logs.script[CONTROLLERS] = deque([Trouble.THROTTLED])
    assert troubles(stage.run()) == [("logs of rg-logs/log-weu", "throttled: flux_controllers")]
    assert (stage.open, "flux_stalled" in stage.marks) == ({}, False)
    stage.run(minutes=10)
    assert stage.open == {"kustomize-controller": "controller-silent"}


def test_a_silent_one_is_closed_at_its_first_sign_of_life_without_calm() -> None:
    stage = silent(Stage())
    stage.run()
    assert stage.run(minutes=10).counts["closed"] == 0
    stage.add(CONTROLLERS, life_row(after(minutes=11)))
    assert stage.run(minutes=10).counts["closed"] == 1
    assert stage.open == {}


def test_what_was_closed_is_reopened_by_new_lines_only() -> None:
    stage = with_open_controller()
    stage.run()
    stage.add("flux_errors", controller_row(END - timedelta(minutes=1)), ingested=after(minutes=1))  # late
    stage.run(minutes=10)
    assert stage.open == {}
    stage.add("flux_errors", controller_row(after(minutes=11)))
    stage.run(minutes=10)
    assert stage.open == {"kustomize-controller": "log-errors"}


def test_pods_speak_for_their_controller_until_they_are_calm() -> None:
    stage = Stage()
    for minute in (0, 10, 20):
        stage.add("flux_pods", pod_row(after(minutes=minute), StatusReason="CrashLoopBackOff", Restarts=minute // 10))
    stage.add(CONTROLLERS, life_row(after(minutes=83), "source-controller"))
    runs = [stage.run(minutes=10) for _ in range(10)]
    assert [run.counts["opened"] for run in runs] == [1, *[0] * 9]
    assert sum(run.counts["closed"] for run in runs) == 1
    assert runs[8].counts["closed"] == 1
    (one,) = stage.all.values()
    assert (one.cause, one.count, one.ready) == ("controller-down", 1, Health.HEALTHY)
