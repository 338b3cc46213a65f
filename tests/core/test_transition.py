"""How an incident behaves: section 4 of the design, a sentence for each rule."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations

import pytest

from shared.core.causes import CAUSES, Severity
from shared.core.incident import Flap, Incident, State, state_of
from shared.core.observation import Health, Observation, Source
from shared.core.transition import Outcome
from tests.examples import FLAP, START, after, after_all, alert, failing, healthy, log_line, seen, then, unchanged, waiting


def remediated(at: datetime) -> Observation:
    return seen(Health.REMEDIATED, at, cause=CAUSES["helm-rolled-back"], fingerprint="fp:rolled-back")


def state_at(incident: Incident, at: datetime) -> State:
    return state_of(incident, at, flap=FLAP)


# ---------------------------------------------------------------------------------------------------- open, count, close


def test_a_failure_opens_an_incident() -> None:
    change = then(None, failing())
    assert change.outcome is Outcome.OPENED
    opened = change.incident
    assert opened is not None
    assert (opened.failing, opened.opened_at, opened.count, opened.resolved_at) == (True, START, 1, None)
    assert (opened.cause, opened.severity, opened.message) == ("build-failed", Severity.WARNING, "Kustomize build failed.")


def test_the_same_cause_again_counts_up_and_stays_what_it_was() -> None:
    change = then(after_all(failing()), failing(after(minutes=5)))
    again = change.incident
    assert again is not None
    assert (change.outcome, again.count, again.opened_at, again.last_seen_at) == (
        Outcome.COUNTED,
        2,
        START,
        after(minutes=5),
    )


def test_another_cause_changes_the_incident_and_does_not_open_a_second() -> None:
    change = then(after_all(failing()), failing(after(minutes=5), cause="health-check-failed", message="timeout"))
    changed = change.incident
    assert changed is not None
    assert (change.outcome, changed.opened_at, changed.count) == (Outcome.CHANGED, START, 2)
    assert (changed.cause, changed.severity, changed.message) == ("health-check-failed", Severity.CRITICAL, "timeout")


def test_healthy_closes_it() -> None:
    change = then(after_all(failing()), healthy(after(minutes=5)))
    closed = change.incident
    assert closed is not None
    assert (change.outcome, closed.failing, closed.resolved_at) == (Outcome.CLOSED, False, after(minutes=5))


def test_compliance_and_events_speak_with_one_voice() -> None:
    opened = after_all(failing(source=Source.COMPLIANCE))
    assert then(opened, healthy(after(minutes=1))).outcome is Outcome.CLOSED
    assert then(after_all(failing()), healthy(after(minutes=1), source=Source.COMPLIANCE)).outcome is Outcome.CLOSED


def test_progress_ends_no_failure() -> None:
    assert unchanged(after_all(failing()), seen(Health.PROGRESSING, after(minutes=1)))


def test_what_is_of_no_consequence_changes_nothing() -> None:
    assert unchanged(after_all(failing()), seen(Health.NOTED, after(minutes=1)))
    assert unchanged(None, seen(Health.NOTED))


# --------------------------------------------------------------------------------------------------------------- order


def test_an_older_observation_never_overrides_a_newer_one() -> None:
    assert unchanged(after_all(failing(after(minutes=5))), healthy(after(minutes=4)))
    assert unchanged(after_all(failing(), healthy(after(minutes=5))), failing(after(minutes=4)))


def test_a_failure_that_is_older_than_the_first_thing_heard_does_not_open() -> None:
    assert unchanged(after_all(healthy(after(minutes=5))), failing(after(minutes=4)))


def test_in_the_same_second_failing_wins_whatever_comes_first() -> None:
    for order in permutations([failing(), healthy(START)]):
        assert after_all(*order).failing


@pytest.mark.parametrize(
    "one", [failing(), waiting(), healthy(START), remediated(START), alert(START), alert(START, fires=False), log_line(START)]
)
def test_the_same_bytes_twice_change_nothing(one: Observation) -> None:
    assert unchanged(after_all(one), one)


def test_two_failures_of_one_second_count_once_each_in_whatever_order_they_come_again() -> None:
    first, second = failing(), failing(cause="health-check-failed")
    both = after_all(first, second)
    assert both.count == 2
    assert all(unchanged(both, one) for one in (first, second))


# ------------------------------------------------------------------------------------------------- helm's remediations


def test_a_rollback_keeps_the_incident_open_and_its_cause() -> None:
    rolled_back = after_all(failing(cause="helm-upgrade-failed"), remediated(after(minutes=1)))
    assert (rolled_back.failing, rolled_back.cause, rolled_back.count) == (True, "helm-upgrade-failed", 1)


def test_a_rollback_that_overtook_its_failure_takes_over_the_cause_of_it() -> None:
    overtaken = after_all(remediated(after(minutes=1)), failing(cause="helm-upgrade-failed"))
    assert (overtaken.cause, overtaken.opened_at, overtaken.ready) == ("helm-upgrade-failed", START, Health.REMEDIATED)
    assert unchanged(overtaken, failing(cause="helm-upgrade-failed"))


def test_a_rollback_alone_opens_an_incident() -> None:
    assert then(None, remediated(START)).outcome is Outcome.OPENED


# ------------------------------------------------------------------------------------------------------------- waiting


def test_waiting_opens_an_incident_that_is_told_only_if_it_lasts() -> None:
    held = after_all(waiting())
    assert state_at(held, after(minutes=14, seconds=59)) is State.HELD
    assert state_at(held, after(minutes=15)) is State.OPEN


def test_progress_ends_a_wait() -> None:
    change = then(after_all(waiting()), seen(Health.PROGRESSING, after(minutes=1)))
    assert change.incident is not None
    assert (change.outcome, change.incident.failing) == (Outcome.CLOSED, False)


def test_progress_ends_a_wait_but_not_an_alert() -> None:
    change = then(after_all(waiting(), alert(after(minutes=1))), seen(Health.PROGRESSING, after(minutes=2)))
    assert change.incident is not None
    assert (change.outcome, change.incident.failing) == (Outcome.NOTED, True)


def test_waiting_does_not_make_a_failure_milder() -> None:
    both = after_all(failing(cause="health-check-failed"), waiting(after(minutes=1)))
    assert (both.ready, both.cause) == (Health.FAILING, "health-check-failed")


def test_a_wait_beside_an_alert_outlasts_the_alert() -> None:
    waits = after_all(alert(START), waiting(after(minutes=1)), alert(after(minutes=2), fires=False))
    assert (waits.failing, waits.ready) == (True, Health.WAITING)


# ------------------------------------------------------------------------------------------------------------ hold-off


def test_a_transient_cause_is_held_back() -> None:
    held = after_all(failing(cause="dns-failed"))
    assert state_at(held, after(minutes=9)) is State.HELD
    assert state_at(held, after(minutes=10)) is State.OPEN


def test_what_is_held_back_is_not_held_longer_for_failing_again() -> None:
    again = after_all(failing(cause="dns-failed"), failing(after(minutes=8), cause="network-failed"))
    assert state_at(again, after(minutes=10)) is State.OPEN


def test_a_graver_cause_is_due_at_once() -> None:
    graver = after_all(failing(cause="dns-failed"), failing(after(minutes=1), cause="health-check-failed"))
    assert state_at(graver, after(minutes=1)) is State.OPEN


def test_a_new_opening_is_held_anew() -> None:
    reopened = after_all(failing(), healthy(after(minutes=1)), failing(after(minutes=2), cause="dns-failed"))
    assert reopened.due_at == after(minutes=12)


# ------------------------------------------------------------------------------------------------------------ flapping


def flap_times(openings: int, every: timedelta = timedelta(minutes=4), cause: str = "build-failed") -> list[Observation]:
    found: list[Observation] = []
    for number in range(openings):
        found += [failing(START + number * every, cause=cause), healthy(START + number * every + every / 2)]
    return found


def test_three_openings_in_half_an_hour_are_flapping() -> None:
    assert not after_all(*flap_times(2)).flapping
    assert state_at(after_all(*flap_times(3)[:-1]), after(minutes=8)) is State.FLAPPING


def test_three_openings_in_a_longer_time_are_not() -> None:
    assert not after_all(*flap_times(3, every=timedelta(minutes=15))).flapping


def test_flapping_ends_after_half_an_hour_of_calm_whether_well_or_failing() -> None:
    well, ill = after_all(*flap_times(3)), after_all(*flap_times(3)[:-1])
    assert state_at(well, after(minutes=39)) is State.FLAPPING
    assert state_at(well, after(minutes=40)) is State.RESOLVED
    assert state_at(ill, after(minutes=37)) is State.FLAPPING
    assert state_at(ill, after(minutes=38)) is State.OPEN


def test_an_opening_after_the_calm_begins_to_count_anew() -> None:
    later = after_all(*flap_times(3), failing(after(minutes=50)))
    assert (later.flapping, len(later.openings)) == (False, 1)


def test_what_went_by_before_it_was_told_is_no_flapping() -> None:
    assert not after_all(*flap_times(5, cause="dns-failed")).flapping


def test_waiting_is_not_failing_and_does_not_flap() -> None:
    rounds = [one for n in range(5) for one in (waiting(after(minutes=4 * n)), healthy(after(minutes=4 * n + 2)))]
    assert after_all(*rounds).openings == ()


def test_how_often_and_how_fast_is_flapping_can_be_set() -> None:
    assert after_all(*flap_times(2), flap=Flap(2, timedelta(minutes=5))).flapping
