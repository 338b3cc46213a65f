"""Incidents, routes, what was told and the time in; the posts that make up the difference out.

Pure: no I/O; time is an argument. Level-triggered: run it again after a crash, and the same difference is still there.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from shared.core.difference import News, Quiet, Repeat, difference
from shared.core.folding import GRACE, fold
from shared.core.grouping import WAITS, Grouping, Post
from shared.core.incident import Flap, State, state_of
from shared.core.pacing import Pace
from shared.core.routing import FALLBACK, Routing
from shared.core.told import Ledger, Tracked


@dataclass(frozen=True, slots=True)
class Policy:
    """Every threshold of what is told when."""

    flap: Flap = field(default_factory=Flap)
    repeat: Repeat = field(default_factory=Repeat)
    pace: Pace = field(default_factory=Pace)
    waits: tuple[timedelta, ...] = WAITS
    grace: timedelta = GRACE


@dataclass(frozen=True, slots=True)
class Plan:
    """`posts` may go out now, the gravest first; `waiting` counts what waits, by channel; `quiet` says why the rest does."""

    posts: tuple[Post, ...] = ()
    waiting: Mapping[str, int] = field(default_factory=dict)
    quiet: Mapping[str, int] = field(default_factory=dict)


class _Seen(NamedTuple):
    """One incident with its news for one channel. `news` is None when it is to be silent and yet counts for its group."""

    one: Tracked
    channel: str
    news: News | None


_FOLDABLE = frozenset({News.OPENED, News.CHANGED, News.REMINDER})


def plan(
    tracked: Sequence[Tracked],
    routing: Routing,
    ledger: Ledger,
    muted: Mapping[str, datetime],
    now: datetime,
    policy: Policy,
) -> Plan:
    """What to post now. `muted` maps a cluster's key to the end of its mute."""
    quiet: Counter[str] = Counter()
    waiting: Counter[str] = Counter()
    seen = [found for one in tracked for found in _news(one, routing, ledger, muted, now, policy, quiet)]
    if not any(found.news for found in seen):
        return Plan(quiet=dict(quiet))
    parents = fold(tracked, now, policy.grace)
    posts: list[Post] = []
    for channel, some in _by_channel(seen).items():
        grouping = Grouping(channel, now, waits=policy.waits, repeat=policy.repeat)
        for found in some:
            if found.news in _FOLDABLE and found.one.key in parents:
                quiet["folded under what it waits for"] += 1
                grouping.add(found.one, None)  # it still counts for the group that it was told in
            else:
                grouping.add(found.one, found.news)
        due, joining = grouping.posts()
        waiting[channel] += joining
        posts += due
    return _pace(_with_folded(posts, tracked, parents), routing, ledger, now, policy.pace, waiting, quiet)


# ---------------------------------------------------------------------------------------------------------- who hears it


def _news(
    one: Tracked,
    routing: Routing,
    ledger: Ledger,
    muted: Mapping[str, datetime],
    now: datetime,
    policy: Policy,
    quiet: Counter[str],
) -> Iterable[_Seen]:
    until = muted.get(one.incident.subject.cluster.key) if muted else None
    state = State.MUTED if until is not None and now < until else state_of(one.incident, now, flap=policy.flap)
    home = routing.channel_of(one.incident)
    hearing = (home, *_standing_in(home, one, routing, ledger))
    others = [name for name in one.told if name not in hearing and name in routing.connections]  # a channel may be gone
    for channel in (*hearing, *others):
        news = difference(one.incident, state, one.told.get(channel), now=now, repeat=policy.repeat)
        if channel not in hearing and news is not News.RESOLVED:
            continue  # another channel's now; this one only hears the end of what it was told
        if isinstance(news, Quiet):
            quiet[news.why] += 1
        if state is not State.MUTED:  # what is muted does not count for its group either
            yield _Seen(one, channel, None if isinstance(news, Quiet) else news)


def _standing_in(home: str, one: Tracked, routing: Routing, ledger: Ledger) -> tuple[str, ...]:
    """While the webhook of the route's channel is broken: the fallback, for what that channel has not been told."""
    state, told, mine = ledger.channels.get(home), one.told.get(home), one.told.get(FALLBACK)
    if state is None or not state.broken or home == FALLBACK or FALLBACK not in routing.connections:
        return ()
    heard = told is not None and told.open and one.incident.fingerprint in told.fingerprints
    return () if heard and not (mine is not None and mine.open) else (FALLBACK,)


def _by_channel(seen: Iterable[_Seen]) -> dict[str, list[_Seen]]:
    found: dict[str, list[_Seen]] = defaultdict(list)
    for one in seen:
        found[one.channel].append(one)
    return found


def _with_folded(posts: Iterable[Post], tracked: Iterable[Tracked], parents: Mapping[str, str]) -> list[Post]:
    children: dict[str, list[Tracked]] = defaultdict(list)
    for one in tracked:
        if one.key in parents:
            children[parents[one.key]].append(one)
    return [replace(post, folded=tuple(child for one in post.about for child in children[one.key])) for post in posts]


# ---------------------------------------------------------------------------------------------------------- how fast


def _pace(
    posts: Iterable[Post],
    routing: Routing,
    ledger: Ledger,
    now: datetime,
    pace: Pace,
    waiting: Counter[str],
    quiet: Mapping[str, int],
) -> Plan:
    by_connection: dict[str, list[Post]] = defaultdict(list)
    for post in sorted(posts, key=lambda post: (post.rank, post.channel, min(post.told))):
        state = ledger.channels.get(post.channel)
        if state is not None and state.retry_at is not None and now < state.retry_at:
            waiting[post.channel] += len(post.told)
        else:
            by_connection[routing.connections.get(post.channel, post.channel)].append(post)
    out: list[Post] = []
    for connection, some in by_connection.items():
        fit, rest = _fit(some, pace.share(ledger.posts.get(connection, ()), now))
        out += fit
        for post in rest:
            waiting[post.channel] += len(post.told)
    return Plan(tuple(sorted(out, key=lambda post: post.rank)), dict(waiting), dict(quiet))


def _fit(posts: list[Post], room: int) -> tuple[list[Post], list[Post]]:
    """As many posts as there is room for, the gravest first; what does not fit is merged into a digest for each channel."""
    if len(posts) <= room:
        return posts, []
    channels = dict.fromkeys(post.channel for post in posts)
    singles = max(0, room - len(channels))
    rest: dict[str, list[Post]] = defaultdict(list)
    for post in posts[singles:]:
        rest[post.channel].append(post)
    digests = [_digest(some) for some in rest.values()]
    out = (posts[:singles] + digests)[:room]
    return out, digests[max(0, room - singles) :]


def _digest(posts: list[Post]) -> Post:
    if len(posts) == 1:
        return posts[0]
    about = tuple(one for post in posts for one in post.about)
    told = {key: mark for post in posts for key, mark in post.told.items()}
    return Post(posts[0].channel, posts[0].news, about, told, rest=tuple(posts))
