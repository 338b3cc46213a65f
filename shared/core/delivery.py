"""An answer of a webhook in; whether the post was told, may be told later, or the channel is broken, out.

Pure: no I/O; time is an argument. The codes are those of Power Automate's trigger (facts of Workflows webhooks, 2026).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

from shared.core.told import ChannelState

BROKEN_RETRY = timedelta(minutes=5)  # a broken channel is tried again this often, not every ten seconds
LONGEST = timedelta(minutes=10)
FIRST = timedelta(seconds=10)
_LATER = frozenset({408, 425, 429})


class Answer(StrEnum):
    """What became of a post."""

    TOLD = "told"
    LATER = "later"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`code` names the fault, `wait` is what the server asks for. `perhaps`: the post may have been made all the same."""

    answer: Answer
    code: str = ""
    wait: timedelta | None = None
    perhaps: bool = False


def judge(status: int, *, code: str = "", retry_after: str | None = None, now: datetime) -> Verdict:
    """Any 2xx: told (202: the flow is queued, no more can be known). 408, 429, 5xx: later. The rest will not get better."""
    if 200 <= status < 300:
        return Verdict(Answer.TOLD)
    named = code or f"HTTP {status}"
    if status in _LATER or status >= 500:
        return Verdict(Answer.LATER, named, asked(retry_after, now))
    return Verdict(Answer.BROKEN, named)


def asked(retry_after: str | None, now: datetime) -> timedelta | None:
    """Retry-After as seconds or as a date (RFC 9110, section 10.2.3), capped; None for anything else."""
    if not retry_after:
        return None
    try:
        wait = timedelta(seconds=float(retry_after))
    except (ValueError, OverflowError):
        try:
            wait = parsedate_to_datetime(retry_after) - now
        except (ValueError, TypeError, OverflowError):
            return None
    return min(max(wait, timedelta()), LONGEST)


def after(state: ChannelState, verdict: Verdict, now: datetime) -> ChannelState:
    """The channel's state after an answer."""
    if verdict.answer is Answer.TOLD:
        return ChannelState(last_post_at=now)
    failures = state.failures + 1
    if verdict.answer is Answer.BROKEN:
        return replace(state, broken=True, error=verdict.code, failures=failures, retry_at=now + BROKEN_RETRY)
    wait = verdict.wait if verdict.wait is not None else min(FIRST * 2 ** min(failures - 1, 10), LONGEST)
    return replace(state, error=verdict.code, failures=failures, retry_at=now + wait)
