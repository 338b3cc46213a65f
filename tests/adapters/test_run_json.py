"""What a run left to a JSON text and back: nothing is lost that fits, and it always fits."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields, replace

import pytest

from shared.adapters.json_fields import PROPERTY, units
from shared.adapters.run_json import decode_run, encode_run
from shared.core.finding import Finding, Run
from tests.examples import START
from tests.full import FULL_RUN


@pytest.mark.parametrize("full", [FULL_RUN, FULL_RUN.findings[0]], ids=lambda one: type(one).__name__)
def test_the_example_has_every_field_at_something_else_than_its_default(full: object) -> None:
    known = {f.name: f.default if f.default_factory is MISSING else f.default_factory() for f in fields(full)}
    assert [name for name, default in known.items() if getattr(full, name) == default] == []


def test_every_field_comes_back() -> None:
    assert decode_run(encode_run(FULL_RUN)) == FULL_RUN


def test_fields_at_their_defaults_are_not_written_and_unknown_ones_are_ignored() -> None:
    run = Run("sweep_errors", START)
    row = json.loads(encode_run(run))
    assert list(row) == ["job", "at"]
    assert decode_run(json.dumps({**row, "colour": "green"})) == run


@pytest.mark.parametrize("text", ["x" * 5_000, "\N{FIRE}" * 5_000, "\0" * 5_000, "\ud800"], ids=["long", "wide", "nul", "half"])
def test_it_always_fits_and_says_how_many_findings_do_not(text: str) -> None:
    run = replace(FULL_RUN, findings=tuple(Finding(f"{place} {text}", False, text, text) for place in range(1_000)))
    written = encode_run(run)
    assert units(written) <= PROPERTY
    written.encode()
    back = decode_run(written)
    assert (back.counts, back.before) == (run.counts, run.before)
    *kept, last = back.findings
    assert [one.name[:2] for one in kept] == [one.name[:2] for one in run.findings[: len(kept)]]
    assert (last.ok, last.detail) == (False, f"{1_000 - len(kept)} more than there is room for")


def test_even_counts_that_nobody_could_read_fit() -> None:
    run = replace(FULL_RUN, counts={f"{place:0>100}": place for place in range(1_000)})
    back = decode_run(encode_run(run))
    assert back == replace(run, counts={}, before={}, findings=())


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '{"job": "a"}', '{"job": "a", "at": "b"}', '{"findings": [1]}'])
def test_what_is_no_run_raises_one_of_few_errors(text: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        decode_run(text)
