"""A Flux reason in; cause, severity, hold-off, remedy and runbook out. Behaviour lives in the table.

Pure: no I/O.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Severity(StrEnum):
    """Critical: what runs may be harmed. Warning: nothing new arrives, what runs, runs. Info: good to know."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 is the most severe."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something fails, and what to do. `id` names it in code and data; `runbook` is a file of docs/runbooks, without .md."""

    id: str
    title: str
    severity: Severity
    hold_off: timedelta  # told only if it lasts as long
    remedy: str
    runbook: str
    borrowed: bool = False  # a consequence of another object's failure: folded under that object's card
