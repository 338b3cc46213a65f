"""The text of a scenario in; what is played, when and where, out, or a fault that is named with its file.

Law: the same text and the same seed lose the same events.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import yaml

from local.scenario import Scenario, ScenarioError, load
from tests.local.small_scenario import DOWN, SMALL, changed, step


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
