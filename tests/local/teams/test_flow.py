"""Messages that were answered with 202 in; what people see, and the runs that failed unheard, out."""

from __future__ import annotations

import json

import pytest
import requests

from local.teams.flow import posted_bytes

TIMEOUT = 10
LIMIT = 28_672


def errors(teams) -> list[str]:
    return [run.error for run in teams.runs]


def text(length: int) -> dict[str, str]:
    return {"type": "TextBlock", "text": "x" * length}


def test_several_attachments_are_several_posts(teams, post, card):
    post(card(text(1)), card(text(2)))
    assert [len(each.card["body"][0]["text"]) for each in teams.posts()] == [1, 2]


def test_a_message_without_attachments_posts_nothing(teams, post):
    assert post().status_code == 202
    assert teams.runs == []


def test_the_size_counts_every_escaped_quote():
    assert posted_bytes({"a": "b"}) == len('"{\\"a\\":\\"b\\"}"')
    assert posted_bytes("é") == len('"\\"\\\\u00e9\\""')


def test_a_card_of_just_the_allowed_size_is_posted_and_one_byte_more_is_not(teams, post, card):
    room = LIMIT - posted_bytes(card(text(0)))
    assert [post(card(text(room))).status_code, post(card(text(room + 1))).status_code] == [202, 202]
    assert errors(teams) == ["", "400 BadRequest / InvalidParameter / MessageSizeExceeded-Message properties size exceeded"]


def test_a_card_whose_request_fits_can_still_be_too_large_once_escaped(teams, post, card):
    quotes = card({"type": "TextBlock", "text": '"' * 7_500})
    assert len(json.dumps(quotes)) < LIMIT
    post(quotes)
    assert "MessageSizeExceeded" in errors(teams)[0]


def test_the_26th_post_of_a_connection_within_five_minutes_fails_after_its_202(teams, post, card):
    answers = [post(card(text(1)), channel=["platform", "payments"][number % 2]) for number in range(26)]
    assert {answer.status_code for answer in answers} == {202}
    assert errors(teams) == [""] * 25 + ["429 TooManyRequests / Rate limit is exceeded. Try again in 275 seconds."]


def test_another_connection_has_a_budget_of_its_own(teams, post, card):
    for _ in range(26):
        post(card(text(1)))
    post(card(text(1)), channel="security")
    assert len(teams.posts("security")) == 1


def test_room_comes_back_when_the_first_post_is_five_minutes_old(teams, post, card, clock):
    for _ in range(25):
        post(card(text(1)))
    clock.turn(300 - 25)
    post(card(text(1)))
    post(card(text(1)))
    assert errors(teams)[25:] == ["", ""]


def test_a_failed_card_spends_nothing_of_the_budget(teams, post, card):
    for _ in range(30):
        post(card(text(LIMIT)))
    post(card(text(1)))
    assert errors(teams)[-1] == ""


@pytest.mark.parametrize("version", ["1.6", "2.0", "1", "", "1.x", None, "-1.2"])
def test_a_card_newer_than_teams_or_of_no_version_fails(teams, post, card, version):
    post(card(text(1), version=version))
    assert errors(teams) == [
        f"400 BadRequest / BadArgument / AdaptiveCard version {version} is not supported; the newest is 1.5"
    ]


@pytest.mark.parametrize("version", ["1.0", "1.4", "1.5"])
def test_cards_up_to_the_newest_version_are_posted(teams, post, card, version):
    post(card(text(1), version=version))
    assert errors(teams) == [""]


@pytest.mark.parametrize("content", [{"@type": "MessageCard"}, {}, None, "text", []])
def test_what_is_no_adaptive_card_fails(teams, post, content):
    assert post(content).status_code == 202
    assert errors(teams)[0].startswith("400 BadRequest / BadSyntax / Invalid card type")
    assert teams.posts() == []


def test_an_attachment_of_another_content_type_fails(teams, card):
    body = {"type": "message", "attachments": [{"contentType": "image/png", "content": card()}, "text"]}
    assert requests.post(teams.url("platform"), json=body, timeout=TIMEOUT).status_code == 202
    assert errors(teams) == [
        "400 BadRequest / BadSyntax / Invalid card type: image/png",
        "400 BadRequest / BadSyntax / Invalid card type: str",
    ]


def test_the_run_history_lists_posted_and_failed_runs(teams, post, card):
    post(card(text(1)))
    post({}, channel="security")
    history = requests.get(f"{teams.page_url}runs.json", timeout=TIMEOUT).json()
    assert [(run["number"], run["channel"], bool(run["error"])) for run in history["runs"]] == [
        (1, "platform", False),
        (2, "security", True),
    ]
    assert history["runs"][0]["received_at"] == "2026-11-20T10:16:00+00:00"
    assert history["connections"] == [{"name": "owner@contoso.com", "used": 1}, {"name": "guard@contoso.com", "used": 0}]


@pytest.mark.parametrize(
    ("after", "numbers"), [("1", [2]), ("2", []), ("99", []), ("-1", [1, 2]), ("x", [1, 2]), ("9" * 5000, [1, 2])]
)
def test_the_run_history_can_be_read_on_from_a_number(teams, post, card, after, numbers):
    post(card(text(1)), card(text(1)))
    history = requests.get(f"{teams.page_url}runs.json", params={"after": after}, timeout=TIMEOUT).json()
    assert [run["number"] for run in history["runs"]] == numbers
