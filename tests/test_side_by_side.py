"""Calls side by side: in order, no more than asked for, none left running. A barrier and not a clock says what is together."""

from __future__ import annotations

import threading
from contextvars import ContextVar
from functools import partial

import pytest

from shared.once import once
from shared.side_by_side import side_by_side

WAIT = 10.0  # seconds after which a test fails instead of hanging


class Meeting:
    """Calls that go on only when so many are there at once."""

    def __init__(self, size: int) -> None:
        self._barrier, self._lock = threading.Barrier(size), threading.Lock()
        self._there, self.most = 0, 0

    def attend(self, number: int) -> int:
        with self._lock:
            self._there += 1
            self.most = max(self.most, self._there)
        self._barrier.wait(WAIT)
        with self._lock:
            self._there -= 1
        self._barrier.wait(WAIT)  # nobody else comes before all have gone
        return number


def fails(said: str) -> int:
    raise ValueError(said)


def test_so_many_run_together_and_no_more_and_their_answers_keep_the_order():
    meeting = Meeting(3)
    assert side_by_side([partial(meeting.attend, number) for number in range(6)], 3) == [0, 1, 2, 3, 4, 5]
    assert meeting.most == 3


@pytest.mark.parametrize("at_once", [0, 1])
def test_one_at_a_time_needs_no_thread(at_once):
    assert side_by_side([threading.current_thread] * 3, at_once) == [threading.current_thread()] * 3


def test_nothing_to_call_is_no_answer():
    assert side_by_side(list[partial[int]](), 4) == []


def test_what_the_first_raises_is_raised_and_the_others_are_made_all_the_same():
    made = list[str]()
    with pytest.raises(ValueError, match="one"):
        side_by_side([partial(fails, "one"), partial(fails, "two"), lambda: made.append("three") or 3], 2)
    assert made == ["three"]


def test_each_call_has_the_context_of_who_calls():
    name = ContextVar("name", default="nobody")
    name.set("somebody")
    assert side_by_side([name.get, name.get], 2) == ["somebody", "somebody"]


def test_what_several_threads_want_together_is_made_once():
    meeting, made = Meeting(4), list[object]()

    class Client:
        @once
        def connection(self) -> object:
            made.append(object())
            return made[-1]

    client, other = Client(), Client()

    def wanted(number: int) -> object:
        meeting.attend(number)
        return client.connection

    assert set(side_by_side([partial(wanted, number) for number in range(4)], 4)) == {made[0]}
    assert len(made) == 1
    assert other.connection is made[1]


def test_what_could_not_be_made_is_tried_again():
    class Client:
        tries = 0

        @once
        def connection(self) -> int:
            self.tries += 1
            return self.tries if self.tries > 1 else fails("not yet")

    client = Client()
    with pytest.raises(ValueError, match="not yet"):
        _ = client.connection
    assert (client.connection, client.connection, client.tries) == (2, 2, 2)
