"""A query in; the clusters and incidents that it lets through, and what of it was ignored, out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.fleet_filter import FIELDS
from shared.core.inventory import ClusterInfo, Extension
from tests.examples import after, cluster
from tests.fleets import COMMIT, FLEET, Given, broken, over

ELSEWHERE = replace(cluster("aks-9"), subscription="00000000-0000-0000-0000-999999999999")
OTHER = [ClusterInfo(ELSEWHERE, "uksouth", "Contoso Stores", extension=Extension("flux"))]
MIXED = Given([broken("aks-1", revision=COMMIT), broken("aks-2", "prune-failed"), over(broken("aks-3"))], [*FLEET, *OTHER])


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["aks-1", "aks-2", "aks-3", "aks-9"]),
        ({"cluster": "AKS-2"}, ["aks-2"]),
        ({"cluster": cluster("aks-2").arm_id.upper()}, ["aks-2"]),
        ({"cause": "prune-failed"}, ["aks-2"]),
        ({"cause": "tls-failed"}, []),
        ({"state": "open"}, ["aks-1", "aks-2"]),
        ({"state": "well"}, ["aks-3", "aks-9"]),
        ({"state": "resolved"}, ["aks-3"]),
        ({"state": "muted"}, []),
        ({"subscription": "contoso stores"}, ["aks-9"]),
        ({"subscription": OTHER[0].cluster.subscription}, ["aks-9"]),
        ({"q": "UKSOUTH"}, ["aks-9"]),
        ({"q": "5394cb7"}, ["aks-1"]),
        ({"q": "contoso apps half-way"}, ["aks-2"]),
        ({"q": "aks-1", "state": "well"}, []),
        ({"q": "no such thing"}, []),
    ],
)
def test_a_filter_lets_through_what_fits(query: dict[str, str], names: list[str]) -> None:
    assert sorted(row["name"] for row in MIXED.shown(**query)["clusters"]) == names


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"cause": "build-failed"}, ["aks-1", "aks-3"]),
        ({"state": "resolved"}, ["aks-3"]),
        ({"state": "well"}, ["aks-3"]),
        ({"q": "prune"}, []),
        ({"q": "pruning"}, ["aks-2"]),
    ],
)
def test_a_filter_is_for_incidents_too(query: dict[str, str], names: list[str]) -> None:
    assert sorted(row["cluster"] for row in MIXED.shown(**query)["incidents"]) == names


@pytest.mark.parametrize("name", ["cluster", "subscription", "state", "cause"])
def test_what_nothing_has_is_said_and_everything_is_shown(name: str) -> None:
    shown = MIXED.shown(**{name: "nope"})
    assert len(shown["clusters"]) == 4
    assert {"level": "info", "text": f"There is no {name} nope: all are shown."} in shown["summary"]["notes"]
    assert shown["filters"][name] == ""


def test_a_typing_error_makes_nothing_doubtful() -> None:
    assert Given((), FLEET).shown(cluster="nope")["summary"]["sentence"] == "All is well on 3 clusters"


def test_the_summary_is_of_the_whole_fleet_whatever_is_asked_for() -> None:
    assert MIXED.shown(cluster="aks-3")["summary"] == MIXED.shown()["summary"]


def test_one_cluster_that_is_asked_for_is_told_what_to_do_and_where_to_read_on() -> None:
    (row,) = MIXED.shown(cluster="aks-2")["incidents"]
    assert "flux reconcile kustomization apps -n cluster-config" in row["remedy"]
    assert row["logs_url"].startswith("https://portal.azure.com/")
    assert row["runbook_url"].endswith("/Pruning.md")
    assert "remedy" not in MIXED.shown()["incidents"][0]


def test_what_is_muted_is_a_cause_only_for_who_asks() -> None:
    found = Given([broken("aks-1")], FLEET, mutes={cluster("aks-1").key: after(hours=1)})
    assert found.shown()["causes"] == []
    assert [row["id"] for row in found.shown(state="muted")["causes"]] == ["build-failed"]


@given(st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=300)))
def test_no_query_breaks_the_page(query: dict[str, str]) -> None:
    shown = MIXED.shown(**query)
    assert shown["summary"]["sentence"] == MIXED.sentence()
    assert shown["filters"].keys() == {*FIELDS, "choices"}
