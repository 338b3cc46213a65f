"""Which news become one card, and when: one cause is one card, and it grows in steps."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from shared.core.causes import Severity
from shared.core.difference import News, Repeat
from shared.core.grouping import WAITS, Grouping, Post, group_of
from shared.core.told import MAX_FINGERPRINTS, Said, Told, Tracked
from tests.examples import START, after, cluster, incident, subject, told, tracked

COMMIT = "main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738"
CHANNEL = "default"


def on(name: str, told_of: Told | None = None, **known: Any) -> Tracked:
    """The same commit fails on the cluster of that name."""
    one = incident(of=subject(on=cluster(name)), **{"revision": COMMIT, **known})
    return tracked(one, **({CHANNEL: told_of} if told_of else {}))


GROUP = group_of(on("a").incident)


def is_told(at: datetime = START, step: int = 0, said: Said = Said.OPEN) -> Told:
    return Told(said, at, GROUP, ("fp:build-failed",), step)


def posts(*news: tuple[Tracked, News | None], now: datetime = START, repeat: Repeat | None = None) -> tuple[list[Post], int]:
    grouping = Grouping(CHANNEL, now, repeat=repeat or Repeat())
    for one, its in news:
        grouping.add(one, its)
    return grouping.posts()


def only(found: tuple[list[Post], int]) -> Post:
    (post,), waiting = found
    assert waiting == 0
    return post


# -------------------------------------------------------------------------------------------------------- what belongs


def test_one_commit_that_breaks_many_clusters_is_one_card() -> None:
    post = only(posts(*((on(name), News.OPENED) for name in "abc")))
    assert (post.news, len(post.about), len(post.clusters)) == (News.OPENED, 3, 3)


@pytest.mark.parametrize(
    "known", [{"revision": COMMIT.replace("5", "6")}, {"fingerprint": "fp:other"}, {"origin": "https://g/r"}]
)
def test_another_commit_cause_or_source_is_another_card(known: dict[str, str]) -> None:
    assert len(posts((on("a"), News.OPENED), (on("b", **known), News.OPENED))[0]) == 2


def test_a_source_without_a_revision_is_grouped_by_its_address() -> None:
    found = [on(name, revision="", origin="https://github.com/o/r") for name in "ab"]
    assert len({group_of(one.incident) for one in found}) == 1


@pytest.mark.parametrize("revision", ["", "6.5.4"])
def test_what_says_nothing_of_its_origin_stands_for_itself(revision: str) -> None:
    assert len({group_of(on(name, revision=revision).incident) for name in "ab"}) == 2


def test_different_failures_on_one_cluster_are_one_card() -> None:
    some = [tracked(incident(of=subject(name=name))) for name in ("apps", "infra")]
    post = only(posts(*((one, News.OPENED) for one in some)))
    assert [one.incident.subject.name for one in post.about] == ["apps", "infra"]
    assert set(post.told) == {one.key for one in some}


def test_opened_and_resolved_on_one_cluster_are_two_cards() -> None:
    apps = tracked(incident(of=subject(name="apps")))
    infra = tracked(incident(of=subject(name="infra")), default=told(Said.OPEN))
    assert {post.news for post in posts((apps, News.OPENED), (infra, News.RESOLVED))[0]} == {News.OPENED, News.RESOLVED}


# ------------------------------------------------------------------------------------------------------ what is believed


@pytest.mark.parametrize(
    ("news", "said"),
    [(News.OPENED, Said.OPEN), (News.FLAPPING, Said.FLAPPING), (News.RESOLVED, Said.RESOLVED)],
)
def test_a_post_leaves_its_belief_behind(news: News, said: Said) -> None:
    one = on("a", is_told() if news is News.RESOLVED else None)
    mark = only(posts((one, news), now=after(minutes=3))).told[one.key]
    assert (mark.said, mark.at, mark.group) == (said, after(minutes=3), GROUP)
    assert mark.fingerprints == (() if said is Said.RESOLVED else ("fp:build-failed",))


def test_causes_that_were_told_are_remembered_up_to_a_number() -> None:
    many = tuple(f"fp:{number}" for number in range(MAX_FINGERPRINTS))
    one = on("a", Told(Said.OPEN, START, GROUP, many), fingerprint="fp:new")
    post = only(posts((one, News.CHANGED)))
    assert post.told[one.key].fingerprints == (*many[1:], "fp:new")


# ----------------------------------------------------------------------------------------------------------- its growth


@pytest.mark.parametrize("step", range(4))
def test_newcomers_join_after_growing_waits(step: int) -> None:
    members = ((on("a", is_told(step=step)), None), (on("b"), News.OPENED))
    wait = WAITS[min(step, 2)]
    assert posts(*members, now=START + 0.9 * wait) == ([], 1)
    post = only(posts(*members, now=START + wait))
    assert (post.news, len(post.about), [one.incident.subject.cluster.name for one in post.joined]) == (News.UPDATED, 2, ["b"])
    assert {mark.step for mark in post.told.values()} == {step + 1}


def test_leavers_are_told_in_the_same_steps_while_others_still_fail() -> None:
    members = ((on("a", is_told()), None), (on("b", is_told()), News.RESOLVED))
    assert posts(*members, now=after(minutes=1)) == ([], 1)
    post = only(posts(*members, now=after(minutes=2)))
    assert [one.incident.subject.cluster.name for one in post.left] == ["b"]
    assert sorted(mark.said for mark in post.told.values()) == [Said.OPEN, Said.RESOLVED]


def test_the_wait_for_other_recoveries_begins_with_the_first_one() -> None:
    well = on("b", is_told(), resolved_at=after(hours=1))
    assert posts((on("a", is_told()), None), (well, News.RESOLVED), now=after(hours=1, minutes=1)) == ([], 1)
    assert len(posts((on("a", is_told()), None), (well, News.RESOLVED), now=after(hours=1, minutes=2))[0]) == 1


def test_the_recovery_of_all_is_told_once_and_at_once() -> None:
    post = only(posts(*((on(name, is_told()), News.RESOLVED) for name in "abc"), now=after(seconds=10)))
    assert (post.news, len(post.about)) == (News.RESOLVED, 3)


def test_when_some_are_well_and_others_begin_to_fail_it_is_an_update() -> None:
    members = ((on("a", is_told()), News.RESOLVED), (on("b"), News.OPENED))
    assert posts(*members, now=after(minutes=1)) == ([], 2)
    post = only(posts(*members, now=after(minutes=2)))
    assert (post.news, len(post.about), len(post.left)) == (News.UPDATED, 1, 1)


def test_a_change_of_cause_leaves_the_old_group_for_the_new_one() -> None:
    post = only(posts((on("a", is_told(), fingerprint="fp:other"), News.CHANGED), (on("b", is_told()), None)))
    assert (post.news, len(post.about)) == (News.CHANGED, 1)


def test_a_change_of_cause_and_a_new_failure_are_told_as_a_failure() -> None:
    other = {"fingerprint": "fp:other"}
    assert only(posts((on("a", is_told(), **other), News.CHANGED), (on("b", **other), News.OPENED))).news is News.OPENED


# ------------------------------------------------------------------------------------------------------------ reminders


def test_a_group_is_told_again_once_and_as_a_whole() -> None:
    members = ((on("a", is_told()), News.REMINDER), (on("b", is_told(after(hours=1))), None))
    assert posts(*members, now=after(hours=24)) == ([], 0)
    post = only(posts(*members, now=after(hours=25)))
    assert (post.news, len(post.about)) == (News.REMINDER, 2)


def test_the_gravest_member_says_how_soon() -> None:
    grave = on("a", is_told(), severity=Severity.CRITICAL)
    assert only(posts((grave, News.REMINDER), (on("b", is_told()), None), now=after(hours=4))).news is News.REMINDER


def test_what_has_no_news_and_was_never_told_is_silent() -> None:
    assert posts((on("a"), None), (on("b", is_told(said=Said.RESOLVED)), None)) == ([], 0)


def test_the_gravest_and_most_pressing_post_ranks_first() -> None:
    grave, light = on("a", severity=Severity.CRITICAL), on("b", fingerprint="fp:other")
    ranks = [
        only(posts((one, news))).rank for one, news in ((grave, News.OPENED), (grave, News.FLAPPING), (light, News.OPENED))
    ]
    assert ranks == sorted(ranks)
