"""What a sweep says of Flux objects: opened and closed with the times that rows carry, and silent while nothing changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from shared.core.compliance import Decision
from shared.core.conditions import NOT_COMPLIANT
from shared.core.grouping import group_of
from shared.core.observation import Health, Source
from shared.core.sightings import seen_at
from tests.examples import START, after, after_all, cluster, failing, healthy, subject
from tests.sights import COMMIT, NO_FILE, Row, Watch, configuration_row, status


def bad(at: datetime = START, *, since: datetime | None = None, **more: Any) -> Row:
    """The row of a configuration, reported `at`, in which platform-apps fails since then."""
    return configuration_row(status(ready="False", at=since or at, **more), at=at)


def good(at: datetime = START, *, since: datetime | None = None) -> Row:
    return configuration_row(status(at=since or at), at=at)


def nothing(decision: Decision) -> bool:
    return (decision.observations, decision.changed, decision.dropped) == ((), (), ())


# ------------------------------------------------------------------------------------------------------- open and close


def test_a_failure_that_no_event_told_is_opened_as_of_when_it_began() -> None:
    watch = Watch(configurations=[bad(after(minutes=4), since=after(minutes=1))])
    watch.sweep()
    one = watch.of()
    assert (one.failing, one.opened_at, one.observed_at) == (True, after(minutes=1), after(minutes=2))
    assert (one.cause, one.reason, one.message, one.revision) == ("build-failed", "BuildFailed", NO_FILE, COMMIT)


def test_what_is_well_and_did_not_fail_is_not_spoken_of() -> None:
    assert Watch().sweep().observations == ()


def test_a_recovery_that_no_event_told_closes_it() -> None:
    watch = Watch(configurations=[bad()])
    watch.sweep()
    watch.configurations = [good(after(minutes=9), since=after(minutes=8))]
    watch.sweep(minutes=5)
    assert (watch.of().failing, watch.of().resolved_at) == (False, after(minutes=8))


def test_the_same_commit_in_an_event_and_in_a_row_is_one_group() -> None:
    watch = Watch(configurations=[bad()])
    watch.sweep()
    event = failing(fingerprint=watch.of().fingerprint, revision=COMMIT, of=subject(on=cluster("aks-2")))
    assert group_of(watch.of()) == group_of(after_all(event))


@pytest.mark.parametrize(
    ("entry", "health"),
    [
        (status(ready="Unknown"), Health.FAILING),
        (status(ready="False", reason="DependencyNotReady", message="dependency 'shop/db' is not ready"), Health.FAILING),
        (status(complianceState="Suspended"), Health.FAILING),
    ],
)
def test_neither_progress_nor_waiting_nor_suspension_ends_a_failure(entry: Row, health: Health) -> None:
    watch = Watch(configurations=[configuration_row(entry, at=after(minutes=20))], now=after(minutes=21))
    watch.knows(after_all(failing(of=subject(name="platform-apps"))))
    watch.sweep()
    assert watch.of().ready is health


def test_progress_ends_a_wait() -> None:
    waits = status(ready="False", reason="DependencyNotReady", message="dependency 'shop/db' is not ready")
    watch = Watch(configurations=[configuration_row(waits)])
    watch.sweep()
    assert watch.of().ready is Health.WAITING
    watch.configurations = [configuration_row(status(ready="Unknown", at=after(minutes=6)), at=after(minutes=8))]
    watch.sweep(minutes=5)
    assert not watch.of().failing


def test_a_rollback_is_what_answered_the_failure() -> None:
    rolled = status("web", "False", kind="HelmRelease", reason="RollbackSucceeded", message="Helm rollback succeeded")
    watch = Watch(configurations=[configuration_row(rolled)])
    watch.sweep()
    assert watch.of("web", "HelmRelease").ready is Health.REMEDIATED


# -------------------------------------------------------------------------------------------------------------- suspended


def test_what_is_suspended_is_quiet_and_what_is_resumed_speaks_again() -> None:
    watch = Watch(configurations=[bad()])
    watch.sweep()
    watch.configurations = [bad(since=START) | {"suspended": True}]
    watch.sweep(minutes=5)
    assert (watch.of().suspended, watch.of().failing) == (True, True)
    assert watch.sweep(minutes=5).changed == ()
    watch.configurations = [bad(after(minutes=20), since=START)]
    watch.sweep(minutes=10)
    assert (watch.of().suspended, watch.of().failing) == (False, True)


def test_a_report_from_before_the_resumption_changes_nothing() -> None:
    watch = Watch(configurations=[bad()])
    watch.sweep()
    watch.configurations = [configuration_row(status(complianceState="Suspended"), suspended=True)]
    watch.sweep(minutes=5)
    before = watch.of()
    watch.configurations = [configuration_row(status(complianceState="Suspended"), suspended=False)]
    watch.sweep(minutes=5)
    assert watch.of() == before


# ------------------------------------------------------------------------------------------------------------------ times


@pytest.mark.parametrize(
    ("since", "earliest", "at"),
    [
        (after(minutes=1), after(minutes=3), after(minutes=3)),
        (after(minutes=4), after(minutes=3), after(minutes=4)),
        (None, after(minutes=3), after(minutes=3)),
        (after(minutes=1), None, after(minutes=1)),
        (None, None, after(minutes=5)),
    ],
)
def test_when_it_was_so(since: datetime | None, earliest: datetime | None, at: datetime) -> None:
    assert seen_at(since, earliest, after(minutes=20)) == at


@pytest.mark.parametrize("reported", [1, 5, 6.9])
def test_a_stale_row_does_not_reopen_what_a_newer_event_closed(reported: float) -> None:
    closed = after_all(failing(of=subject(name="platform-apps")), healthy(after(minutes=5), of=subject(name="platform-apps")))
    watch = Watch(configurations=[bad(after(minutes=reported), since=START)], now=after(minutes=9)).knows(closed)
    watch.sweep()
    assert watch.of() == closed


@pytest.mark.parametrize("reported", [1, 5, 6.9])
def test_a_stale_row_does_not_close_what_a_newer_event_opened(reported: float) -> None:
    opened = after_all(failing(after(minutes=5), of=subject(name="platform-apps")))
    watch = Watch(configurations=[good(after(minutes=reported), since=START)], now=after(minutes=9)).knows(opened)
    watch.sweep()
    assert watch.of() == opened


def test_a_contradiction_that_the_agent_goes_on_to_report_wins() -> None:
    opened = after_all(failing(after(minutes=5), of=subject(name="platform-apps")))
    watch = Watch(configurations=[good(after(minutes=8), since=START)], now=after(minutes=9)).knows(opened)
    watch.sweep()
    assert not watch.of().failing
    of = subject(name="platform-apps")
    closed = after_all(failing(of=of), healthy(after(minutes=5), of=of))
    again = Watch(configurations=[bad(after(minutes=8), since=START)], now=after(minutes=9)).knows(closed)
    again.sweep()
    assert (again.of().failing, again.of().opened_at) == (True, after(minutes=6))


@pytest.mark.parametrize("clock", [None, "soon", "0001-01-01T00:00:00Z", "2036-01-01T00:00:00Z"])
def test_a_row_that_tells_no_time_counts_as_a_quarter_of_an_hour_old(clock: str | None) -> None:
    entry = status(ready="False", at=None)
    entry["statusConditions"][0]["lastTransitionTime"] = clock
    watch = Watch(configurations=[configuration_row(entry, statusUpdatedAt=clock)], now=after(minutes=20))
    watch.sweep()
    assert watch.of().observed_at == after(minutes=5)


# -------------------------------------------------------------------------------------------------------- said at least


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"message": "", "reason": "BuildFailed"}, "BuildFailed"),
        ({"message": " \n", "reason": ""}, NOT_COMPLIANT),
        ({"message": None, "reason": None}, NOT_COMPLIANT),
        ({"message": ["x"], "reason": 7}, NOT_COMPLIANT),
    ],
)
def test_a_message_is_never_empty(words: Row, message: str) -> None:
    watch = Watch(configurations=[bad(**words)])
    watch.sweep()
    assert watch.of().message == message


def test_a_message_is_redacted_and_cut() -> None:
    watch = Watch(configurations=[bad(message="password=hunter2 " + "x" * 1_000_000)])
    watch.sweep()
    assert "hunter2" not in watch.of().message
    assert len(watch.of().message) < 5_000


@pytest.mark.parametrize(
    ("entry", "revision"),
    [
        (status("platform-apps", "False"), COMMIT),
        (status("apps", "False"), ""),  # somebody else's: another source, perhaps
        (status("platform-apps", "False", namespace="shop"), ""),
        (status("platform", "False", kind="GitRepository"), ""),  # in events it has none either
        (status("web", "False", kind="HelmRelease", helmReleaseProperties={"lastRevisionApplied": "1.4.2"}), "1.4.2"),
        (
            status("web", "False", kind="HelmRelease", message="Helm upgrade failed for release a/b with chart web@2.0.0: x"),
            "2.0.0",
        ),
    ],
)
def test_the_revision_is_that_which_an_event_carries(entry: Row, revision: str) -> None:
    (one,) = Watch(configurations=[configuration_row(entry)]).sweep().observations
    assert (one.revision, one.source, one.health) == (revision, Source.COMPLIANCE, Health.FAILING)


# ---------------------------------------------------------------------------------------------------------- nothing new


@pytest.mark.parametrize(
    "row",
    [
        good(),
        bad(),
        configuration_row(status(ready="False", reason="DependencyNotReady", message="dependency 'a/b' is not ready")),
        configuration_row(status("web", "False", kind="HelmRelease", reason="RollbackSucceeded")),
        bad() | {"suspended": True},
        configuration_row(status(complianceState="Suspended"), complianceState="Suspended"),
        configuration_row(provisioningState="Failed", errorMessage="no such secret"),
        configuration_row(complianceState="Pending", statuses=None),
        configuration_row(complianceState="Non-Compliant", statuses=None),
        configuration_row(status(name="B A D"), status()),
    ],
)
@pytest.mark.parametrize("minutes", [5, 18])
def test_while_nothing_changes_nothing_is_written(row: Row, minutes: float) -> None:
    watch = Watch(configurations=[row])
    watch.sweep()
    incidents = dict(watch.incidents)
    for _ in range(3):
        assert watch.sweep(minutes=minutes).changed == ()
        assert watch.incidents == incidents


def test_a_push_of_the_same_is_worth_no_write_and_one_an_hour_later_is() -> None:
    watch = Watch()
    watch.sweep()
    for minute, written in ((9, 0), (59, 0), (61, 1)):
        watch.configurations = [configuration_row(status(), status("platform", kind="GitRepository"), at=after(minutes=minute))]
        watch.now = after(minutes=minute + 1)
        assert len(watch.sweep().changed) == written


def test_the_words_of_a_row_may_be_shorter_than_those_of_an_event() -> None:
    event = failing(message=f"{NO_FILE}, and a log of Helm", fingerprint="another", of=subject(name="platform-apps"))
    watch = Watch(configurations=[bad(after(minutes=9), since=START)], now=after(minutes=10)).knows(after_all(event))
    before = watch.of()
    watch.sweep()
    assert watch.of() is before


# ------------------------------------------------------------------------------------------------- one object, two rows


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(
    ("first", "second", "fails"),
    [
        (("False", 3), ("True", 4), False),
        (("True", 3), ("False", 4), True),
        (("True", 4), ("False", 4), True),
    ],
)
def test_of_two_configurations_that_show_an_object_the_newer_counts_and_else_the_bad_one(
    first: tuple[str, int], second: tuple[str, int], fails: bool, swapped: bool
) -> None:
    rows = [
        configuration_row(status(ready=ready), name=name, at=after(minutes=minute))
        for name, (ready, minute) in (("platform", first), ("shop", second))
    ]
    watch = Watch(configurations=rows[::-1] if swapped else rows)
    watch.sweep()
    assert (("Kustomization", "platform-apps") in watch.open) is fails
