"""The other voices: alerts for their rule, logs that add detail, the suspended and the gone, heartbeats that write nothing."""

from __future__ import annotations

from datetime import datetime

from shared.core.incident import Incident, State, state_of
from shared.core.observation import Health, Source
from shared.core.transition import Outcome
from tests.examples import FLAP, START, after, after_all, alert, failing, healthy, log_line, seen, then, unchanged


def state_at(incident: Incident, at: datetime) -> State:
    return state_of(incident, at, flap=FLAP)


# -------------------------------------------------------------------------------------------------------------- alerts


def test_an_alert_speaks_for_its_own_rule_until_it_is_resolved() -> None:
    still = after_all(failing(), alert(after(minutes=1)), healthy(after(minutes=2)))
    assert still.failing
    assert then(still, alert(after(minutes=3), fires=False)).outcome is Outcome.CLOSED


def test_an_alert_does_not_close_what_the_object_says_of_itself() -> None:
    assert after_all(failing(), alert(after(minutes=1)), alert(after(minutes=2), fires=False)).failing


def test_each_rule_has_a_voice_of_its_own() -> None:
    one = after_all(alert(START, rule="a"), alert(after(minutes=1), rule="b"), alert(after(minutes=2), fires=False, rule="a"))
    assert one.failing
    assert then(one, alert(after(minutes=3), fires=False, rule="b")).outcome is Outcome.CLOSED


def test_an_alert_that_was_resolved_before_it_was_heard_of_does_not_open() -> None:
    assert unchanged(after_all(alert(after(minutes=5), fires=False)), alert(START))


def test_an_end_is_never_before_its_beginning() -> None:
    """Readiness is by the object's clock and alerts by Azure's: what closes may be older than what opened."""
    late = after_all(
        alert(after(minutes=10)), failing(after(minutes=2)), alert(after(minutes=11), fires=False), healthy(after(minutes=5))
    )
    assert (late.opened_at, late.last_seen_at, late.resolved_at) == (after(minutes=10),) * 3


# ---------------------------------------------------------------------------------------------------------------- logs


def test_logs_add_detail_where_there_is_none() -> None:
    change = then(after_all(failing()), log_line(after(minutes=1)))
    detailed = change.incident
    assert detailed is not None
    assert (detailed.detail, detailed.cause, detailed.count) == ("from the log", "build-failed", 1)
    assert unchanged(detailed, log_line(after(minutes=2), message="more"))


def test_logs_open_an_incident_where_nothing_else_did() -> None:
    assert then(None, log_line(START)).outcome is Outcome.OPENED


def test_logs_never_close_one() -> None:
    for opened in (after_all(failing()), after_all(log_line(START)), after_all(alert(START))):
        assert unchanged(opened, log_line(after(minutes=1), Health.HEALTHY))


# -------------------------------------------------------------------------------------------- suspended, gone, heartbeat


def test_a_suspended_object_is_remembered_as_muted() -> None:
    suspended = after_all(failing(), seen(Health.SUSPENDED, after(minutes=1), source=Source.COMPLIANCE))
    assert (suspended.failing, state_at(suspended, after(minutes=2))) == (True, State.MUTED)
    assert unchanged(suspended, seen(Health.SUSPENDED, after(minutes=2), source=Source.COMPLIANCE))


def test_an_object_that_speaks_again_is_no_longer_suspended() -> None:
    suspension = seen(Health.SUSPENDED, after(minutes=1), source=Source.COMPLIANCE)
    assert state_at(after_all(failing(), suspension, failing(after(minutes=2))), after(minutes=2)) is State.OPEN
    heartbeat = healthy(after(minutes=3), heartbeat=True)
    assert not after_all(failing(), healthy(after(seconds=9)), suspension, heartbeat).suspended


def test_an_object_that_is_gone_closes_its_incident_and_its_alerts() -> None:
    gone = after_all(failing(), alert(after(minutes=1)), seen(Health.GONE, after(minutes=2), source=Source.COMPLIANCE))
    assert (gone.failing, gone.gone, gone.resolved_at) == (False, True, after(minutes=2))
    assert unchanged(gone, seen(Health.GONE, after(minutes=3), source=Source.COMPLIANCE))
    assert unchanged(gone, alert(after(minutes=1)))


def test_what_was_well_when_it_went_was_not_closed() -> None:
    assert then(after_all(healthy(START)), seen(Health.GONE, after(minutes=2))).outcome is Outcome.NOTED


def test_an_object_that_comes_back_may_fail_again() -> None:
    back = after_all(failing(), seen(Health.GONE, after(minutes=1)), failing(after(minutes=2)))
    assert (back.failing, back.gone) == (True, False)


def test_a_heartbeat_writes_nothing() -> None:
    heartbeat = healthy(after(minutes=5), heartbeat=True)
    assert unchanged(None, heartbeat)
    assert unchanged(after_all(healthy(START)), heartbeat)
    assert unchanged(after_all(failing(), healthy(after(minutes=1))), heartbeat)


def test_a_heartbeat_closes_what_no_other_event_did() -> None:
    assert then(after_all(failing()), healthy(after(minutes=5), heartbeat=True)).outcome is Outcome.CLOSED


def test_every_health_is_decided_upon() -> None:
    assert all(then(None, seen(health)).reason for health in Health)
