"""Reports in; the page of health out: the same words as in JSON, and nothing that they hold is taken for HTML."""

from __future__ import annotations

import re

import pytest

from shared.adapters.pages import Pages
from shared.core.finding import Finding
from shared.core.health_report import Report
from tests.examples import START

HOSTILE = '</bdi><script>alert("x")</script><a href="javascript:x">\u202e'


def page(*findings: Finding, deep: bool = False) -> str:
    return Pages().render("health", **Report(START, findings, deep, {"store": 0.1}).as_json()).body.decode()


@pytest.mark.parametrize("ok", [True, False])
@pytest.mark.parametrize("remedy", ["", HOSTILE])
def test_words_from_outside_stay_words(ok: bool, remedy: str) -> None:
    html = page(Finding(HOSTILE, ok, HOSTILE, remedy))
    assert "<script>" not in html
    assert 'href="javascript' not in html
    assert "\u202e" not in html
    assert "&lt;script&gt;" in html


def test_what_is_wrong_comes_first_and_what_is_well_is_folded_away() -> None:
    html = page(
        Finding("well", True),
        Finding("a note", True, "x", "y"),
        Finding("warns", False, "x", "y"),
        Finding("store", False, "x", "y"),
    )
    assert re.findall(r"<bdi>([^<]{3,})</bdi>", html) == ["store", "warns", "a note", "well", "store"]
    assert '<details class="well">' in html


def test_where_all_is_well_it_is_shown_what_that_is() -> None:
    html = page(Finding("settings", True))
    assert "<h1>" in html
    assert "All is well, as far as a quick look shows." in html
    assert '<details class="well" open>' in html
    assert 'href="health?deep=1"' in html


def test_every_level_has_a_word_for_those_who_do_not_see_the_mark() -> None:
    html = page(Finding("warns", False, "x", "y"), Finding("store", False, "x", "y"))
    assert "Fails: " in html
    assert "Warning: " in html
