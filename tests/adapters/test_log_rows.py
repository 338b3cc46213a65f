"""Answers of log queries, in order and in every disorder, in; typed rows, or that they cannot be read, out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from shared.adapters.log_rows import Unreadable, rows

START = datetime(2026, 11, 20, 10, tzinfo=UTC)


def table(*lines: Any, name: str = "PrimaryResult", **columns: Any) -> dict[str, Any]:
    return {"name": name, "columns": [{"name": one, "type": kind} for one, kind in columns.items()], "rows": list(lines)}


@pytest.mark.parametrize(
    ("kind", "value", "read"),
    [
        ("datetime", "2026-11-20T10:00:00", START),
        ("datetime", "2026-11-20T12:00:00.0000000+02:00", START.astimezone(timezone(timedelta(hours=2)))),
        ("datetime", "", None),
        ("datetime", "yesterday", None),
        ("datetime", "99999-01-01T00:00:00Z", None),
        ("datetime", 5, None),
        ("long", None, None),
        ("int", "12", 12),
        ("long", 12.0, 12),
        ("long", "9" * 5000, None),
        ("long", 1e999, None),
        ("long", True, None),
        ("long", {"a": 1}, None),
        ("real", "1.5", 1.5),
        ("real", 2, 2.0),
        ("decimal", "0.1", 0.1),
        ("real", "NaN", None),
        ("real", "Infinity", None),
        ("real", [1], None),
        ("bool", True, True),
        ("bool", 0, False),
        ("boolean", "true", True),
        ("bool", "yes", None),
        ("bool", None, None),
        ("dynamic", "a plain line", "a plain line"),
        ("dynamic", '{"a":1}', '{"a":1}'),
        ("dynamic", {"a": [1]}, '{"a":[1]}'),
        ("dynamic", None, None),
        ("string", "", ""),
        ("string", 5, "5"),
        ("string", "x" * 1_000_000, "x" * 1_000_000),
        ("timespan", "00:05:00", "00:05:00"),
        ("timespan", None, None),
        ("guid", None, None),
        ("Long", 5, 5),
        ("hologram", "x", "x"),
        (None, "x", "x"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_value_that_is_not_of_its_type_is_none(kind: Any, value: Any, read: Any) -> None:
    [found] = rows({"tables": [table([value, "x"], A=kind, B="string")]}, ("A", "B"))
    assert found["A"] == read
    assert type(found["A"]) is type(read)
    assert found["B"] == "x"


def test_other_tables_and_columns_are_left_aside() -> None:
    tables = [table(["wrong"], name="Statistics", A="string"), table([5, "right"], More="int", A="string")]
    assert list(rows({"tables": tables}, ("A",))) == [{"A": "right"}]


def test_a_table_without_its_usual_name_is_the_first() -> None:
    assert list(rows({"tables": [table([1], name="Table_0", A="int")]}, ("A",))) == [{"A": 1}]


@pytest.mark.parametrize("document", [{}, {"tables": None}, {"tables": []}], ids=str)
def test_no_table_is_no_row(document: Any) -> None:
    assert list(rows(document, ("A",))) == []


@pytest.mark.parametrize(
    "document",
    [
        {"tables": {"name": "x"}},
        {"tables": ["x"]},
        {"tables": [{}]},
        {"tables": [{"columns": [], "rows": []}]},
        {"tables": [{"columns": [{"name": 5}], "rows": []}]},
        {"tables": [{"columns": [None], "rows": []}]},
        {"tables": [table(B="string")]},
        {"tables": [table([1, 2], A="int")]},
        {"tables": [table([], A="int")]},
        {"tables": [table(None, A="int")]},
        {"tables": [table("x", A="int")]},
        {"tables": [table(A="int") | {"rows": None}]},
    ],
    ids=str,
)
def test_what_is_not_in_the_form_of_an_answer_cannot_be_read(document: Any) -> None:
    with pytest.raises(Unreadable):
        list(rows(document, ("A",)))
