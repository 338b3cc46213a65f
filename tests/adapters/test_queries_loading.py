"""Names and parameters of queries in; texts, typed literals and refusals out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from shared.adapters.queries import QUERIES, Query, load, parse, prelude

START = datetime(2026, 11, 20, 10, tzinfo=UTC)
WINDOW = Query(
    name="window",
    text="T",
    profile="loganalytics",
    table="T",
    parameters={"_start": "datetime", "_end": "datetime", "_lookback": "timespan"},
    columns=("A",),
)


def given(**other: Any) -> dict[str, Any]:
    return {"_start": START, "_end": START + timedelta(minutes=10), "_lookback": timedelta(days=1)} | other


@pytest.mark.parametrize("name", sorted(path.stem for path in QUERIES.glob("*.kql")))
def test_every_query_has_a_whole_header_and_a_text_without_comments(name: str) -> None:
    query = load(name)
    assert query.name == name
    assert query.profile in {"loganalytics", "resourcegraph"}
    assert all(query.columns)
    assert query.text
    assert not [line for line in query.text.splitlines() if line.lstrip().startswith("//") or not line.strip()]


@pytest.mark.parametrize("name", sorted(path.stem for path in QUERIES.glob("*.kql")))
def test_every_query_names_its_table_or_is_for_a_link(name: str) -> None:
    assert load(name).table or name == "object_logs"


@pytest.mark.parametrize(
    "name", ["", "nothing", "../settings", "object_logs.kql", "Object_Logs", "/etc/passwd", "a" * 5000, "x\0"]
)
def test_what_is_no_query_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="there is no query"):
        load(name)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("T | take 1", "lacks columns, profile"),
        ("// profile: loganalytics\nT", "lacks columns"),
        ("// profile: loganalytics\n// columns: A\n// param: _start\nT", "declares a parameter"),
        ("// profile: loganalytics\n// columns: A\n// param: _start:dynamic\nT", "declares a parameter"),
    ],
)
def test_a_header_that_is_not_whole_is_named(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        parse("broken", text)


def test_comments_are_not_sent_but_what_looks_like_one_in_a_text_is() -> None:
    found = parse("a", '// profile: loganalytics\n// columns: A , B\n\nT\n  // why\n| where A has "https://x"\n')
    assert (found.text, found.columns) == ('T\n| where A has "https://x"', ("A", "B"))


def test_parameters_become_typed_literals_in_the_order_of_the_header() -> None:
    assert prelude(WINDOW, dict(reversed(given().items()))) == (
        "let _start = datetime(2026-11-20T10:00:00.000000Z);\n"
        "let _end = datetime(2026-11-20T10:10:00.000000Z);\n"
        "let _lookback = 86400s;\n"
    )


def test_times_of_other_zones_are_written_in_utc_and_parts_of_seconds_are_kept() -> None:
    text = prelude(
        WINDOW, given(_start=datetime(2026, 11, 20, 12, 0, 0, 5, timezone(timedelta(hours=2))), _lookback=timedelta(0, 1, 5))
    )
    assert "datetime(2026-11-20T10:00:00.000005Z)" in text
    assert "let _lookback = 1000005microsecond;" in text


def test_a_query_without_parameters_has_no_prelude() -> None:
    assert prelude(Query("q", "T", "resourcegraph", "T", {}, ("id",)), {}) == ""


@pytest.mark.parametrize(
    ("parameters", "fault", "words"),
    [
        ({"_start": START}, ValueError, "_end, _lookback"),
        (given(_more=START), ValueError, "_more"),
        (given(_start=START.replace(tzinfo=None)), ValueError, "no time zone"),
        (given(_start="2026-11-20); drop"), TypeError, "takes a datetime, not a str"),
        (given(_start=timedelta(1)), TypeError, "takes a datetime, not a timedelta"),
        (given(_lookback=START), TypeError, "takes a timespan, not a datetime"),
        (given(_lookback=86400), TypeError, "takes a timespan, not a int"),
        (given(_lookback=None), TypeError, "takes a timespan, not a NoneType"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_parameters_that_do_not_fit_are_refused(parameters: dict[str, Any], fault: type[Exception], words: str) -> None:
    with pytest.raises(fault, match=words):
        prelude(WINDOW, parameters)


def test_a_text_is_never_a_parameter() -> None:
    with pytest.raises(TypeError):
        prelude(load("object_logs"), dict.fromkeys(("_kind", "_namespace", "_name", "_cluster"), START))
