"""News of single incidents in; posts, one for each cause or cluster, out.

Pure: no I/O; time is an argument. One commit that breaks fifty clusters is one card; clusters reconcile minutes apart, so the
first failure is told at once and the others join in updates after growing waits.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.core import revision
from shared.core.causes import Severity
from shared.core.difference import News, Repeat
from shared.core.incident import Incident
from shared.core.told import MAX_FINGERPRINTS, Said, Told, Tracked

WAITS = (timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=30))


@dataclass(frozen=True, slots=True)
class Post:
    """One card to be. `about` are the incidents that the card is about; of those, `joined` are new in an update and `left` are
    well again. `folded` only wait for one of `about`. `told` is what the channel will have been told, by key.
    """

    channel: str
    news: News
    about: tuple[Tracked, ...]
    told: Mapping[str, Told]
    joined: tuple[Tracked, ...] = ()
    left: tuple[Tracked, ...] = ()
    folded: tuple[Tracked, ...] = ()
    rest: tuple[Post, ...] = ()  # of a digest: the posts that it stands for

    @property
    def rank(self) -> tuple[int, int]:
        """Severity first, then how pressing the news is."""
        return (min(one.incident.severity.rank for one in self.about), self.news.rank)

    @property
    def clusters(self) -> frozenset[str]:
        """Keys of the clusters that the card is about."""
        return frozenset(one.incident.subject.cluster.key for one in self.about)


def group_of(incident: Incident) -> str:
    """The same for the same cause on every cluster: origin, revision and fingerprint. Without an origin: the subject's own."""
    made_from = incident.origin or (revision.parse(incident.revision).hash if incident.revision else None)
    parts = ("cause", incident.origin, incident.revision, incident.fingerprint) if made_from else incident.subject.key
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


@dataclass(slots=True)
class _Group:
    newcomers: list[Tracked] = field(default_factory=list)
    leavers: list[Tracked] = field(default_factory=list)
    still: list[Tracked] = field(default_factory=list)  # told, and failing as they were
    flappers: list[Tracked] = field(default_factory=list)
    due: bool = False  # a member wants to be told again
    changed: bool = True  # every newcomer was told under another cause


class Grouping:
    """The posts of one channel at one moment."""

    def __init__(self, channel: str, now: datetime, *, waits: tuple[timedelta, ...] = WAITS, repeat: Repeat) -> None:
        self._channel, self._now, self._waits, self._repeat = channel, now, waits, repeat
        self._groups: dict[str, _Group] = defaultdict(_Group)

    def add(self, one: Tracked, news: News | None) -> None:
        """An incident of this channel with its news, or None if it has none: it still counts for its group."""
        told = one.told.get(self._channel)
        if news in (News.OPENED, News.CHANGED):
            group = self._groups[group_of(one.incident)]
            group.newcomers.append(one)
            group.changed &= news is News.CHANGED
        elif news is News.FLAPPING:
            self._groups[group_of(one.incident)].flappers.append(one)
        elif told is not None and told.open:
            self._told(self._groups[told.group], one, told, news)

    @staticmethod
    def _told(group: _Group, one: Tracked, told: Told, news: News | None) -> None:
        if news is News.RESOLVED:
            group.leavers.append(one)
        elif told.said is Said.OPEN:
            group.still.append(one)
            group.due |= news is News.REMINDER

    def posts(self) -> tuple[list[Post], int]:
        """The posts that are due, and how many incidents wait for their group's next update."""
        found: list[Post] = []
        waiting = 0
        for key, group in self._groups.items():
            if group.flappers:
                found.append(self._post(key, News.FLAPPING, group.flappers))
            news = self._news(group)
            if news is not None:
                found.append(self._card(key, group, news))
            else:
                waiting += len(group.newcomers) + len(group.leavers)
        return _by_cluster(found), waiting

    def _news(self, group: _Group) -> News | None:
        moved = group.newcomers or group.leavers
        if not group.still:
            if group.newcomers and not group.leavers:
                return News.CHANGED if group.changed else News.OPENED
            if not group.newcomers:
                return News.RESOLVED if group.leavers else None
        if moved and self._now >= self._from(group) + self._wait(group):
            return News.UPDATED
        if group.due and (after := self._repeat.of(_gravest(group.still))) and self._now >= self._last(group) + after:
            return News.REMINDER
        return None

    def _card(self, key: str, group: _Group, news: News) -> Post:
        if news is News.UPDATED:
            about = (*group.still, *group.newcomers)
            told = self._marks(key, (*group.still, *group.newcomers), Said.OPEN, self._step(group) + 1)
            told |= self._marks(key, group.leavers, Said.RESOLVED, 0)
            return Post(self._channel, news, about, told, joined=tuple(group.newcomers), left=tuple(group.leavers))
        return self._post(key, news, {News.RESOLVED: group.leavers, News.REMINDER: group.still}.get(news, group.newcomers))

    def _post(self, key: str, news: News, about: list[Tracked]) -> Post:
        said = {News.RESOLVED: Said.RESOLVED, News.FLAPPING: Said.FLAPPING}.get(news, Said.OPEN)
        return Post(self._channel, news, tuple(about), self._marks(key, about, said, 0))

    def _marks(self, key: str, whom: Iterable[Tracked], said: Said, step: int) -> dict[str, Told]:
        return {one.key: Told(said, self._now, key, self._prints(one, said), step) for one in whom}

    def _prints(self, one: Tracked, said: Said) -> tuple[str, ...]:
        before = one.told.get(self._channel)
        known = before.fingerprints if before and before.open else ()
        fresh = () if one.incident.fingerprint in known else (one.incident.fingerprint,)
        return () if said is Said.RESOLVED else (*known, *fresh)[-MAX_FINGERPRINTS:]

    def _told_of(self, group: _Group) -> list[Told]:
        return [one.told[self._channel] for one in (*group.still, *group.leavers)]

    def _last(self, group: _Group) -> datetime:
        return max(told.at for told in self._told_of(group))

    def _from(self, group: _Group) -> datetime:
        """When the wait for the next update began: at the latest post, for a mere recovery at its first sign."""
        recovered = [one.incident.resolved_at for one in group.leavers if one.incident.resolved_at]
        return self._last(group) if group.newcomers or not recovered else max(self._last(group), min(recovered))

    def _step(self, group: _Group) -> int:
        return max((told.step for told in self._told_of(group)), default=0)

    def _wait(self, group: _Group) -> timedelta:
        return self._waits[min(self._step(group), len(self._waits) - 1)]


def _gravest(some: Iterable[Tracked]) -> Severity:
    return min((one.incident.severity for one in some), key=lambda severity: severity.rank)


def _by_cluster(posts: Iterable[Post]) -> list[Post]:
    """Posts of one kind about one and the same cluster become one."""
    apart: list[Post] = []
    mergeable: dict[tuple[News, frozenset[str]], list[Post]] = defaultdict(list)
    for post in posts:
        if len(post.clusters) == 1 and post.news is not News.UPDATED:
            mergeable[post.news, post.clusters].append(post)
        else:
            apart.append(post)
    return apart + [_merge(some) for some in mergeable.values()]


def _merge(posts: list[Post]) -> Post:
    first = posts[0]
    told = {key: mark for post in posts for key, mark in post.told.items()}
    return Post(first.channel, first.news, tuple(one for post in posts for one in post.about), told)
