"""Cards, findings, details, rules and lines of the host's log in; what is wrong with them, and what they say, out.

Law: an expectation that has come true says nothing.
"""

from __future__ import annotations

from local import alert_lines
from local.alert_lines import rules_in
from local.azure import generate
from local.azure.fleet import RuleResource
from local.expectations import Expected, ExpectedDetail, ExpectedFinding, ExpectedRules
from local.sweep_lines import Found, Run, account, read
from local.verdict import first_text
from shared.core.alert_rule import RuleKind
from tests.examples import START


def test_an_expectation_counts_the_cards_that_have_its_words() -> None:
    cards = [("default", "apps is failing"), ("default", "apps is well again"), ("other", "apps is failing")]
    assert Expected("apps is failing").wrong(cards) == ""
    assert Expected("apps", most=2).wrong(cards) == ""
    assert Expected("web", least=0, most=0).wrong(cards) == ""
    assert Expected("apps").wrong(cards) == "default: 2 instead of 1 say: apps"
    assert Expected("web", most=3).wrong(cards) == "default: 0 instead of 1 to 3 say: web"
    assert Expected("apps", "other", least=0, most=0).wrong(cards) == "other: 1 instead of 0 say: apps"


def test_a_finding_and_a_detail_are_expected_by_their_words() -> None:
    found = [("visibility", "4 clusters are out of sight: a, b")]
    assert ExpectedFinding("visibility", "4 clusters").wrong(found) == ""
    assert ExpectedFinding("visibility").wrong([]) == "no sweep found: visibility: "
    details = [("aks-1", "Kustomization/flux/apps", "the token has expired")]
    assert ExpectedDetail("has expired", "Kustomization/flux/apps", "aks-1").wrong(details) == ""
    wanted = ExpectedDetail("has expired", "Kustomization/flux/apps", "aks-2")
    assert wanted.wrong(details) == "nothing is added to Kustomization/flux/apps on aks-2 that says: has expired"


def test_what_the_sweeps_did_is_read_from_what_they_wrote() -> None:
    lines = [
        "06:40:01 [sweep_compliance] INFO clusters: 14, bad_rows: 0, opened: 2, closed: 1",
        "06:40:01 [sweep_compliance] WARNING visibility: 4 clusters are out of sight: a, b",
        "06:40:02 [sweep_errors] INFO rows: 3, observations: 1, dropped: 0, opened: 0, closed: 0, bad_rows: 0",
        "06:40:02 [notify_teams] INFO opened: 9, closed: 9",
    ]
    assert list(read(lines)) == [
        Run("sweep_compliance", 2, 1),
        Found("sweep_compliance", "visibility", "4 clusters are out of sight: a, b"),
        Run("sweep_errors", 0, 0),
    ]
    assert [one.words for one in read(lines) if isinstance(one, Run)] == ["sweep_compliance: 2 opened, 1 closed", ""]
    assert account(lines) == [
        "sweep_compliance: 1 run, 2 incidents opened, 1 closed",
        "sweep_errors: 1 run, 0 incidents opened, 0 closed",
    ]


def test_alert_rules_are_expected_by_their_numbers() -> None:
    world = generate(1, 2)
    assert ExpectedRules("1 group").wrong(rules_in(world)) == "alert rules: none instead of 1 group"
    for number, kind in enumerate((RuleKind.METRICS, RuleKind.METRICS, RuleKind.ACTIONS)):
        world.rules[str(number)] = RuleResource(str(number), kind, "", {}, {}, START, START)
    assert ExpectedRules("2 groups, 1 action group").wrong(rules_in(world)) == ""


def test_what_became_of_rules_and_alerts_is_read_from_what_the_host_wrote() -> None:
    lines = [
        "06:40:01 [ensure_alert_rules] INFO aks-1/flux (7f0c1a52): 10 of 10 rules written",
        "06:40:01 [ensure_alert_rules] INFO create fluxwatch: it is not there",
        "06:40:02 [ensure_alert_rules] INFO aks-2/flux (no correlation): 0 of 10 rules written",
        "06:40:03 [reconcile_alert_rules] INFO created: 0, updated: 2, deleted: 1, left: 7, failed: 0",
        "06:40:04 [reconcile_alert_rules] INFO created: 0, updated: 0, deleted: 0, left: 10, failed: 0",
        "06:40:05 [receive_azure_alert] INFO opened: alert FluxSystemDown about Extension flux on aks-1: failing",
        "06:40:05 [notify_teams] INFO opened: 9, closed: 9",
    ]
    read = list(alert_lines.read(lines))
    assert [one.words for one in read] == [
        "ensure_alert_rules: aks-1/flux: 10 of 10 rules written",
        "",
        "reconcile_alert_rules: 2 updated, 1 deleted",
        "",
        "opened: alert FluxSystemDown about Extension flux on aks-1: failing",
    ]


def test_the_first_text_of_a_card_is_what_a_notification_shows() -> None:
    text = {"type": "TextBlock", "text": "first"}
    card = {
        "type": "AdaptiveCard",
        "body": [{"type": "Container", "items": [{"type": "Image"}, text]}, {"type": "TextBlock", "text": "second"}],
    }
    assert first_text(card) == "first"
    assert first_text({"type": "AdaptiveCard", "body": []}) == ""
