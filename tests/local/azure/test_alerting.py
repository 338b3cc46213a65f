"""Alarms in; whom Azure Monitor calls, with what and how often, or why nobody, out.

Law: the rules are those of the catalogue, the webhook is a real one; no wait is waited for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from local.azure import World, generate
from local.azure.alerting import REST, WAITS, Alerting, Called, NoAlert
from local.azure.fleet import Member, RuleResource
from local.azure.generate import METRICS, RULES_GROUP, WORKSPACE
from local.azure.rules import VERSIONS, Asked, Rules
from shared.adapters.rule_files import shipped
from shared.core import azure_alert, desired_rules, rule_estate
from shared.core.action_group import Receiver, id_of
from shared.core.alert_rule import RuleKind
from shared.core.rule_estate import Estate, Wanted, Workspace
from tests.local.azure.conftest import Clock
from tests.local.azure.webhook import Webhook, webhook

SAMPLES = Path(__file__).parents[2] / "samples/alerts"
APPS = {"kind": "Kustomization", "resource_namespace": "cluster-config", "name": "apps"}
METRIC, LOG = "FluxKustomizationNotReady", "FluxControllerErrors"
FREE = frozenset({"labels", "annotations", "properties"})  # their names are the rule's
LINKS = "linkToFilteredSearchResultsUI", "linkToSearchResultsAPI", "linkToFilteredSearchResultsAPI"
WELL = [Called(1, 202)]


class Monitor:
    """Azure Monitor over one fleet, with the rules as Fluxwatch makes them; they call a webhook."""

    def __init__(self, world: World, hook: Webhook, clock: Clock, **more: Any) -> None:
        self.world, self.hook, self.clock = world, hook, clock
        self.alerting = Alerting(world, clock=clock, pace=0.0, **more)

    def make(self, tags: dict[str, str] | None = None, **receiver: str) -> None:
        """Every rule, as it is when the first cluster has these tags."""
        first, *_ = self.world.members
        members = {
            key: rule_estate.Member(one.cluster, one.region, (tags or {}) if key == first else {}, "flux")
            for key, one in self.world.members.items()
        }
        places = {one.lower(): Workspace(one, "westeurope") for one in (METRICS, WORKSPACE)}
        to = Receiver(self.hook.url, "the-key", **receiver)
        wanted = Wanted((METRICS,), (WORKSPACE,), id_of(RULES_GROUP), to)
        service = Rules(self.world)
        for rule in desired_rules.desired(shipped(), wanted, Estate(members, places)).rules:
            body = {"location": rule.location, "tags": rule.tags, "properties": rule.properties}
            path = f"{RULES_GROUP}/providers/{rule.kind}/{rule.name}"
            answer = service.answer(Asked("PUT", path, f"api-version={VERSIONS[rule.kind]}", "", body), self.clock())
            assert answer.status == 201, answer.body

    def rule(self, name: str) -> RuleResource:
        [found] = [one for one in self.world.rules.values() if one.id.rpartition("/")[2].startswith(name)]
        return found

    def fired(self, rule: str, member: Member, value: str = "1") -> dict[str, Any]:
        assert self.alerting.fire(rule, member, APPS, value) == WELL
        return dict(self.hook.sent[-1].body)

    def resolved(self, rule: str, member: Member) -> dict[str, Any]:
        assert self.alerting.resolve(rule, member, APPS) == WELL
        return dict(self.hook.sent[-1].body)


@pytest.fixture
def monitor(clock: Clock) -> Iterator[Monitor]:
    with webhook() as hook:
        yield Monitor(generate(2, 2, configurations=1), hook, clock)


@pytest.fixture
def made(monitor: Monitor) -> Monitor:
    monitor.make()
    return monitor


@pytest.fixture
def member(monitor: Monitor) -> Member:
    return next(iter(monitor.world.members.values()))


# ------------------------------------------------------------------------------------------------- no alert without a rule


def stop(rule: RuleResource, *path: str) -> None:
    place: Any = rule.properties
    for step in path:
        place = place[step]
    place["enabled"] = False


def off(name: str) -> Callable[[Monitor], None]:
    return lambda monitor: stop(monitor.rule(name))


def alert_off(monitor: Monitor) -> None:
    [rule] = [one for one in monitor.rule("flux-resources").properties["rules"] if one["alert"] == METRIC]
    rule["enabled"] = False


def no_group(monitor: Monitor) -> None:
    monitor.world.delete_rule("fluxwatch")


def other_schema(monitor: Monitor) -> None:
    monitor.rule("fluxwatch").properties["webhookReceivers"][0]["useCommonAlertSchema"] = False


def no_logs(monitor: Monitor) -> None:
    next(iter(monitor.world.members.values())).workspace = ""


@pytest.mark.parametrize(
    ("rule", "change", "why"),
    [
        (METRIC, lambda monitor: monitor.world.delete_rule("flux-resources"), "there is no alert rule"),
        (LOG, lambda monitor: monitor.world.delete_rule(LOG), "there is no alert rule"),
        ("FluxDown", lambda _: None, "there is no alert rule FluxDown"),
        (METRIC, off("flux-resources"), "is not enabled"),
        (METRIC, alert_off, "is not enabled"),
        (LOG, off(LOG), "is not enabled"),
        (LOG, no_logs, "no alert rule FluxControllerErrors covers"),
        (METRIC, no_group, "calls nobody"),
        (LOG, off("fluxwatch"), "calls nobody"),
        (METRIC, other_schema, "calls nobody in the common alert schema"),
    ],
)
def test_an_alert_does_not_fire_without_its_rule_or_somebody_to_call(made, member, rule, change, why):
    change(made)
    with pytest.raises(NoAlert, match=why):
        made.alerting.fire(rule, member, APPS)
    assert not made.hook.sent


@pytest.mark.parametrize("rule", [METRIC, LOG])
def test_a_cluster_that_is_left_out_has_no_alert_and_the_others_have(monitor, member, rule):
    monitor.make({"fluxwatch-alert-rules": "off"})
    with pytest.raises(NoAlert, match=f"no alert rule {rule} covers {member.cluster.name}"):
        monitor.alerting.fire(rule, member, APPS)
    _, other = monitor.world.members.values()
    assert monitor.alerting.fire(rule, other, APPS) == WELL


@pytest.mark.parametrize("rule", [METRIC, LOG])
def test_a_cluster_with_rules_of_its_own_is_called_about_once_by_its_own(monitor, member, rule):
    monitor.make({"fluxwatch-alert-rules": "own"})
    said = monitor.fired(rule, member)["data"]
    named = {**said["essentials"], **said["alertContext"]}
    assert member.cluster.name in f"{named.get('ruleGroup', '')} {named['alertRule']}"
    assert len(monitor.hook.sent) == 1


def test_what_did_not_fire_cannot_be_resolved_and_nothing_is_resolved_twice(made, member):
    with pytest.raises(NoAlert, match="did not fire on"):
        made.alerting.resolve(METRIC, member, APPS)
    made.fired(METRIC, member)
    with pytest.raises(NoAlert, match="did not fire on"):
        made.alerting.resolve(METRIC, member, {**APPS, "name": "infra"})
    made.resolved(METRIC, member)
    with pytest.raises(NoAlert, match="did not fire on"):
        made.alerting.resolve(METRIC, member, APPS)


def test_a_rule_that_does_not_resolve_by_itself_stays_fired(made, member):
    made.fired(LOG, member)
    made.rule(LOG).properties["autoMitigate"] = False
    with pytest.raises(NoAlert, match="never resolves by itself"):
        made.alerting.resolve(LOG, member, APPS)


# -------------------------------------------------------------------------------------------------------------- bodies


def shape(value: Any) -> Any:
    """Names and types; a number is a number."""
    if isinstance(value, dict):
        return {name: "" if name in FREE else shape(one) for name, one in value.items() if name not in LINKS}
    if isinstance(value, list):
        return [shape(one) for one in value[:1]]
    return "number" if isinstance(value, int | float) else type(value).__name__


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize(("rule", "name"), [(METRIC, "prometheus"), (LOG, "log")])
def test_bodies_have_the_shape_of_those_that_azure_sends(made, member, rule, name):
    assert shape(made.fired(rule, member)) == shape(sample(f"{name}-fired"))
    assert shape(made.resolved(rule, member)) == shape(sample(f"{name}-resolved"))


@pytest.mark.parametrize("rule", [METRIC, LOG])
def test_fluxwatch_reads_of_a_body_what_the_alarm_said(made, member, rule, clock):
    began = clock()
    bodies = [made.fired(rule, member)]
    clock.turn(90)
    bodies.append(made.resolved(rule, member))
    kind = {"content-type": "application/json"}
    fired, resolved = (azure_alert.from_http(kind, json.dumps(one).encode(), now=clock()) for one in bodies)
    assert (fired.name, fired.fires, fired.at) == (rule, True, began)
    assert (resolved.name, resolved.fires, resolved.voice) == (rule, False, fired.voice)
    names = ("kind", "namespace", "name") if rule == LOG else tuple(APPS)
    assert tuple(fired.labels[name] for name in names) == tuple(APPS.values())
    assert {one["data"]["essentials"]["firedDateTime"] for one in bodies} == {"2026-11-20T08:00:00.0000000Z"}


def test_a_summary_is_filled_in_with_labels_and_the_value(made, member):
    assert made.alerting.fire("FluxSuccessRateSLOFastBurn", member, value="0.14") == WELL
    context = made.hook.sent[-1].body["data"]["alertContext"]
    assert context["annotations"]["summary"].endswith(member.cluster.name)
    assert "14%" in context["annotations"]["description"]
    assert context["expressionValue"] == "0.14"


def test_what_fires_again_fires_since_the_first_time(made, member, clock):
    first = made.fired(METRIC, member)
    clock.turn(60)
    assert made.fired(METRIC, member)["data"]["essentials"] == first["data"]["essentials"]


# --------------------------------------------------------------------------------------------------------------- calls


@pytest.mark.parametrize("status", [408, 429, 503, 504])
def test_a_call_that_is_not_answered_well_is_repeated(made, member, status):
    made.hook.answers.extend([status, status])
    assert made.alerting.fire(METRIC, member, APPS) == [Called(3, 202)]
    first, *again = made.hook.sent
    assert [one.body for one in again] == [first.body] * 2


@pytest.mark.parametrize("status", [400, 401, 404, 500])
def test_what_no_repetition_mends_is_called_once(made, member, status):
    made.hook.answers.append(status)
    assert made.alerting.fire(METRIC, member, APPS) == [Called(1, status)]


def test_an_endpoint_that_never_answers_well_is_left_alone_for_a_quarter_of_an_hour(made, member, clock):
    tries = 1 + len(WAITS)
    made.hook.answers.extend([503] * tries)
    assert made.alerting.fire(METRIC, member, APPS) == [Called(tries, 503)]
    assert made.alerting.fire(LOG, member, APPS) == [Called(0, 0)]
    clock.turn((REST - timedelta(seconds=1)).total_seconds())
    assert made.alerting.fire(LOG, member, APPS) == [Called(0, 0)]
    clock.turn(1)
    assert made.alerting.fire(LOG, member, APPS) == WELL
    assert len(made.hook.sent) == tries + 1


def test_a_call_carries_the_key_in_its_address_and_a_token_only_where_the_group_signs_in(monitor, member):
    signed = Monitor(monitor.world, monitor.hook, monitor.clock, token="a-token")
    for ids in ({}, {"tenant": "t", "app": "a", "object": "o"}):
        monitor.world.rules.clear()
        ids = {name: f"00000000-0000-0000-0000-00000000000{letter}" for letter, name in enumerate(ids)}
        monitor.make(**ids)
        assert signed.alerting.fire(METRIC, member, APPS) == WELL
        assert signed.hook.sent[-1].path == "/api/azure/alerts?code=the-key"
        assert signed.hook.sent[-1].headers.get("authorization") == ("Bearer a-token" if ids else None)


def test_rules_of_all_kinds_can_be_named_by_what_azure_calls_them(made, member):
    log = made.rule(LOG).id.rpartition("/")[2]
    assert made.alerting.fire(log, member, APPS) == WELL
    assert made.alerting.fire(METRIC.lower(), member, APPS) == WELL
    assert {one.kind for one in made.world.rules.values()} == set(RuleKind)
