"""Faults in; calls of the real clients that go wrong exactly so out."""

from __future__ import annotations

import threading
import time

import pytest
import requests
from azure.core.exceptions import ClientAuthenticationError, DecodeError, HttpResponseError, ServiceResponseError

from local.azure import FAULTS, AzureServer, Fault, generate
from local.azure.generate import WORKSPACE

QUERY = "resources | project id | order by id asc"
EVENTS = "KubeEvents | count"
ANSWERS = {
    "throttled": (429, "RateLimiting", {"Retry-After": "1"}),
    "throttled-quota": (429, "RateLimiting", {"x-ms-user-quota-resets-after": "00:00:01"}),
    "throttled-ms": (429, "RateLimiting", {"x-ms-retry-after-ms": "500"}),
    "throttled-bare": (429, "RateLimiting", {}),
    "throttled-long": (429, "RateLimiting", {"Retry-After": "3600"}),
    "unavailable": (503, "ServiceUnavailable", {}),
    "forbidden": (403, "AuthorizationFailed", {}),
    "not-found": (404, "ResourceNotFound", {}),
    "gateway-timeout": (504, "GatewayTimeout", {}),
    "no-table": (400, "BadArgumentError", {}),
    "expired-token": (401, "ExpiredAuthenticationToken", {}),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_fault_is_answered_with_its_status_code_and_headers(page, azure, name):
    status, code, headers = ANSWERS[name]
    azure.faults.switch_on("graph", name, times=1)
    with pytest.raises(HttpResponseError) as refused:
        page(QUERY)
    assert (refused.value.status_code, refused.value.error.code) == (status, code)
    heard = refused.value.response.headers
    assert {one: heard.get(one) for one in headers} == headers
    assert ("Retry-After" in heard) == ("Retry-After" in headers)
    assert page(QUERY)[0].data


def test_logs_go_wrong_in_the_same_way(logs, azure, world):
    guid = world.workspaces[WORKSPACE.lower()].customer_id
    for name in ("throttled", "gateway-timeout", "no-table", "forbidden"):
        azure.faults.switch_on("logs", name, times=1)
        with pytest.raises(HttpResponseError) as refused:
            logs.query_workspace(guid, EVENTS, timespan=None)
        assert refused.value.status_code == ANSWERS[name][0]
    assert logs.query_workspace(guid, EVENTS, timespan=None).tables[0].rows[0][0] == 0


def test_an_answer_can_be_cut_without_a_token(page, azure):
    azure.faults.switch_on("graph", "truncated-without-token", times=1)
    answer, _ = page(QUERY)
    assert (len(answer.data), answer.skip_token, answer.result_truncated) == (3, None, "true")


def test_a_token_can_come_again_and_again(page, azure):
    azure.faults.switch_on("graph", "same-token")
    assert [page(QUERY)[0].skip_token for _ in range(2)] == ["again", "again"]


def test_the_limit_of_an_answer_can_be_lowered(page, azure):
    azure.faults.switch_on("graph", "too-large", times=1)
    with pytest.raises(HttpResponseError) as refused:
        page()
    assert refused.value.error.details[0].code == "ResponsePayloadTooLarge"
    assert len(page()[0].data) == 8


def test_a_tenant_can_have_too_many_subscriptions(page, azure):
    azure.faults.switch_on("graph", "tenant-limit")
    assert page(QUERY)[1]["x-ms-tenant-subscription-limit-hit"] == "true"


def test_an_answer_can_be_garbage(page, azure):
    azure.faults.switch_on("graph", "garbage")
    with pytest.raises(DecodeError):
        page(QUERY)
    azure.faults.switch_off()
    azure.faults.switch_on("arm", "no-object")
    assert requests.get(f"{azure.url}/subscriptions/x", timeout=10).json() == []


def test_a_connection_can_be_reset(page, azure):
    page(QUERY)
    azure.faults.switch_on("graph", "reset")
    with pytest.raises(ServiceResponseError):
        page(QUERY)
    assert azure.calls["graph"] == 2


def test_an_answer_can_be_late(page, azure):
    assert FAULTS["slow"].wait > 0
    azure.faults.switch_on("graph", Fault(wait=0.05), times=1)
    begin = time.monotonic()
    assert page(QUERY)[0].data
    assert time.monotonic() - begin >= 0.05


def test_stopping_ends_a_call_that_hangs(world):
    ended = []

    def call(url: str) -> None:
        try:
            ended.append(requests.get(f"{url}/subscriptions/x", timeout=60).status_code)
        except requests.RequestException:  # before, or in the middle of an answer
            ended.append(0)

    with AzureServer(world) as server:
        server.faults.switch_on("arm", "hanging")
        caller = threading.Thread(target=call, args=(server.url,))
        caller.start()
        while not server.calls["arm"]:
            threading.Event().wait(0.001)
    caller.join(10)
    assert len(ended) == 1


def test_a_fault_can_be_of_one_query_only_and_of_one_kind_of_call(azure, get, page):
    azure.faults.switch_on("graph", "unavailable", query="object_logs")
    azure.faults.switch_on("arm", "unavailable")
    assert page(QUERY)[0].data
    assert get("/subscriptions/x").status_code == 503
    azure.faults.switch_off("arm")
    assert get("/subscriptions/x").status_code == 404


def test_faults_happen_in_the_order_in_which_they_were_switched_on(page, azure):
    azure.faults.switch_on("graph", "throttled-bare", times=2)
    azure.faults.switch_on("graph", "expired-token", times=1)
    heard = []
    for _ in range(4):
        try:
            heard.append(page(QUERY) and 200)
        except (ClientAuthenticationError, HttpResponseError) as refused:
            heard.append(refused.status_code)
    assert heard == [429, 429, 401, 200]


def test_unknown_kinds_and_names_are_said_at_once():
    with AzureServer(generate(1, 4)) as server:
        with pytest.raises(ValueError, match="no calls of kind 'graf'"):
            server.faults.switch_on("graf", "throttled")
        with pytest.raises(KeyError):
            server.faults.switch_on("graph", "throtled")
