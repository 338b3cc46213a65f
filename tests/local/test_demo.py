"""Scenario files in; casts and acts that can be played, expectations that can come true, or a fault that is named, out.

The performance itself is a step of its own in the build: make demo ONCE=1.
"""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("azure_functions_runtime", reason="Microsoft's worker library exists for Python 3.13 and newer")

import local.scenario
from local.demo import first_text
from local.flux import encode, event
from local.scenario import Expected, Scenario, ScenarioError, load
from shared.core import flux_event
from shared.core.flux_observation import health_of
from shared.core.headline import name
from shared.core.observation import Health
from shared.settings import Settings
from tests.examples import START

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
    "are well again on",
    "changes in the fleet",
)
"""What the headlines of cards say."""

SMALL = """
title: One cluster
seconds: 5
clusters: [{name: aks-1, subscription: 00000000-0000-0000-0000-000000000001, resource_group: rg}]
timeline:
  - {at: 0, where: aks-*, event: {object: Kustomization/flux/apps, reason: BuildFailed, message: broken}}
"""


@pytest.fixture(params=NAMES)
def scenario(request: pytest.FixtureRequest) -> Scenario:
    return load(request.param)


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Scenario]:
    """Loads a text as if it were a file among the scenarios."""
    monkeypatch.setattr(local.scenario, "FOLDER", tmp_path)

    def written(text: str) -> Scenario:
        (tmp_path / "own.yaml").write_text(text, "utf-8")
        return load("own")

    return written


def test_the_scenarios_are_in_the_order_of_their_time(scenario: Scenario) -> None:
    moments = [act.at for act in scenario.acts]
    assert moments == sorted(moments)
    assert scenario.acts
    assert moments[0] >= 0
    assert moments[-1] < scenario.seconds
    assert all(0 <= at < scenario.seconds for at, _ in scenario.story)


def test_the_settings_of_a_scenario_are_such_as_fluxwatch_takes(scenario: Scenario) -> None:
    hooks = {name: f"https://contoso.example/{name}" for name in scenario.channels}
    settings = {"FLUX_HMAC_KEY": "k" * 32, "AzureWebJobsStorage": "UseDevelopmentStorage=true", **scenario.settings}
    for channel, hook in hooks.items():
        settings = {key: value.replace(f"{{webhook:{channel}}}", hook) for key, value in settings.items()}
    read = Settings.from_env(settings)
    assert set(read.webhooks.values()) == set(hooks.values())


def test_every_act_is_an_event_that_fluxwatch_takes(scenario: Scenario) -> None:
    for act in scenario.acts:
        body = encode(event(act.happening, act.cluster, START))
        parsed = flux_event.parse(body)
        assert (parsed.kind, parsed.name, parsed.at) == (act.happening.kind, act.happening.name, START)


def test_something_fails_and_something_recovers(scenario: Scenario) -> None:
    seen = {health_of(flux_event.parse(encode(event(act.happening, act.cluster, START)))) for act in scenario.acts}
    assert {Health.FAILING, Health.HEALTHY} <= seen


def test_what_is_expected_can_come_true(scenario: Scenario) -> None:
    """Of a card: words that a headline has, about an object and clusters that the scenario has, in a channel that it has."""
    objects = {f"{act.happening.kind} {name(act.happening.name)}" for act in scenario.acts}
    clusters = {info.cluster.name for info in scenario.clusters}
    assert scenario.expected
    for one in scenario.expected:
        assert one.channel in scenario.channels
        assert 0 <= one.least <= one.most
        if one.most == 0:
            assert any(one.words in known for known in objects), one.words
            continue
        assert any(state in one.words for state in STATES), one.words
        what, _, where = f"{one.words} ".partition(" on ")
        assert any(what.startswith(f"{known} ") for known in objects) or what[0].isdigit(), one.words
        assert where.strip() in {"", *clusters} or fnmatchcase(where, "[0-9]* clusters "), one.words


def test_an_expectation_counts_the_cards_that_have_its_words() -> None:
    cards = [("default", "apps is failing"), ("default", "apps is well again"), ("other", "apps is failing")]
    assert Expected("apps is failing").wrong(cards) == ""
    assert Expected("apps", most=2).wrong(cards) == ""
    assert Expected("web", least=0, most=0).wrong(cards) == ""
    assert Expected("apps").wrong(cards) == "default: 2 instead of 1 say: apps"
    assert Expected("web", most=3).wrong(cards) == "default: 0 instead of 1 to 3 say: web"
    assert Expected("apps", "other", least=0, most=0).wrong(cards) == "other: 1 instead of 0 say: apps"


def test_an_unknown_scenario_is_told_which_ones_there_are() -> None:
    with pytest.raises(ScenarioError, match=r"no scenario 'nothing'; there are: .*broken-commit"):
        load("nothing")


def test_a_small_scenario_has_defaults(written: Callable[[str], Scenario]) -> None:
    small = written(SMALL)
    [act] = small.acts
    assert (act.at, act.cluster.name, act.cluster.type) == (0.0, "aks-1", "managedClusters")
    assert (act.happening.severity, act.happening.metadata) == ("error", {})
    assert (small.channels, small.settings, small.expected) == ({"default": "platform@contoso.com"}, {}, ())


def test_a_step_is_played_on_each_cluster_staggered_and_repeated(written: Callable[[str], Scenario]) -> None:
    row = yaml.safe_load(SMALL)
    row["clusters"][0] |= {"name": "aks-{n:02}", "count": 3}
    row["timeline"][0] |= {"where": "aks-0[12]", "at": 1, "stagger": 0.5, "repeat": 2, "every": 10}
    acts = [(act.at, act.cluster.name) for act in written(yaml.safe_dump(row)).acts]
    assert acts == [(1.0, "aks-01"), (1.5, "aks-02"), (11.0, "aks-01"), (11.5, "aks-02")]


def changed(**changes: Any) -> str:
    row = yaml.safe_load(SMALL) | changes
    return yaml.safe_dump({key: value for key, value in row.items() if value is not None})


def step(**changes: Any) -> str:
    first = yaml.safe_load(SMALL)["timeline"][0]
    return changed(timeline=[first | changes])


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("title: [", "own.yaml"),
        ("", "own.yaml"),
        ("- a list", "own.yaml"),
        (changed(title=None), "title"),
        (changed(seconds=None), "seconds"),
        (changed(seconds="soon"), "soon"),
        (changed(clusters=[{"name": "aks-1"}]), "subscription"),
        (changed(clusters=[{"name": "aks-1", "subscription": "prod", "resource_group": "rg"}]), "subscription is not a GUID"),
        (changed(expect=[{"word": "x"}]), "word"),
        (step(where="gke-*"), "no cluster is called gke-*"),
        (step(event={"object": "apps", "reason": "", "message": ""}), "Kind/namespace/name"),
        (step(event={"object": "A/b/c", "reason": ""}), "message"),
        (step(at="later"), "later"),
    ],
)
def test_a_wrong_scenario_is_told_by_file_and_fault(written: Callable[[str], Scenario], text: str, fault: str) -> None:
    with pytest.raises(ScenarioError) as wrong:
        written(text)
    assert str(wrong.value).startswith("own.yaml: ")
    assert fault in str(wrong.value)


def test_the_first_text_of_a_card_is_what_a_notification_shows() -> None:
    text = {"type": "TextBlock", "text": "first"}
    card = {
        "type": "AdaptiveCard",
        "body": [{"type": "Container", "items": [{"type": "Image"}, text]}, {"type": "TextBlock", "text": "second"}],
    }
    assert first_text(card) == "first"
    assert first_text({"type": "AdaptiveCard", "body": []}) == ""
