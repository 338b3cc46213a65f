"""Alert rules, and a simulated Azure Monitor that keeps them or fails, in; the same rules, or the trouble that it is, out.

Law: however often a thing is done, there is one rule.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from local.azure import AzureServer, generate
from local.azure.generate import METRICS, RULES_GROUP
from shared.adapters.azure_client import AzureClient
from shared.adapters.azure_monitor import MonitorClient
from shared.core.alert_rule import Rule, RuleKind
from shared.core.trouble import Trouble
from shared.ports import AlertRules
from tests.adapters.sound_rules import EACH, RULES, refused
from tests.fakes import FakeClock
from tests.local.azure.rule_bodies import KEY, alert, group


@pytest.fixture(scope="module")
def running() -> Iterator[AzureServer]:
    with AzureServer(generate(1, 2, configurations=1)) as azure:
        yield azure


@pytest.fixture
def azure(running: AzureServer) -> AzureServer:
    running.faults.switch_off()
    running.world.rules.clear()
    running.rules.page = 1000
    running.forget()
    return running


@pytest.fixture
def monitor(client: AzureClient) -> AlertRules:
    return MonitorClient(client, RULES_GROUP)


def found(monitor: AlertRules, rule: Rule) -> list[Rule]:
    """Rules of that kind that are there."""
    if rule.kind is RuleKind.ACTIONS:
        one = monitor.action_group(rule.name)
        return [one] if one else []
    return list(monitor.groups() if rule.kind is RuleKind.METRICS else monitor.log_rules())


@EACH
def test_a_rule_is_made_seen_replaced_and_deleted_as_often_as_one_likes(
    monitor: AlertRules, azure: AzureServer, rule: Rule
) -> None:
    assert found(monitor, rule) == []
    monitor.put(rule)
    monitor.put(rule)
    (there,) = found(monitor, rule)
    assert (there.key, there.owner, there.location) == (rule.key, "fluxwatch", rule.location.lower())
    monitor.put(there)
    assert found(monitor, rule) == [there]
    for _ in range(2):
        monitor.delete(there)
    assert found(monitor, rule) == []
    assert (azure.calls["rule-writes"], azure.calls["rules"], azure.calls["token"]) == (5, 4, 1)


def test_a_list_is_all_of_its_pages(monitor: AlertRules, azure: AzureServer) -> None:
    azure.rules.page = 2
    for number in range(5):
        monitor.put(Rule(RuleKind.METRICS, f"g{number}", "westeurope", group()["properties"]))
    assert [one.name for one in monitor.groups()] == [f"g{number}" for number in range(5)]
    assert azure.calls["rules"] == 3


@pytest.mark.parametrize(
    "fault", ["throttled", "throttled-bare", "conflict", "server-error", "unavailable", "reset", "lost-answer"]
)
@EACH
def test_what_passes_is_waited_out_and_there_is_one_rule(
    monitor: AlertRules, azure: AzureServer, clock: FakeClock, rule: Rule, fault: str
) -> None:
    azure.faults.switch_on("rule-writes", fault, times=1)
    monitor.put(rule)
    azure.faults.switch_on("rules", fault, times=1)
    assert len(found(monitor, rule)) == 1
    azure.faults.switch_on("rule-writes", fault, times=1)
    monitor.delete(rule)
    assert not azure.world.rules
    assert len(clock.slept) == 3
    assert 0 < sum(clock.slept) < 6


@pytest.mark.parametrize(
    ("fault", "trouble", "calls"),
    [
        ("throttled-bare", Trouble.THROTTLED, 4),
        ("throttled-long", Trouble.THROTTLED, 1),
        ("conflict", Trouble.BUSY, 4),
        ("unavailable", Trouble.UNREACHABLE, 4),
        ("lost-answer", Trouble.UNREACHABLE, 2),
        ("forbidden", Trouble.FORBIDDEN, 1),
        ("garbage", Trouble.UNREADABLE, 1),
        ("no-object", Trouble.UNREADABLE, 1),
    ],
)
def test_what_lasts_is_told_for_what_it_is(
    monitor: AlertRules, azure: AzureServer, clock: FakeClock, fault: str, trouble: Trouble, calls: int
) -> None:
    azure.faults.switch_on("rules", fault)
    assert refused(monitor.groups)[0] is trouble
    assert calls <= azure.calls["rules"] <= calls + (calls == 4)  # by the jitter of the waits the allowance is for one more


@pytest.mark.parametrize("fault", ["throttled", "throttled-bare", "conflict", "unavailable", "reset"])
def test_a_whole_plan_ends_before_event_grid_gives_up_though_every_call_takes_a_second_and_no_write_is_done(
    monitor: AlertRules, azure: AzureServer, clock: FakeClock, fault: str
) -> None:
    monitor.groups()
    monitor.log_rules()
    azure.faults.switch_on("rule-writes", fault)
    for number in range(12):
        before = sum(azure.calls.values())
        refused(monitor.put, Rule(RuleKind.METRICS, f"g{number}", "westeurope", group()["properties"]))
        clock.passes(seconds=sum(azure.calls.values()) - before)
    assert azure.calls["rule-writes"] > 12
    assert sum(clock.slept) + azure.calls["rule-writes"] + azure.calls["rules"] < 30


def test_patience_comes_back_with_time(monitor: AlertRules, azure: AzureServer, clock: FakeClock) -> None:
    azure.faults.switch_on("rule-writes", "throttled-bare")
    for _ in range(4):
        refused(monitor.put, RULES[RuleKind.METRICS])
    azure.forget()
    refused(monitor.put, RULES[RuleKind.METRICS])
    assert azure.calls["rule-writes"] == 1
    clock.passes(seconds=31)
    azure.faults.switch_off()
    azure.faults.switch_on("rule-writes", "throttled-bare", times=1)
    monitor.put(RULES[RuleKind.METRICS])


def test_what_azure_refuses_is_not_repeated_and_named_by_its_code(monitor: AlertRules, clock: FakeClock) -> None:
    bad = Rule(RuleKind.METRICS, "g", "westeurope", group(scopes=[f"{METRICS}-2"])["properties"])
    assert refused(monitor.put, bad) == (Trouble.REFUSED, "ScopeNotFound")
    assert refused(monitor.put, Rule(RuleKind.METRICS, "g", "", {})) == (Trouble.REFUSED, "LocationRequired")
    assert not clock.slept


def test_a_resource_group_that_is_not_there_is_a_trouble_but_nothing_can_be_left_in_it(
    client: AzureClient,
) -> None:
    monitor = MonitorClient(client, f"{RULES_GROUP}-2/")
    for act, what in ((monitor.groups, ()), (monitor.action_group, ("x",)), (monitor.put, (RULES[RuleKind.LOGS],))):
        assert refused(act, *what) == (Trouble.NOT_FOUND, "ResourceGroupNotFound")
    monitor.delete(RULES[RuleKind.LOGS])


def test_what_is_hidden_is_forbidden_and_not_gone(monitor: AlertRules, azure: AzureServer) -> None:
    azure.world.hide(RULES_GROUP)
    for act, what in ((monitor.groups, ()), (monitor.action_group, ("x",)), (monitor.delete, (RULES[RuleKind.LOGS],))):
        assert refused(act, *what)[0] is Trouble.FORBIDDEN
    azure.world.show(RULES_GROUP)


def test_no_key_is_in_a_log_an_error_or_a_repr(
    monitor: AlertRules, azure: AzureServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monitor.put(RULES[RuleKind.ACTIONS])
    there = monitor.action_group("fluxwatch")
    assert there
    assert KEY in str(there.properties)
    azure.faults.switch_on("rule-writes", "server-error")
    refused(monitor.put, there)
    for text in (caplog.text, repr(there), repr(monitor)):
        assert KEY not in text
        assert "127.0.0.1" not in text


def test_alerts_of_a_group_keep_their_order(monitor: AlertRules) -> None:
    rules = [alert(alert=name) for name in ("C", "A", "B")]
    monitor.put(Rule(RuleKind.METRICS, "g", "westeurope", group(*rules)["properties"]))
    (there,) = monitor.groups()
    assert [one["alert"] for one in there.properties["rules"]] == ["C", "A", "B"]
