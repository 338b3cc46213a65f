"""Scenario files in; casts and acts that can be played, and expectations that can come true, out.

The performance itself is a step of its own in the build: make demo ONCE=1.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from fnmatch import fnmatchcase

import pytest

pytest.importorskip("azure_functions_runtime", reason="Microsoft's worker library exists for Python 3.13 and newer")

import local.scenario
from local.demo import SCHEDULES
from local.expectations import Expected
from local.flux import encode, event
from local.scenario import Scenario, load
from local.scene import Scene
from shared.core import flux_event
from shared.core.flux_event import FluxEvent
from shared.core.flux_observation import health_of
from shared.core.headline import name
from shared.core.observation import Health
from shared.settings import Settings
from tests.examples import START
from tests.local.small_scenario import Switches

NAMES = sorted(path.stem for path in local.scenario.FOLDER.glob("*.yaml"))
STATES = (
    "is failing on",
    "are failing on",
    "is now failing on",
    "are now failing on",
    "fails for another cause on",
    "keeps failing and recovering on",
    "is still failing on",
    "is well again on",
    "is silent on",
    "reports again on",
    "are well again on",
    "changes in the fleet",
    "fires on",
    "is over on",
)


@pytest.fixture(params=NAMES, scope="module")
def scenario(request: pytest.FixtureRequest) -> Scenario:
    return load(request.param)


def test_the_scenarios_are_in_the_order_of_their_time(scenario: Scenario) -> None:
    moments = [act.at for act in scenario.acts]
    assert moments == sorted(moments)
    assert scenario.acts
    assert moments[-1] < scenario.seconds
    assert all(0 <= at < scenario.seconds for at, _ in scenario.story)


def test_the_settings_of_a_scenario_are_such_as_fluxwatch_takes(scenario: Scenario) -> None:
    hooks = {name: f"https://contoso.example/{name}" for name in scenario.channels}
    settings = {
        **SCHEDULES,
        "FLUX_HMAC_KEY": "k" * 32,
        "AzureWebJobsStorage": "UseDevelopmentStorage=true",
        **scenario.settings,
    }
    for channel, hook in hooks.items():
        settings = {key: value.replace(f"{{webhook:{channel}}}", hook) for key, value in settings.items()}
    read = Settings.from_env(settings)
    assert set(read.webhooks.values()) == set(hooks.values())


def happenings(scenario: Scenario) -> Iterator[FluxEvent]:
    """The events, as Fluxwatch reads them."""
    for act in scenario.acts:
        if act.happening and act.cluster:
            yield flux_event.parse(encode(event(act.happening, act.cluster, START)))


def test_every_event_is_such_as_fluxwatch_takes(scenario: Scenario) -> None:
    sent = [act.happening for act in scenario.acts if act.happening]
    assert [(one.kind, one.name, one.at) for one in happenings(scenario)] == [(one.kind, one.name, START) for one in sent]


def test_something_fails_and_something_recovers(scenario: Scenario) -> None:
    assert {Health.FAILING, Health.HEALTHY} <= {health_of(one) for one in happenings(scenario)}


def test_some_event_of_every_scenario_is_lost_for_the_sweeps_to_find(scenario: Scenario) -> None:
    assert any(act.lost and act.happening for act in scenario.acts)


def test_what_is_expected_can_come_true(scenario: Scenario) -> None:
    """Of a card: words that a headline has, about an object and clusters that the scenario has, in a channel that it has."""
    objects = {f"{act.happening.kind} {name(act.happening.name)}" for act in scenario.acts if act.happening}
    objects |= {f"Alert {act.words.get('alert')}" for act in scenario.acts}
    objects |= {"Extension flux", "The Flux agent", *(f"Extension {act.words.get('controller')}" for act in scenario.acts)}
    clusters = {cluster.name for cluster in scenario.clusters}
    cards = [one for one in scenario.expected if isinstance(one, Expected)]
    assert cards
    for one in cards:
        assert one.channel in scenario.channels
        assert 0 <= one.least <= one.most
        if one.most == 0:
            assert any(one.words in known for known in objects), one.words
            continue
        assert any(state in one.words for state in STATES), one.words
        what, _, where = f"{one.words} ".partition(" on ")
        assert any(what.startswith(f"{known} ") for known in objects) or what[0].isdigit(), one.words
        assert where.strip() in {"", *clusters} or fnmatchcase(where, "[0-9]* clusters "), one.words


def test_when_all_has_happened_azure_shows_what_the_cards_leave_open(scenario: Scenario) -> None:
    """Each act at its time, and then a report: objects that failed and are well again fail no more."""
    scene = Scene(scenario, START)
    for act in scenario.acts:
        if act.at >= 0:
            scene.play([act], START + timedelta(seconds=act.at), Switches())
    told: dict[tuple[str, str], Health] = {}
    for act in scenario.acts:
        if act.happening and act.cluster:
            seen = health_of(flux_event.parse(encode(event(act.happening, act.cluster, START))))
            told[act.cluster.key, act.happening.name] = seen
    expected = {key for key, health in told.items() if health in (Health.FAILING, Health.WAITING)}
    assert {(cluster, what) for cluster, _, _, what in scene.world.truth()} == expected
