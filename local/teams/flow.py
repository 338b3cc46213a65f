"""One attachment in; a post, or the error of a failed run out. What Power Automate does after it answered 202.

Pure: no I/O. The caller never hears of it: only the run history does.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from local.teams.pacing import Window

NEWEST = (1, 5)
"""The newest card that Teams renders (msteams-docs, cards-reference.md)."""

CARD = "application/vnd.microsoft.card.adaptive"
TOO_LARGE = "400 BadRequest / InvalidParameter / MessageSizeExceeded-Message properties size exceeded"  # msteams-docs#11274
TOO_OFTEN = "429 TooManyRequests / Rate limit is exceeded. Try again in {seconds} seconds."
NOT_A_CARD = "400 BadRequest / BadSyntax / Invalid card type: {found}"  # wording (unverified), here and below
TOO_NEW = "400 BadRequest / BadArgument / AdaptiveCard version {found} is not supported; the newest is 1.5"


class Post(NamedTuple):
    """A card that people in the channel see."""

    channel: str
    received_at: datetime
    card: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """One pass of "Send each adaptive card". No error means that the card was posted."""

    number: int  # counts from 1 over all channels
    channel: str
    received_at: datetime
    card: Any
    error: str = ""


def posted_bytes(card: object) -> int:
    """The size Teams counts: the flow hands the card on as text inside JSON, so every quote of it is escaped.

    Counted in ASCII, as Fluxwatch counts. How the flow writes other letters is (unverified); this is the strictest way.
    """
    return len(json.dumps(json.dumps(card, separators=(",", ":"))))


def failure(attachment: object, now: datetime, connection: Window, message_bytes: int) -> str:
    """Why this attachment is not posted; empty if it is, and then a post of the connection's budget is spent."""
    card = attachment.get("content") if isinstance(attachment, dict) else None
    if error := _unusable(attachment, card):
        return error
    if posted_bytes(card) > message_bytes:
        return TOO_LARGE
    wait = connection.take(now)
    return "" if wait is None else TOO_OFTEN.format(seconds=math.ceil(wait.total_seconds()))


def _unusable(attachment: object, card: object) -> str:
    """Teams speaks of the type first, then of the version."""
    if not isinstance(attachment, dict) or attachment.get("contentType") != CARD:
        return NOT_A_CARD.format(found=_shown(attachment, "contentType"))
    if not isinstance(card, dict) or card.get("type") != "AdaptiveCard":
        return NOT_A_CARD.format(found=_shown(card, "type"))
    version = card.get("version")
    return "" if _supported(version) else TOO_NEW.format(found=str(version)[:20])


def _shown(value: object, key: str) -> str:
    return str(value.get(key))[:80] if isinstance(value, dict) else type(value).__name__


def _supported(version: object) -> bool:
    try:
        major, minor = str(version).split(".")
        return (1, 0) <= (int(major), int(minor)) <= NEWEST
    except ValueError:
        return False
