"""Queries of the real client in; rows, partial answers and refusals as Log Analytics gives them out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import requests
from azure.core.exceptions import HttpResponseError
from azure.core.rest import HttpRequest
from azure.monitor.query import LogsQueryPartialResult, LogsQueryStatus

from local.azure import failure_of
from local.azure.generate import BEGIN, WORKSPACE
from local.azure.log_analytics import interval

LINES = "ContainerLogV2 | project TimeGenerated, PodName, LogMessage, _ResourceId | order by TimeGenerated asc"
AT = datetime(2026, 11, 20, 8, 10, 0, 123_456, UTC)


@pytest.fixture
def guid(world) -> str:
    return world.workspaces[WORKSPACE.lower()].customer_id


@pytest.fixture
def lines(world) -> None:
    """Two of one cluster, ten minutes apart."""
    one = next(one for one in world.objects() if one.kind == "Kustomization")
    for minutes in (0, 10):
        world.fail(one, *failure_of(one), AT + timedelta(minutes=minutes))


def test_rows_have_times_and_json_as_text(logs, guid, lines):
    answer = logs.query_workspace(guid, LINES, timespan=None)
    assert answer.status is LogsQueryStatus.SUCCESS
    first, second = answer.tables[0].rows
    assert first["TimeGenerated"] == AT
    assert first["PodName"] == "kustomize-controller-7c9d8b6f54-hq2wd"
    assert isinstance(first["LogMessage"], str)
    assert isinstance(second["LogMessage"], str)
    assert '"controllerKind":"Kustomization"' in second["LogMessage"].replace('": "', '":"')


def test_parameters_stand_in_front_of_the_query(logs, guid, lines):
    prelude = 'let _start = datetime(2026-11-20T08:15:00Z);\nlet _age = 1d;\nlet _pod = "kustomize-controller";\n'
    query = (
        "ContainerLogV2 | where TimeGenerated > _start and TimeGenerated > _start - _age and PodName startswith _pod | count"
    )
    assert logs.query_workspace(guid, prelude + query, timespan=None).tables[0].rows[0][0] == 1


def test_datetimes_have_seven_digits_on_the_wire(azure, credential, guid, lines):
    token = credential.get_token("https://api.loganalytics.io/.default").token
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.post(f"{azure.url}/v1/workspaces/{guid}/query", json={"query": LINES}, headers=headers, timeout=10).json()
    assert answer["tables"][0]["name"] == "PrimaryResult"
    assert [column["type"] for column in answer["tables"][0]["columns"]] == ["datetime", "string", "dynamic", "string"]
    assert answer["tables"][0]["rows"][0][0] == "2026-11-20T08:10:00.1234560Z"


@pytest.mark.parametrize(
    ("timespan", "found"),
    [
        (timedelta(minutes=30), 2),
        (timedelta(minutes=15), 1),
        ((AT, AT + timedelta(minutes=5)), 1),
        ((AT + timedelta(minutes=5), timedelta(minutes=1)), 0),
    ],
)
def test_the_timespan_of_a_call_narrows_what_the_query_reads(logs, guid, lines, clock, timespan, found):
    clock.now = AT + timedelta(minutes=20)
    assert len(logs.query_workspace(guid, LINES, timespan=timespan).tables[0].rows) == found


def test_intervals_are_those_of_iso_8601():
    assert interval("P1DT2H3M4.5S", AT) == (AT - timedelta(days=1, hours=2, minutes=3, seconds=4.5), AT)
    assert interval("2026-11-20T08:00:00Z/PT1H", AT) == (BEGIN, BEGIN + timedelta(hours=1))
    assert interval("2026-11-20T09:00:00+01:00/2026-11-20T09:00:00Z", AT) == (BEGIN, BEGIN + timedelta(hours=1))
    with pytest.raises(ValueError, match="soon"):
        interval("soon", AT)


def test_a_workspace_is_found_by_its_resource_id_too(logs, lines):
    assert len(logs.query_resource(WORKSPACE, LINES, timespan=None).tables[0].rows) == 2


def test_a_workspace_that_is_not_there_or_hidden_says_so(logs, guid, world):
    with pytest.raises(HttpResponseError) as missed:
        logs.query_workspace("00000000-0000-0000-0000-000000000000", LINES, timespan=None)
    world.hide(WORKSPACE)
    with pytest.raises(HttpResponseError) as refused:
        logs.query_workspace(guid, LINES, timespan=None)
    assert [missed.value.status_code, refused.value.status_code] == [404, 403]
    assert (missed.value.error.code, refused.value.error.code) == ("PathNotFoundError", "InsufficientAccessError")


def test_a_table_that_is_not_there_yet_is_named_innermost(logs, guid, world):
    del world.workspaces[WORKSPACE.lower()].plans["ContainerLogV2"]
    with pytest.raises(HttpResponseError) as refused:
        logs.query_workspace(guid, LINES, timespan=None)
    assert (refused.value.status_code, refused.value.error.code) == (400, "BadArgumentError")
    assert "Failed to resolve table or column expression named 'ContainerLogV2'" in refused.value.model.message


def test_a_wrong_query_is_refused(logs, guid):
    with pytest.raises(HttpResponseError) as refused:
        logs.query_workspace(guid, "ContainerLogV2 | wherever true", timespan=None)
    assert refused.value.error.code == "BadArgumentError"


def test_a_basic_table_answers_on_search_and_not_on_query(logs, guid, lines, world, clock):
    clock.now = AT + timedelta(minutes=15)
    world.workspaces[WORKSPACE.lower()].plans["ContainerLogV2"] = "Basic"
    with pytest.raises(HttpResponseError) as refused:
        logs.query_workspace(guid, LINES, timespan=None)
    assert refused.value.error.code == "BadArgumentError"
    asked = HttpRequest("POST", f"/workspaces/{guid}/search", params={"timespan": "PT10M"}, json={"query": LINES})
    answer = logs.send_request(asked)
    answer.raise_for_status()
    assert len(answer.json()["tables"][0]["rows"]) == 1


def test_a_partial_answer_is_one_with_an_error(logs, azure, guid, lines):
    azure.faults.switch_on("logs", "partial", times=1)
    answer = logs.query_workspace(guid, LINES, timespan=None)
    assert isinstance(answer, LogsQueryPartialResult)
    assert len(answer.partial_data[0].rows) == 1
    assert answer.partial_error.code == "PartialError"
    azure.faults.switch_on("logs", "partial-nothing", times=1)
    assert not logs.query_workspace(guid, LINES, timespan=None).partial_data
    assert logs.query_workspace(guid, LINES, timespan=None).status is LogsQueryStatus.SUCCESS
