"""A post and the time in; how long ago the oldest of what it tells became true, or was due to be told, out.

Pure: no I/O; time is an argument. What became true is told by the clock of the source that saw it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from shared.core.difference import News, Repeat
from shared.core.grouping import Post
from shared.core.incident import Flap, Incident
from shared.core.told import Told, Tracked


def lag(post: Post, now: datetime, *, flap: Flap, repeat: Repeat) -> timedelta:
    """The wait of a group for its next update is in it; a hold-off, the calm after flapping and a repeat interval are not.

    Never less than nothing: a source's clock may be ahead of ours.
    """
    since = [moment for moment in _moments(post, flap, repeat) if moment is not None]
    return max(timedelta(), now - min(since, default=now))


def _moments(post: Post, flap: Flap, repeat: Repeat) -> Iterator[datetime | None]:
    """When each piece of news became true or due; what the card only repeats is no news."""
    for part in post.rest:
        yield from _moments(part, flap, repeat)
    if post.rest:
        return
    for one in post.joined if post.news is News.UPDATED else () if post.news is News.RESOLVED else post.about:
        yield _due(one, post, flap, repeat)
    for one in post.about if post.news is News.RESOLVED else post.left:
        yield _latest(one.incident.resolved_at, _calm(one.incident, flap))


def _due(one: Tracked, post: Post, flap: Flap, repeat: Repeat) -> datetime | None:
    incident, told = one.incident, one.told.get(post.channel)
    if post.news is News.REMINDER:
        return _reminder(incident, told, repeat)
    if post.news is News.FLAPPING:
        return incident.turned_at
    if told is not None and told.open and told.fingerprints:  # it was told, of another cause
        return _latest(incident.cause_at, _calm(incident, flap))
    return _latest(incident.opened_at, incident.due_at, _calm(incident, flap))


def _reminder(incident: Incident, told: Told | None, repeat: Repeat) -> datetime | None:
    interval = repeat.of(incident.severity)
    return told.at + interval if told is not None and interval is not None else None


def _calm(incident: Incident, flap: Flap) -> datetime | None:
    """Until then what flaps is left in peace."""
    return incident.turned_at + flap.window if incident.flapping and incident.turned_at is not None else None


def _latest(*moments: datetime | None) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)
