"""Durations of ISO 8601, as rules have them, in; their length, and how Azure writes it, out."""

from __future__ import annotations

import pytest

from local.azure.rule_checks import iso, length


@pytest.mark.parametrize(
    ("given", "kept"),
    [("PT60M", "PT1H"), ("PT24H", "P1D"), ("PT90S", "PT1M30S"), ("P1DT60M", "P1DT1H"), ("PT0S", "PT0S"), ("P1D", "P1D")],
)
def test_durations_are_kept_by_their_length(given, kept):
    assert iso(length(given)) == kept


@pytest.mark.parametrize(
    "given", ["", "P", "PT", "1h", "PT1.5H", "P1W", "-PT1H", "PT1H ", "P" + "9" * 20 + "D", None, 60, ["PT1M"]]
)
def test_what_is_no_duration_has_none(given):
    assert length(given) is None
