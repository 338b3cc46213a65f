"""Values to JSON texts and back: nothing is lost, little is written, and what other versions wrote is read."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.incident_json import (
    decode_incident,
    decode_ledger,
    decode_told,
    encode_incident,
    encode_ledger,
    encode_told,
)
from shared.core.incident import Incident
from shared.core.told import ChannelState, Ledger, Said, Told
from tests.examples import START, after, incident, subject
from tests.full import FULL

PROPERTY = 32_768  # UTF-16 units that Table storage takes in one property


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def defaults(of: type) -> dict[str, Any]:
    return {f.name: f.default if f.default_factory is MISSING else f.default_factory() for f in fields(of)}


def test_the_example_has_every_field_at_something_else_than_its_default() -> None:
    assert [name for name, default in defaults(Incident).items() if getattr(FULL, name) == default] == []


def test_every_field_of_an_incident_comes_back() -> None:
    assert decode_incident(encode_incident(FULL), FULL.message) == FULL


def test_the_message_is_not_in_the_text_for_it_has_a_column_of_its_own() -> None:
    assert FULL.message not in encode_incident(FULL)
    assert decode_incident(encode_incident(FULL)) == replace(FULL, message="")


def test_fields_at_their_defaults_are_not_written() -> None:
    assert list(json.loads(encode_incident(Incident(subject())))) == ["subject"]


def test_fields_that_a_newer_version_wrote_are_ignored() -> None:
    text = json.dumps({**json.loads(encode_incident(FULL)), "colour": "green"})
    assert decode_incident(text, FULL.message) == FULL


def test_fields_that_an_older_version_did_not_write_have_their_defaults() -> None:
    row = json.loads(encode_incident(FULL))
    del row["needs"], row["alerts"]
    assert decode_incident(json.dumps(row), FULL.message) == replace(FULL, needs="", alerts={})


@pytest.mark.parametrize("text", ["", "{", "{}", "[]", '{"subject": ["/"]}', '{"subject": 1}'])
def test_what_is_no_incident_raises_one_of_few_errors(text: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        decode_incident(text)


@given(st.text(max_size=40), st.text(max_size=40), st.lists(st.text(max_size=20), max_size=3))
def test_any_text_comes_back_as_it_was(note: str, revision: str, seen: list[str]) -> None:
    odd = incident(note=note, revision=revision, seen=tuple(seen))
    assert decode_incident(encode_incident(odd), odd.message) == odd


def test_the_longest_incident_fits_into_a_property_of_a_table() -> None:
    """The observation keeps 4,000 characters of each text; each of these counts as two."""
    long = "\N{FIRE}" * 4_030
    texts = {"revision": long, "origin": long, "detail": long, "note": long[:300], "needs": "n/" * 253, "reason": long[:256]}
    length = units(encode_incident(replace(FULL, **texts)))
    assert length <= PROPERTY


def test_what_channels_were_told_comes_back() -> None:
    told = {
        "default": Told(Said.OPEN, START, "cause", ("fp:one", "fp:two"), 2),
        "payments": Told(Said.RESOLVED, after(hours=1), "other"),
        "fallback": Told(Said.FLAPPING, after(microseconds=1), "third", ("fp:three",)),
    }
    assert decode_told(encode_told(told)) == told
    assert decode_told("") == decode_told(encode_told({})) == {}


def test_the_ledger_comes_back_with_the_version_of_the_store() -> None:
    ledger = Ledger(
        {
            "default": ChannelState(START, True, "WorkflowTriggerIsNotEnabled", 3, after(minutes=5)),
            "new": ChannelState(),
        },
        {"owner@contoso.com": (START, after(seconds=1)), "idle": ()},
        START - timedelta(hours=6),
    )
    assert decode_ledger(encode_ledger(ledger), "etag") == replace(ledger, version="etag")
    assert decode_ledger(encode_ledger(Ledger()), "") == Ledger()
