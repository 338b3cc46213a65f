"""Alert rules, workspaces and runs of their upkeep, seen, hidden and late, in; what health says of them out."""

from __future__ import annotations

from typing import Any

import pytest

from shared.core.alert_rule import RuleKind
from shared.core.finding import Finding, Run
from shared.core.health_rules import NAMES
from shared.core.trouble import Trouble, Unanswered
from tests.examples import after
from tests.fakes import FakeStore
from tests.patients import METRICS, RULES, SWEEPS, Answer, FakeAzure, deep, health, quick, read, rule, wrong

GROUPS, LOGS, ACTIONS = (NAMES[kind] for kind in RuleKind)
ASKED = ["metrics", "logs", "actions", "alert_workspaces"]


def kept(minutes: float, *findings: Finding) -> FakeStore:
    store = FakeStore()
    store.put_run(Run("reconcile_alert_rules", after(minutes=-minutes), 4.0, 3_600.0, {"left": 7}, {}, findings))
    return store


def alone(fake: FakeAzure, **but: str) -> dict[str, dict[str, Any]]:
    """Without sweeps, but for the scope that the rules need as well."""
    env = {**RULES, "FLEET_SCOPES": "*", "COMPLIANCE_SCHEDULE": "0 */5 * * * *", **but}
    return read(health(FakeStore(), fake, **env), deep=True)[1]


@pytest.mark.parametrize(("minutes", "late"), [(180, False), (181, True)])
def test_the_upkeep_is_late_after_three_of_its_intervals(minutes: float, late: bool) -> None:
    status, checks = quick(kept(minutes), **RULES)
    assert (status, checks["reconcile_alert_rules"]["ok"]) == (("degraded", False) if late else ("ok", True))


def test_what_a_run_could_not_do_is_shown_under_its_name() -> None:
    refused = Finding("Azure Monitor (scheduledQueryRules x)", False, "forbidden", "Give the role.")
    _, checks = quick(kept(1, refused), **RULES)
    assert wrong(checks) == {"reconcile_alert_rules: Azure Monitor (scheduledQueryRules x)": "forbidden"}


def test_a_deep_look_reads_every_kind_of_rule_and_the_workspaces_and_writes_nothing() -> None:
    fake = FakeAzure()
    status, checks = deep(fake, kept(1), **RULES)
    assert (status, wrong(checks), fake.asked[-4:]) == ("ok", {}, ASKED)
    assert [checks[name]["detail"] for name in (GROUPS, LOGS, ACTIONS)] == ["1 of Fluxwatch"] * 3
    for setting in ("AZURE_MONITOR_WORKSPACE", "LOG_ANALYTICS_WORKSPACES"):
        assert checks[setting] == {"ok": True, "detail": "1 workspace seen", "level": "ok"}


def test_nothing_of_rules_is_asked_where_none_are_wanted() -> None:
    fake = FakeAzure()
    deep(fake)
    assert not {*ASKED} & {*fake.asked}


def test_rules_of_others_are_counted_besides() -> None:
    mixed = [rule(RuleKind.METRICS), rule(RuleKind.METRICS, "two", "Terraform"), rule(RuleKind.METRICS, "three", "")]
    assert alone(FakeAzure(metrics=mixed))[GROUPS]["detail"] == "1 of Fluxwatch, 2 of others"


def test_before_the_first_run_there_are_no_rules_and_that_is_a_note() -> None:
    checks = alone(FakeAzure(metrics=[], logs=[], actions=[]))
    assert [checks[name]["level"] for name in (GROUPS, LOGS, ACTIONS)] == ["note"] * 3


@pytest.mark.parametrize(
    ("kind", "name"), [("metrics", GROUPS), ("logs", LOGS), ("actions", ACTIONS)], ids=["metrics", "logs", "actions"]
)
def test_a_right_that_is_missing_is_named_with_its_actions(kind: str, name: str) -> None:
    checks = alone(FakeAzure(**{kind: Unanswered(Trouble.FORBIDDEN, "x", "AuthorizationFailed")}))
    assert wrong(checks) == {name: "forbidden (AuthorizationFailed)"}
    assert f"{RuleKind[kind.upper()]}/read, write and delete on the resource group" in checks[name]["remedy"]


@pytest.mark.parametrize(
    ("trouble", "words"), [(Trouble.FORBIDDEN, "docs/permissions.md"), (Trouble.NOT_FOUND, "Make the resource group")]
)
def test_what_all_kinds_say_is_said_once(trouble: Trouble, words: str) -> None:
    checks = alone(FakeAzure(**{kind: Unanswered(trouble, kind) for kind in ("metrics", "logs", "actions")}))
    assert wrong(checks) == {"alert rules": str(trouble)}
    assert words in checks["alert rules"]["remedy"]


def test_where_azure_monitor_throttles_it_is_not_asked_twice_more() -> None:
    fake = FakeAzure(metrics=Unanswered(Trouble.THROTTLED, "x"))
    assert wrong(alone(fake)) == {GROUPS: "throttled"}
    assert not {"logs", "actions"} & {*fake.asked}


def test_an_action_group_of_somebody_else_is_not_looked_for_among_ours() -> None:
    fake = FakeAzure()
    group = f"{RULES['ALERT_RESOURCE_GROUP']}/providers/Microsoft.Insights/actionGroups/on-call"
    checks = alone(fake, ACTION_GROUP=group, ALERT_KEY="")
    assert ACTIONS not in checks
    assert "actions" not in fake.asked


def test_a_workspace_that_is_not_shown_is_named() -> None:
    checks = alone(FakeAzure(alert_workspaces=[{"id": None}, {}, {"id": METRICS.replace("amw-1", "amw-2")}]))
    assert wrong(checks) == {"AZURE_MONITOR_WORKSPACE": "cannot be seen: amw-1"}
    assert "FLEET_SCOPES" in checks["AZURE_MONITOR_WORKSPACE"]["remedy"]


def test_rules_without_a_scope_cover_no_cluster_and_resource_graph_is_not_asked() -> None:
    fake = FakeAzure()
    checks = alone(fake, FLEET_SCOPES="")
    assert wrong(checks) == {"FLEET_SCOPES": "is empty, and ALERT_RESOURCE_GROUP is set: no cluster is covered"}
    assert fake.asked == ["token", "metrics", "logs", "actions"]


@pytest.mark.parametrize("part", ASKED)
def test_what_nobody_expected_shows_nothing_but_its_type(part: str) -> None:
    (words,) = wrong(alone(FakeAzure(**{part: RuntimeError("https://do-not-show-this")}))).values()
    assert words == "ended in RuntimeError"


@pytest.mark.parametrize(
    ("name", "env"),
    [
        ("ALERT_RESOURCE_GROUP", {"AZURE_MONITOR_WORKSPACE": METRICS}),
        ("AZURE_MONITOR_WORKSPACE", {**RULES, **SWEEPS, "AZURE_MONITOR_WORKSPACE": ""}),
        ("LOG_ANALYTICS_WORKSPACES", {**RULES, **SWEEPS, "LOG_ANALYTICS_WORKSPACES": ""}),
        (
            "ALERT_KEY",
            {
                **RULES,
                **SWEEPS,
                "ACTION_GROUP": f"{METRICS.partition('/providers')[0]}/providers/Microsoft.Insights/actionGroups/x",
            },
        ),
    ],
    ids=["no-group", "no-metrics", "no-logs", "two-groups"],
)
def test_settings_of_rules_that_do_not_fit_together_are_notes(name: str, env: dict[str, Answer]) -> None:
    status, checks = read(health(FakeStore(), FakeAzure(), **env), deep=True)
    assert (status, checks[name]["level"]) == ("ok", "note")
    assert "do-not-show-this" not in str(checks)


def test_settings_of_rules_that_fit_together_are_no_notes() -> None:
    _, checks = deep(FakeAzure(), kept(1), **RULES)
    assert {checks[name]["level"] for name in checks if name.startswith(("ALERT", "AZURE", "LOG"))} == {"ok"}
