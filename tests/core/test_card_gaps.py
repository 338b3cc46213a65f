"""How the sentence of a card reads for what is no object of Flux, for one cluster and for many, and for what is gone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shared.core.difference import News
from shared.core.grouping import Post
from shared.core.headline import headline
from shared.core.incident import Incident
from shared.core.observation import Health
from shared.core.told import Tracked
from tests.examples import after, cluster, incident, subject, tracked


def over(on: str = "aks-1") -> Incident:
    return incident(of=subject(on=cluster(on)), ready=Health.HEALTHY, resolved_at=after(minutes=9))


def gap(kind: str, *named: str, **known: Any) -> list[Tracked]:
    """An incident of that kind on a cluster for each name."""
    some = enumerate(named)
    return [tracked(incident(of=subject(kind, name, "ns", cluster(f"aks-{n}")), **known)) for n, name in some]


@pytest.mark.parametrize(
    ("kind", "one", "many"),
    [
        ("Coverage", "Extension flux is missing on aks-0", "2 extensions are missing on 2 clusters"),
        ("ExtensionVersion", "Extension flux is out of support on aks-0", "2 extensions are out of support on 2 clusters"),
        ("ExtensionPin", "Extension flux does not upgrade", "2 extensions do not upgrade themselves on 2 clusters"),
        ("Suspension", "FluxConfiguration flux is suspended on aks-0", "2 FluxConfigurations are suspended on 2 clusters"),
        ("SourceSync", "Source flux is behind on aks-0", "2 sources are behind on 2 clusters"),
        ("Agent", "The Flux agent is silent on aks-0", "The Flux agent is silent on 2 clusters"),
        ("Cluster", "aks-0 is disconnected from Azure", "2 clusters are disconnected from Azure"),
        ("Visibility", "Fluxwatch can no longer see aks-0", "Fluxwatch can no longer see 2 clusters"),
        ("Extension", "Extension flux is failing on aks-0", "2 Extensions are failing on 2 clusters"),
        ("FluxConfiguration", "FluxConfiguration flux is failing on aks-0", "2 FluxConfigurations are failing on 2 clusters"),
    ],
)
def test_a_gap_says_what_it_is_of_one_and_of_many(kind: str, one: str, many: str) -> None:
    assert headline(Post("default", News.OPENED, tuple(gap(kind, "flux")), {})).startswith(one)
    assert headline(Post("default", News.OPENED, tuple(gap(kind, "flux", "edge")), {})) == many


@pytest.mark.parametrize(
    ("news", "said"),
    [
        (News.RESOLVED, "The Flux agent reports again on aks-0"),
        (News.REMINDER, "Still so: The Flux agent is silent on aks-0"),
        (News.FLAPPING, "On and off: The Flux agent is silent on aks-0"),
    ],
)
def test_a_gap_says_how_it_goes_on(news: News, said: str) -> None:
    assert headline(Post("default", news, tuple(gap("Agent", "agent")), {})) == said


def test_what_is_gone_is_not_said_to_be_well() -> None:
    one = replace(over(), gone=True)
    assert headline(Post("default", News.RESOLVED, (tracked(one),), {})) == "Kustomization apps is gone on aks-1"
    two = (tracked(one), tracked(replace(over("aks-2"), gone=True)))
    assert headline(Post("default", News.RESOLVED, two, {})) == "Kustomization apps is gone on 2 clusters"
    mixed = (tracked(one), tracked(over("aks-2")))
    assert headline(Post("default", News.RESOLVED, mixed, {})) == "Kustomization apps is well again or gone on 2 clusters"


def test_a_gap_that_cannot_be_judged_any_more_is_not_said_to_be_closed_by_anybody() -> None:
    (one,) = gap("Agent", "agent", gone=True)
    said = headline(Post("default", News.RESOLVED, (one,), {}))
    assert said == "No longer counts: The Flux agent is silent on aks-0"
    one, two = gap("Agent", "agent", "agent")
    said = headline(Post("default", News.RESOLVED, (one, replace(two, incident=replace(two.incident, gone=True))), {}))
    assert said == "The Flux agent reports again on 2 clusters, or no longer counts"
