"""A method in; an attribute that is made when it is first wanted, and once, out: also when several threads want it together.

Law: as `functools.cached_property`, which has no lock: two threads would make two clients, each with an allowance of its own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cached_property
from typing import Any


class once[T](cached_property[T]):
    """Wait for whoever makes it."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._making = threading.RLock()

        def made(instance: Any) -> T:
            with self._making:
                kept: dict[str, T] = vars(instance)
                name = make.__name__
                return kept[name] if name in kept else kept.setdefault(name, make(instance))

        super().__init__(made)
