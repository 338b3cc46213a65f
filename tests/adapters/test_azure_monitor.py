"""Alert rules, and an Azure Monitor that keeps them, fails or lies, in; the same rules, or the trouble that it is, out."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.azure import AzureServer, generate
from local.azure.generate import METRICS, RULES_GROUP
from shared.adapters.azure_client import AzureClient
from shared.adapters.azure_monitor import MonitorClient, rule_of, short
from shared.core.alert_rule import Rule, RuleKind
from shared.core.trouble import Trouble, Unanswered
from shared.ports import AlertRules
from tests.adapters.scripted_azure import TOKEN, Said, ScriptedAzure, error
from tests.fakes import FakeClock
from tests.local.azure.rule_bodies import KEY, action_group, alert, group, log_rule

OWN = {"managed-by": "fluxwatch"}
RULES = {
    RuleKind.METRICS: Rule(RuleKind.METRICS, "flux-slo-amw-1a2b3c", "westeurope", group()["properties"], OWN),
    RuleKind.LOGS: Rule(RuleKind.LOGS, "FluxErrors-law-1a2b3c", "westeurope", log_rule()["properties"], OWN),
    RuleKind.ACTIONS: Rule(RuleKind.ACTIONS, "fluxwatch", "Global", action_group()["properties"], OWN),
}
EACH = pytest.mark.parametrize("rule", RULES.values(), ids=[short(kind) for kind in RULES])


def refused(act: Any, *given: Any) -> tuple[Trouble, str]:
    with pytest.raises(Unanswered) as raised:
        act(*given)
    assert KEY not in str(raised.value) + repr(raised.value)
    assert "contoso" not in str(raised.value)
    assert "127.0.0.1" not in str(raised.value)
    return raised.value.trouble, raised.value.detail


# --------------------------------------------------------------------------------------------- with the simulated Azure


@pytest.fixture(scope="module")
def running() -> Iterator[AzureServer]:
    with AzureServer(generate(1, 2, configurations=1)) as azure:
        yield azure


@pytest.fixture
def azure(running: AzureServer, monkeypatch: pytest.MonkeyPatch) -> AzureServer:
    for name in ("IDENTITY_ENDPOINT", "IDENTITY_HEADER"):
        monkeypatch.setenv(name, running.settings[name])
    running.faults.switch_off()
    running.world.rules.clear()
    running.rules.page = 1000
    running.forget()
    return running


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def monitor(azure: AzureServer, clock: FakeClock) -> AlertRules:
    client = AzureClient(management=azure.url, logs=azure.url, client_id="", managed=True, clock=clock)
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
    azure: AzureServer, clock: FakeClock
) -> None:
    client = AzureClient(management=azure.url, logs=azure.url, client_id="", managed=True, clock=clock)
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


# ------------------------------------------------------------------------------------------------ with one that lies


def scripted_monitor(scripted: ScriptedAzure) -> MonitorClient:
    return MonitorClient(scripted.client(), RULES_GROUP)


@EACH
def test_what_is_sent_and_what_is_read_is_exactly_what_was_given(scripted: ScriptedAzure, rule: Rule) -> None:
    """Fields that no model knows, nulls and durations as they are written: the models of the SDK would lose them."""
    properties = {
        **rule.properties,
        "newField": {"deep": [1, None]},
        "description": None,
        "windowSize": "PT60M",
        "enabled": False,
    }
    given = Rule(rule.kind, rule.name, rule.location, properties, OWN)
    scripted.on(f"/{short(rule.kind)}/{rule.name}", Said(201, {}))
    scripted_monitor(scripted).put(given)
    (heard,) = scripted.heard
    assert heard.method == "PUT"
    assert heard.path == f"{RULES_GROUP}/providers/{rule.kind}/{rule.name}"
    assert heard.headers["Authorization"] == f"Bearer {TOKEN}"
    kind = {"kind": "LogAlert"} if rule.kind is RuleKind.LOGS else {}
    assert heard.body == {"location": rule.location, "tags": OWN, "properties": properties, **kind}
    assert rule_of(rule.kind, heard.body | {"name": rule.name, "id": "x", "systemData": {}}) == given


def test_each_type_is_asked_for_in_its_version(scripted: ScriptedAzure) -> None:
    scripted.on("", Said(200, {"value": [], "name": "a"}))
    monitor = scripted_monitor(scripted)
    monitor.groups()
    monitor.log_rules()
    monitor.action_group("a")
    assert [(one.method, one.query["api-version"]) for one in scripted.heard] == [
        ("GET", "2023-03-01"),
        ("GET", "2023-12-01"),
        ("GET", "2023-01-01"),
    ]


LIST = f"{RULES_GROUP}/providers/{RuleKind.METRICS}"


@pytest.mark.parametrize(
    "host", ["https://management.azure.com:443", "https://westeurope.management.azure.com", "http://10.0.0.1"]
)
def test_a_link_to_more_is_followed_at_the_address_that_was_configured(scripted: ScriptedAzure, host: str) -> None:
    link = f"{host}{LIST.lower()}?api-version=2023-03-01&$skipToken=a%2Fb"
    scripted.on(
        "/prometheusrulegroups", Said(200, {"value": [{"name": "a"}], "nextLink": link}), Said(200, {"value": [{"name": "b"}]})
    )
    assert [one.name for one in scripted_monitor(scripted).groups()] == ["a", "b"]
    assert [one.query.get("$skipToken") for one in scripted.heard] == [None, "a/b"]


@pytest.mark.parametrize(
    "link",
    [
        "https://contoso.com/elsewhere",
        f"https://contoso.com{LIST.replace('rg-alerts', 'rg-other')}",
        f"https://contoso.com{LIST}/../../x",
        "https://[",
        "?",
        7,
        ["x"],
        f"{LIST}?api-version=2023-03-01",
    ],
    ids=str,
)
def test_a_link_that_leads_elsewhere_or_nowhere_is_a_list_that_was_cut(scripted: ScriptedAzure, link: Any) -> None:
    scripted.on("/prometheusrulegroups", Said(200, {"value": [], "nextLink": link}))
    assert refused(scripted_monitor(scripted).groups) == (Trouble.CUT, "nextLink")
    assert len(scripted.heard) == 1


@pytest.mark.parametrize("body", [{}, {"value": None}, {"value": {}}, [], b"<html>", None], ids=str)
def test_what_is_no_list_is_unreadable(scripted: ScriptedAzure, body: Any) -> None:
    scripted.on("/scheduledqueryrules", Said(200, body))
    assert refused(scripted_monitor(scripted).log_rules)[0] is Trouble.UNREADABLE


def test_rows_without_a_name_are_counted_and_of_others_what_is_unreadable_is_empty(
    scripted: ScriptedAzure, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [
        None,
        7,
        {},
        {"name": ""},
        {"name": "a", "location": 1, "tags": ["x"], "properties": "y"},
        {"name": "b", "tags": {"t": None}},
    ]
    scripted.on("/scheduledqueryrules", Said(200, {"value": rows}))
    assert scripted_monitor(scripted).log_rules() == [Rule(RuleKind.LOGS, "a", "", {}), Rule(RuleKind.LOGS, "b", "", {})]
    assert [one.getMessage() for one in caplog.records if one.name == "shared.adapters.azure_monitor"] == [
        "4 resources of Azure Monitor (scheduledQueryRules) have no name and are passed over"
    ]


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (error(404, "ResourceNotFound"), None),
        (error(404, "NotFound"), None),
        (error(404, "ResourceGroupNotFound"), Trouble.NOT_FOUND),
        (error(404, "InvalidResourceType"), Trouble.NOT_FOUND),
        (Said(404, b"<html>of a proxy"), Trouble.NOT_FOUND),
        (Said(200, {"name": None}), Trouble.UNREADABLE),
        (Said(204, b""), Trouble.UNREADABLE),
        (error(401, "ExpiredAuthenticationToken"), Trouble.UNAUTHORIZED),
    ],
    ids=lambda value: f"{value.status}-{str(value.body)[:40]}" if isinstance(value, Said) else "",
)
def test_an_action_group_is_missing_only_where_azure_says_so(
    scripted: ScriptedAzure, said: Said, outcome: Trouble | None
) -> None:
    scripted.on("/actiongroups/fluxwatch", said)
    act = scripted_monitor(scripted).action_group
    if outcome is None:
        assert act("fluxwatch") is None
    else:
        assert refused(act, "fluxwatch")[0] is outcome


@pytest.mark.parametrize("name", ["", ".", "..", "a" * 261, "a\ud800"])
def test_what_is_no_name_is_not_sent(scripted: ScriptedAzure, name: str) -> None:
    rule = Rule(RuleKind.METRICS, name, "westeurope", {})
    for act in (scripted_monitor(scripted).put, scripted_monitor(scripted).delete):
        assert refused(act, rule)[0] is Trouble.UNREADABLE
    assert not scripted.heard


@given(name=st.text(min_size=1, max_size=40))
def test_no_name_leads_elsewhere(stage: ScriptedAzure, name: str) -> None:
    heard: list[str] = []

    class Listening(MonitorClient):
        def _metrics(self, request: Any) -> Any:
            heard.append(request.url)
            raise ValueError

    with pytest.raises(Unanswered):
        Listening(stage.client(), RULES_GROUP).delete(Rule(RuleKind.METRICS, name, "", {}))
    for url in heard:
        path, _, query = url.partition("?")
        assert query == "api-version=2023-03-01"
        assert path.count("/") == LIST.count("/") + 1
        assert path.isascii()
        assert not {"", ".", ".."} & set(path.split("/")[1:])


def test_alerts_of_a_group_keep_their_order(monitor: AlertRules) -> None:
    rules = [alert(alert=name) for name in ("C", "A", "B")]
    monitor.put(Rule(RuleKind.METRICS, "g", "westeurope", group(*rules)["properties"]))
    (there,) = monitor.groups()
    assert [one["alert"] for one in there.properties["rules"]] == ["C", "A", "B"]
