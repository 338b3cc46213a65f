"""How many posts a connection may still carry."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.core.pacing import Pace
from tests.examples import START, after

PACE = Pace()


def test_a_fresh_connection_has_twenty_posts_and_a_run_may_make_half_of_them() -> None:
    assert (PACE.left([], START), PACE.share([], START)) == (20, 10)


def test_the_last_post_may_be_made_and_no_more() -> None:
    made = [after(seconds=n) for n in range(19)]
    assert PACE.share(made, after(seconds=20)) == 1
    assert PACE.share([*made, after(seconds=20)], after(seconds=21)) == 0


def test_a_post_counts_for_five_minutes() -> None:
    assert PACE.recent([START], after(seconds=299)) == (START,)
    assert PACE.recent([START], after(seconds=300)) == ()


def test_the_fifth_post_within_a_second_waits_for_the_rest_of_it() -> None:
    made = [after(seconds=0.1 * n) for n in range(4)]
    assert PACE.wait(made[:3], after(seconds=0.4)) == 0
    assert PACE.wait(made, after(seconds=0.4)) == 0.6
    assert PACE.wait(made, after(seconds=1)) == 0


@given(st.lists(st.floats(0, 3), max_size=30))
def test_no_second_holds_more_than_four_posts_and_no_window_more_than_it_may(pauses: list[float]) -> None:
    now, made = START, list[timedelta]()
    for pause in pauses:
        now += timedelta(seconds=pause)
        moments = [START + one for one in made]
        if PACE.left(moments, now):
            now += timedelta(seconds=PACE.wait(moments, now))
            made.append(now - START)
    assert all(late - early >= timedelta(seconds=0.999) for early, late in zip(made, made[4:], strict=False))
    assert len(made) <= PACE.posts or made[20] - made[0] >= PACE.window
