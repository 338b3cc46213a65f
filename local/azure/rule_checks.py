"""A part of what was PUT in; the same part, known to be sound, out, or `Refused`.

Pure. What Azure Monitor refuses it refuses with 400; a code and the place are all that callers can rely on.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

MOST_ACTIONS = 5  # action groups of a rule
LONGEST = 1024  # characters of a label, an annotation or a custom property
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", re.ASCII)
_ID = re.compile(r"/subscriptions/[^/]+/resourcegroups/[^/]+/providers/([^/]+/[^/]+)/[^/]+", re.IGNORECASE)


class Refused(Exception):
    """`code` and `said` go into the answer; `status` is 400 unless it is another resource that stands in the way."""

    def __init__(self, said: str, code: str = "BadRequest", status: int = 400) -> None:
        super().__init__(said)
        self.said, self.code, self.status = said, code, status


def a_map(value: Any, where: str) -> dict[str, Any]:
    """Present, and an object."""
    if not isinstance(value, dict):
        raise Refused(f"'{where}' must be an object.")
    return value


def a_list(value: Any, where: str, most: int, least: int = 0) -> list[Any]:
    """None is an empty one."""
    found = [] if value is None else value
    if not isinstance(found, list) or not least <= len(found) <= most:
        raise Refused(f"'{where}' must be a list of {least} to {most}.")
    return found


def a_text(value: Any, where: str, longest: int = 65_536) -> str:
    """Present, and not blank."""
    if not isinstance(value, str) or not value.strip() or len(value) > longest:
        raise Refused(f"'{where}' is required: a text of at most {longest} characters.")
    return value


def a_flag(value: Any, where: str, usual: bool) -> bool:
    """`usual` where nothing is said."""
    if value is None:
        return usual
    if not isinstance(value, bool):
        raise Refused(f"'{where}' must be true or false.")
    return value


def a_count(value: Any, where: str, least: int, most: int) -> int:
    """A whole number."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise Refused(f"'{where}' must be a number from {least} to {most}.")
    return value


def one_of(value: Any, where: str, known: Collection[str]) -> str:
    """In the spelling that is known."""
    spelt = {one.lower(): one for one in known}
    found = spelt.get(value.lower()) if isinstance(value, str) else None
    if found is None:
        raise Refused(f"'{where}' must be one of {', '.join(known)}.")
    return found


def a_length(value: Any, where: str, least: timedelta, most: timedelta) -> timedelta:
    """Of time, in ISO 8601."""
    found = length(value)
    if found is None or not least <= found <= most:
        raise Refused(f"'{where}' must be a duration in ISO 8601 from {iso(least)} to {iso(most)}.")
    return found


def length(value: Any) -> timedelta | None:
    """P1D, PT1H, PT90M; None for what is no duration."""
    found = _DURATION.fullmatch(value) if isinstance(value, str) and len(value) < 30 else None
    if found is None or not any(found.groups()):
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    try:
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        return None


def iso(span: timedelta) -> str:
    """As the service writes it: PT1H for an hour, however it was given; P1D for a day."""
    hours, rest = divmod(span.seconds, 3600)
    parts = [f"{count}{unit}" for count, unit in ((hours, "H"), (rest // 60, "M"), (rest % 60, "S")) if count]
    days = f"{span.days}D" if span.days else ""
    return f"P{days}{'T' if parts else ''}{''.join(parts)}" if days or parts else "PT0S"


def an_id(value: Any, where: str, *types: str) -> str:
    """Of a resource of one of these types, in lower case, as the service keeps it."""
    found = _ID.fullmatch(value) if isinstance(value, str) else None
    if found is None or found[1].lower() not in {one.lower() for one in types}:
        raise Refused(f"'{where}' must be the id of a resource of type {' or '.join(types)}.", "InvalidScope")
    return found[0].lower()


def texts(value: Any, where: str, most: int) -> dict[str, str]:
    """Names and values, such as labels."""
    found: Mapping[str, Any] = {} if value is None else a_map(value, where)
    if len(found) > most:
        raise Refused(f"'{where}' has more than {most} entries.")
    for name, text in found.items():
        if not isinstance(text, str) or len(text) > LONGEST:
            raise Refused(f"'{where}.{name}' must be a text of at most {LONGEST} characters.")
    return dict(found)
