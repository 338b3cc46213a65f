"""What an alert does to the incident of its subject: it joins, raises, brings forward, and leaves things as they were."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations

import pytest

from shared.core.alert_voice import LAG, MAX_ALERTS
from shared.core.causes import CAUSES, Severity
from shared.core.incident import Flap, Incident, State, state_of
from shared.core.observation import Health, Observation, Source
from shared.core.transition import Outcome
from tests.examples import START, after, after_all, alert, failing, healthy, log_line, seen, then, unchanged


def fires(
    at: datetime, severity: Severity = Severity.WARNING, rule: str = "FluxNotReady", text: str = "from the alert"
) -> Observation:
    cause = replace(CAUSES["alert-fired"], severity=severity)
    return replace(alert(at, rule=rule), cause=cause, message=text, reason=rule.partition("#")[0])


def joined(*before: Observation, severity: Severity = Severity.CRITICAL) -> Incident:
    return after_all(*before, fires(after(minutes=1), severity))


def test_an_alert_that_joins_adds_its_words_and_changes_no_cause() -> None:
    change = then(after_all(failing()), fires(after(minutes=1)))
    assert change.outcome is Outcome.NOTED
    assert change.incident is not None
    assert (change.incident.detail, change.incident.cause, change.incident.count) == ("from the alert", "build-failed", 1)
    assert change.incident.fingerprint == "fp:build-failed"  # so that no channel is told again
    assert change.incident.firing == {"FluxNotReady"}


def test_what_logs_said_first_stays() -> None:
    assert joined(failing(), log_line(after(seconds=5))).detail == "from the log"


@pytest.mark.parametrize(
    ("severity", "then_"),
    [(Severity.CRITICAL, Severity.CRITICAL), (Severity.WARNING, Severity.WARNING), (Severity.INFO, Severity.WARNING)],
)
def test_a_graver_alert_raises_the_severity_and_a_milder_one_does_not_lower_it(severity: Severity, then_: Severity) -> None:
    assert joined(failing(), severity=severity).severity is then_


def test_with_the_last_alert_goes_the_severity_that_it_brought() -> None:
    one = after_all(failing(), *(fires(after(minutes=1), Severity.CRITICAL, rule) for rule in "ab"))
    still = then(one, alert(after(minutes=3), fires=False, rule="a")).incident
    assert still is not None
    assert still.severity is Severity.CRITICAL
    left = then(still, alert(after(minutes=4), fires=False, rule="b")).incident
    assert left is not None
    assert (left.failing, left.severity) == (True, Severity.WARNING)


@pytest.mark.parametrize(("severity", "due"), [(Severity.CRITICAL, 1), (Severity.WARNING, 1), (Severity.INFO, 10)])
def test_what_is_held_back_is_due_as_soon_as_an_alert_as_grave_says_so(severity: Severity, due: int) -> None:
    assert joined(failing(cause="dns-failed"), severity=severity).due_at == after(minutes=due)


def test_an_alert_delays_nothing() -> None:
    assert joined(failing()).due_at == START


def test_who_says_more_of_what_an_alert_opened_names_the_cause_and_keeps_words_and_severity() -> None:
    one = after_all(fires(START, Severity.CRITICAL), failing(after(minutes=1)))
    assert (one.cause, one.severity, one.detail) == ("build-failed", Severity.CRITICAL, "from the alert")
    assert one.opened_at == START
    over = then(one, alert(after(minutes=2), fires=False)).incident
    assert over is not None
    assert (over.failing, over.severity) == (True, Severity.WARNING)


def test_an_object_that_is_well_stays_open_as_long_as_an_alert_fires() -> None:
    one = after_all(failing(), fires(after(minutes=1)), healthy(after(minutes=2)))
    assert one.failing
    assert then(one, alert(after(minutes=3), fires=False)).outcome is Outcome.CLOSED


@pytest.mark.parametrize("order", [*permutations(range(4))])
def test_in_whatever_order_deliveries_come_and_how_often_the_end_is_the_same(order: tuple[int, ...]) -> None:
    told = [fires(START), alert(after(minutes=1), fires=False), fires(after(minutes=2)), alert(after(minutes=3), fires=False)]
    one = after_all(*(told[place] for place in order for _ in range(2)))
    assert not one.failing
    assert one.alerts == {"FluxNotReady": (after(minutes=3), False)}


def test_in_the_same_second_firing_wins() -> None:
    for pair in permutations((fires(START), alert(START, fires=False))):
        assert after_all(*pair).failing


def test_what_is_gone_is_not_opened_by_an_alert_from_before() -> None:
    gone = after_all(failing(), seen(Health.GONE, after(minutes=2), source=Source.COMPLIANCE))
    assert unchanged(gone, fires(after(minutes=1)))
    assert then(gone, fires(after(minutes=3))).outcome is Outcome.OPENED


def test_an_end_that_nobody_heard_the_beginning_of_opens_and_closes_nothing() -> None:
    assert then(after_all(failing()), alert(after(minutes=1), fires=False)).outcome is Outcome.NOTED
    assert not after_all(alert(START, fires=False)).failing


def test_pods_come_and_go_and_the_row_does_not_grow() -> None:
    told = ((f"r#{n * 7 % 97}", n % 3 > 0) for n in range(200))
    one = after_all(*(alert(after(seconds=n), fires=on, rule=rule) for n, (rule, on) in enumerate(told)))
    assert len(one.alerts) == MAX_ALERTS


def test_of_too_many_voices_silent_ones_are_forgotten_first() -> None:
    silent = [alert(after(minutes=90), fires=False, rule="silent")]
    one = after_all(*silent, *(alert(after(seconds=n), rule=f"r#{n}") for n in range(MAX_ALERTS)))
    assert "silent" not in one.alerts
    assert one.firing == {"r"}


# --------------------------------------------------------------------------------- alerts that tell of what is over already


def _state(incident: Incident, at: datetime) -> State:
    return state_of(incident, at, flap=Flap())


@pytest.mark.parametrize("minute", [-30, 1, 5, 9])
def test_an_alert_that_comes_behind_the_recovery_is_not_told_unless_it_lasts(minute: int) -> None:
    well = healthy(after(minutes=5))
    late = after_all(failing(), well, fires(after(minutes=minute)))
    held = max(well.at, after(minutes=minute)) + LAG
    assert _state(late, held - timedelta(seconds=1)) is State.HELD
    assert _state(late, held) is State.OPEN
    over = then(late, alert(held - timedelta(minutes=1), fires=False)).incident
    assert over is not None
    assert (_state(over, held), over.openings) == (State.RESOLVED, (START,))


def test_two_that_come_late_are_held_back_as_one_is() -> None:
    late = after_all(failing(), healthy(after(minutes=5)), *(fires(after(minutes=6), Severity.CRITICAL, rule) for rule in "ab"))
    assert late.due_at == after(minutes=6) + LAG


def test_who_sees_it_fail_again_does_not_wait_for_the_alert() -> None:
    again = after_all(failing(), healthy(after(minutes=5)), fires(after(minutes=6)), failing(after(minutes=7)))
    assert _state(again, after(minutes=7)) is State.OPEN


def test_an_alert_of_what_has_been_well_for_a_while_is_told_at_once() -> None:
    assert after_all(healthy(START), fires(START + LAG)).due_at == START + LAG
    assert after_all(fires(START)).due_at == START


def test_an_alert_behind_the_end_of_its_object_is_held_back() -> None:
    gone = seen(Health.GONE, after(minutes=2), source=Source.COMPLIANCE)
    assert after_all(failing(), gone, fires(after(minutes=3))).due_at == after(minutes=3) + LAG
