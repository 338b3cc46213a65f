"""What an alert opened, and the sweeps: they neither close it nor know it better, but what is gone is gone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.core.incident import Incident
from shared.core.log_controllers import disturbed, watched
from shared.core.log_entries import controller
from shared.core.observation import Subject
from tests.examples import after, after_all, alert, cluster, subject
from tests.sights import Watch, configuration_row, status

RULE = Subject(cluster(), "AlertRule", "", "FluxHighReconciliationTime")
APPS = subject(name="platform-apps")


def fires(of: Subject) -> Incident:
    return after_all(replace(alert(after(minutes=1)), subject=of))


ALL = pytest.mark.parametrize("of", [RULE, controller(cluster(), "source-controller"), APPS], ids=lambda of: of.kind)


@ALL
def test_an_alert_stays_open_whatever_azure_shows_of_the_object(of: Subject) -> None:
    watch = Watch(configurations=[configuration_row(status("platform-apps"))]).knows(fires(of))
    for _ in range(3):
        watch.sweep(minutes=5)
    assert watch.open == {(of.kind, of.name)}


@ALL
def test_with_its_cluster_goes_what_an_alert_opened(of: Subject) -> None:
    watch = Watch().knows(fires(of))
    watch.sweep()
    watch.clusters = watch.configurations = watch.extensions = []
    watch.gone = frozenset({cluster().key})
    watch.sweep(minutes=5)
    assert watch.open == set()


def test_the_sweep_of_errors_leaves_a_controller_to_the_alert_that_speaks_of_it() -> None:
    assert not watched(fires(controller(cluster(), "source-controller")))


@ALL
def test_a_sweep_that_finds_nothing_new_about_what_an_alert_keeps_open_writes_nothing(of: Subject) -> None:
    watch = Watch(configurations=[configuration_row(status("platform-apps"))]).knows(fires(of))
    known = watch.incidents[of.key]
    for _ in range(3):
        watch.sweep(minutes=5)
    assert watch.incidents[of.key] is known
    assert disturbed(known, watch.now) is known  # by errors that go on in its log
