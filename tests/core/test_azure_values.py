"""Values as Azure writes them, and as it should not: what is none gives nothing, and nothing fails."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings

from shared.core.azure_values import AHEAD, MAX_LABEL, Reading, get, label, parse_time, text, truth
from tests.examples import START, after
from tests.sights import JSON


@pytest.mark.parametrize("key", ["statusUpdatedAt", "StatusUpdatedAt", "statusupdatedat", "STATUSUPDATEDAT"])
def test_a_key_is_found_in_whatever_letter_case_it_is_written(key: str) -> None:
    assert get({"other": 1, key: 2}, "statusUpdatedAt") == 2


def test_the_exact_spelling_wins() -> None:
    assert get({"Name": 1, "name": 2}, "name") == 2


@pytest.mark.parametrize("row", [None, [], "name", 7, {1: "name"}, {"name": None}])
def test_where_there_is_no_key_there_is_nothing(row: Any) -> None:
    assert get(row, "name") is None


@pytest.mark.parametrize("value", [None, 7, 1.5, True, [], {}, ["a"]])
def test_what_is_no_text_is_an_empty_one(value: Any) -> None:
    assert (text(value), label(value)) == ("", "")


def test_a_label_is_short_printable_and_without_secrets() -> None:
    assert len(label("x" * 10_000_000)) == MAX_LABEL
    assert label(" Run\u202ening\x00 ") == "Running"
    assert "hunter2" not in label("https://me:hunter2@github.com/contoso/fleet")


@pytest.mark.parametrize(
    ("value", "known"),
    [(True, True), (False, False), ("True", True), (" false ", False), ("yes", None), (1, None), (None, None), ([], None)],
)
def test_a_boolean_may_be_a_word(value: Any, known: bool | None) -> None:
    assert truth(value) is known


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-20T08:00:00Z",
        "2026-11-20T08:00:00.0000000Z",  # .NET
        "2026-11-20T08:00:00.000000000Z",  # Go
        "2026-11-20T10:00:00+02:00",
        "2026-11-20 08:00:00",  # Resource Graph means UTC
        START,
        START.replace(tzinfo=None),
        START.astimezone(timezone(timedelta(hours=-8))),
    ],
)
def test_a_time_is_read_as_utc_in_every_spelling(value: Any) -> None:
    assert parse_time(value) == START
    assert parse_time(value).tzinfo is UTC  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "value",
    [
        *(None, "", "never", 1_795_161_600, True, [], {}, "2026-13-01T00:00:00Z", "9" * 1_000_000),
        *("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1970-01-01T00:00:00Z"),
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
    ],
)
def test_what_is_no_time_or_means_never_is_none(value: Any) -> None:
    assert parse_time(value) is None


def test_a_time_in_the_future_is_a_clock_that_is_wrong_but_not_a_little() -> None:
    reading = Reading(START)
    assert reading.moment((START + AHEAD).isoformat()) == START + AHEAD
    assert reading.moment(after(minutes=15, seconds=1).isoformat()) is None
    assert reading.moment("nonsense") is None
    assert reading.wrong_clocks == 1


@pytest.mark.parametrize(
    ("row", "noted"),
    [
        ({"id": "/subscriptions/x"}, "/subscriptions/x statuses[3]"),
        ({"ID": "/x", "secret": "hunter2"}, "/x statuses[3]"),
        ({"id": None}, "statuses[3]"),
        (None, "statuses[3]"),
    ],
)
def test_what_cannot_be_read_is_noted_by_its_id(row: Any, noted: str) -> None:
    reading = Reading(START)
    reading.refuse(row, "statuses[3]")
    assert reading.unread == [noted]


def test_a_row_without_an_id_is_noted_too() -> None:
    reading = Reading(START)
    reading.refuse([])
    assert reading.unread == ["a row without an id"]


@settings(max_examples=20)
@given(value=JSON)
def test_nothing_that_json_can_hold_makes_it_fail(value: Any) -> None:
    reading = Reading(START)
    reading.refuse(value)
    assert isinstance(text(value) + label(value) + str(truth(value)) + str(reading.moment(value)), str)
