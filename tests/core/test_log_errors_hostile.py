"""Rows of the log queries with anything in them in; what can be read, and a count of what cannot, out.

Law: no row does harm: it raises nothing, hides no other, and gives away no secret.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.log_errors import Reading, read
from tests.core.test_redact import SECRETS
from tests.examples import START, after, cluster
from tests.log_readings import LOOK, NOW, ROWS, seen
from tests.logs import error_row, event_row, life_row, pod_row, stalled_row


@pytest.mark.parametrize(
    ("query", "known", "fault"),
    [
        ("flux_errors", {"_ResourceId": None}, "_ResourceId is not a cluster's"),
        (
            "flux_errors",
            {"_ResourceId": "/subscriptions/x/providers/Microsoft.Storage/storageAccounts/y"},
            "_ResourceId is not a cluster's",
        ),
        ("flux_errors", {"_ResourceId": 7}, "_ResourceId is no text"),
        ("flux_errors", {"Kind": "kustomization"}, "Kind, Namespace and Name are no Kubernetes names"),
        ("flux_errors", {"Kind": ["Kustomization"]}, "Kind is no text"),
        ("flux_errors", {"Kind": ""}, "Kind, Namespace and Name are no Kubernetes names"),
        ("flux_errors", {"Name": "a b"}, "Kind, Namespace and Name are no Kubernetes names"),
        ("flux_errors", {"Name": "a" * 254}, "Kind, Namespace and Name are no Kubernetes names"),
        ("flux_errors", {"Namespace": None}, "Kind, Namespace and Name are no Kubernetes names"),
        ("flux_errors", {"Namespace": "a/../b"}, "Kind, Namespace and Name are no Kubernetes names"),
        ("flux_errors", {"Kind": "Extension"}, "Kind is no kind of Flux"),
        ("flux_events", {"Kind": "AlertRule"}, "Kind is no kind of Flux"),
        ("flux_errors", {"LastSeen": None}, "LastSeen is missing, or far from now"),
        ("flux_errors", {"LastSeen": after(days=-8)}, "LastSeen is missing, or far from now"),
        ("flux_errors", {"LastSeen": after(days=2)}, "LastSeen is missing, or far from now"),
        ("flux_errors", {"LastSeen": "2026-11-20T08:00:00Z"}, "LastSeen is no time"),
        ("flux_errors", {"LastSeen": START.replace(tzinfo=None)}, "LastSeen is no time"),
        ("flux_errors", {"LastSeen": datetime.max.replace(tzinfo=timezone(timedelta(hours=-9)))}, "LastSeen is no time"),
        ("flux_errors", {"LastOk": 7}, "LastOk is no time"),
        ("flux_errors", {"SampleText": {"a": 1}}, "SampleText is no text"),
        ("flux_errors", {"Kind": "", "Name": "", "Controller": "A B"}, "Controller is no Kubernetes name"),
        ("flux_pods", {"Controller": None}, "Controller is no Kubernetes name"),
        ("flux_pods", {"Restarts": "2"}, "Restarts is no count"),
        ("flux_pods", {"Restarts": -1}, "Restarts is no count"),
        ("flux_pods", {"Restarts": True}, "Restarts is no count"),
        ("flux_pods", {"TotalRestarts": float("nan")}, "TotalRestarts is no count"),
        ("flux_stalled", {"State": "well"}, "State is neither failing nor silent"),
        ("flux_stalled", {"LastError": None}, "LastError is missing, or far from now"),
    ],
)
def test_a_row_that_cannot_be_read_is_counted_and_hides_no_other(query: str, known: dict[str, Any], fault: str) -> None:
    whole = ROWS[query](Name="whole", Controller="helm-controller")
    reading = read(query, [ROWS[query](**known), whole, {}], LOOK)
    assert reading.bad[fault] >= 1
    assert sum(reading.bad.values()) == 2
    assert len(reading.entries) == 1


def test_no_rows_say_nothing() -> None:
    assert [read(query, (), LOOK) for query in ROWS] == [Reading()] * 4


def test_a_clock_that_is_ahead_is_set_right() -> None:
    assert seen("flux_errors", error_row(after(hours=20))).at == NOW


@pytest.mark.parametrize("since", [None, datetime.min.replace(tzinfo=UTC), after(days=-31), after(minutes=1)])
def test_a_beginning_that_cannot_be_is_not_believed(since: datetime | None) -> None:
    assert seen("flux_errors", error_row(START, FirstSeen=since)).since is None


def test_a_megabyte_is_cut() -> None:
    assert len(seen("flux_errors", error_row(text="x" * 1_000_000)).message) < 4_100


@pytest.mark.parametrize(("leaked", "masked"), SECRETS)
@pytest.mark.parametrize("query", ["flux_errors", "flux_events", "flux_stalled"])
def test_no_secret_of_a_log_line_is_kept(query: str, leaked: str, masked: str) -> None:
    said = seen(query, ROWS[query](SampleText=f"boom: {leaked}"))
    assert said.message == f"boom: {masked}"


@pytest.mark.parametrize(("leaked", "masked"), SECRETS)
def test_no_secret_of_any_other_column_is_kept(leaked: str, masked: str) -> None:
    event = seen("flux_events", event_row(Reason=leaked))
    assert event.reason == masked
    assert seen("flux_errors", error_row(Revision=leaked)).revision == masked


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.datetimes(),
    st.datetimes(timezones=st.just(UTC)),
    st.lists(st.integers(), max_size=2),
    st.sampled_from([START, cluster().key, "Kustomization", "apps", "failing", "silent", "OOMKilled", timedelta(1)]),
)


@given(
    st.sampled_from(sorted(ROWS)),
    st.lists(
        st.dictionaries(st.sampled_from([*error_row(), *event_row(), *pod_row(), *stalled_row(), *life_row()]), ANYTHING),
        max_size=3,
    ),
)
def test_no_row_whatever_is_in_it_is_a_fault(query: str, changes: list[dict[str, Any]]) -> None:
    rows = [{**ROWS[query](), **change} for change in changes]
    reading = read(query, [*rows, *changes], LOOK)
    assert all(entry.seen.at <= NOW for entry in reading.entries)
    assert sum(reading.bad.values()) >= len([one for one in changes if not one])
