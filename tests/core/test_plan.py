"""Who hears what, and how fast: routes, mutes, broken channels, budgets and storms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from shared.core.causes import Severity
from shared.core.difference import News
from shared.core.observation import Health
from shared.core.plan import Plan, Policy, plan
from shared.core.routing import DEFAULT, FALLBACK, Route, Routing
from shared.core.told import ChannelState, Ledger, Said, Tracked
from tests.examples import START, after, after_all, cluster, failing, healthy, incident, seen, subject, told, tracked

TEAMS = Routing(
    (Route("shop", {"namespace": ("shop",)}), Route("infra", {"namespace": ("infra",)})),
    {DEFAULT: DEFAULT, FALLBACK: FALLBACK, "shop": "ann", "infra": "ann"},  # Ann owns the flows of both
)
ONE = tracked(incident())
CHILD = subject("Kustomization", "shop-web")


def planned(
    *some: Tracked,
    routing: Routing = TEAMS,
    ledger: Ledger | None = None,
    muted: Mapping[str, datetime] | None = None,
    now: datetime = START,
) -> Plan:
    return plan(some, routing, ledger or Ledger(), muted or {}, now, Policy())


def storm(number: int, namespace: str = "cluster-config", **known: Any) -> Sequence[Tracked]:
    """As many causes, each on a cluster of its own."""
    return [tracked(incident(of=subject(namespace=namespace, on=cluster(f"aks-{n}")), **known)) for n in range(number)]


def heard(found: Plan) -> list[tuple[str, News]]:
    return [(post.channel, post.news) for post in found.posts]


def used(posts: int, connection: str = DEFAULT) -> Ledger:
    return Ledger(posts={connection: (START,) * posts})


# ---------------------------------------------------------------------------------------------------------- who hears it


def test_a_failure_is_told_to_the_channel_of_its_route() -> None:
    assert heard(planned(ONE)) == [(DEFAULT, News.OPENED)]
    assert heard(planned(tracked(incident(of=subject(namespace="shop"))))) == [("shop", News.OPENED)]


def test_what_is_told_already_is_silent_and_says_why() -> None:
    found = planned(tracked(incident(), default=told(Said.OPEN)))
    assert (found.posts, dict(found.quiet)) == ((), {"told already": 1})


def test_after_a_change_of_routes_the_old_channel_only_hears_the_end() -> None:
    moved = subject(namespace="shop")
    still, over = after_all(failing(of=moved)), after_all(failing(of=moved), healthy(after(minutes=1), of=moved))
    assert heard(planned(tracked(still, default=told(Said.OPEN)))) == [("shop", News.OPENED)]
    assert heard(planned(tracked(over, default=told(Said.OPEN)), now=after(minutes=2))) == [(DEFAULT, News.RESOLVED)]


def test_a_channel_that_is_no_longer_there_is_not_posted_to() -> None:
    over = after_all(failing(), healthy(after(minutes=1)))
    assert heard(planned(tracked(over, removed=told(Said.OPEN)), now=after(minutes=2))) == []


def test_while_a_channel_is_broken_the_fallback_hears_it_too() -> None:
    broken = Ledger(channels={DEFAULT: ChannelState(broken=True)})
    assert heard(planned(ONE, ledger=broken)) == [(DEFAULT, News.OPENED), (FALLBACK, News.OPENED)]


def test_the_fallback_is_not_told_again_what_the_broken_channel_has_heard() -> None:
    broken = Ledger(channels={DEFAULT: ChannelState(broken=True)})
    heard_of = tracked(ONE.incident, default=told(Said.OPEN))
    assert heard(planned(heard_of, ledger=broken)) == []
    before = tracked(ONE.incident, default=told(Said.OPEN), fallback=told(Said.RESOLVED))
    assert heard(planned(before, ledger=broken)) == []
    both = tracked(incident(fingerprint="fp1:another"), default=told(Said.OPEN), fallback=told(Said.OPEN))
    assert heard(planned(both, ledger=broken)) == [(DEFAULT, News.CHANGED), (FALLBACK, News.CHANGED)]


def test_a_broken_fallback_has_no_fallback_nor_has_an_app_without_one() -> None:
    broken = Ledger(channels={DEFAULT: ChannelState(broken=True), FALLBACK: ChannelState(broken=True)})
    assert heard(planned(ONE, ledger=broken, routing=Routing())) == [(DEFAULT, News.OPENED)]
    to_fallback = Routing((Route(FALLBACK),), TEAMS.connections)
    assert heard(planned(ONE, ledger=broken, routing=to_fallback)) == [(FALLBACK, News.OPENED)]


def test_what_the_fallback_was_told_it_hears_the_end_of() -> None:
    over = after_all(failing(), healthy(after(minutes=1)))
    both = tracked(over, default=told(Said.OPEN), fallback=told(Said.OPEN))
    assert heard(planned(both, now=after(minutes=2))) == [(DEFAULT, News.RESOLVED), (FALLBACK, News.RESOLVED)]


# ----------------------------------------------------------------------------------------------------------- who is silent


def test_a_dependent_that_flaps_is_told_under_a_failing_source_too() -> None:
    source = incident(of=subject("GitRepository", "shop"), cause="git-failed")
    rounds = [one for n in (0, 5, 10) for one in (failing(after(minutes=n), of=CHILD), healthy(after(minutes=n + 2), of=CHILD))]
    child = replace(after_all(*rounds[:-1]), cause="source-not-ready")
    found = planned(tracked(source), tracked(child), now=after(minutes=11))
    assert News.FLAPPING in [news for _, news in heard(found)]


def test_a_dependent_that_is_folded_still_counts_for_the_group_it_was_told_in() -> None:
    source = incident(of=subject("GitRepository", "shop"), cause="git-failed")
    waits = replace(incident(of=CHILD), cause="source-not-ready", fingerprint="fp1:another")
    over = after_all(failing(of=subject(name="other")), healthy(after(minutes=1), of=subject(name="other")))
    open_ = told(Said.OPEN)
    found = planned(
        tracked(source, default=told(Said.OPEN, group="source", prints=(source.fingerprint,))),
        tracked(waits, default=open_),
        tracked(over, default=open_),
        now=after(seconds=70),
    )
    assert News.RESOLVED not in [news for _, news in heard(found)]


def test_a_muted_cluster_is_silent_until_the_mute_ends() -> None:
    muted = {cluster().key: after(hours=1)}
    assert planned(ONE, muted=muted, now=after(minutes=59)) == Plan(quiet={"muted": 1})
    assert heard(planned(ONE, muted=muted, now=after(hours=1))) == [(DEFAULT, News.OPENED)]


def test_a_recovery_during_a_mute_is_told_when_it_ends() -> None:
    over = tracked(after_all(failing(), healthy(after(minutes=1))), default=told(Said.OPEN))
    muted = {cluster().key: after(hours=1)}
    assert planned(over, muted=muted, now=after(minutes=2)).posts == ()
    assert heard(planned(over, muted=muted, now=after(hours=1))) == [(DEFAULT, News.RESOLVED)]


def test_who_is_well_on_a_muted_cluster_does_not_hold_up_the_recovery_of_the_others() -> None:
    mine, theirs = subject(on=cluster("a")), subject(on=cluster("b"))
    some = [
        tracked(after_all(failing(of=of), healthy(after(minutes=1), of=of)), default=told(Said.OPEN)) for of in (mine, theirs)
    ]
    found = planned(*some, muted={theirs.cluster.key: after(hours=1)}, now=after(minutes=2))
    assert [(post.news, len(post.about)) for post in found.posts] == [(News.RESOLVED, 1)]


def test_a_suspended_object_is_silent() -> None:
    suspended = after_all(failing(), seen(Health.SUSPENDED, after(minutes=1)))
    assert planned(tracked(suspended), now=after(minutes=2)) == Plan(quiet={"muted": 1})


def test_what_waits_for_something_else_is_part_of_its_card() -> None:
    child = subject(name="platform-apps")
    waits = tracked(after_all(failing(of=child, cause="source-not-ready")))
    source = tracked(incident(of=subject("GitRepository", "platform")))
    found = planned(waits, source, now=after(minutes=20))
    assert [(post.about, post.folded) for post in found.posts] == [((source,), (waits,))]
    assert dict(found.quiet) == {"folded under what it waits for": 1}


def test_the_end_of_a_wait_that_was_told_is_not_folded_away() -> None:
    child = subject(name="platform-apps")
    over = tracked(after_all(failing(of=child), healthy(after(minutes=1), of=child)), default=told(Said.OPEN))
    source = tracked(incident(of=subject("GitRepository", "platform")), default=told(Said.OPEN, group="s"))
    assert heard(planned(over, source, now=after(minutes=2))) == [(DEFAULT, News.RESOLVED)]


# --------------------------------------------------------------------------------------------------------------- how fast


def test_a_storm_is_merged_and_nothing_of_it_is_dropped() -> None:
    some = storm(300)
    found = planned(*some)
    assert [len(post.rest) for post in found.posts] == [0] * 9 + [291]
    assert {key for post in found.posts for key in post.told} == {one.key for one in some}
    assert sum(found.waiting.values()) == 0


def test_the_gravest_goes_first_and_alone() -> None:
    light, grave = storm(40), tracked(incident(of=subject(name="z"), severity=Severity.CRITICAL))
    found = planned(*light, grave)
    assert found.posts[0].about == (grave,)


def test_a_single_post_that_does_not_fit_is_no_digest() -> None:
    found = planned(*storm(2), ledger=used(18))
    assert [len(post.rest) for post in found.posts] == [2]
    assert [len(post.rest) for post in planned(*storm(1), ledger=used(19)).posts] == [0]


def test_without_a_budget_all_waits() -> None:
    found = planned(*storm(3), ledger=used(20))
    assert (found.posts, dict(found.waiting)) == ((), {DEFAULT: 3})


def test_channels_whose_flows_have_one_owner_share_one_budget() -> None:
    some = [*storm(5, "shop"), *storm(5, "infra")]
    assert [(post.channel, len(post.rest)) for post in planned(*some, ledger=used(16, "ann")).posts] == [
        ("infra", 5),
        ("shop", 5),
    ]
    last = planned(*some, ledger=used(19, "ann"))
    assert (len(last.posts), dict(last.waiting)) == (1, {"infra": 0, "shop": 5})
    assert planned(*some, ledger=used(20, "shop")).waiting == {"shop": 0, "infra": 0}


def test_a_channel_that_asked_for_patience_gets_it() -> None:
    later = Ledger(channels={DEFAULT: ChannelState(failures=1, retry_at=after(seconds=30))})
    assert (planned(ONE, ledger=later).posts, dict(planned(ONE, ledger=later).waiting)) == ((), {DEFAULT: 1})
    assert heard(planned(ONE, ledger=later, now=after(seconds=30))) == [(DEFAULT, News.OPENED)]


@pytest.mark.parametrize("number", [0, 1, 9, 10, 11, 21, 50])
def test_whatever_the_number_everything_is_posted_or_waits(number: int) -> None:
    found = planned(*storm(number))
    assert sum(len(post.told) for post in found.posts) + sum(found.waiting.values()) == number
    assert len(found.posts) <= 10
