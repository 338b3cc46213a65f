"""The answer of a log query, as JSON gives it, in; rows of aware datetimes, numbers, booleans, texts and None out.

Law: a value that is not of its column's type is None: nothing that a row holds can make the others unreadable.
Format: learn.microsoft.com/azure/azure-monitor/logs/api/response-format.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any

type Value = datetime | float | bool | str | None  # int is a float here
type Json = dict[str, Any]


class Unreadable(Exception):
    """Not in the form of an answer."""


def rows(document: Json, columns: tuple[str, ...]) -> Iterator[Mapping[str, Value]]:
    """Of the primary result; none if there is no table. Raises `Unreadable` unless all of these columns are there."""
    if (table := _primary(document)) is None:
        return
    heads = [(head["name"], _TYPES.get(str(head.get("type")).lower(), _text)) for head in table["columns"]]
    if missing := set(columns) - {name for name, _ in heads}:
        raise Unreadable(f"{len(missing)} columns are missing")
    for row in table["rows"]:
        if not isinstance(row, list) or len(row) != len(heads):
            raise Unreadable("a row does not fit the columns")
        yield {name: read(value) for (name, read), value in zip(heads, row, strict=True) if name in columns}


def _primary(document: Json) -> Json | None:
    """Checked as far as its columns and rows."""
    tables = document.get("tables") or []
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise Unreadable("no tables")
    if not tables:
        return None
    table: Json = next((one for one in tables if one.get("name") == "PrimaryResult"), tables[0])
    heads, lines = table.get("columns"), table.get("rows")
    if not isinstance(heads, list) or not isinstance(lines, list):
        raise Unreadable("a table without columns or rows")
    if not all(isinstance(head, dict) and isinstance(head.get("name"), str) for head in heads):
        raise Unreadable("a column without a name")
    return table


def _time(value: Any) -> datetime | None:
    """Seven digits of a second come, six are kept."""
    try:
        found = datetime.fromisoformat(value)
    except (ValueError, TypeError):
        return None
    return found.replace(tzinfo=UTC) if found.utcoffset() is None else found


def _whole(value: Any) -> int | None:
    """64-bit numbers may come as texts."""
    try:
        return None if isinstance(value, bool) else int(value)
    except (ValueError, TypeError, OverflowError):
        return None


def _real(value: Any) -> float | None:
    """NaN and the infinities come as texts: nobody can reckon with them."""
    try:
        found = None if isinstance(value, bool) else float(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return found if found is not None and isfinite(found) else None


def _flag(value: Any) -> bool | None:
    """Kusto's own are 0 and 1."""
    return {"true": True, "1": True, "false": False, "0": False}.get(str(value).lower())


def _text(value: Any) -> str | None:
    """Dynamic columns come as a text with JSON in it, or as the JSON itself."""
    return value if value is None or isinstance(value, str) else json.dumps(value, separators=(",", ":"))


_TYPES: Mapping[str, Callable[[Any], Value]] = {
    "datetime": _time,
    "date": _time,
    "int": _whole,
    "long": _whole,
    "real": _real,
    "double": _real,
    "decimal": _real,
    "bool": _flag,
    "boolean": _flag,
}  # string, dynamic, guid, timespan: texts
