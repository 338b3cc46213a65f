"""How late a post is: measured from when the oldest of its news became true, or was due."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.core.difference import News, Repeat
from shared.core.grouping import Post
from shared.core.incident import Flap
from shared.core.lag import lag
from shared.core.told import Said, Told, Tracked
from tests.examples import START, after, cluster, incident, subject, told, tracked

NOW = after(hours=5)


def on(number: int, at: datetime, told_of: Told | None = None, **known: Any) -> Tracked:
    """Failing since then."""
    one = incident(at, of=subject(on=cluster(f"aks-{number}")), **known)
    return tracked(one, **({"default": told_of} if told_of else {}))


def minutes(news: News, *about: Tracked, **more: Any) -> float:
    found = lag(Post("default", news, about, {}, **more), NOW, flap=Flap(), repeat=Repeat())
    return found / timedelta(minutes=1)


def test_the_oldest_failure_counts() -> None:
    assert minutes(News.OPENED, on(1, after(hours=4)), on(2, after(hours=4, minutes=58))) == 60


def test_a_failure_that_was_held_back_counts_from_when_it_was_due() -> None:
    assert minutes(News.OPENED, on(1, after(hours=4), due_at=after(hours=4, minutes=50))) == 10


def test_a_recovery_counts_from_when_it_was_well() -> None:
    over = on(1, START, told(Said.OPEN), resolved_at=after(hours=4, minutes=57))
    assert minutes(News.RESOLVED, over) == 3


def test_a_new_cause_counts_from_when_the_cause_changed() -> None:
    assert minutes(News.CHANGED, on(1, START, told(Said.OPEN), cause_at=after(hours=4, minutes=56))) == 4


def test_what_was_perhaps_told_counts_from_its_beginning() -> None:
    assert minutes(News.OPENED, on(1, after(hours=4), told(Said.OPEN, prints=()), cause_at=NOW)) == 60


def test_of_an_update_only_what_is_new_counts() -> None:
    still, joined = on(1, START, told(Said.OPEN)), on(2, after(hours=4, minutes=50))
    left = on(3, START, told(Said.OPEN), resolved_at=after(hours=4, minutes=40))
    assert minutes(News.UPDATED, still, joined, joined=(joined,)) == 10
    assert minutes(News.UPDATED, still, joined, joined=(joined,), left=(left,)) == 20


def test_a_reminder_counts_from_when_it_was_due_and_not_from_the_failure() -> None:
    assert minutes(News.REMINDER, on(1, START, told(Said.OPEN, after(minutes=55)), severity="critical")) == 5


def test_flapping_counts_from_its_latest_turn_and_its_end_from_the_end_of_the_calm() -> None:
    turned = after(hours=4, minutes=20)
    assert minutes(News.FLAPPING, on(1, START, flapping=True, turned_at=turned)) == 40
    assert minutes(News.OPENED, on(1, START, told(Said.FLAPPING, prints=()), flapping=True, turned_at=turned)) == 10
    over = on(1, START, told(Said.FLAPPING), flapping=True, turned_at=turned, resolved_at=turned)
    assert minutes(News.RESOLVED, over) == 10


def test_a_digest_is_as_late_as_the_latest_of_what_it_stands_for() -> None:
    parts = [Post("default", News.OPENED, (on(number, after(hours=number)),), {}) for number in (4, 3)]
    assert minutes(News.OPENED, *(part.about[0] for part in parts), rest=tuple(parts)) == 120


@pytest.mark.parametrize("news", [News.OPENED, News.RESOLVED])
def test_a_clock_that_is_ahead_does_not_make_it_early(news: News) -> None:
    ahead = on(1, after(hours=6), resolved_at=after(hours=6))
    assert minutes(news, ahead) == 0
    assert minutes(news, replace(ahead, incident=replace(ahead.incident, opened_at=None, due_at=None, resolved_at=None))) == 0
