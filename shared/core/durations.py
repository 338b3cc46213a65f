"""A length of time as Prometheus, a tag or Azure writes it in; a timedelta out, and back in ISO 8601.

Pure: never fails; what is none is None.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

LONGEST = 24  # characters
_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_WORDS = re.compile(r"(?:(\d{1,6})w)?(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?", re.ASCII)
_ISO = re.compile(
    r"P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})(?:\.0+)?S)?)?", re.IGNORECASE | re.ASCII
)
_SPAN = re.compile(r"(?:(\d{1,6})\.)?(\d{1,2}):(\d{2}):(\d{2})(?:\.0+)?", re.ASCII)


def of_words(value: Any) -> timedelta | None:
    """`90s`, `10m`, `1h30m`, `1d`: as Prometheus writes it (prometheus/common model.ParseDuration), without milliseconds."""
    return _matched(_WORDS, value)


def of_iso(value: Any) -> timedelta | None:
    """`PT10M`, `P1D`: ISO 8601 without months and years; also .NET's `1.00:10:00`, which some of Azure's services answer."""
    if isinstance(value, timedelta):
        return value
    if isinstance(value, str) and len(value) <= LONGEST and (span := _SPAN.fullmatch(value.strip())):
        days, hours, minutes, seconds = (int(part or 0) for part in span.groups())
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    return _matched(_ISO, value)


def iso(length: timedelta) -> str:
    """`PT10M`, `PT1H30M`, `PT24H`: never days, which not every service takes. Whole seconds, not negative."""
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = (f"{count}{unit}" for count, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if count)
    return "PT" + ("".join(parts) or "0S")


def _matched(form: re.Pattern[str], value: Any) -> timedelta | None:
    if not isinstance(value, str) or len(value) > LONGEST:
        return None
    found = form.fullmatch(value.strip())
    if found is None or not any(found.groups()):
        return None
    counts = zip(found.groups(), _UNITS.values(), strict=True)
    return timedelta(seconds=sum(int(count or 0) * unit for count, unit in counts))
