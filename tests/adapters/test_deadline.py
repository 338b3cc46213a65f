"""Things that end, fail and hang in; what comes of them in time out."""

from __future__ import annotations

from threading import Event, current_thread

import pytest

from shared.adapters.deadline import within


def test_what_ends_in_time_gives_its_result() -> None:
    assert within(60, lambda: 7) == 7


def test_what_fails_fails_where_it_is_waited_for() -> None:
    with pytest.raises(ZeroDivisionError):
        within(60, lambda: 1 // 0)


def test_what_hangs_is_given_up_and_keeps_no_process_alive() -> None:
    released, ran = Event(), Event()
    daemons: list[bool] = []

    def hang() -> None:
        daemons.append(current_thread().daemon)
        released.wait(60)
        ran.set()

    with pytest.raises(TimeoutError):
        within(0.01, hang)
    released.set()
    assert ran.wait(60)
    assert daemons == [True]
