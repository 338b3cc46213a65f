"""Calls that do not wait for each other in; what each of them returned, in their order, out.

Law: no more than `at_once` run at a time, and none of them still runs afterwards; with one at a time there are no threads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context


def side_by_side[T](calls: Sequence[Callable[[], T]], at_once: int) -> list[T]:
    """Raises what the first of them raises that does; with threads, the others are made all the same."""
    if min(at_once, len(calls)) < 2:
        return [call() for call in calls]
    with ThreadPoolExecutor(min(at_once, len(calls)), "side-by-side") as pool:
        begun = [pool.submit(copy_context().run, call) for call in calls]
        return [one.result() for one in begun]
