"""Alert rules, and an Azure Monitor that lies, in; what it is sent and what is read of it, or the trouble that it is, out.

Law: what is not known is kept as it is, and no name or link leads elsewhere.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.azure.generate import RULES_GROUP
from shared.adapters.azure_monitor import MonitorClient, rule_of, short
from shared.core.alert_rule import Rule, RuleKind
from shared.core.trouble import Trouble, Unanswered
from tests.adapters.scripted_azure import TOKEN, Said, ScriptedAzure, error
from tests.adapters.sound_rules import EACH, OWN, refused


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
