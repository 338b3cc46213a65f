"""Clouds, identities and connections, in order and not, in; signed requests, or NO_IDENTITY and UNREACHABLE, out."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from azure.core.rest import HttpRequest

from shared.adapters.azure_answer import Answer, answer
from shared.adapters.azure_client import AzureClient, logs_scope, token_scope
from shared.adapters.azure_retry import quota_resets
from shared.core.trouble import Trouble, Unanswered
from tests.adapters.scripted_azure import TOKEN, Said, ScriptedAzure, error
from tests.fakes import FakeClock

OK = Said(200, {"name": "x"})


def asked(client: AzureClient) -> Answer:
    return answer("a test", client.manage, HttpRequest("GET", "/thing", params={"api-version": "1"}))


def trouble(client: AzureClient) -> tuple[Trouble, str, str]:
    with pytest.raises(Unanswered) as raised:
        asked(client)
    return raised.value.trouble, raised.value.about, raised.value.detail


# ------------------------------------------------------------------------------------------------------------ the clouds


@pytest.mark.parametrize(
    ("endpoint", "scope"),
    [
        ("https://management.azure.com", "https://management.azure.com/.default"),
        ("https://management.usgovcloudapi.net", "https://management.core.usgovcloudapi.net/.default"),
        ("https://management.chinacloudapi.cn", "https://management.chinacloudapi.cn/.default"),
        ("https://management.local.azurestack.external", "https://management.local.azurestack.external/.default"),
        ("http://127.0.0.1:7072", "https://management.azure.com/.default"),
        ("http://localhost:7072", "https://management.azure.com/.default"),
    ],
)
def test_the_cloud_is_known_by_the_endpoint_of_its_resource_manager(endpoint: str, scope: str) -> None:
    assert token_scope(endpoint) == scope


@pytest.mark.parametrize(
    ("endpoint", "scope"),
    [
        ("https://api.loganalytics.io", "https://api.loganalytics.io/.default"),
        ("https://api.loganalytics.us", "https://api.loganalytics.us/.default"),
        ("https://api.loganalytics.azure.cn", "https://api.loganalytics.azure.cn/.default"),
        ("http://[::1]:7072", "https://api.loganalytics.io/.default"),
    ],
)
def test_the_audience_of_logs_follows_their_endpoint(endpoint: str, scope: str) -> None:
    assert logs_scope(endpoint) == scope


# ---------------------------------------------------------------------------------------------------------- the identity


def test_one_identity_asks_once_for_each_audience(scripted: ScriptedAzure) -> None:
    scripted.on("", OK)
    client = scripted.client(FakeClock(), management=f"{scripted.url}/", client_id="11111111-2222-3333-4444-555555555555")
    for _ in range(2):
        for send in (client.manage, client.graph, client.query):
            answer("a test", send, HttpRequest("POST", "/thing", json={}))
    assert [(one.query["resource"], one.query["client_id"], one.headers["X-IDENTITY-HEADER"]) for one in scripted.tokens] == [
        (resource, "11111111-2222-3333-4444-555555555555", "x")
        for resource in ("https://management.azure.com", "https://api.loganalytics.io")
    ]
    assert [one.path for one in scripted.heard] == ["/thing", "/thing", "/v1/thing"] * 2
    assert {one.headers["Authorization"] for one in scripted.heard} == {f"Bearer {TOKEN}"}


@pytest.mark.parametrize(
    "said",
    [
        Said(400, {"statusCode": 400, "message": "no identity is assigned"}),
        error(403, "Forbidden"),
        Said(404, b"<html>"),
        error(500, "Busy"),
        Said(200, b"not json"),
        Said(200, {}),
        Said(200, []),
        Said(200, {"access_token": TOKEN}),
        Said(200, {"access_token": TOKEN, "expires_on": "soon"}),
        Said(200, {"access_token": TOKEN, "expires_on": "1"}, cut=True),
    ],
    ids=lambda said: f"{said.status}-{str(said.body)[:20]}",
)
def test_without_a_token_there_is_no_identity_and_nothing_is_asked(
    scripted: ScriptedAzure, said: Said, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    scripted.on("/msi/token", said)
    clock = FakeClock()
    client = scripted.client(clock)
    kind, about, detail = trouble(client)
    assert (kind, about) == (Trouble.NO_IDENTITY, "identity")
    assert not scripted.heard
    assert sum(clock.slept) <= 60
    assert TOKEN not in caplog.text + detail
    assert "127.0.0.1" not in caplog.text + detail + repr(client)


def test_nobody_at_the_identity_endpoint_is_no_identity(scripted: ScriptedAzure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", "http://127.0.0.1:9/msi/token")
    assert trouble(scripted.client(FakeClock()))[0] is Trouble.NO_IDENTITY


def test_an_identity_that_comes_back_is_used(scripted: ScriptedAzure) -> None:
    scripted.on("/thing", OK)
    said = Said(200, {"access_token": TOKEN, "expires_on": "4102444800", "token_type": "Bearer"})
    scripted.on("/msi/token", Said(400, {}), said)
    client = scripted.client(FakeClock())
    assert trouble(client)[0] is Trouble.NO_IDENTITY
    assert asked(client).document() == {"name": "x"}


def test_without_an_identity_endpoint_it_is_the_developers_own_sign_in(
    scripted: ScriptedAzure, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of DefaultAzureCredential only the part that needs no tool and no network; it has no settings here."""
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential")
    for name in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"):
        monkeypatch.delenv(name, raising=False)
    client = scripted.client(FakeClock(), managed=False)
    assert trouble(client) == (Trouble.NO_IDENTITY, "identity", "ClientAuthenticationError")
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "nonsense")
    assert trouble(scripted.client(FakeClock(), managed=False))[0] is Trouble.NO_IDENTITY
    assert not scripted.tokens


def test_a_token_is_not_sent_over_plain_http_to_another_machine(scripted: ScriptedAzure) -> None:
    clock = FakeClock()
    kind, _, detail = trouble(scripted.client(clock, management="http://management.example.invalid"))
    assert (kind, detail) == (Trouble.UNREACHABLE, "ServiceRequestError")
    assert not scripted.tokens
    assert not clock.slept


@pytest.mark.parametrize(
    ("claims", "outcome"), [("!", Trouble.UNAUTHORIZED), ("eyJhIjoxfQ==", Trouble.UNAUTHORIZED), ("/w==", Trouble.UNREADABLE)]
)
def test_a_challenge_that_cannot_be_met_ends_there(scripted: ScriptedAzure, claims: str, outcome: Trouble) -> None:
    challenge = f'Bearer error="insufficient_claims", claims="{claims}"'
    scripted.on("/thing", Said(401, {"error": {"code": "ExpiredToken"}}, {"WWW-Authenticate": challenge}))
    with pytest.raises(Unanswered) as raised:
        asked(scripted.client(FakeClock())).document()
    assert raised.value.trouble is outcome


# ------------------------------------------------------------------------------------------------------------ the answers


def test_a_fault_of_the_network_is_repeated_for_any_method_and_waits_grow(scripted: ScriptedAzure) -> None:
    scripted.on("/thing", *[error(503, "Busy")] * 3, OK)
    for method in ("GET", "POST"):
        scripted.on("/thing", *[error(503, "Busy")] * 3, OK)
        assert answer("a test", scripted.client().manage, HttpRequest(method, "/thing")).document() == {"name": "x"}
    first, second, third = scripted.clock.slept[:3]
    assert 0.75 <= first <= 1.25
    assert 1.5 <= second <= 2.5
    assert 3 <= third <= 5
    assert len(scripted.clock.slept) == 6


def test_all_waits_of_a_request_stay_within_a_minute(scripted: ScriptedAzure) -> None:
    scripted.on("/thing", error(429, "TooManyRequests", Retry_After="29"))
    assert asked(scripted.client()).unanswered().trouble is Trouble.THROTTLED
    assert 58 <= sum(scripted.clock.slept) <= 60


@pytest.mark.parametrize("seconds", ["31", "3600", "99999999999999999999", "Wed, 21 Oct 2099 07:28:00 GMT"])
def test_who_is_asked_to_wait_long_does_not_wait(scripted: ScriptedAzure, seconds: str) -> None:
    scripted.on("/thing", error(429, "TooManyRequests", Retry_After=seconds))
    assert asked(scripted.client()).unanswered().trouble is Trouble.THROTTLED
    assert not scripted.clock.slept


@pytest.mark.parametrize("seconds", ["-5", "nan", "", "inf", "Wed, 21 Oct 2015 07:28:00 GMT"])
def test_a_wait_that_is_none_is_a_short_one(scripted: ScriptedAzure, seconds: str) -> None:
    scripted.on("/thing", error(429, "TooManyRequests", Retry_After=seconds), OK)
    said = asked(scripted.client())
    assert said.status in {200, 429}
    assert sum(scripted.clock.slept) <= 1.25


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("00:00:05", 5),
        ("01:01:01.5", 3661.5),
        (None, None),
        ("", None),
        ("5", None),
        ("a:b:c", None),
        ("-1:0:0", None),
        ("0:0:inf", None),
    ],
)
def test_the_quotas_reset_is_hours_minutes_and_seconds(text: str | None, seconds: float | None) -> None:
    assert quota_resets(text) == seconds


def of(body: Any) -> Answer:
    return Answer("a test", 400, {}, body)


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ({"error": {"code": "A"}}, ("A",)),
        ({"code": "A", "message": "m"}, ("A",)),
        ({"error": {"code": "A", "innererror": {"code": "B", "innererror": {"code": "C"}}}}, ("A", "B", "C")),
        ({"error": {"code": "A", "innerError": {"code": "B"}}}, ("A", "B")),
        ({"error": {"code": "A", "details": [{"code": "B"}, None, 5, {"code": "C.d-e_f"}]}}, ("A", "B", "C.d-e_f")),
        ({"error": {"code": "two words", "details": [{"code": "x" * 81}, {"code": "Größe"}, {"code": ""}]}}, ()),
        ({"error": "text"}, ()),
        ({"error": None, "code": "A"}, ()),
        ([], ()),
        (None, ()),
        (json.loads('{"error":' * 500 + "1" + "}" * 500), ()),
        (
            {"error": {"details": [{"code": f"C{n}", "details": [{"code": "D"}] * 100} for n in range(1000)]}},
            tuple(f"C{n}" for n in range(19)),
        ),
    ],
    ids=lambda value: str(value)[:24],
)
def test_of_an_error_only_codes_that_are_plain_words_are_kept(body: Any, codes: tuple[str, ...]) -> None:
    assert of(body).codes == codes
    assert of(body).code == (codes[-1] if codes else "HTTP 400")


def test_a_repr_of_an_answer_holds_nothing_of_it() -> None:
    assert "secret" not in repr(of({"error": {"code": "A", "message": "secret"}}))
