"""Faults in; calls that go wrong exactly so out."""

from __future__ import annotations

import threading

import pytest
import requests

from local.teams import Fault

TIMEOUT = 10


def test_faults_happen_in_order_and_then_all_is_well(teams, post, card):
    teams.fail("platform", [Fault.throttled(7), None, Fault.status(503), Fault.switched_off()])
    answers = [post(card()) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [429, 202, 503, 400, 202]
    assert answers[0].headers["Retry-After"] == "7"
    assert answers[3].json()["error"]["code"] == "WorkflowTriggerIsNotEnabled"
    assert len(teams.posts()) == 2


def test_faults_count_from_the_moment_they_are_programmed(teams, post, card):
    post(card())
    teams.fail("platform", [Fault.status(500)])
    assert [post(card()).status_code, post(card()).status_code] == [500, 202]


def test_a_function_decides_by_the_number_of_the_call(teams, post, card):
    teams.fail("platform", lambda number: Fault.status(502) if number % 2 else None)
    assert [post(card()).status_code for _ in range(4)] == [502, 202, 502, 202]


def test_only_the_named_channel_goes_wrong(teams, post, card):
    teams.fail("platform", [Fault.status(500)])
    assert [post(card(), channel=name).status_code for name in ("payments", "platform")] == [202, 500]


def test_retry_after_can_be_a_date_or_nonsense(teams, post, card):
    given = ["Fri, 20 Nov 2026 10:20:00 GMT", "soon"]
    teams.fail("platform", [Fault.status(429, retry_after=value) for value in given])
    assert [post(card()).headers["Retry-After"] for _ in given] == given


@pytest.mark.parametrize("moment", ["before reading", "after reading"])
def test_a_connection_can_be_reset(teams, post, card, moment):
    teams.fail("platform", [Fault(reset=moment)])
    with pytest.raises(requests.ConnectionError):
        post(card())
    assert [call.status for call in teams.calls] == [0]
    assert bool(teams.calls[0].body) == (moment == "after reading")
    assert teams.posts() == []


def test_a_reset_can_hide_that_the_card_was_posted(teams, post, card):
    teams.fail("platform", [Fault(reset="after reading", posts=True)])
    with pytest.raises(requests.ConnectionError):
        post(card())
    assert len(teams.posts()) == 1


def test_a_hanging_call_times_out_on_the_callers_side(teams):
    teams.fail("platform", [Fault(hang=3600)])
    with pytest.raises(requests.ReadTimeout):
        requests.post(teams.url("platform"), json={}, timeout=(TIMEOUT, 0.05))


def test_stopping_ends_a_call_that_hangs(teams):
    url, begun, ended = teams.url("platform"), threading.Event(), []

    def hang(number: int) -> Fault:
        begun.set()
        return Fault(hang=3600)

    def call() -> None:
        try:
            ended.append(requests.post(url, json={}, timeout=60).status_code)
        except requests.RequestException:  # before, or in the middle of an answer
            ended.append(0)

    teams.fail("platform", hang)
    caller = threading.Thread(target=call)
    caller.start()
    assert begun.wait(TIMEOUT)
    teams.stop()
    caller.join(TIMEOUT)
    assert len(ended) == 1


def test_a_call_that_hangs_has_been_read_and_is_let_go_on_its_usual_way(teams, post, card):
    teams.fail("platform", [Fault(hang=3600)])
    caller = threading.Thread(target=post, args=[card()])
    caller.start()
    assert teams.wait_for(lambda now: now.hanging == 1)
    assert teams.posts() == []
    teams.let_go()
    caller.join(TIMEOUT)
    assert (teams.hanging, len(teams.posts())) == (0, 1)


def test_a_post_can_be_waited_for(teams, post, card):
    poster = threading.Thread(target=post, args=[card()])
    poster.start()
    assert teams.wait_for(lambda now: len(now.posts()) == 1)
    assert not teams.wait_for(lambda now: len(now.posts()) == 2, timeout=0)
    poster.join(TIMEOUT)
