"""A plan in; the table that make rules-plan prints, and its exit status, out."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NoReturn

import pytest

from local.azure import AzureServer, generate
from local.azure.generate import METRICS as PLATFORM
from local.azure.generate import RULES_GROUP
from local.rules_plan import findings, main, table
from shared.adapters.azure_monitor import MonitorClient
from shared.core.trouble import Trouble, Unanswered
from shared.jobs.reconcile_alert_rules import ReconcileAlertRules
from shared.rule_book import Look, RuleBook, wanted
from shared.wiring import App
from tests.estates import CATALOGUE, KEY, METRICS, Place, named
from tests.fake_rules import FakeRules
from tests.fakes import FakeStore
from tests.patients import ENV

ASKED = {
    "ALERT_RESOURCE_GROUP": RULES_GROUP,
    "AZURE_MONITOR_WORKSPACE": PLATFORM,
    "FLUXWATCH_URL": "https://fluxwatch.example",
    "ALERT_KEY": KEY,
}


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


def test_what_one_deed_mends_is_told_with_that_deed_once():
    class Nobody(FakeRules):
        def _fails(self) -> Trouble:
            return Trouble.FORBIDDEN

    lines = list(table(looked(Place(), Nobody()), 100))
    assert [line for line in lines if "forbidden" in line] == [
        f"{about}: forbidden" for about in ("groups", "log rules", "action group")
    ]
    assert sum(line.startswith("  → ") for line in lines) == 1
    assert "no plan: nobody can say what there is" in lines


def test_who_is_not_signed_in_is_told_so_once():
    place = Place()
    place.ask = place.get = lambda about: signed_out()
    rules = FakeRules()
    rules.groups = rules.log_rules = signed_out
    rules.action_group = lambda name: signed_out()
    assert [one.detail for one in findings(looked(place, rules))] == ["no-identity"]


def signed_out() -> NoReturn:
    raise Unanswered(Trouble.NO_IDENTITY, "identity")


def test_where_no_rules_are_wanted_it_says_which_setting_is_empty(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(tmp_path, {**ENV, "ALERT_RESOURCE_GROUP": ""}) == 1
    assert "ALERT_RESOURCE_GROUP" in capsys.readouterr().err


def test_settings_that_are_wrong_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(tmp_path, {}) == 1
    assert "FLUX_HMAC_KEY" in capsys.readouterr().err


def test_azure_is_asked_with_the_real_clients_and_what_was_made_is_as_it_shall_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    world = generate(3, 2, 7)
    world.tag(next(iter(world.members.values())), "fluxwatch-alert-rules", "own")
    with AzureServer(world) as azure:
        for name in ("IDENTITY_ENDPOINT", "IDENTITY_HEADER"):  # azure-identity reads them itself
            monkeypatch.setenv(name, azure.settings[name])
        env = {**ENV, **azure.settings, **ASKED}
        app = App(env)
        rules = MonitorClient(app.azure, RULES_GROUP)
        book = RuleBook(app.graph, app.arm, rules, app.clock, lambda: CATALOGUE, wanted(app.settings))
        job = ReconcileAlertRules(book, FakeStore())
        made = job()
        assert (made.counts["created"], made.findings) == (6, ())
        before = Counter(azure.calls)
        again = job()
        assert (again.counts["left"], sum((Counter(azure.calls) - before).values())) == (6, 6)
        assert main(tmp_path, env) == 0  # with the catalogue that is shipped
        lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("create  metrics  flux-controllers-") for line in lines)
    assert any(line.startswith("delete  logs     FluxErrors-") for line in lines)
