"""Rows of a log query in; what they say of the one subject that they are about out.

Law: all that is read here is read whole: no row is bad.
"""

from __future__ import annotations

from typing import Any

from shared.core.log_entries import Entry, Look
from shared.core.log_errors import read
from shared.core.observation import Observation
from tests.examples import after
from tests.logs import error_row, event_row, pod_row, stalled_row

NOW = after(minutes=15)
LOOK = Look(NOW, after(minutes=10))
ROWS = {"flux_errors": error_row, "flux_events": event_row, "flux_pods": pod_row, "flux_stalled": stalled_row}


def one(query: str, *rows: dict[str, Any], look: Look = LOOK) -> Entry:
    """The only entry of the rows."""
    reading = read(query, rows, look)
    assert (len(reading.entries), dict(reading.bad)) == (1, {})
    return reading.entries[0]


def seen(query: str, *rows: dict[str, Any]) -> Observation:
    """What the only entry of the rows says."""
    return one(query, *rows).seen


def who(observation: Observation) -> tuple[str, str, str]:
    """Kind, namespace and name of its subject."""
    subject = observation.subject
    return (subject.kind, subject.namespace, subject.name)
