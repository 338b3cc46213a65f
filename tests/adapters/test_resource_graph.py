"""A scope and a Resource Graph that pages, throttles, cuts off or talks nonsense in; all rows, or why there are none, out."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import pytest

from shared.adapters.queries import load
from shared.adapters.resource_graph import PAGE, GraphClient
from shared.core.scope import Scope
from shared.core.trouble import Trouble, Unanswered
from tests.adapters.scripted_azure import QUOTA, TOKEN, Said, ScriptedAzure, error
from tests.fakes import FakeClock

RESOURCES = "/resources"
SUBSCRIPTION = "00000000-0000-0000-0000-{:012}"
ONE = Scope(subscriptions=(SUBSCRIPTION.format(1),))
TOO_LARGE = Said(400, {"error": {"code": "BadRequest", "message": "x", "details": [{"code": "ResponsePayloadTooLarge"}]}})


def rows(*ids: Any) -> list[dict[str, Any]]:
    return [{"id": one, "name": f"n{one}"} for one in ids]


def page(data: Any, token: Any = None, truncated: Any = "false", **headers: str) -> Said:
    body = {"totalRecords": 5000, "count": 1, "resultTruncated": truncated, "facets": [], "data": data}
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    return Said(200, body | ({"$skipToken": token} if token is not None else {}), QUOTA | said)


def graph(scripted: ScriptedAzure, scope: Scope = ONE, clock: FakeClock | None = None) -> GraphClient:
    scripted.clock = clock or FakeClock()
    return GraphClient(scripted.client(), scope, scripted.clock)


def asked(scripted: ScriptedAzure, scope: Scope = ONE, clock: FakeClock | None = None) -> Sequence[Any]:
    return graph(scripted, scope, clock).ask("clusters")


def fault(scripted: ScriptedAzure, scope: Scope = ONE, clock: FakeClock | None = None) -> tuple[Trouble, str]:
    with pytest.raises(Unanswered) as raised:
        asked(scripted, scope, clock)
    assert raised.value.about == "Resource Graph (clusters)"
    return raised.value.trouble, raised.value.detail


# ------------------------------------------------------------------------------------------------------------- asking


def test_a_query_is_asked_as_it_is_in_its_file_and_signed_with_the_identitys_token(scripted: ScriptedAzure) -> None:
    scripted.on(RESOURCES, page(rows("/a")))
    clock = FakeClock()
    assert GraphClient(scripted.client(clock), ONE, clock).ask("clusters") == rows("/a")
    [heard] = scripted.heard
    assert (heard.method, heard.path) == ("POST", "/providers/Microsoft.ResourceGraph/resources")
    assert heard.query == {"api-version": "2021-03-01"}
    assert heard.headers["Authorization"] == f"Bearer {TOKEN}"
    assert heard.body == {
        "query": load("clusters").text,
        "subscriptions": list(ONE.subscriptions),
        "options": {"$top": PAGE, "resultFormat": "objectArray"},
    }
    assert [one.query["resource"] for one in scripted.tokens] == ["https://management.azure.com"]


def test_pages_are_turned_until_there_is_no_token(scripted: ScriptedAzure) -> None:
    scripted.on(RESOURCES, page(rows("/a", "/b"), "t1"), page(rows("/c"), "t2"), page([], "t3"), page(rows("/d"), ""))
    assert asked(scripted) == rows("/a", "/b", "/c", "/d")
    assert [one.body["options"].get("$skipToken") for one in scripted.heard] == [None, "t1", "t2", "t3"]
    assert {one.body["query"] for one in scripted.heard} == {load("clusters").text}
    assert len(scripted.tokens) <= 1


@pytest.mark.parametrize(
    ("scope", "parts"),
    [
        (Scope(), []),
        (Scope(everything=True), [{}]),
        (Scope(management_groups=("mg-1", "mg-2")), [{"managementGroups": ["mg-1", "mg-2"]}]),
        (
            Scope(subscriptions=tuple(map(SUBSCRIPTION.format, range(301))), management_groups=("mg",)),
            [
                {"managementGroups": ["mg"]},
                {"subscriptions": [SUBSCRIPTION.format(n) for n in range(300)]},
                {"subscriptions": [SUBSCRIPTION.format(300)]},
            ],
        ),
        (
            Scope(management_groups=tuple(f"mg-{n}" for n in range(11))),
            [{"managementGroups": [f"mg-{n}" for n in range(10)]}, {"managementGroups": ["mg-10"]}],
        ),
    ],
    ids=["nothing", "everything", "groups", "301-subscriptions", "11-groups"],
)
def test_a_scope_is_asked_in_parts_that_are_taken(scripted: ScriptedAzure, scope: Scope, parts: list[Any]) -> None:
    scripted.on(RESOURCES, page(rows("/a")))
    asked(scripted, scope)
    assert [{k: v for k, v in one.body.items() if k not in {"query", "options"}} for one in scripted.heard] == parts


def test_a_resource_of_two_scopes_comes_once_whatever_its_letter_case(scripted: ScriptedAzure) -> None:
    scripted.on(RESOURCES, page(rows("/Sub/A", "/b")), page(rows("/sub/a", "/c")))
    assert asked(scripted, Scope(ONE.subscriptions, ("mg",))) == rows("/Sub/A", "/b", "/c")


def test_rows_without_an_id_are_all_handed_on_and_what_is_no_row_is_an_empty_one(scripted: ScriptedAzure) -> None:
    """The core counts and names them: here nothing is thrown away."""
    scripted.on(
        RESOURCES, page([{"name": "x"}, {"name": "x"}, {"id": None}, {"id": ""}, {"id": 5}, None, "row", 7, [], {"id": "/a"}])
    )
    found = asked(scripted)
    assert (len(found), found[5:9]) == (10, [{}] * 4)


# --------------------------------------------------------------------------------------------- never less than everything


@pytest.mark.parametrize("truncated", ["true", "True", True])
def test_truncated_without_a_token_is_an_error(scripted: ScriptedAzure, truncated: Any) -> None:
    scripted.on(RESOURCES, page(rows("/a"), truncated=truncated))
    assert fault(scripted) == (Trouble.CUT, "resultTruncated")


def test_truncated_with_a_token_goes_on(scripted: ScriptedAzure) -> None:
    scripted.on(RESOURCES, page(rows("/a"), "t", truncated="true"), page(rows("/b")))
    assert asked(scripted) == rows("/a", "/b")


@pytest.mark.parametrize("tokens", [["t", "t"], ["t", "u", "t"], [5], [{"a": 1}], [True]])
def test_tokens_that_lead_in_a_circle_or_are_none_are_an_error(scripted: ScriptedAzure, tokens: list[Any]) -> None:
    scripted.on(RESOURCES, *(page(rows(f"/{n}"), token) for n, token in enumerate(tokens)), page(rows("/z")))
    assert fault(scripted) == (Trouble.CUT, "skipToken")
    assert len(scripted.heard) == len(tokens)


def test_a_page_that_is_too_large_is_halved_from_the_beginning_and_the_size_is_remembered(scripted: ScriptedAzure) -> None:
    scripted.on(RESOURCES, page(rows("/a"), "t"), TOO_LARGE, TOO_LARGE, page(rows("/a", "/b"), "u"), page(rows("/c")))
    client = graph(scripted)
    assert client.ask("clusters") == rows("/a", "/b", "/c")
    assert client.ask("clusters") == rows("/c")
    assert client.ask("flux_extensions") == rows("/c")
    sizes = [(one.body["options"]["$top"], one.body["options"].get("$skipToken")) for one in scripted.heard]
    assert sizes == [(1000, None), (1000, "t"), (500, None), (250, None), (250, "u"), (250, None), (1000, None)]


def test_one_row_that_is_too_large_is_an_error(scripted: ScriptedAzure) -> None:
    scripted.on(RESOURCES, TOO_LARGE)
    assert fault(scripted) == (Trouble.CUT, "ResponsePayloadTooLarge")
    assert [one.body["options"]["$top"] for one in scripted.heard] == [1000, 500, 250, 125, 62, 31, 15, 7, 3, 1]


def test_more_subscriptions_than_are_looked_at_is_an_error(scripted: ScriptedAzure) -> None:
    scripted.on(RESOURCES, page(rows("/a"), x_ms_tenant_subscription_limit_hit="True"))
    assert fault(scripted, Scope(everything=True))[0] is Trouble.TOO_WIDE


NO_ANSWERS = [
    b"",
    b"not json",
    b"\xff\xfe",
    b"[" * 100_000,
    None,
    [],
    5,
    "text",
    {},
    {"data": None},
    {"data": {"rows": []}},
    {"data": "x"},
]


@pytest.mark.parametrize("body", NO_ANSWERS, ids=lambda body: str(body)[:20])
def test_an_answer_in_another_form_is_an_error(scripted: ScriptedAzure, body: Any) -> None:
    scripted.on(RESOURCES, Said(200, body))
    assert fault(scripted) == (Trouble.UNREADABLE, "")


# --------------------------------------------------------------------------------------------------------- what fails


@pytest.mark.parametrize(
    ("said", "trouble", "detail", "calls"),
    [
        (error(400, "BadRequest", "InvalidQuery"), Trouble.REFUSED, "InvalidQuery", 1),
        (error(401, "InvalidAuthenticationToken"), Trouble.UNAUTHORIZED, "InvalidAuthenticationToken", 1),
        (error(403, "AuthorizationFailed"), Trouble.FORBIDDEN, "AuthorizationFailed", 1),
        (error(404, "NotFound"), Trouble.NOT_FOUND, "NotFound", 1),
        (error(429, "RateLimiting"), Trouble.THROTTLED, "RateLimiting", 5),
        (error(429, "RateLimiting", Retry_After="3600"), Trouble.THROTTLED, "RateLimiting", 1),
        (error(500, "InternalServerError"), Trouble.UNREACHABLE, "InternalServerError", 5),
        (Said(502, b"<html>a proxy of ours</html>"), Trouble.UNREACHABLE, "HTTP 502", 5),
        (Said(503, b"", {"Content-Type": "text/xml"}), Trouble.UNREACHABLE, "HTTP 503", 5),
        (error(504, "GatewayTimeout"), Trouble.UNREACHABLE, "GatewayTimeout", 5),
        (Said(302, b"", {"Location": "https://contoso.com/"}), Trouble.UNREADABLE, "HTTP 302", 1),
        (Said(204, b""), Trouble.UNREADABLE, "HTTP 204", 1),
        (
            Said(409, {"error": {"code": "MissingSubscriptionRegistration", "message": "'Microsoft.X'"}}),
            Trouble.UNREGISTERED,
            "MissingSubscriptionRegistration",
            1,
        ),
        (Said(400, {"error": {"code": "see https://contoso.com/"}}), Trouble.REFUSED, "HTTP 400", 1),
        (Said(400, {"error": "text"}), Trouble.REFUSED, "HTTP 400", 1),
        (Said(400, {"error": {"code": ["x"], "details": {"code": "y"}, "innererror": 5}}), Trouble.REFUSED, "HTTP 400", 1),
    ],
    ids=lambda value: f"{value.status}-{str(value.body)[:24]}" if isinstance(value, Said) else "",
)
def test_a_fault_is_named_by_its_code(scripted: ScriptedAzure, said: Said, trouble: Trouble, detail: str, calls: int) -> None:
    scripted.on(RESOURCES, said)
    clock = FakeClock()
    assert fault(scripted, clock=clock) == (trouble, detail)
    assert len(scripted.heard) == calls
    assert sum(clock.slept) <= 60


def test_an_answer_that_breaks_off_is_asked_for_again(scripted: ScriptedAzure) -> None:
    broken = Said(200, {"data": rows("/a")}, cut=True)
    scripted.on(RESOURCES, broken, page(rows("/a")))
    assert asked(scripted) == rows("/a")
    scripted.on(RESOURCES, broken)
    assert fault(scripted) == (Trouble.UNREACHABLE, "IncompleteReadError")


def test_nobody_there_is_unreachable(scripted: ScriptedAzure) -> None:
    clock = FakeClock()
    client = GraphClient(scripted.client(clock, management="http://127.0.0.1:9"), ONE, clock)
    with pytest.raises(Unanswered) as raised:
        client.ask("clusters")
    assert (raised.value.trouble, raised.value.detail) == (Trouble.UNREACHABLE, "ServiceRequestError")
    assert 1.5 <= sum(clock.slept) <= 4


# ------------------------------------------------------------------------------------------------------------- the quota


def test_a_spent_quota_is_waited_for_before_the_next_page(scripted: ScriptedAzure) -> None:
    spent = {"x_ms_user_quota_remaining": "0", "x_ms_user_quota_resets_after": "00:00:03"}
    scripted.on(RESOURCES, page(rows("/a"), "t", **spent), page(rows("/b"), "u"), page(rows("/c"), **spent), page(rows("/d")))
    clock = FakeClock()
    client = graph(scripted, clock=clock)
    client.ask("clusters")
    assert clock.slept == [3.0]
    clock.passes(seconds=1)
    client.ask("clusters")
    assert clock.slept == [3.0, 2.0]
    clock.passes(minutes=5)
    client.ask("clusters")
    assert clock.slept == [3.0, 2.0]


@pytest.mark.parametrize("resets", ["", "soon", "5", "-1:00:00", "nan:0:0", "0:0:nan", "99:00:00", "1:2:3:4"])
def test_a_quota_that_is_nonsense_or_hours_away_is_not_waited_for_without_end(scripted: ScriptedAzure, resets: str) -> None:
    scripted.on(
        RESOURCES,
        page(rows("/a"), "t", x_ms_user_quota_remaining="0", x_ms_user_quota_resets_after=resets),
        page(rows("/b")),
    )
    clock = FakeClock()
    assert asked(scripted, clock=clock) == rows("/a", "/b")
    assert sum(clock.slept) <= 30


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        ({"Retry-After": "7"}, 7, 7.5),
        ({"x-ms-retry-after-ms": "1500"}, 1.5, 2),
        ({"x-ms-user-quota-remaining": "0", "x-ms-user-quota-resets-after": "00:00:04"}, 4, 4.5),
        ({"Retry-After": "soon"}, 0.75, 1.25),
        ({}, 0.75, 1.25),
    ],
)
def test_throttling_is_waited_out_as_long_as_is_asked(
    scripted: ScriptedAzure, headers: dict[str, str], least: float, most: float
) -> None:
    scripted.on(RESOURCES, Said(429, {"error": {"code": "RateLimiting"}}, headers), page(rows("/a")))
    clock = FakeClock()
    assert asked(scripted, clock=clock) == rows("/a")
    assert least <= sum(clock.slept) <= most


# ------------------------------------------------------------------------------------------------------ nothing is quoted


@pytest.mark.parametrize("said", [error(403, "AuthorizationFailed"), error(500, "X"), Said(200, b"{"), Said(200, {}, cut=True)])
def test_no_error_or_log_holds_an_address_a_token_a_text_of_azures_or_a_query(
    scripted: ScriptedAzure, said: Said, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    scripted.on(RESOURCES, said)
    client = graph(scripted)
    with pytest.raises(Unanswered) as raised:
        client.ask("clusters")
    told = f"{raised.value!r} {raised.value} {raised.value.finding} {client!r} {caplog.text} {raised.getrepr(chain=True)}"
    for secret in (TOKEN, "127.0.0.1", "contoso", "sig=secret", "managedclusters", SUBSCRIPTION.format(1)):
        assert secret not in told
