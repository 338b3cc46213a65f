"""Notify, played: things fail and recover for an hour, and every minute the plan is made and its posts are believed.

Law: whatever happens, and however often Teams refuses, in the end each channel believes what is true, and heard it once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.core.causes import CAUSES
from shared.core.delivery import Answer, Verdict
from shared.core.delivery import after as answered
from shared.core.difference import News
from shared.core.folding import fold
from shared.core.grouping import Post
from shared.core.incident import State, state_of
from shared.core.observation import Health, Observation, Subject
from shared.core.plan import Policy, plan
from shared.core.routing import DEFAULT, Route, Routing
from shared.core.told import ChannelState, Ledger, Said, Tracked
from shared.core.transition import reduce
from tests.examples import START, cluster, seen, subject, tracked

POLICY = Policy()
ROUTING = Routing((Route("shop", {"namespace": ("shop",)}),), {DEFAULT: "ann", "shop": "ann"})
COMMIT = "main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
REFUSAL, CALM = 0.5 * HOUR, 2.5 * HOUR  # how long Teams may refuse; until all waits are over


class Town:
    """Incidents, two channels of one owner, and what was posted. For half an hour `refuses` of a hundred posts are refused."""

    def __init__(self, refuses: int = 0, seed: int = 0) -> None:
        self.now, self.ledger = START, Ledger()
        self.tracked: dict[Subject, Tracked] = {}
        self.posted: list[datetime] = []
        self.heard: list[tuple[str, str, Said]] = []
        self._refuses, self._dice = refuses, Random(seed)

    def sees(self, one: Observation) -> None:
        known = self.tracked.get(one.subject)
        change = reduce(known.incident if known else None, one, POLICY.flap)
        if change.incident is not None:
            made = tracked(change.incident)
            self.tracked[one.subject] = replace(made, told=known.told if known else {})

    def notifies(self) -> None:
        for post in plan([*self.tracked.values()], ROUTING, self.ledger, {}, self.now, POLICY).posts:
            state = self.ledger.channels.get(post.channel, ChannelState())
            if state.retry_at is None or self.now >= state.retry_at:
                self._posts(post, state)

    def _posts(self, post: Post, state: ChannelState) -> None:
        self.posted.append(self.now)
        refused = self.now < START + REFUSAL and self._dice.randrange(100) < self._refuses
        verdict = Verdict(Answer.LATER if refused else Answer.TOLD)
        channels = {**self.ledger.channels, post.channel: answered(state, verdict, self.now)}
        self.ledger = replace(self.ledger, channels=channels, posts={"ann": tuple(self.posted[-25:])})
        if not refused:
            for part in post.rest or (post,):
                self._believes(part)

    def _believes(self, post: Post) -> None:
        """Nothing is told twice: news is news to whoever hears it."""
        by_key = {one.key: subject_ for subject_, one in self.tracked.items()}
        for key, mark in post.told.items():
            one = self.tracked[by_key[key]]
            before = one.told.get(post.channel)
            open_ = before is not None and before.said is Said.OPEN
            if post.news is News.OPENED:
                assert not open_ or one.incident.fingerprint not in before.fingerprints
            if mark.said is Said.RESOLVED:
                assert before is not None
                assert before.open
            if mark.said is Said.FLAPPING:
                assert before is None or before.said is not Said.FLAPPING
            self.heard.append((post.channel, key, mark.said))
            self.tracked[by_key[key]] = replace(one, told={**one.told, post.channel: mark})

    def passes(self, length: timedelta) -> None:
        end = self.now + length
        while self.now < end:
            self.notifies()
            self.now += MINUTE

    # --------------------------------------------------------------------------------------------------- what must hold

    def untrue(self) -> Mapping[str, str]:
        """What some channel believes and is not so, by key."""
        failing = {one.key for one in self.tracked.values() if one.incident.failing}
        folded = {child for child, parent in fold(self.tracked.values(), self.now).items() if parent in failing}
        found: dict[str, str] = {}
        for one in self.tracked.values():
            state = state_of(one.incident, self.now, flap=POLICY.flap)
            said = {told.said for told in one.told.values()}
            wanted = {Said.OPEN} if state is State.OPEN else {Said.FLAPPING} if state is State.FLAPPING else {Said.RESOLVED}
            news = any(
                told.said is Said.OPEN and one.incident.fingerprint not in told.fingerprints for told in one.told.values()
            )
            silent = one.key in folded or state in (State.RESOLVED, State.HELD)
            if news or (said != wanted and not (silent and not said)):
                found[one.key] = f"{state}, told {said or 'nothing'}"
        return found

    def too_fast(self) -> bool:
        window, most = POLICY.pace.window, POLICY.pace.posts
        return any(late - early < window for early, late in zip(self.posted, self.posted[most:], strict=False))


_SUBJECTS = st.builds(
    lambda number, name, namespace: subject(name=name, namespace=namespace, on=cluster(f"aks-{number}")),
    st.integers(1, 5),
    st.sampled_from(["infra", "apps"]),
    st.sampled_from(["shop", "cluster-config"]),
)
_SIGHTS = st.tuples(
    _SUBJECTS,
    st.sampled_from([Health.FAILING, Health.FAILING, Health.WAITING, Health.HEALTHY]),
    st.sampled_from(["build-failed", "health-check-failed", "dns-failed"]),
    st.integers(0, 4),
)


def play(town: Town, sights: list[tuple[Subject, Health, str, int]]) -> Town:
    for whom, health, cause, minutes in sights:
        known = {"cause": CAUSES[cause], "fingerprint": f"fp:{cause}", "revision": COMMIT}
        town.sees(seen(health, town.now, of=whom, **(known if health is Health.FAILING else {})))
        town.passes(minutes * MINUTE)
    town.passes(START + HOUR - town.now)
    town.passes(CALM)
    return town


@settings(max_examples=50)
@given(st.lists(_SIGHTS, max_size=25), st.sampled_from([0, 50, 90]), st.integers(0, 9))
def test_in_the_end_every_channel_believes_what_is_true(
    sights: list[tuple[Subject, Health, str, int]], refuses: int, seed: int
) -> None:
    town = play(Town(refuses, seed), sights)
    assert town.untrue() == {}
    assert not town.too_fast()


@pytest.mark.parametrize("refuses", [0, 50])
def test_a_storm_of_300_causes_is_told_whole_and_within_the_budget_and_so_is_its_end(refuses: int) -> None:
    town = Town(refuses)
    storm = [subject(on=cluster(f"aks-{number}")) for number in range(300)]
    for health, length in ((Health.FAILING, 0.75 * HOUR), (Health.HEALTHY, 0.25 * HOUR)):
        for number, whom in enumerate(storm):
            known = {"fingerprint": f"fp:{number}"} if health is Health.FAILING else {}
            town.sees(seen(health, town.now, of=whom, **known))
        town.passes(length)
    assert town.untrue() == {}
    assert not town.too_fast()
    assert len(town.heard) == len(set(town.heard)) == 2 * len(storm)


def test_one_commit_on_48_clusters_that_reconcile_minutes_apart_is_a_handful_of_posts() -> None:
    town = Town()
    clusters = [subject(on=cluster(f"aks-{number}")) for number in range(48)]
    for whom in clusters:
        town.sees(seen(Health.FAILING, town.now, of=whom, revision=COMMIT))
        town.now += MINUTE / 4
        town.notifies()
    town.passes(HOUR)
    for whom in clusters:
        town.sees(seen(Health.HEALTHY, town.now, of=whom))
    town.passes(HOUR)
    assert town.untrue() == {}
    assert len(town.posted) <= 5
