"""What one channel is still to be told of one incident: truth against belief."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from shared.core.causes import Severity
from shared.core.difference import CALM, News, Quiet, Repeat, difference
from shared.core.incident import State
from shared.core.told import Said, Told
from tests.examples import START, after, incident, told

OPEN, FLAPPING, RESOLVED = told(Said.OPEN), told(Said.FLAPPING), told(Said.RESOLVED)


def of(state: State, told: Told | None, now: datetime = START, **known: object) -> News | str:
    news = difference(incident(**known), state, told, now=now, repeat=Repeat())
    return news.why if isinstance(news, Quiet) else news


@pytest.mark.parametrize(
    ("state", "told", "news"),
    [
        (State.OPEN, None, News.OPENED),
        (State.OPEN, RESOLVED, News.OPENED),
        (State.OPEN, FLAPPING, News.OPENED),
        (State.OPEN, OPEN, "told already"),
        (State.HELD, None, "held back: it may pass"),
        (State.HELD, RESOLVED, "held back: it may pass"),
        (State.HELD, OPEN, "told already"),
        (State.FLAPPING, None, News.FLAPPING),
        (State.FLAPPING, OPEN, News.FLAPPING),
        (State.FLAPPING, RESOLVED, News.FLAPPING),
        (State.FLAPPING, FLAPPING, "told already"),
        (State.RESOLVED, None, "over, and nobody was told of it"),
        (State.RESOLVED, RESOLVED, "over, and nobody was told of it"),
        (State.RESOLVED, OPEN, News.RESOLVED),
        (State.RESOLVED, FLAPPING, News.RESOLVED),
        (State.MUTED, None, "muted"),
        (State.MUTED, OPEN, "muted"),
        (State.MUTED, RESOLVED, "muted"),
    ],
)  # fmt: skip
def test_what_is_true_and_what_was_told_make_the_news(state: State, told: Told | None, news: News | str) -> None:
    assert of(state, told) == news


def test_another_cause_is_told_once() -> None:
    assert of(State.OPEN, OPEN, fingerprint="fp:other") is News.CHANGED
    assert of(State.OPEN, told(Said.OPEN, prints=("fp:build-failed", "fp:other")), fingerprint="fp:other") == "told already"


def test_a_cause_that_returns_is_not_told_again() -> None:
    assert of(State.OPEN, told(Said.OPEN, prints=("fp:build-failed", "fp:other"))) == "told already"


def test_a_message_that_never_stays_the_same_is_no_flood() -> None:
    restless = told(Said.OPEN, prints=("a", "b", "c", "d"))
    assert of(State.OPEN, restless, after(minutes=29)) == "its message keeps changing: told at longer intervals"
    assert of(State.OPEN, restless, START + CALM) is News.CHANGED


@pytest.mark.parametrize(
    ("severity", "silent", "due"),
    [
        (Severity.CRITICAL, timedelta(hours=4, seconds=-1), timedelta(hours=4)),
        (Severity.WARNING, timedelta(hours=24, seconds=-1), timedelta(hours=24)),
    ],
)
def test_what_stays_open_is_told_again_after_a_time_that_fits_its_severity(
    severity: Severity, silent: timedelta, due: timedelta
) -> None:
    assert of(State.OPEN, OPEN, START + silent, severity=severity) == "told already"
    assert of(State.OPEN, OPEN, START + due, severity=severity) is News.REMINDER


def test_what_is_only_good_to_know_is_never_told_again() -> None:
    assert of(State.OPEN, OPEN, after(days=365), severity=Severity.INFO) == "told already"


def test_reminders_can_be_switched_off() -> None:
    never = Repeat(critical=None, warning=None)
    assert difference(incident(), State.OPEN, OPEN, now=after(days=365), repeat=never) == Quiet("told already")


def test_news_are_ranked_the_most_pressing_first() -> None:
    assert sorted(News, key=lambda news: news.rank)[0] is News.OPENED
    assert News.CHANGED.rank < News.RESOLVED.rank < News.REMINDER.rank
