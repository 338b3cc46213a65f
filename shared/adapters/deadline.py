"""Something to do that may hang, and seconds, in; its result, or TimeoutError in time, out.

Law: what hangs goes on by itself, in a thread that keeps no process alive; nobody waits for it.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread


def within[R](seconds: float, act: Callable[[], R]) -> R:
    """Raises what `act` raises; TimeoutError after `seconds`."""
    done = Future[R]()
    Thread(target=_run, args=(done, act), daemon=True).start()
    return done.result(seconds)


def _run[R](done: Future[R], act: Callable[[], R]) -> None:
    try:
        done.set_result(act())
    except BaseException as fault:  # it is raised where it is waited for
        done.set_exception(fault)
