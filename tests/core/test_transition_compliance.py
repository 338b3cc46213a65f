"""What compliance may do to incidents: it shows a state again and again, and only what differs from before is news."""

from __future__ import annotations

from datetime import datetime
from itertools import permutations
from typing import Any

import pytest

from shared.core.causes import CAUSES
from shared.core.incident import State, state_of
from shared.core.observation import Health, Observation, Source
from shared.core.transition import Outcome
from tests.examples import FLAP, START, after, after_all, alert, failing, healthy, log_line, seen, then, unchanged, waiting


def row(health: Health, at: datetime, **known: Any) -> Observation:
    return seen(health, at, source=Source.COMPLIANCE, **known)


def bad(at: datetime, cause: str = "build-failed", **known: Any) -> Observation:
    return failing(at, cause=cause, source=Source.COMPLIANCE, **known)


# ------------------------------------------------------------------------------------------------- as it was shown before


@pytest.mark.parametrize(
    ("before", "again"),
    [
        (failing(), bad(after(minutes=5))),
        (bad(START), bad(after(minutes=5))),
        (failing(), bad(after(minutes=5), fingerprint="shorter words of the same cause")),
        (failing(), bad(after(minutes=5), "dns-failed", fingerprint="fp:build-failed")),
        (waiting(), row(Health.WAITING, after(minutes=5))),
        (waiting(), row(Health.WAITING, after(minutes=5), fingerprint="for something else")),
        (seen(Health.REMEDIATED), row(Health.REMEDIATED, after(minutes=5))),
        (failing(), row(Health.WAITING, after(minutes=5))),
        (seen(Health.REMEDIATED), row(Health.WAITING, after(minutes=5))),
        (failing(), row(Health.PROGRESSING, after(minutes=5))),
        (healthy(START), row(Health.PROGRESSING, after(minutes=5))),
        (healthy(START), row(Health.HEALTHY, after(minutes=5), heartbeat=True)),
    ],
)
def test_what_was_shown_before_is_worth_no_write(before: Observation, again: Observation) -> None:
    assert unchanged(after_all(before), again)


@pytest.mark.parametrize(
    ("before", "news", "outcome"),
    [
        (failing(), bad(after(minutes=5), "dns-failed"), Outcome.CHANGED),
        (waiting(), bad(after(minutes=5)), Outcome.CHANGED),
        (failing(), row(Health.REMEDIATED, after(minutes=5)), Outcome.NOTED),
        (seen(Health.REMEDIATED), bad(after(minutes=5)), Outcome.COUNTED),
        (failing(), row(Health.HEALTHY, after(minutes=5), heartbeat=True), Outcome.CLOSED),
        (waiting(), row(Health.PROGRESSING, after(minutes=5)), Outcome.CLOSED),
        (failing(), row(Health.GONE, after(minutes=5)), Outcome.CLOSED),
        (failing(), row(Health.SUSPENDED, after(minutes=5)), Outcome.NOTED),
        (healthy(START), bad(after(minutes=5)), Outcome.OPENED),
        (alert(START), bad(after(minutes=5)), Outcome.CHANGED),
        (log_line(START), bad(after(minutes=5)), Outcome.CHANGED),
    ],
)
def test_what_differs_is_news_once(before: Observation, news: Observation, outcome: Outcome) -> None:
    change = then(after_all(before), news)
    assert change.outcome is outcome
    assert change.incident is not None
    assert unchanged(change.incident, news)


def test_an_event_of_the_same_cause_still_counts() -> None:
    counted = after_all(bad(START), failing(after(minutes=1)), failing(after(minutes=2)))
    assert (counted.count, counted.last_seen_at) == (3, after(minutes=2))


def test_what_is_shown_again_after_a_suspension_is_no_longer_suspended() -> None:
    resumed = then(after_all(failing(), row(Health.SUSPENDED, after(minutes=5))), bad(after(minutes=9)))
    assert resumed.incident is not None
    assert (resumed.incident.suspended, resumed.incident.failing) == (False, True)


def test_logs_do_not_resume_what_is_suspended() -> None:
    assert after_all(failing(), row(Health.SUSPENDED, after(minutes=5)), log_line(after(minutes=9))).suspended


# ------------------------------------------------------------------------------------------------------- when it began


@pytest.mark.parametrize(
    ("since", "opened"),
    [
        (None, after(minutes=20)),
        (after(minutes=3), after(minutes=3)),
        (after(minutes=30), after(minutes=20)),  # never after it was seen
    ],
)
def test_it_began_when_its_source_says(since: datetime | None, opened: datetime) -> None:
    one = after_all(bad(after(minutes=20), since=since))
    assert (one.opened_at, one.last_seen_at, one.turned_at) == (opened, after(minutes=20), after(minutes=20))


def test_it_does_not_begin_within_what_is_over() -> None:
    again = after_all(failing(), healthy(after(minutes=5)), bad(after(minutes=9), since=after(minutes=1)))
    assert again.opened_at == after(minutes=9)
    right_after = after_all(failing(), healthy(after(minutes=5)), bad(after(minutes=9), since=after(minutes=5)))
    assert right_after.opened_at == after(minutes=5)


@pytest.mark.parametrize(
    ("known", "due"),
    [
        ({}, after(minutes=30)),
        ({"since": after(minutes=3)}, after(minutes=13)),
        ({"since": after(minutes=3), "held_from": after(minutes=25)}, after(minutes=35)),
        ({"held_from": after(minutes=25)}, after(minutes=35)),
    ],
)
def test_the_hold_off_begins_when_it_began_or_when_it_was_learned(known: dict[str, Any], due: datetime) -> None:
    assert after_all(bad(after(minutes=20), "dns-failed", **known)).due_at == due


def test_what_has_lasted_longer_than_its_hold_off_is_told_at_once() -> None:
    one = after_all(bad(after(minutes=20), "dns-failed", since=START))
    assert state_of(one, after(minutes=20), flap=FLAP) is State.OPEN


def test_a_graver_cause_that_a_row_shows_is_due_at_once() -> None:
    one = after_all(failing(cause="dns-failed"), bad(after(minutes=2), "health-check-failed"))
    assert (one.due_at, one.severity) == (after(minutes=2), CAUSES["health-check-failed"].severity)


# ---------------------------------------------------------------------------------------------------------- stale rows


@pytest.mark.parametrize("health", [Health.FAILING, Health.WAITING, Health.REMEDIATED, Health.HEALTHY, Health.SUSPENDED])
@pytest.mark.parametrize("minutes", [-60, 4])
def test_a_stale_row_neither_reopens_nor_closes(health: Health, minutes: float) -> None:
    of = {"heartbeat": True} if health is Health.HEALTHY else {}
    for known in (healthy(after(minutes=5)), failing(after(minutes=5))):
        assert unchanged(after_all(failing(), known), row(health, after(minutes=minutes), **of))


def test_a_stale_word_of_who_is_gone_says_nothing_and_one_of_the_same_second_does() -> None:
    one = after_all(failing(after(minutes=5)))
    assert unchanged(one, row(Health.GONE, after(minutes=4)))
    assert then(one, row(Health.GONE, after(minutes=5))).outcome is Outcome.CLOSED


def test_within_a_second_failing_wins_over_healthy() -> None:
    assert unchanged(after_all(failing()), row(Health.HEALTHY, START, heartbeat=True))
    assert then(after_all(healthy(START)), bad(START)).outcome is Outcome.OPENED


def test_in_whatever_order_events_and_rows_come_the_newest_says_how_it_is() -> None:
    said = [failing(), bad(after(minutes=1), since=START), healthy(after(minutes=2)), bad(after(minutes=3), "dns-failed")]
    for order in permutations(said):
        one = after_all(*order)
        assert (one.failing, one.cause, one.observed_at) == (True, "dns-failed", after(minutes=3))
        assert all(unchanged(one, again) for again in said)


# ----------------------------------------------------------------------------------------------------------------- gone


def test_who_is_gone_takes_alerts_along_and_is_not_gone_twice() -> None:
    over = after_all(failing(), alert(after(minutes=1)), row(Health.GONE, after(minutes=5)))
    assert (over.failing, over.gone, over.resolved_at) == (False, True, after(minutes=5))
    assert unchanged(over, row(Health.GONE, after(minutes=9)))
    back = then(over, bad(after(minutes=9))).incident
    assert back is not None
    assert (back.gone, back.failing) == (False, True)


def test_nothing_ends_before_it_began() -> None:
    over = after_all(failing(after(minutes=9)), alert(after(minutes=1)), row(Health.GONE, after(minutes=9)))
    assert over.opened_at is not None
    assert over.resolved_at is not None
    assert over.opened_at <= over.resolved_at


@pytest.mark.parametrize("source", [Source.COMPLIANCE, Source.FLUX_EVENT])
def test_what_logs_hold_back_is_told_sooner_once_somebody_sees_it(source: Source) -> None:
    late = failing(START, source=Source.LOGS, held_from=after(minutes=10))
    known = failing(after(minutes=3), source=source, since=START)
    hold_off = CAUSES["build-failed"].hold_off
    assert after_all(late).due_at == after(minutes=10) + hold_off
    assert after_all(late, known).due_at == START + hold_off


def test_what_is_due_already_is_not_written_again() -> None:
    one = after_all(failing(START))
    assert unchanged(one, bad(after(hours=1)))
