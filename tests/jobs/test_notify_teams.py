"""A run of notify: what is posted, what is written down, and what a crash, a rival or Teams itself can do to it."""

from __future__ import annotations

import logging
from collections import deque
from datetime import timedelta
from typing import Any

import pytest

from shared.core.delivery import Answer, Verdict
from shared.core.incident import Incident
from shared.core.inventory import ClusterInfo
from shared.core.plan import Plan
from shared.core.routing import DEFAULT, FALLBACK, Route, Routing
from shared.core.told import Said
from shared.jobs.notify_teams import PAUSES, NotifyTeams
from shared.ports import Conflict, StoreUnavailable
from tests.examples import after, after_all, cluster, failing, healthy, incident, subject, told
from tests.fakes import FakeChannel, FakeClock, FakeStore

LATER, BROKEN = Verdict(Answer.LATER, "HTTP 503"), Verdict(Answer.BROKEN, "WorkflowNotFound")
ROUTING = Routing((Route("shop", {"namespace": ("shop",)}),), {name: name for name in (DEFAULT, FALLBACK, "shop")})


class PowerCut(Exception):
    """The process dies here."""


class Notify:
    """The job with everything around it in memory."""

    def __init__(self, *incidents: Incident) -> None:
        self.store, self.clock = FakeStore(*incidents), FakeClock()
        self.channels = {name: FakeChannel() for name in ROUTING.connections}

    def runs(self, **known: Any) -> Plan:
        self.store.calls.clear()
        return NotifyTeams(self.store, self.store, self.channels, self.clock, ROUTING, **known)()

    def headlines(self, channel: str = DEFAULT) -> list[str]:
        return self.channels[channel].headlines

    def believes(self, one: Incident, channel: str = DEFAULT) -> Said | None:
        known = self.store.rows[self.store.key(one.subject)].told.get(channel)
        return known.said if known else None


def on(number: int, **known: Any) -> Incident:
    return incident(of=subject(on=cluster(f"aks-{number}")), **known)


def test_a_failure_is_posted_once() -> None:
    notify = Notify(on(1))
    for _ in range(3):
        notify.runs()
        notify.clock.passes(seconds=10)
    assert notify.headlines() == ["Kustomization apps is failing on aks-1"]
    assert notify.believes(on(1)) is Said.OPEN


def test_a_recovery_is_posted_once() -> None:
    of = subject(on=cluster("aks-1"))
    notify = Notify(incident(of=of))
    notify.runs()
    notify.store.rows[notify.store.key(of)].incident = after_all(failing(of=of), healthy(after(minutes=1), of=of))
    notify.clock.passes(minutes=2)
    notify.runs()
    notify.runs()
    assert notify.headlines()[1:] == ["Kustomization apps is well again on aks-1"]
    assert notify.believes(on(1)) is Said.RESOLVED


def test_one_request_holds_one_card_with_the_message_and_what_is_known_of_the_cluster() -> None:
    notify = Notify(on(1, message="no such file"))
    notify.store.infos[cluster("aks-1").key] = ClusterInfo(cluster("aks-1"), "westeurope", "Contoso Production")
    notify.runs()
    (message,) = notify.channels[DEFAULT].posts
    assert (message["type"], len(message["attachments"])) == ("message", 1)
    assert "no such file" in str(message)
    assert "Contoso Production" in str(message)


def test_a_mute_of_the_inventory_is_kept() -> None:
    notify = Notify(on(1))
    notify.store.infos[cluster("aks-1").key] = ClusterInfo(cluster("aks-1"), mute_until=after(hours=1))
    notify.runs()
    assert notify.headlines() == []


def test_a_post_that_was_perhaps_made_is_told_to_be_over_as_well() -> None:
    of = subject(on=cluster("aks-1"))
    notify = Notify(incident(of=of))
    notify.channels[DEFAULT] = FakeChannel(deque([Verdict(Answer.LATER, "ReadTimeout", perhaps=True)]))
    notify.runs()
    notify.store.rows[notify.store.key(of)].incident = after_all(failing(of=of), healthy(after(minutes=1), of=of))
    notify.clock.passes(minutes=2)
    notify.runs()
    assert notify.headlines()[-1] == "Kustomization apps is well again on aks-1"


def test_a_post_that_was_not_made_leaves_nothing_to_be_told_to_be_over() -> None:
    of = subject(on=cluster("aks-1"))
    notify = Notify(incident(of=of))
    notify.channels[DEFAULT] = FakeChannel(deque([LATER]))
    notify.runs()
    notify.store.rows[notify.store.key(of)].incident = after_all(failing(of=of), healthy(after(minutes=1), of=of))
    notify.clock.passes(minutes=2)
    notify.runs()
    assert len(notify.headlines()) == 1


def test_a_quiet_run_writes_nothing_and_reads_no_message() -> None:
    notify = Notify(on(1))
    notify.runs()
    notify.runs()
    assert notify.store.calls == ["ledger", "tracked"]


# -------------------------------------------------------------------------------------------------- crashes and rivals


def test_after_a_crash_between_post_and_record_only_that_post_is_repeated() -> None:
    notify = Notify(on(1), on(2))
    reserve, record = None, None
    notify.store.script["record"] += [reserve, record, reserve, PowerCut()]
    with pytest.raises(PowerCut):
        notify.runs()
    assert notify.headlines() == [f"Kustomization apps is failing on aks-{number}" for number in (1, 2)]
    notify.clock.passes(seconds=10)
    notify.runs()
    assert notify.headlines()[2:] == ["Kustomization apps is failing on aks-2"]


def test_a_crash_before_the_post_costs_a_place_in_the_budget_and_nothing_else() -> None:
    notify = Notify(on(1))
    notify.store.script["messages"].append(PowerCut())
    with pytest.raises(PowerCut):
        notify.runs()
    notify.runs()
    assert len(notify.headlines()) == 1


def test_a_short_fault_of_the_store_does_not_make_a_post_be_made_again() -> None:
    notify = Notify(on(1))
    notify.store.script["record"] += [None, StoreUnavailable("busy"), StoreUnavailable("busy")]
    notify.runs()
    notify.runs()
    assert len(notify.headlines()) == 1
    assert notify.clock.slept == list(PAUSES[:2])


def test_if_the_store_stays_away_the_run_ends_with_it() -> None:
    notify = Notify(on(1))
    notify.store.script["record"] += [None, *[StoreUnavailable("down")] * (len(PAUSES) + 1)]
    with pytest.raises(StoreUnavailable):
        notify.runs()


def test_where_another_run_is_posting_this_one_posts_nothing() -> None:
    notify = Notify(on(1), on(2))
    notify.store.script["record"].append(Conflict())
    notify.runs()
    assert notify.headlines() == []


def test_a_post_that_a_rival_run_interrupts_is_recorded_all_the_same() -> None:
    notify = Notify(on(1), on(2))
    notify.store.script["record"] += [None, Conflict()]
    notify.runs()
    assert len(notify.headlines()) == 1
    notify.runs()
    assert len(set(notify.headlines())) == len(notify.headlines()) == 2


def test_what_other_channels_were_told_outlives_a_post() -> None:
    one = on(1)
    notify = Notify(one)
    notify.store.rows[notify.store.key(one.subject)].told = {"shop": told(Said.RESOLVED)}
    notify.runs()
    assert (notify.believes(one), notify.believes(one, "shop")) == (Said.OPEN, Said.RESOLVED)


# ----------------------------------------------------------------------------------------------------------------- Teams


def test_what_teams_takes_later_waits_and_the_channel_is_left_in_peace() -> None:
    notify = Notify(on(1), on(2))
    notify.channels[DEFAULT].verdicts = deque([Verdict(Answer.LATER, "HTTP 429", timedelta(seconds=30))])
    notify.runs()
    assert (len(notify.headlines()), notify.believes(on(1))) == (1, None)
    notify.clock.passes(seconds=29)
    assert dict(notify.runs().waiting) == {DEFAULT: 2}
    notify.clock.passes(seconds=1)
    notify.runs()
    assert len(notify.headlines()) == 3
    assert {notify.believes(on(number)) for number in (1, 2)} == {Said.OPEN}


def test_a_broken_channel_does_not_stop_the_others() -> None:
    notify = Notify(on(1), incident(of=subject(namespace="shop")))
    notify.channels[DEFAULT].verdicts = deque([BROKEN])
    notify.runs()
    assert notify.headlines("shop") == ["Kustomization apps is failing on aks-prod-weu-01"]


def test_what_a_broken_channel_did_not_hear_the_fallback_hears_and_the_channel_too_once_it_works() -> None:
    notify = Notify(on(1))
    notify.channels[DEFAULT].verdicts = deque([BROKEN, BROKEN])
    notify.runs()
    notify.clock.passes(seconds=10)
    notify.runs()
    assert (len(notify.headlines()), len(notify.headlines(FALLBACK))) == (1, 1)
    for _ in range(2):
        notify.clock.passes(minutes=5)
        notify.runs()
    assert (len(notify.headlines()), len(notify.headlines(FALLBACK))) == (3, 1)
    assert notify.believes(on(1)) is Said.OPEN
    assert not notify.store.stored.channels[DEFAULT].broken


def test_no_more_than_four_posts_leave_within_a_second() -> None:
    notify = Notify(*(on(number) for number in range(6)))
    notify.runs()
    assert len(notify.headlines()) == 6
    assert notify.clock.slept == [1.0]


def test_the_budget_outlives_the_process() -> None:
    notify = Notify(*(on(number) for number in range(40)))
    for _ in range(30):
        notify.runs()
        notify.clock.passes(seconds=10)
    made = notify.store.stored.posts[DEFAULT]
    assert len([at for at in made if at > notify.clock.at - timedelta(seconds=300)]) <= 20
    assert {notify.believes(on(number)) for number in range(40)} == {Said.OPEN}


def test_a_run_that_takes_too_long_leaves_the_rest_to_the_next() -> None:
    notify = Notify(*(on(number) for number in range(6)))
    notify.runs(deadline=timedelta(seconds=1))
    assert len(notify.headlines()) == 5  # the fifth waited for its second
    notify.runs()
    assert len(notify.headlines()) == 6


def test_the_log_names_the_channel_the_code_and_what_was_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    notify = Notify(on(1))
    notify.channels[DEFAULT].verdicts = deque([LATER])
    notify.runs()
    assert "default later: Kustomization apps is failing on aks-1 (HTTP 503), after " in caplog.text


def test_the_log_says_how_late_a_post_is(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    notify = Notify(on(1, opened_at=FakeClock().now() - timedelta(seconds=90), due_at=None))
    notify.runs()
    assert "default told: Kustomization apps is failing on aks-1, after 90 s" in caplog.text


# ------------------------------------------------------------------------------------------------------------ housekeeping


def test_what_was_resolved_long_ago_is_deleted_four_times_a_day() -> None:
    still, old = on(1), subject(name="old")
    notify = Notify(still, after_all(failing(of=old), healthy(after(minutes=1), of=old)))
    notify.clock.passes(days=31)
    notify.runs()
    assert list(notify.store.rows) == [notify.store.key(still.subject)]
    notify.clock.passes(hours=5)
    notify.runs()
    assert "sweep" not in notify.store.calls
    notify.clock.passes(hours=1)
    notify.runs()
    assert "sweep" in notify.store.calls


def test_housekeeping_that_fails_is_no_fault_of_the_run() -> None:
    notify = Notify(on(1))
    notify.store.script["sweep"].append(StoreUnavailable("busy"))
    notify.runs()
    assert len(notify.headlines()) == 1


def test_where_there_is_nothing_to_tell_nothing_is_planned() -> None:
    assert Notify().runs() == Plan()
