"""What Azure shows, shows in part and does not show in; what a deep look makes of it out."""

from __future__ import annotations

from typing import Any

import pytest

from shared.adapters.queries import load
from shared.core import health_azure
from shared.core.trouble import Trouble, Unanswered
from shared.jobs import sweep_compliance
from shared.ports import LogRows
from shared.wiring import QUERIES
from tests.examples import SUBSCRIPTION
from tests.fakes import FakeStore
from tests.patients import (
    OTHER,
    ROWS,
    SWEEPS,
    Answer,
    FakeAzure,
    deep,
    health,
    read,
    wrong,
)


def test_a_right_that_is_missing_for_one_query_is_named_and_the_others_are_asked() -> None:
    _, checks = deep(FakeAzure(flux_extensions=Unanswered(Trouble.FORBIDDEN, "flux_extensions", "AuthorizationFailed")))
    assert wrong(checks) == {"Resource Graph: flux_extensions": "forbidden (AuthorizationFailed)"}
    assert "docs/permissions.md" in checks["Resource Graph: flux_extensions"]["remedy"]


def test_where_resource_graph_is_throttled_it_is_not_asked_three_times_more() -> None:
    fake = FakeAzure(clusters=Unanswered(Trouble.THROTTLED, "clusters", "RateLimiting"))
    _, checks = deep(fake)
    assert wrong(checks) == {"Resource Graph: clusters": "throttled (RateLimiting)"}
    assert "subscriptions" not in fake.asked


def test_what_all_queries_say_is_said_once() -> None:
    _, checks = deep(FakeAzure(**{query: Unanswered(Trouble.FORBIDDEN, query) for query in ROWS}))
    assert wrong(checks) == {"Resource Graph": "forbidden"}


@pytest.mark.parametrize(
    ("but", "name", "words"),
    [
        ({query: [] for query in ROWS}, "Resource Graph: clusters", "not one cluster is seen"),
        (
            {"clusters": [{"subscriptionId": OTHER}], "subscriptions": []},
            "FLEET_SCOPES",
            f"cannot be seen: {SUBSCRIPTION}",
        ),
        (
            {"flux_extensions": [], "flux_configurations": []},
            "Resource Graph: extensions",
            "not one cluster shows the extension microsoft.flux",
        ),
        ({"flux_configurations": []}, "Resource Graph: configurations", "suspicious: none on 1 cluster with the extension"),
        ({"resource": None}, "workspace rg-mon/law-1", "not-found"),
        ({"resource": {"properties": None}}, "workspace rg-mon/law-1", "unreadable (no customerId)"),
        (
            {"KubeEvents": Unanswered(Trouble.NO_TABLE, "KubeEvents")},
            "workspace rg-mon/law-1: KubeEvents",
            "there is no such table: failures of Helm cannot be seen",
        ),
        (
            {"flux_controllers": Unanswered(Trouble.FORBIDDEN, "x", "InsufficientAccessError")},
            "workspace rg-mon/law-1: query",
            "forbidden (InsufficientAccessError)",
        ),
        (
            {"flux_controllers": LogRows([], "PartialError")},
            "workspace rg-mon/law-1: query",
            "a part of the answer is missing (PartialError)",
        ),
    ],
    ids=["no-rows", "scope", "extensions", "configurations", "gone", "odd", "no-table", "forbidden", "partial"],
)
def test_what_azure_does_not_show_is_named(but: dict[str, Answer], name: str, words: str) -> None:
    status, checks = deep(FakeAzure(**but))
    assert status == "degraded"
    assert wrong(checks)[name] == words


def test_a_missing_table_is_said_once() -> None:
    missing = Unanswered(Trouble.NO_TABLE, "ContainerLogV2")
    _, checks = deep(FakeAzure(ContainerLogV2=missing, flux_controllers=missing))
    assert list(wrong(checks)) == ["workspace rg-mon/law-1: ContainerLogV2"]


@pytest.mark.parametrize(
    ("but", "name", "words"),
    [
        ({"ContainerLogV2": "Basic"}, "workspace rg-mon/law-1: ContainerLogV2", "Basic plan"),
        ({"ContainerLogV2": "Auxiliary"}, "workspace rg-mon/law-1: ContainerLogV2", "Auxiliary plan"),
        (
            {"KubeEvents": Unanswered(Trouble.FORBIDDEN, "KubeEvents")},
            "workspace rg-mon/law-1: KubeEvents",
            "its plan may not be read",
        ),
        (
            {"flux_controllers": LogRows([])},
            "workspace rg-mon/law-1: query",
            "answers, and no Flux controller wrote a line in these minutes",
        ),
        (
            {"clusters": [], "subscriptions": [], "flux_extensions": [], "flux_configurations": []},
            "Resource Graph: extensions",
            "microsoft.flux on 0 clusters",
        ),
        ({"subscriptions": []}, "Resource Graph: subscriptions", "none is seen: cards and pages show ids for names"),
    ],
    ids=["basic", "auxiliary", "unknown-plan", "quiet", "empty", "names"],
)
def test_what_is_well_and_could_be_better_is_no_fault(but: dict[str, Answer], name: str, words: str) -> None:
    _, checks = deep(FakeAzure(**but))
    assert (checks[name]["ok"], checks[name]["detail"]) == (True, words)


def test_a_subscription_without_clusters_is_a_note() -> None:
    rows = [{"subscriptionId": SUBSCRIPTION}, {"subscriptionId": OTHER.upper()}]
    _, checks = read(
        health(FakeStore(), FakeAzure(subscriptions=rows), **{**SWEEPS, "FLEET_SCOPES": f"{SUBSCRIPTION},{OTHER}"}), deep=True
    )
    assert checks["FLEET_SCOPES"]["level"] == "note"
    assert checks["FLEET_SCOPES"]["detail"] == f"without a cluster: {OTHER}"


@pytest.mark.parametrize("odd", [{}, {"clusterId": None}, {"clusterId": 7}, {"subscriptionId": ["x"]}, {"CLUSTERID": "x"}])
def test_rows_of_any_shape_end_no_check(odd: dict[str, Any]) -> None:
    fake = FakeAzure(**{query: [odd] for query in ROWS}, flux_controllers=LogRows([odd]))
    _, checks = deep(fake)
    assert not [name for name, words in wrong(checks).items() if words.startswith("ended in")]


def test_the_tables_that_are_looked_at_are_those_that_the_sweep_reads() -> None:
    read = {load(path.stem).table for path in QUERIES.glob("*.kql") if load(path.stem).profile == "loganalytics"}
    assert health_azure.TABLES.keys() == read - {""}


def test_the_queries_that_are_asked_are_those_of_the_compliance_sweep() -> None:
    assert set(health_azure.QUERIES) == set(sweep_compliance.QUERIES)
