"""A profile in; a database for rows and KQL out, lent and taken back.

Opening one costs a tenth of a second and more. Whoever borrows one loads every table that it asks about.
"""

from __future__ import annotations

import atexit
import threading

from local.kql import Database

_KEPT = 4  # of a profile; the others are closed when nobody holds them any more
_LOCK = threading.Lock()
_SPARE: dict[str, list[Database]] = {}
atexit.register(_SPARE.clear)  # DuckDB complains of connections that outlive the interpreter


def borrow(profile: str) -> Database:
    """With rows of others in it, perhaps."""
    with _LOCK:
        spare = _SPARE.setdefault(profile, [])
        return spare.pop() if spare else Database(profile)


def give_back(database: Database) -> None:
    """It must not be used by the giver any more."""
    with _LOCK:
        spare = _SPARE.setdefault(database.profile, [])
        if len(spare) < _KEPT:
            spare.append(database)
