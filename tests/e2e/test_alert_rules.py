"""Extensions that come and go, and rules that find something, in; the alert rules in Azure, and what the channel is told, out.

Law: Event Grid, Resource Manager and action groups are simulated, everything between them is real; each test has clusters of
its own, and begins without a rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

pytest.importorskip("azure_functions_runtime", reason="Microsoft's worker library exists for Python 3.13 and newer")

from local.azure import generate
from local.azure.alerting import Alerting, Called, NoAlert, covering
from local.azure.event_grid import EventGrid, Way
from local.azure.event_schema import ADDRESS, PERSON, Schema
from local.azure.fleet import Alarm, Member, RuleResource
from local.azure.generate import METRICS, RULES_GROUP, WORKSPACE
from local.azurite import Azurite
from shared.adapters.rule_files import shipped
from shared.core.alert_rule import RuleKind, name_of
from tests import senders
from tests.stage import ALERT_KEY, TIMEOUT, stage

MASTER, SYSTEM = "the-master-key", "the-key-of-event-grid"
KEYS = f"""{{"master": "{MASTER}", "system": {{"eventgrid_extension": "{SYSTEM}"}},
"functions": {{"receive_azure_alert": {{"default": "{ALERT_KEY}"}}}}}}"""
ENSURE, RECONCILE = "ensure_alert_rules", "reconcile_alert_rules"
WELL = [Called(1, 202)]
QUICK = Way(pace=0.001)


class Fleet:
    """A stage, an Azure with a fleet, and what each test has for itself."""

    def __init__(self, found: Any) -> None:
        self.stage, self.azure, self.world = found, found.azure, found.azure.world
        self.alerting = Alerting(self.world, pace=0.001)
        self._fresh = iter([one for one in self.world.members.values() if not one.tags.get("fluxwatch-alert-rules")])

    def member(self) -> Member:
        return next(self._fresh)

    def events(self, way: Way = QUICK) -> EventGrid:
        return EventGrid(self.world, self.stage.host.url, key=SYSTEM, way=way)

    def appears(self, member: Member, way: Way = QUICK) -> EventGrid:
        """The extension is made, and all is delivered."""
        with self.events(way) as grid:
            self.world.add_extension(member)
            assert grid.wait()
        assert (grid.delivered, grid.dead) == (way.copies, 0)
        return grid

    def names(self) -> list[str]:
        return sorted(one.id.rpartition("/")[2] for one in self.world.rules.values())

    def rule(self, of: str, place: str) -> RuleResource:
        [found] = [one for id_, one in self.world.rules.items() if id_.endswith(f"/{name_of(of, place).lower()}")]
        return found

    def writes(self) -> int:
        return int(self.azure.calls["rule-writes"])

    def told(self, member: Member) -> list[str]:
        self.stage.notify()
        return [title for title in self.stage.told() if member.cluster.name in title]

    def row(self, member: Member, kind: str) -> dict[str, Any]:
        rows = self.stage.get(f"fleet?cluster={member.cluster.name}").json()["incidents"]
        [row] = [row for row in rows if row["kind"] == kind]
        return dict(row)


def wanted() -> list[str]:
    """Of the catalogue, for one workspace of metrics and one of logs."""
    known = shipped()
    names = [name_of(group.name, METRICS) for group in known.groups] + [name_of(rule.name, WORKSPACE) for rule in known.logs]
    return sorted([*names, "fluxwatch"])


@pytest.fixture(scope="module")
def running(storage: Azurite, app: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    world = generate(9, 4, at=datetime.now(UTC))
    world.tag(list(world.members.values())[-1], "fluxwatch-alert-rules", "off")
    keys = tmp_path_factory.mktemp("keys") / "keys.json"
    keys.write_text(KEYS)
    settings = {"RUNBOOK_URL": "https://github.com/contoso/fluxwatch/blob/main/docs/runbooks"}
    with stage(app, storage.connection_string, settings, world=world, alerts=True, keys=keys, key=MASTER) as found:
        found.run("sweep_compliance")
        yield Fleet(found)


@pytest.fixture
def fleet(running: Fleet) -> Fleet:
    running.azure.faults.switch_off()
    with running.world.changing():
        running.world.rules.clear()
    running.azure.forget()
    return running


def test_events_that_come_three_times_in_any_order_while_azure_stumbles_make_exactly_the_rules_of_the_fleet(
    fleet: Fleet,
) -> None:
    member = fleet.member()
    for fault in ("throttled-ms", "conflict", "server-error"):
        fleet.azure.faults.switch_on("rule-writes", fault, times=1)
    with fleet.events(Way(copies=3, batch=2, disorder=4, pace=0.001)) as grid:
        with grid.held():
            fleet.world.delete_extension(member)
            fleet.world.add_extension(member)
            fleet.world.upgrade_extension(member, "1.24.2")
        assert grid.wait()
    assert (grid.delivered, grid.dead) == (9, 0)
    assert fleet.names() == wanted()
    assert fleet.writes() > len(wanted())  # some were repeated

    fleet.azure.forget()
    fleet.appears(member, replace(QUICK, schema=Schema.CLOUD_EVENTS))
    [line] = [line for line in fleet.stage.run(RECONCILE) if "created:" in line]
    assert "created: 0, updated: 0, deleted: 0" in line
    assert fleet.writes() == 0


def test_rules_that_cannot_be_made_yet_are_made_when_the_event_comes_again(fleet: Fleet) -> None:
    fleet.azure.faults.switch_on("rule-writes", "forbidden", times=3)
    grid = fleet.appears(fleet.member())
    assert (grid.answers[500], grid.answers[202]) == (1, 1)
    assert fleet.names() == wanted()


def test_what_people_delete_or_change_is_repaired_and_what_terraform_owns_is_left(fleet: Fleet) -> None:
    fleet.appears(fleet.member())
    with fleet.world.changing():
        gone, off = fleet.rule("flux-slo", METRICS), fleet.rule("FluxHelmFailures", WORKSPACE)
        del fleet.world.rules[gone.id.lower()]
        off.properties["enabled"] = False
        theirs = replace(
            gone, id=f"{RULES_GROUP}/providers/{gone.kind}/flux-slo-of-ours-123456", tags={"managed-by": "terraform"}
        )
        fleet.world.rules[theirs.id.lower()] = theirs
    lines = fleet.stage.run(RECONCILE)
    assert any("created: 1, updated: 1, deleted: 0" in line for line in lines), lines
    assert fleet.names() == sorted([*wanted(), "flux-slo-of-ours-123456"])
    assert fleet.rule("FluxHelmFailures", WORKSPACE).properties["enabled"] is True
    assert fleet.world.rules[theirs.id.lower()] is theirs


def test_a_cluster_whose_tag_says_off_is_left_out_of_every_rule(fleet: Fleet) -> None:
    [member] = [one for one in fleet.world.members.values() if one.tags.get("fluxwatch-alert-rules")]
    seen = fleet.member()
    fleet.appears(seen)
    groups = fleet.world.rules_of(RuleKind.METRICS)
    alerts = [one["alert"] for group in groups for one in group.properties["rules"] if "alert" in one]
    assert len(alerts) > 20
    for alert in [*alerts, *(rule.name for rule in shipped().logs)]:
        assert len(covering(fleet.world, Alarm(alert, seen, {}))) == 1
        with pytest.raises(NoAlert, match="covers"):
            fleet.alerting.fire(alert, member)


def test_an_alert_joins_the_incident_that_flux_opened_and_both_end_in_one_card(fleet: Fleet) -> None:
    member = fleet.member()
    fleet.appears(member)
    fleet.stage.send(senders.failure("shop"), member.cluster)
    failing = [f"Kustomization shop is failing on {member.cluster.name}"]
    assert fleet.told(member) == failing
    metric = {"kind": "Kustomization", "resource_namespace": "cluster-config", "name": "shop"}
    assert fleet.alerting.fire("FluxKustomizationNotReady", member, metric) == WELL
    assert fleet.alerting.fire("FluxControllerErrors", member, metric, "12") == WELL
    assert fleet.told(member) == failing
    assert "is not ready on" in fleet.row(member, "Kustomization")["detail"]

    for alert in ("FluxKustomizationNotReady", "FluxControllerErrors"):
        assert fleet.alerting.resolve(alert, member, metric) == WELL
    assert fleet.told(member) == failing
    fleet.stage.send(senders.recovery("shop"), member.cluster)
    assert fleet.told(member) == [*failing, f"Kustomization shop is well again on {member.cluster.name}"]


def test_an_alert_that_comes_behind_the_recovery_is_no_card(fleet: Fleet) -> None:
    member = fleet.member()
    fleet.appears(member)
    for happening in (senders.failure("cart"), senders.recovery("cart")):
        fleet.stage.send(happening, member.cluster)
        told = fleet.told(member)
    assert len(told) == 2
    metric = {"kind": "Kustomization", "resource_namespace": "cluster-config", "name": "cart"}
    assert fleet.alerting.fire("FluxKustomizationNotReady", member, metric) == WELL
    assert fleet.told(member) == told
    assert fleet.row(member, "Kustomization")["state"] == "held"
    assert fleet.alerting.resolve("FluxKustomizationNotReady", member, metric) == WELL
    assert fleet.told(member) == told


def test_an_alert_without_an_object_is_a_card_of_its_own_until_it_is_resolved(fleet: Fleet) -> None:
    member = fleet.member()
    fleet.appears(member)
    assert fleet.alerting.fire("FluxSuccessRateSLOFastBurn", member) == WELL
    [fires] = fleet.told(member)
    assert "FluxSuccessRateSLOFastBurn" in fires
    assert fleet.row(member, "AlertRule")["state"] == "open"
    assert fleet.alerting.resolve("FluxSuccessRateSLOFastBurn", member) == WELL
    assert len(fleet.told(member)) == 2
    assert fleet.row(member, "AlertRule")["state"] == "resolved"


def test_who_has_no_key_neither_delivers_events_nor_alerts(fleet: Fleet) -> None:
    host = fleet.stage.host.url
    assert requests.post(f"{host}/api/azure/alerts", json={}, timeout=TIMEOUT).status_code == 401
    grid = f"{host}/runtime/webhooks/eventgrid?functionName={ENSURE}"
    assert requests.post(grid, json=[], headers={"aeg-event-type": "Notification"}, timeout=TIMEOUT).status_code == 401


def test_neither_keys_nor_what_events_say_of_people_are_in_the_hosts_output(fleet: Fleet) -> None:
    member = fleet.member()
    fleet.azure.faults.switch_on("rule-writes", "server-error", times=1, query="actionGroups")
    fleet.appears(member)
    fleet.stage.run(RECONCILE)
    fleet.alerting.fire("FluxSystemDown", member)
    output = "\n".join(fleet.stage.host.output)
    assert f"[{ENSURE}]" in output
    for secret in (ALERT_KEY, MASTER, SYSTEM, PERSON, ADDRESS, "code="):
        assert secret not in output
