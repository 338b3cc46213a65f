"""Words are looked for in lower case: what is not written so would never be found."""

from __future__ import annotations

from shared.core.symptoms import MEANINGS


def test_every_word_and_needle_is_in_lower_case() -> None:
    words = [word for _, found, _ in MEANINGS for word in (*found.plain, *(needle for needle, _ in found.patterns))]
    assert [word for word in words if word != word.lower()] == []


def test_no_pattern_runs_everywhere() -> None:
    assert all(needle for _, found, _ in MEANINGS for needle, _ in found.patterns)
