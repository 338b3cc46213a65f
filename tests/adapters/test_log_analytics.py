"""Workspaces of every plan, and answers whole, partial, wrong and late, in; typed rows, or why there are none, out."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.adapters.log_analytics import LogsClient
from shared.adapters.queries import load, prelude
from shared.adapters.resource_manager import ArmClient
from shared.core.trouble import Trouble, Unanswered
from shared.ports import LogRows
from tests.adapters.scripted_azure import TOKEN, Said, ScriptedAzure, error
from tests.fakes import FakeClock

GUID = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
GROUP = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg"
WORKSPACE = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/law"
START = datetime(2026, 11, 20, 10, tzinfo=UTC)
WINDOW = {"_start": START, "_end": START + timedelta(minutes=10), "_lookback": timedelta(days=1)}
TYPES = {"Lines": "long", "Reconciles": "long", "FirstSeen": "datetime", "LastSeen": "datetime", "LastOk": "datetime"}
COLUMNS = load("flux_errors").columns
SERVICE, ARM = f"/v1/workspaces/{GUID}", "/workspaces/law"
BASIC = error(
    400,
    "BadArgumentError",
    "UnsupportedApiQueryValidationError",
    text="Query of Basic Logs table is not supported with the API 'https://x/query'.\nYou can use 'https://x/search' instead.",
)
NO_TABLE = error(
    400, "BadArgumentError", "SemanticError", "SEM0100", text="Failed to resolve table or column expression named 'X'"
)


def table(*lines: Mapping[str, Any], columns: Sequence[str] = COLUMNS) -> dict[str, Any]:
    heads = [{"name": column, "type": TYPES.get(column, "string")} for column in columns]
    return {"name": "PrimaryResult", "columns": heads, "rows": [[row.get(column) for column in columns] for row in lines]}


def result(*lines: Mapping[str, Any], **other: Any) -> Said:
    return Said(200, {"tables": [table(*lines)]} | other)


@pytest.fixture
def azure(scripted: ScriptedAzure) -> ScriptedAzure:
    scripted.on(ARM, Said(200, {"properties": {"customerId": GUID}}))
    scripted.on("/tables/containerlogv2", plan("Analytics"))
    scripted.on("/query", result())
    scripted.on("/search", result())
    return scripted


def plan(said: Any) -> Said:
    return Said(200, {"properties": {"plan": said, "totalRetentionInDays": 30}})


def logs(azure: ScriptedAzure, clock: FakeClock | None = None) -> LogsClient:
    azure.clock = clock or FakeClock()
    return LogsClient(azure.client(), ArmClient(azure.client()), azure.clock)


def asked(azure: ScriptedAzure, **parameters: Any) -> LogRows:
    return logs(azure).ask(WORKSPACE, "flux_errors", WINDOW | parameters)


def fault(azure: ScriptedAzure, clock: FakeClock | None = None) -> tuple[Trouble, str, str]:
    with pytest.raises(Unanswered) as raised:
        logs(azure, clock).ask(WORKSPACE, "flux_errors", WINDOW)
    return raised.value.trouble, raised.value.about, raised.value.detail


def ways(azure: ScriptedAzure) -> list[str]:
    return [one.path.rpartition("/")[2] for one in azure.heard]


# --------------------------------------------------------------------------------------------------------------- asking


def test_a_query_is_sent_with_its_parameters_in_front_and_no_other_time_range(azure: ScriptedAzure) -> None:
    client = azure.client(azure.clock)
    assert LogsClient(client, ArmClient(client), azure.clock).ask(WORKSPACE, "flux_errors", WINDOW) == LogRows((), "")
    [plan_of, workspace, heard] = azure.heard
    assert (plan_of.method, workspace.method) == ("GET", "GET")
    assert (heard.method, heard.path, heard.query) == ("POST", f"{SERVICE}/query", {})
    assert heard.headers["Prefer"] == "wait=90"
    assert heard.headers["Authorization"] == f"Bearer {TOKEN}"
    query = load("flux_errors")
    assert heard.body == {"query": prelude(query, WINDOW) + query.text}
    assert [one.query["resource"] for one in azure.tokens] == ["https://management.azure.com", "https://api.loganalytics.io"]


def test_what_is_known_of_a_workspace_is_asked_once_and_its_plans_once_an_hour(azure: ScriptedAzure) -> None:
    clock = FakeClock()
    client = logs(azure, clock)
    for workspace in (WORKSPACE, WORKSPACE.upper(), WORKSPACE):
        client.ask(workspace, "flux_errors", WINDOW)
    assert ways(azure) == ["ContainerLogV2", "law", "query", "query", "query"]
    clock.passes(hours=1)
    client.ask(WORKSPACE, "flux_errors", WINDOW)
    assert ways(azure)[5:] == ["ContainerLogV2", "query"]


@pytest.mark.parametrize(
    "parameters",
    [{"_start": START.replace(tzinfo=None)}, {"_lookback": 86400}, {"_more": START}],
    ids=["naive", "type", "more"],
)
def test_parameters_that_do_not_fit_are_a_fault_of_ours(azure: ScriptedAzure, parameters: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError)):
        asked(azure, **parameters)
    assert not azure.heard


# ------------------------------------------------------------------------------------------------------------ the values


def test_values_have_the_types_of_their_columns(azure: ScriptedAzure) -> None:
    row = {
        "_ResourceId": "/Sub/A",
        "Kind": "Kustomization",
        "Lines": 3,
        "Reconciles": "9223372036854775807",
        "FirstSeen": "2026-11-20T10:00:00.1234567Z",
        "LastSeen": "2026-11-20T12:00:00+02:00",
        "SampleText": '{"a": "größe 🔥"}',
    }
    azure.on("/query", result(row))
    [found] = asked(azure).rows
    assert tuple(found) == COLUMNS
    assert found["Lines"] == 3
    assert found["Reconciles"] == 2**63 - 1
    assert found["FirstSeen"] == datetime(2026, 11, 20, 10, 0, 0, 123456, UTC)
    assert found["LastSeen"] == START
    assert found["LastSeen"].utcoffset() == timedelta(hours=2)
    assert found["LastOk"] is None
    assert found["Name"] is None
    assert (found["Kind"], found["SampleText"]) == ("Kustomization", '{"a": "größe 🔥"}')


# --------------------------------------------------------------------------------------------------------- partial results


@pytest.mark.parametrize(
    ("partial", "code"),
    [
        ({"code": "PartialError", "message": "x", "details": [{"code": "SizeLimitExceeded"}]}, "SizeLimitExceeded"),
        ({"code": "PartialError", "innererror": {"code": "-2133196797"}}, "PartialError"),
        ({"message": "see https://contoso.com"}, "PartialError"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_a_partial_result_says_so_and_hands_on_what_there_is(azure: ScriptedAzure, partial: Any, code: str) -> None:
    azure.on("/query", result({"Kind": "x"}, error=partial))
    found = asked(azure)
    assert (found.partial, [row["Kind"] for row in found.rows]) == (code, ["x"])


def test_a_partial_result_may_have_no_rows_at_all(azure: ScriptedAzure) -> None:
    azure.on("/query", Said(200, {"error": {"code": "PartialError"}, "tables": None}))
    assert asked(azure) == LogRows((), "PartialError")


# -------------------------------------------------------------------------------------------------------- tables and plans


@pytest.mark.parametrize("said", ["Basic", "Auxiliary", "basic"])
def test_a_table_that_is_paid_by_the_scan_is_searched_with_the_time_range_in_the_call(azure: ScriptedAzure, said: str) -> None:
    azure.on("/tables/containerlogv2", plan(said))
    azure.on("/search", result({"Kind": "x", "Lines": 2}))
    assert [row["Lines"] for row in asked(azure).rows] == [2]
    assert ways(azure) == ["ContainerLogV2", "law", "search"]
    assert azure.heard[-1].query == {"timespan": "2026-11-19T10:00:00Z/2026-11-21T10:10:00Z"}
    assert azure.heard[-1].body == {"query": prelude(load("flux_errors"), WINDOW) + load("flux_errors").text}


def test_a_query_without_a_look_back_is_searched_from_its_start(azure: ScriptedAzure) -> None:
    azure.on("/tables/containerlogv2", plan("Basic"))
    azure.on("/search", Said(200, {"tables": [table(columns=load("flux_controllers").columns)]}))
    logs(azure).ask(WORKSPACE, "flux_controllers", {"_start": START, "_end": START + timedelta(hours=1)})
    assert azure.heard[-1].query == {"timespan": "2026-11-20T10:00:00Z/2026-11-21T11:00:00Z"}


@pytest.mark.parametrize("plans", [error(403, "AuthorizationFailed"), error(503, "Busy"), Said(200, {}), plan("Analytics")])
@pytest.mark.parametrize("refusal", [BASIC, error(400, "BadArgumentError", text="The table has the Auxiliary plan")])
def test_who_may_not_see_plans_finds_out_by_asking_and_remembers(azure: ScriptedAzure, plans: Said, refusal: Said) -> None:
    azure.on("/tables/containerlogv2", plans)
    azure.on("/query", refusal)
    azure.on("/search", result({"Kind": "x"}))
    client = logs(azure)
    for _ in range(2):
        assert [row["Kind"] for row in client.ask(WORKSPACE, "flux_errors", WINDOW).rows] == ["x"]
    assert [way for way in ways(azure) if way != "ContainerLogV2"] == ["law", "query", "search", "search"]


def test_a_refused_search_is_refused(azure: ScriptedAzure) -> None:
    azure.on("/query", BASIC)
    azure.on("/search", error(400, "BadArgumentError", "SyntaxError"))
    assert fault(azure) == (Trouble.REFUSED, "workspace law (flux_errors)", "SyntaxError")


def test_a_workspace_without_the_table_says_so_before_anything_is_asked(azure: ScriptedAzure) -> None:
    azure.on("/tables/containerlogv2", error(404, "ResourceNotFound"))
    assert fault(azure) == (Trouble.NO_TABLE, "workspace law (ContainerLogV2)", "")
    assert ways(azure) == ["ContainerLogV2"]


@pytest.mark.parametrize("way", ["/query", "/search"])
def test_a_workspace_without_the_table_says_so_when_it_is_asked(azure: ScriptedAzure, way: str) -> None:
    azure.on("/tables/containerlogv2", plan("Basic" if way == "/search" else "Analytics"))
    azure.on(way, NO_TABLE)
    assert fault(azure) == (Trouble.NO_TABLE, "workspace law (flux_errors)", "SEM0100")


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (plan("Analytics"), "Analytics"),
        (plan("basic"), "Basic"),
        (plan(None), Trouble.UNREADABLE),
        (Said(200, {}), Trouble.UNREADABLE),
        (error(404, "ResourceNotFound"), Trouble.NO_TABLE),
        (error(403, "AuthorizationFailed"), Trouble.FORBIDDEN),
    ],
    ids=lambda value: str(getattr(value, "body", value))[:40],
)
def test_the_plan_of_a_table_is_told_and_never_guessed(azure: ScriptedAzure, said: Said, outcome: Any) -> None:
    azure.on("/tables/containerlogv2", said)
    if not isinstance(outcome, Trouble):
        assert logs(azure).plan(WORKSPACE, "ContainerLogV2") == outcome
        return
    with pytest.raises(Unanswered) as raised:
        logs(azure).plan(WORKSPACE, "ContainerLogV2")
    assert raised.value.trouble is outcome


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (error(404, "ResourceNotFound"), Trouble.NOT_FOUND),
        (error(403, "AuthorizationFailed"), Trouble.FORBIDDEN),
        (Said(200, {}), Trouble.UNREADABLE),
        (Said(200, {"properties": {"customerId": None}}), Trouble.UNREADABLE),
        (Said(200, {"properties": {"customerId": "../../x"}}), Trouble.UNREADABLE),
    ],
    ids=lambda value: str(getattr(value, "body", value))[:50],
)
def test_a_workspace_that_cannot_be_looked_up_is_not_asked(azure: ScriptedAzure, said: Said, outcome: Trouble) -> None:
    azure.on(ARM, said)
    assert fault(azure)[0] is outcome
    assert "query" not in ways(azure)


# --------------------------------------------------------------------------------------------------------------- what fails


@pytest.mark.parametrize(
    ("said", "trouble", "detail", "calls"),
    [
        (error(504, "GatewayTimeout"), Trouble.TIMEOUT, "GatewayTimeout", 1),
        (Said(504, b"<html>"), Trouble.TIMEOUT, "HTTP 504", 1),
        (error(429, "ThrottledError", Retry_After="2"), Trouble.THROTTLED, "ThrottledError", 5),
        (error(403, "InsufficientAccessError"), Trouble.FORBIDDEN, "InsufficientAccessError", 1),
        (error(404, "WorkspaceNotFoundError"), Trouble.NOT_FOUND, "WorkspaceNotFoundError", 1),
        (error(400, "BadArgumentError", "SyntaxError", "SYN0002"), Trouble.REFUSED, "SYN0002", 1),
        (Said(502, b"<html>a proxy"), Trouble.UNREACHABLE, "HTTP 502", 5),
        (Said(200, b"{"), Trouble.UNREADABLE, "", 1),
        (Said(200, {}), Trouble.UNREADABLE, "", 1),
        (Said(200, {"tables": {"name": "x"}}), Trouble.UNREADABLE, "", 1),
        (Said(200, {"tables": [{}]}), Trouble.UNREADABLE, "", 1),
    ],
    ids=lambda value: f"{value.status}-{str(value.body)[:36]}" if isinstance(value, Said) else "",
)
def test_a_fault_is_named_by_its_code(azure: ScriptedAzure, said: Said, trouble: Trouble, detail: str, calls: int) -> None:
    azure.on("/query", said)
    clock = FakeClock()
    assert fault(azure, clock) == (trouble, "workspace law (flux_errors)", detail)
    assert ways(azure).count("query") == calls
    assert sum(clock.slept) <= 60


@pytest.mark.parametrize(
    "said",
    [error(403, "X"), NO_TABLE, error(504, "X"), Said(200, b"{"), result({"Kind": "x"}, error={"message": "see https://x"})],
)
def test_no_error_or_log_holds_an_address_a_token_a_query_or_a_text_of_azures(
    azure: ScriptedAzure, said: Said, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    azure.on("/query", said)
    client = logs(azure)
    try:
        told = repr(client.ask(WORKSPACE, "flux_errors", WINDOW))
    except Unanswered as fault:
        told = f"{fault!r} {fault} {fault.finding}"
    for secret in (TOKEN, "127.0.0.1", "https://", "sig=secret", "PodNamespace", GUID, "Failed to resolve"):
        assert secret not in f"{told} {caplog.text} {client!r}"
