"""Scenario files in; casts and acts that can be played, expectations that can come true, or a fault that is named, out.

The performance itself is a step of its own in the build: make demo ONCE=1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("azure_functions_runtime", reason="Microsoft's worker library exists for Python 3.13 and newer")

import local.scenario
from local import alert_lines
from local.alert_lines import rules_in
from local.azure import generate
from local.azure.faults import Faults
from local.azure.fleet import Alarm, RuleResource
from local.deeds import DEEDS, ON_AZURE, check
from local.demo import SCHEDULES
from local.expectations import Expected, ExpectedDetail, ExpectedFinding, ExpectedRules
from local.flux import encode, event
from local.scenario import Scenario, ScenarioError, load
from local.scene import Scene
from local.sweep_lines import Found, Run, account, read
from local.timeline import Act
from local.verdict import first_text
from shared.core import flux_event
from shared.core.alert_rule import RuleKind
from shared.core.flux_event import FluxEvent
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
    "is silent on",
    "reports again on",
    "are well again on",
    "changes in the fleet",
    "fires on",
    "is over on",
)
"""What the headlines of cards say."""

SMALL = """
title: One cluster
seconds: 5
clusters: [{name: aks-1, subscription: 00000000-0000-0000-0000-000000000001, resource_group: rg}]
timeline:
  - {at: 0, where: aks-*, event: {object: Kustomization/flux/apps, reason: BuildFailed, message: broken}}
"""


DOWN = {"alert": "FluxSystemDown"}


@dataclass
class Switches:
    """What of Azure itself can go wrong."""

    faults: Faults = field(default_factory=Faults)


@pytest.fixture(params=NAMES, scope="module")
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


def test_an_expectation_counts_the_cards_that_have_its_words() -> None:
    cards = [("default", "apps is failing"), ("default", "apps is well again"), ("other", "apps is failing")]
    assert Expected("apps is failing").wrong(cards) == ""
    assert Expected("apps", most=2).wrong(cards) == ""
    assert Expected("web", least=0, most=0).wrong(cards) == ""
    assert Expected("apps").wrong(cards) == "default: 2 instead of 1 say: apps"
    assert Expected("web", most=3).wrong(cards) == "default: 0 instead of 1 to 3 say: web"
    assert Expected("apps", "other", least=0, most=0).wrong(cards) == "other: 1 instead of 0 say: apps"


def test_a_finding_and_a_detail_are_expected_by_their_words() -> None:
    found = [("visibility", "4 clusters are out of sight: a, b")]
    assert ExpectedFinding("visibility", "4 clusters").wrong(found) == ""
    assert ExpectedFinding("visibility").wrong([]) == "no sweep found: visibility: "
    details = [("aks-1", "Kustomization/flux/apps", "the token has expired")]
    assert ExpectedDetail("has expired", "Kustomization/flux/apps", "aks-1").wrong(details) == ""
    wanted = ExpectedDetail("has expired", "Kustomization/flux/apps", "aks-2")
    assert wanted.wrong(details) == "nothing is added to Kustomization/flux/apps on aks-2 that says: has expired"


def test_what_the_sweeps_did_is_read_from_what_they_wrote() -> None:
    lines = [
        "06:40:01 [sweep_compliance] INFO clusters: 14, bad_rows: 0, opened: 2, closed: 1",
        "06:40:01 [sweep_compliance] WARNING visibility: 4 clusters are out of sight: a, b",
        "06:40:02 [sweep_errors] INFO rows: 3, observations: 1, dropped: 0, opened: 0, closed: 0, bad_rows: 0",
        "06:40:02 [notify_teams] INFO opened: 9, closed: 9",
    ]
    assert list(read(lines)) == [
        Run("sweep_compliance", 2, 1),
        Found("sweep_compliance", "visibility", "4 clusters are out of sight: a, b"),
        Run("sweep_errors", 0, 0),
    ]
    assert [one.words for one in read(lines) if isinstance(one, Run)] == ["sweep_compliance: 2 opened, 1 closed", ""]
    assert account(lines) == [
        "sweep_compliance: 1 run, 2 incidents opened, 1 closed",
        "sweep_errors: 1 run, 0 incidents opened, 0 closed",
    ]


def test_an_unknown_scenario_is_told_which_ones_there_are() -> None:
    with pytest.raises(ScenarioError, match=r"no scenario 'nothing'; there are: .*broken-commit"):
        load("nothing")


def test_a_small_scenario_has_defaults(written: Callable[[str], Scenario]) -> None:
    small = written(SMALL)
    [act] = small.acts
    assert act.cluster
    assert act.happening
    assert (act.at, act.cluster.name, act.cluster.type) == (0.0, "aks-1", "managedClusters")
    assert (act.happening.severity, act.happening.metadata) == ("error", {})
    assert (small.channels, small.settings, small.expected) == ({"default": "platform@contoso.com"}, {}, ())


def test_a_step_is_played_on_each_cluster_staggered_and_repeated(written: Callable[[str], Scenario]) -> None:
    row = yaml.safe_load(SMALL)
    row["clusters"][0] |= {"name": "aks-{n:02}", "count": 3}
    row["timeline"][0] |= {"where": "aks-0[12]", "at": 1, "stagger": 0.5, "repeat": 2, "every": 10}
    acts = [(act.at, act.cluster.name) for act in written(yaml.safe_dump(row)).acts if act.cluster]
    assert acts == [(1.0, "aks-01"), (1.5, "aks-02"), (11.0, "aks-01"), (11.5, "aks-02")]


def test_a_share_of_events_is_lost_by_the_seed_and_some_clusters_are_always_the_same(
    written: Callable[[str], Scenario],
) -> None:
    row = yaml.safe_load(SMALL) | {"generate": {"clusters": 100, "objects": 4}}
    first = row["timeline"][0] | {"where": "aks-prod-*", "some": 40, "lost": 0.25}
    row["timeline"] = [first, first | {"at": 2}]
    acts = written(yaml.safe_dump(row)).acts
    assert [act.cluster for act in acts[:40]] == [act.cluster for act in acts[40:]]
    assert len({act.cluster for act in acts}) == 40
    assert 5 <= sum(act.lost for act in acts[:40]) <= 16
    assert [act.lost for act in acts[:40]] != [act.lost for act in acts[40:]]
    assert written(yaml.safe_dump(row)).acts == acts
    other = written(yaml.safe_dump(row | {"seed": 2})).acts
    assert [act.lost for act in other] != [act.lost for act in acts]


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


def test_alert_rules_are_expected_by_their_numbers() -> None:
    world = generate(1, 2)
    assert ExpectedRules("1 group").wrong(rules_in(world)) == "alert rules: none instead of 1 group"
    for number, kind in enumerate((RuleKind.METRICS, RuleKind.METRICS, RuleKind.ACTIONS)):
        world.rules[str(number)] = RuleResource(str(number), kind, "", {}, {}, START, START)
    assert ExpectedRules("2 groups, 1 action group").wrong(rules_in(world)) == ""


def test_what_became_of_rules_and_alerts_is_read_from_what_the_host_wrote() -> None:
    lines = [
        "06:40:01 [ensure_alert_rules] INFO aks-1/flux (7f0c1a52): 10 of 10 rules written",
        "06:40:01 [ensure_alert_rules] INFO create fluxwatch: it is not there",
        "06:40:02 [ensure_alert_rules] INFO aks-2/flux (no correlation): 0 of 10 rules written",
        "06:40:03 [reconcile_alert_rules] INFO created: 0, updated: 2, deleted: 1, left: 7, failed: 0",
        "06:40:04 [reconcile_alert_rules] INFO created: 0, updated: 0, deleted: 0, left: 10, failed: 0",
        "06:40:05 [receive_azure_alert] INFO opened: alert FluxSystemDown about Extension flux on aks-1: failing",
        "06:40:05 [notify_teams] INFO opened: 9, closed: 9",
    ]
    read = list(alert_lines.read(lines))
    assert [one.words for one in read] == [
        "ensure_alert_rules: aks-1/flux: 10 of 10 rules written",
        "",
        "reconcile_alert_rules: 2 updated, 1 deleted",
        "",
        "opened: alert FluxSystemDown about Extension flux on aks-1: failing",
    ]


def changed(**changes: Any) -> str:
    row = yaml.safe_load(SMALL) | changes
    return yaml.safe_dump({key: value for key, value in row.items() if value is not None})


def with_source(**changes: Any) -> str:
    """The small scenario, on a cluster that Azure shows a configuration of."""
    row = yaml.safe_load(step(**changes))
    row["clusters"][0]["sources"] = {"flux/apps": "https://github.com/contoso/fleet"}
    return yaml.safe_dump(row)


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
        (step(event={"object": "A/b/c", "reason": "", "message": "", "lost": True}), "event does not know lost"),
        (step(at="later"), "later"),
        (step(at=-1), "cannot be sent"),
        (step(at=-90_000), "older than a day"),
        (step(some=2), "aks-* are 1 clusters, not 2"),
        (step(explode={}), "a step knows no explode; there are: event, commit"),
        (step(hide={}), "event and hide"),
        (changed(timeline=[{"at": 3}]), "nothing happens at 3"),
        (changed(timeline=[{"at": 3, "where": "*", "fail_extension": {}}]), "fail_extension needs message"),
        (changed(timeline=[{"at": 3, "where": "*", "hide": {"role": "Reader"}}]), "hide does not know role"),
        (changed(timeline=[{"at": 3, "where": "*", "prune": {"object": "apps"}}]), "Kind/namespace/name"),
        (changed(timeline=[{"at": 3, "break_calls": {"of": "graph", "fault": "rain"}}]), "no fault rain; there are: throttled"),
        (changed(timeline=[{"at": 3, "break_calls": {"of": "roads", "fault": "slow"}}]), "no calls of kind roads"),
        (changed(timeline=[{"at": 3, "where": "*", "fire_alert": {}}]), "fire_alert needs alert"),
        (
            changed(timeline=[{"at": 3, "where": "*", "fire_alert": {"alert": "FluxDown"}}]),
            "no alert FluxDown; there are: Flux",
        ),
        (changed(timeline=[{"at": 3, "where": "*", "fire_alert": {**DOWN, "object": "apps"}}]), "Kind/namespace/name"),
        (changed(timeline=[{"at": 3, "where": "*", "fire_alert": {**DOWN, "labels": {"pod": 1}}}]), "names and texts"),
        (changed(timeline=[{"at": 3, "where": "*", "fire_alert": {**DOWN, "value": "much"}}]), "much"),
        (
            changed(timeline=[{"at": 3, "where": "*", "resolve_alert": {**DOWN, "value": 1}}]),
            "resolve_alert does not know value",
        ),
        (changed(timeline=[{"at": -3, "where": "*", "fire_alert": DOWN}]), "before the beginning there is no alert rule"),
        (changed(timeline=[{"at": 3, "delete_rule": {"rule": "flux"}}]), "no rule flux; there are: flux-"),
        (changed(timeline=[{"at": 3, "where": "*", "add_extension": {"name": "flux"}}]), "add_extension does not know name"),
        (changed(expect=[{"rules": "1 group", "words": "x"}]), "words"),
        (changed(clusters=None), "there are no clusters"),
        (changed(generate={"clusters": 501}), "up to 500 clusters"),
        (changed(generate={"clusters": 500, "objects": 21}), "up to 10,000 in all"),
        (changed(generate={"cluster": 5}), "cluster"),
        (changed(speed=2), "a scenario knows no speed"),
        (changed(expect=[{"finding": "visibility", "detail": "x"}]), "detail"),
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
