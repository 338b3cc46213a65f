"""Invocations in, as they start and end; what runs and what ran out.

In memory only. It is what the shutdown waits for and what the tests look at.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Finished:
    """One invocation that ended."""

    name: str
    ok: bool
    seconds: float
    error: str | None


class Ledger:
    """Safe to use from any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running: dict[str, str] = {}  # invocation id → function
        self._open = 0  # invocations, and HTTP answers that are still on their way
        self._finished: deque[Finished] = deque(maxlen=_KEPT)

    @contextmanager
    def busy(self) -> Iterator[None]:
        """While inside, the host has something to finish."""
        with self._changed:
            self._open += 1
        try:
            yield
        finally:
            with self._changed:
                self._open -= 1
                self._changed.notify_all()

    def started(self, invocation_id: str, name: str) -> None:
        """To be followed by `ended`."""
        with self._changed:
            self._open += 1
            self._running[invocation_id] = name

    def ended(self, invocation_id: str, finished: Finished) -> None:
        """The invocation is over, well or not."""
        with self._changed:
            self._open -= 1
            self._running.pop(invocation_id, None)
            self._finished.append(finished)
            self._changed.notify_all()

    def name(self, invocation_id: str | None) -> str:
        """The function of a running invocation; empty for none."""
        return self._running.get(invocation_id or "", "")

    def finished(self) -> list[Finished]:
        """The last ones, oldest first."""
        with self._changed:
            return list(self._finished)

    def idle(self, limit: float) -> bool:
        """Waits up to `limit` seconds until nothing runs; says whether that was reached."""
        with self._changed:
            return self._changed.wait_for(lambda: self._open == 0, limit)
