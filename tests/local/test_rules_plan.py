"""A plan in; the table that make rules-plan prints, and its exit status, out."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.rules_plan import findings, main, table
from shared.rule_book import Look
from tests.estates import KEY, METRICS, Place, named
from tests.fakes import FakeRules
from tests.patients import ENV


def looked(place: Place, rules: FakeRules) -> Look:
    return place.book(rules).fleet()


def test_a_line_says_what_is_done_with_which_rule_and_why():
    seen = looked(Place(), FakeRules())
    lines = list(table(seen))
    assert f"create  metrics  {named('flux-recording', METRICS)}  missing" in lines
    assert lines[-1] == "create: 4, update: 0, delete: 0, leave: 0"
    assert not findings(seen)
    assert KEY not in str(lines)


def test_a_rule_that_is_right_says_so():
    rules = FakeRules(*Place().desired().rules)
    lines = list(table(looked(Place(), rules)))
    assert sum(line.endswith("as it shall be") for line in lines) == 4
    assert lines[-1] == "create: 0, update: 0, delete: 0, leave: 4"


def test_what_keeps_the_plan_from_being_right_is_told_with_its_remedy():
    place = Place(unanswered={"clusters"})
    seen = looked(place, FakeRules())
    lines = list(table(seen, 80))
    assert findings(seen)
    assert lines[lines.index("clusters: unreachable") + 1].startswith("  → Nothing: the next run")
    assert all(len(line) <= 80 for line in lines if not line.startswith("create"))


def test_where_no_rules_are_wanted_it_says_which_setting_is_empty(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(tmp_path, {**ENV, "ALERT_RESOURCE_GROUP": ""}) == 1
    assert "ALERT_RESOURCE_GROUP" in capsys.readouterr().err


def test_settings_that_are_wrong_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(tmp_path, {}) == 1
    assert "FLUX_HMAC_KEY" in capsys.readouterr().err
