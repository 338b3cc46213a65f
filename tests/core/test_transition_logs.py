"""What logs may do to incidents: open where nothing else did, add detail, and never close; told late, begun when it began."""

from __future__ import annotations

from datetime import datetime
from itertools import permutations
from typing import Any

import pytest

from shared.core.causes import CAUSES
from shared.core.incident import Incident, State, state_of
from shared.core.observation import Health, Observation, Source
from shared.core.transition import Outcome
from tests.examples import FLAP, START, after, after_all, alert, failing, healthy, then, unchanged


def line(at: datetime = START, health: Health = Health.FAILING, **known: Any) -> Observation:
    cause = CAUSES[known.pop("cause", "build-failed")]
    words = {"cause": cause, "fingerprint": f"fp:{cause.id}", "message": "from the log"} if health is Health.FAILING else {}
    return Observation(failing().subject, health, at, Source.LOGS, **words | known)


def opened(one: Observation, before: Incident | None = None) -> Incident:
    change = then(before, one)
    assert change.outcome is Outcome.OPENED
    assert change.incident is not None
    return change.incident


def test_it_began_when_it_began_and_is_told_ten_minutes_after_it_was_learned() -> None:
    late = opened(line(after(minutes=20), since=START, held_from=after(minutes=40)))
    assert (late.opened_at, late.last_seen_at, late.due_at) == (START, after(minutes=20), after(minutes=40))
    assert state_of(late, after(minutes=39), flap=FLAP) is State.HELD
    assert state_of(late, after(minutes=40), flap=FLAP) is State.OPEN


def test_the_hold_off_of_the_cause_begins_when_it_is_learned() -> None:
    waiting = opened(line(cause="dependency-not-ready", held_from=after(minutes=40)))
    assert waiting.due_at == after(minutes=55)


def test_without_either_it_is_told_as_of_when_it_was_seen() -> None:
    assert opened(line(cause="dns-failed")).due_at == after(minutes=10)
    assert opened(line(after(minutes=20), cause="dns-failed", since=START)).due_at == after(minutes=10)


def test_it_does_not_begin_within_what_is_over() -> None:
    over = after_all(failing(), healthy(after(minutes=5)))
    assert opened(line(after(minutes=9), since=after(minutes=1)), over).opened_at == after(minutes=9)
    assert opened(line(after(minutes=9), since=after(minutes=6)), over).opened_at == after(minutes=6)


def test_a_line_older_than_a_sign_of_health_says_nothing() -> None:
    assert unchanged(after_all(healthy(after(minutes=5))), line(after(minutes=4), held_from=after(minutes=20)))


def test_what_is_opened_by_a_log_and_recovers_before_it_is_due_is_never_told() -> None:
    brief = then(after_all(line(held_from=after(minutes=10))), healthy(after(minutes=9))).incident
    assert brief is not None
    assert (brief.failing, brief.openings, state_of(brief, after(minutes=11), flap=FLAP)) == (False, (), State.RESOLVED)


@pytest.mark.parametrize("source", [Source.FLUX_EVENT, Source.COMPLIANCE])
def test_an_event_that_says_it_better_is_told_at_once(source: Source) -> None:
    better = failing(after(minutes=1), cause="health-check-failed", source=source)
    change = then(after_all(line(held_from=after(minutes=10))), better)
    assert change.incident is not None
    assert (change.outcome, change.incident.cause, change.incident.due_at) == (
        Outcome.CHANGED,
        "health-check-failed",
        after(minutes=1),
    )


def test_lines_add_detail_once_and_only_what_is_new() -> None:
    by_event = after_all(failing())
    assert unchanged(by_event, line(after(minutes=5)))  # the same words
    detailed = after_all(failing(), line(after(minutes=5), cause="dns-failed"))
    assert (detailed.detail, detailed.count, detailed.cause, detailed.last_seen_at) == (
        "from the log",
        1,
        "build-failed",
        START,
    )
    assert unchanged(detailed, line(after(minutes=6), cause="tls-failed"))


def test_a_line_adds_detail_whatever_its_time() -> None:
    assert after_all(failing(after(minutes=5)), line(START, cause="dns-failed")).detail == "from the log"


def test_a_line_about_an_alert_is_its_detail() -> None:
    assert after_all(alert(START), line(after(minutes=1))).detail == "from the log"


def test_logs_close_nothing() -> None:
    for one in (after_all(failing()), after_all(line())):
        assert unchanged(one, line(after(minutes=9), Health.HEALTHY))


def test_in_whatever_order_the_same_lines_come_and_come_again_it_is_open_once() -> None:
    lines = [line(), line(after(minutes=1), cause="dns-failed"), line(after(minutes=2))]
    for order in permutations(lines):
        once = after_all(*order)
        assert (once.failing, once.count, len(once.openings)) == (True, 1, 1)
        assert all(unchanged(once, one) for one in order if once.detail)


def test_reading_an_old_window_again_reopens_nothing() -> None:
    lines = [line(after(minutes=minute), held_from=after(minutes=20)) for minute in range(5)]
    closed = after_all(*lines, healthy(after(minutes=5)))
    assert all(unchanged(closed, one) for one in lines)
    assert (closed.resolved_at, closed.due_at) == (after(minutes=5), after(minutes=20))
