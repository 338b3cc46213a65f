"""Calls of a webhook in; the statuses and bodies that Power Automate answers with out."""

from __future__ import annotations

import re

import pytest
import requests

from local.teams import REAL, UNPACED, TeamsServer

TIMEOUT = 10
MESSAGE = {"type": "message", "attachments": []}


def call(url: str, **request: object) -> requests.Response:
    return requests.post(url, timeout=TIMEOUT, **({"json": MESSAGE} | request))


def code(answer: requests.Response) -> str:
    error = answer.json()["error"]
    assert set(error) == {"code", "message"}
    assert error["message"]
    return error["code"]


def test_a_webhook_looks_as_power_automate_makes_it(teams):
    shape = (
        r"http://127\.0\.0\.1:\d+/workflows/[0-9a-f]{32}/triggers/manual/paths/invoke"
        r"\?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1\.0&sig=[\w-]{43}"
    )
    assert re.fullmatch(shape, teams.url("platform"))


def test_a_channel_keeps_its_webhook_from_one_start_to_the_next(teams):
    with TeamsServer({"platform": "somebody@contoso.com"}) as another:
        assert another.url("platform").partition("/workflows/")[2] == teams.url("platform").partition("/workflows/")[2]


def test_each_channel_has_an_address_and_a_signature_of_its_own(teams):
    crossed = teams.url("platform").partition("?")[0] + "?" + teams.url("payments").partition("?")[2]
    assert call(crossed).status_code == 401


def test_a_message_is_queued_with_202_and_no_body(teams, post, card):
    answer = post(card({"type": "TextBlock", "text": "hello"}))
    assert (answer.status_code, answer.content) == (202, b"")
    assert [each.card["body"][0]["text"] for each in teams.posts("platform")] == ["hello"]


def test_the_long_path_of_the_power_platform_is_the_same_webhook(teams):
    long = teams.url("platform").replace("/workflows/", "/powerautomate/automations/direct/workflows/")
    assert call(long).status_code == 202


@pytest.mark.parametrize(
    ("change", "status", "expected"),
    [
        (("?api-version=1&", "?"), 400, "MissingApiVersionParameter"),
        (("&sig=", "&sig=x"), 401, "AuthorizationFailed"),
        (("&sig=", "&gis="), 401, "DirectApiAuthorizationRequired"),
        (("/workflows/", "/workflows/0"), 404, "WorkflowNotFound"),
        (("/triggers/manual/", "/triggers/other/"), 404, "ResourceNotFound"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_spoiled_address_is_refused(teams, change, status, expected):
    answer = call(teams.url("platform").replace(*change))
    assert (answer.status_code, code(answer)) == (status, expected)
    assert teams.runs == []


def test_a_token_beside_the_signature_is_refused(teams):
    answer = call(teams.url("platform"), headers={"Authorization": "Bearer x"})
    assert (answer.status_code, code(answer)) == (400, "DirectApiRequestHasMoreThanOneAuthorization")


@pytest.mark.parametrize(
    "body",
    [b"", b"not json", b"[]", b"{}", b'{"type": "message"}', b'{"type": "message", "attachments": {}}', b'{"attachments": []}'],
    ids=["empty", "not json", "a list", "an empty object", "no attachments", "attachments that are no list", "no type"],
)
def test_a_body_that_is_no_message_does_not_fit_the_trigger(teams, body):
    answer = call(teams.url("platform"), json=None, data=body)
    assert (answer.status_code, code(answer)) == (400, "TriggerInputSchemaMismatch")


def test_a_deeply_nested_body_is_refused_like_any_other(teams):
    answer = call(teams.url("platform"), json=None, data=b"[" * 100_000)
    assert code(answer) == "TriggerInputSchemaMismatch"


def test_the_fifth_call_within_a_second_is_throttled(teams, clock):
    answers = [call(teams.url("platform")) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 202, 429]
    assert (answers[4].headers["Retry-After"], code(answers[4])) == ("1", "TooManyRequests")
    clock.turn(1)
    assert call(teams.url("platform")).status_code == 202


def test_channels_are_throttled_each_for_itself(teams):
    statuses = [call(teams.url(channel)).status_code for channel in ["platform", "payments"] * 4]
    assert statuses == [202] * 8


def test_limits_can_be_switched_off(clock):
    with TeamsServer({"platform": "owner@contoso.com"}, limits=UNPACED, clock=clock) as teams:
        assert {call(teams.url("platform")).status_code for _ in range(10)} == {202}
    assert REAL.calls is not None


def test_every_call_is_kept_with_its_body_and_answer(teams):
    call(teams.url("platform"), json=None, data=b"not json")
    call(teams.url("security"))
    assert [(each.channel, each.status) for each in teams.calls] == [("platform", 400), ("security", 202)]
    assert teams.calls[0].body == b"not json"


def test_calls_on_one_kept_connection_are_all_answered(teams):
    with requests.Session() as session:
        statuses = [session.post(teams.url("platform"), json=MESSAGE, timeout=TIMEOUT).status_code for _ in range(3)]
    assert statuses == [202, 202, 202]


def test_a_stopped_server_answers_nobody_any_more(teams):
    url = teams.url("platform")
    with requests.Session() as session:
        session.post(url, json=MESSAGE, timeout=TIMEOUT)
        teams.stop()
        with pytest.raises(requests.ConnectionError):
            session.post(url, json=MESSAGE, timeout=TIMEOUT)
