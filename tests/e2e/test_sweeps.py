"""A simulated Azure in which things go wrong, and events that never come, in; cards, incidents and health as it really is, out.

Law: each test has clusters of its own, and leaves Azure as it found it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("azure_functions_runtime", reason="Microsoft's worker library exists for Python 3.13 and newer")

from local.azure import generate
from local.azurite import Azurite
from tests.parts import Relay, connection_string
from tests.stage import stage
from tests.swept import COMPLIANCE, ERRORS, Fleet, ago, card, count, now, rows_of

SECRET = "ghp_" + "FAKE" * 9
GRAPH = ("clusters", "flux_configurations", "flux_extensions", "subscriptions")
FAULTS = {
    "throttled-long": (GRAPH, "throttled (RateLimiting)"),
    "expired-token": (GRAPH, "unauthorized (ExpiredAuthenticationToken)"),
    "truncated-without-token": (("flux_configurations",), "cut (resultTruncated)"),
}
"""What goes wrong, with which queries → what health says of each of them."""


@pytest.fixture(scope="module")
def fleet(storage: Azurite, app: Path) -> Iterator[Fleet]:
    world = generate(12, 8, at=ago(3600))
    tables = storage.connection_string.partition("TableEndpoint=")[2].partition("/devstoreaccount1")[0]
    settings = {"LOG_LAG": "5s", "FLUXWATCH_URL": "https://fluxwatch.contoso.example"}
    with Relay(tables) as gate, stage(app, connection_string(gate.url), settings, world=world) as found:
        fleet = Fleet(found, gate)
        fleet.sweep()
        yield fleet


@pytest.fixture(autouse=True)
def as_it_was(fleet: Fleet) -> Iterator[None]:
    """Whatever becomes of a test."""
    yield
    fleet.azure.faults.switch_off()
    for member in fleet.world.members.values():
        fleet.world.show(member)
    fleet.gate.watch = lambda _: None


def test_failures_and_recoveries_whose_events_are_lost_are_told_after_a_sweep_once(fleet: Fleet) -> None:
    one = fleet.breaks(fleet.objects()[0], "lost.yaml")
    assert fleet.told(one) == []
    fleet.sweep()
    failing, well = (f"Kustomization {one.name} is {state} on {one.member.cluster.name}" for state in ("failing", "well again"))
    assert fleet.told(one) == [failing]
    fleet.sweep()
    assert fleet.told(one) == [failing]
    fleet.mends(one)
    fleet.sweep()
    assert fleet.told(one) == [failing, well]


def test_the_card_of_an_event_carries_what_the_sweep_stored(fleet: Fleet) -> None:
    one = fleet.breaks(fleet.objects()[0], "stored.yaml")
    member = one.member
    [sent] = [each for each in fleet.world.happenings if each.cluster == member.cluster]
    assert fleet.stage.send(sent.happening, sent.cluster, sent.at).status_code == 202
    assert len(fleet.told(one)) == 1
    text = json.dumps(card(fleet, one), ensure_ascii=False)
    assert f"Contoso Production · {member.cluster.resource_group} · {member.region}" in text
    commit = f"https://github.com/contoso/fleet/commit/{one.revision.partition(':')[2]}"
    assert commit in text
    row = fleet.row(one)
    assert (row["configuration"], row["commit_url"]) == (f"{one.namespace}/{one.configuration.name}", commit)


def test_a_sweep_that_is_not_answered_in_full_concludes_nothing_and_health_says_why(fleet: Fleet) -> None:
    one = fleet.breaks(fleet.objects()[0], "unanswered.yaml")
    fleet.sweep()
    fleet.mends(one)
    for fault, (queries, said) in FAULTS.items():
        for query in queries:
            fleet.azure.faults.switch_on("graph", fault, query=query)
        fleet.sweep()
        fleet.azure.faults.switch_off()
        assert fleet.row(one)["state"] == "open"
        assert fleet.wrong(COMPLIANCE) == {f"{COMPLIANCE}: Resource Graph ({query})": said for query in queries}
    fleet.sweep()
    assert fleet.row(one)["state"] == "resolved"
    assert fleet.wrong(COMPLIANCE) == {}


def test_a_role_that_is_lost_is_one_card_for_each_subscription_and_closes_nothing_until_it_is_given_back(fleet: Fleet) -> None:
    members = list(fleet.world.members.values())
    sizes = Counter(member.cluster.subscription for member in members).values()
    one = fleet.breaks(fleet.objects()[0], "hidden.yaml")
    fleet.sweep()
    assert len(fleet.told(one)) == 1
    for member in members:
        fleet.world.hide(member)
    for _ in range(2):
        fleet.sweep()
        assert fleet.of_sight() == []  # Resource Graph may be late
    fleet.time_goes_by()
    assert fleet.row(one)["state"] == "open"
    none = f"Azure shows none of the {len(members)} clusters that were known"
    assert fleet.wrong(COMPLIANCE)[f"{COMPLIANCE}: clusters"] == none
    lost = sorted(f"Fluxwatch can no longer see {size} clusters" for size in sizes)
    assert fleet.of_sight() == lost

    for member in members:
        fleet.world.show(member)
    fleet.mends(one)
    fleet.sweep()
    assert fleet.of_sight() == [*lost, *sorted(f"Fluxwatch sees {size} clusters again" for size in sizes)]
    assert len(fleet.told(one)) == 2
    assert fleet.wrong(COMPLIANCE) == {}


def test_an_error_in_a_log_opens_an_incident_without_the_secret_in_it_and_is_read_once(fleet: Fleet) -> None:
    one = fleet.objects(logged=True)[0]
    fleet.logs(one, f"kustomize build failed: unable to clone 'https://flux:{SECRET}@github.com/contoso/fleet': no such file")
    first = fleet.sweep(ERRORS)
    assert (count(first, "opened"), count(first, "rows") > 0) == (1, True)
    assert fleet.told(one) == []  # logs come late: it may be over
    fleet.time_goes_by()
    assert fleet.told(one) == [f"Kustomization {one.name} is failing on {one.member.cluster.name}"]
    shown = fleet.row(one)
    assert "https://***@github.com/contoso/fleet" in shown["message"]
    second = fleet.sweep(ERRORS)
    assert (count(second, "rows"), count(second, "opened")) == (0, 0)
    assert {**fleet.row(one), "last_seen_at": ""} == {**shown, "last_seen_at": ""}
    everything = [json.dumps(card(fleet, one)), json.dumps(shown), *fleet.stage.host.output]
    everything += [repr(row) for row in rows_of(fleet)]
    assert "FAKEFAKE" not in "".join(everything)


def test_an_answer_of_the_logs_that_is_not_whole_is_asked_for_again(fleet: Fleet) -> None:
    one = fleet.objects(logged=True)[0]
    fleet.logs(one, "kustomize build failed: again.yaml is missing")
    for fault, said in {"gateway-timeout": "timeout (GatewayTimeout)", "partial": "partial (EngineError)"}.items():
        fleet.azure.faults.switch_on("logs", fault, query="flux_errors")
        fleet.sweep(ERRORS)
        fleet.azure.faults.switch_off()
        assert fleet.wrong(ERRORS)[f"{ERRORS}: logs of rg-logs/law-platform"] == f"{said}: flux_errors"
    fleet.sweep(ERRORS)
    assert fleet.row(one)["state"] == "held"
    assert fleet.wrong(ERRORS) == {}


def test_a_host_that_dies_before_inventory_and_watermarks_are_written_loses_and_doubles_nothing(fleet: Fleet) -> None:
    ends, begins, besides, *_ = fleet.objects()
    logged = fleet.objects(logged=True)[0]
    fleet.breaks(ends, "ends.yaml")
    fleet.sweep()
    fleet.stage.notify()
    fleet.breaks(begins, "begins.yaml")
    fleet.breaks(besides, "besides.yaml")
    fleet.mends(ends)
    fleet.world.report(now())
    fleet.logs(logged, "kustomize build failed: logged.yaml is missing")
    fleet.dies({COMPLIANCE: "cluster", ERRORS: "mark"})

    after = [fleet.row(one) for one in (begins, ends, logged)]
    assert [row["state"] for row in after] == ["open", "resolved", "held"]
    fleet.sweep()
    again = fleet.sweep(ERRORS)
    assert (count(again, "rows") > 0, count(again, "opened")) == (True, 0)
    assert [fleet.row(one) for one in (begins, ends, logged)] == after
    on = ends.member.cluster.name
    assert sorted(fleet.told(ends.member)) == [
        f"2 Kustomizations are failing on {on}",
        f"Kustomization {ends.name} is failing on {on}",
        f"Kustomization {ends.name} is well again on {on}",
    ]


def test_a_deep_look_finds_all_well_and_then_each_thing_that_is_not(fleet: Fleet) -> None:
    fleet.sweep()
    fleet.sweep(ERRORS)
    assert fleet.wrong(look="?deep=1") == {}
    fleet.azure.faults.switch_on("graph", "forbidden", query="flux_extensions")
    fleet.azure.faults.switch_on("table-plan", "not-found")
    wrong = fleet.wrong(look="?deep=1")
    assert list(wrong) == [
        "Resource Graph: flux_extensions",
        *(f"workspace rg-logs/law-platform: {table}" for table in ("ContainerLogV2", "KubeEvents", "KubePodInventory")),
    ]
