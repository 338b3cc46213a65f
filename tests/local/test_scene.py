"""Acts of a scenario in; what the simulated Azure knows, what is sent and which alerts are called about, out.

Law: an event that is lost is true all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import yaml

from local.azure.fleet import Alarm
from local.deeds import DEEDS, ON_AZURE, check
from local.scenario import Scenario
from local.scene import Scene
from local.timeline import Act
from tests.examples import START
from tests.local.small_scenario import DOWN, SMALL, Switches, changed, with_source


def test_a_lost_event_is_not_sent_and_is_true_all_the_same(written: Callable[[str], Scenario]) -> None:
    lost = written(with_source(lost=True))
    scene = Scene(lost, START)
    assert scene.play(lost.acts, START, None) == []
    assert {key[1:] for key in scene.world.truth()} == {("Kustomization", "flux", "apps")}


def test_an_event_that_is_not_shown_is_sent_and_azure_knows_nothing_of_it(written: Callable[[str], Scenario]) -> None:
    unseen = written(with_source(shown=False))
    scene = Scene(unseen, START)
    [sent] = scene.play(unseen.acts, START, None)
    assert (sent.at, sent.happening.name) == (START, "apps")
    assert scene.world.truth() == set()


def test_what_is_negative_happened_before_the_story_began(written: Callable[[str], Scenario]) -> None:
    row = yaml.safe_load(with_source())
    row["timeline"] = [{"at": -3600, "where": "aks-1", "silence_agent": None}]
    world = Scene(written(yaml.safe_dump(row)), START).world
    [configuration] = world.configurations()
    assert configuration.shown
    assert configuration.shown["statusUpdatedAt"] == f"{START - timedelta(hours=1):%Y-%m-%dT%H:%M:%S.000Z}"


def test_every_verb_does_something_to_a_fleet_or_to_azure(written: Callable[[str], Scenario]) -> None:
    words = {
        "object": "Kustomization/flux/apps",
        "configuration": "flux/apps",
        "message": "broken",
        "source": "https://github.com/contoso/fleet",
        "revision": "main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738",
        "line": "a line",
        "controller": "helm-controller",
        "id": "00000000-0000-0000-0000-000000000001",
        "of": "graph",
        "fault": "throttled",
        "alert": "FluxSystemDown",
        "rule": "FluxHelmFailures",
    }
    scenario = written(with_source())
    for verb, deed in {**DEEDS, **ON_AZURE}.items():
        said = {word: words[word] for word in deed.needs}
        check(verb, said)
        scene = Scene(scenario, START)
        cluster, version = (None if verb in ON_AZURE else scenario.clusters[0]), scene.world.version
        scene.play([Act(0, verb, cluster, said)], START, Switches())
        assert scene.world.version > version + 1 or verb in ("break_calls", "mend_calls"), verb


def test_an_alert_of_a_scenario_has_the_labels_of_its_object_and_is_called_about_once(
    written: Callable[[str], Scenario],
) -> None:
    scenario = written(SMALL)
    scene, [cluster] = Scene(scenario, START), scenario.clusters
    said = {**DOWN, "object": "Kustomization/flux/apps", "labels": {"team": "payments"}}
    acts = [Act(0, "fire_alert", cluster, {**said, "value": 3}), Act(0, "resolve_alert", cluster, said)]
    assert scene.play(acts, START, None) == []
    labels = {"kind": "Kustomization", "resource_namespace": "flux", "name": "apps", "team": "payments"}
    member = scene.world.members[cluster.key]
    assert scene.alarms() == [
        Alarm("FluxSystemDown", member, labels, value="3"),
        Alarm("FluxSystemDown", member, labels, fires=False),
    ]
    assert scene.alarms() == []


def test_an_extension_comes_and_goes_and_whoever_watches_hears_of_it(written: Callable[[str], Scenario]) -> None:
    scenario = written(changed(clusters=[{**yaml.safe_load(SMALL)["clusters"][0], "extension": False}]))
    scene, [cluster] = Scene(scenario, START), scenario.clusters
    heard = list[bool]()
    scene.world.watchers.append(lambda _, deleted: heard.append(deleted))
    acts = [Act(0, verb, cluster) for verb in ("add_extension", "delete_extension")]
    scene.play(acts, START, None)
    assert heard == [False, True]
    assert scene.world.members[cluster.key].extension is None
