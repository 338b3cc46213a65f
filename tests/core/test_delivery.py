"""What an answer of a webhook means for the channel."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.core.delivery import BROKEN_RETRY, FIRST, LONGEST, Answer, Verdict, after, asked, judge
from shared.core.told import ChannelState
from tests.examples import START

LATER, BROKEN = Verdict(Answer.LATER, "HTTP 503"), Verdict(Answer.BROKEN, "WorkflowNotFound")


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        *((status, Answer.TOLD) for status in (200, 201, 202, 204)),
        *((status, Answer.LATER) for status in (408, 425, 429, 500, 501, 502, 503, 504)),
        *((status, Answer.BROKEN) for status in (100, 301, 307, 400, 401, 403, 404, 410, 413)),
    ],
)
def test_every_status_is_told_later_or_broken(status: int, answer: Answer) -> None:
    assert judge(status, now=START).answer is answer


def test_a_fault_is_named_by_its_code_or_else_its_status() -> None:
    assert judge(404, code="WorkflowNotFound", now=START).code == "WorkflowNotFound"
    assert judge(429, now=START).code == "HTTP 429"


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("nan", None),
        ("30", timedelta(seconds=30)),
        ("0.5", timedelta(seconds=0.5)),
        ("-5", timedelta()),
        ("86400", LONGEST),
        ("Fri, 20 Nov 2026 08:01:00 GMT", timedelta(minutes=1)),
        ("Fri, 20 Nov 2026 07:59:00 GMT", timedelta()),
        ("Fri, 20 Nov 2026 08:01:00 -0000", None),
        ("Mon, 01 Jan 99999999999 00:00:00 GMT", None),
    ],
)
def test_retry_after_is_taken_as_seconds_or_as_a_date_and_capped(header: str | None, wait: timedelta | None) -> None:
    assert asked(header, START) == wait


@given(st.text(max_size=40))
@example("Mon, 01 Jan 99999999999 00:00:00 GMT")
@example("1e400")
def test_no_retry_after_does_harm(header: str) -> None:
    wait = asked(header, START)
    assert wait is None or timedelta() <= wait <= LONGEST


def test_what_the_server_asks_for_is_what_it_gets() -> None:
    state = after(ChannelState(), judge(429, retry_after="30", now=START), START)
    assert (state.retry_at, state.broken, state.error) == (START + timedelta(seconds=30), False, "HTTP 429")


def test_without_a_wish_the_waits_grow_up_to_a_limit() -> None:
    state, waits = ChannelState(), []
    for _ in range(20):
        state = after(state, LATER, START)
        waits.append((state.retry_at or START) - START)
    assert (waits[0], waits[1], waits[-1]) == (FIRST, 2 * FIRST, LONGEST)
    assert waits == sorted(waits)


def test_a_broken_channel_is_tried_again_every_five_minutes_and_stays_broken_until_a_post_is_told() -> None:
    state = after(ChannelState(), BROKEN, START)
    assert (state.broken, state.error, state.retry_at) == (True, "WorkflowNotFound", START + BROKEN_RETRY)
    assert after(state, LATER, START).broken
    assert after(state, Verdict(Answer.TOLD), START) == ChannelState(last_post_at=START)


def test_a_fault_does_not_forget_the_last_post() -> None:
    posted: datetime | None = after(ChannelState(last_post_at=START), LATER, START + FIRST).last_post_at
    assert posted == START
