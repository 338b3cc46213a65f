"""A test's wish in; how the next call goes wrong out.

Pure: data only. The server acts it out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from local.teams.trigger import SWITCHED_OFF, Answer, too_many


@dataclass(frozen=True, slots=True)
class Fault:
    """Wait, then answer or reset. Without an answer or a reset the call goes its usual way (late, if it hung)."""

    answer: Answer | None = None
    reset: Literal["", "before reading", "after reading"] = ""
    hang: float = 0  # seconds; ends early when the server lets go or stops
    posts: bool = False  # the flow runs all the same: the caller cannot know, and may post twice

    @classmethod
    def throttled(cls, retry_after: int = 5) -> Fault:
        """429 with `Retry-After` in seconds."""
        return cls(too_many(retry_after))

    @classmethod
    def status(cls, status: int, code: str = "", message: str = "", retry_after: str = "") -> Fault:
        """Any status; `retry_after` is sent as it is given, so that a date or nonsense can be sent too."""
        return cls(Answer(status, code, message, retry_after))

    @classmethod
    def switched_off(cls) -> Fault:
        """400 `WorkflowTriggerIsNotEnabled`: the owner, or two weeks of failures, switched the flow off."""
        return cls(SWITCHED_OFF)


Script = Callable[[int], Fault | None]
"""The number of a channel's call, from 1, in; its fault, if any, out."""


def script(faults: Sequence[Fault | None] | Script, *, after: int = 0) -> Script:
    """A list goes wrong in its order, from the call after `after` on, and then all is well."""
    if callable(faults):
        return faults
    told = list(faults)
    return lambda number: told[number - after - 1] if 0 < number - after <= len(told) else None
