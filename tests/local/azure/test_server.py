"""Calls in; the services of one simulated Azure, what they count, and the process that serves them, out."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from local.azure import AzureServer, generate
from local.azure.cloud import QUERIES, name_of
from local.azure.generate import WORKSPACE
from local.azure.process import AzureProcess
from local.azure.wire import MOST_BYTES
from shared.settings import Settings

HOME = Path(__file__).parents[3]


def test_the_settings_point_fluxwatch_at_it(azure):
    own = {
        "AzureWebJobsStorage": "UseDevelopmentStorage=true",
        "FLUX_HMAC_KEY": "x" * 16,
        "TEAMS_WEBHOOK_URL": "https://example.org/x",
    }
    settings = Settings.from_env(own | dict(azure.settings))
    assert (settings.azure.management, settings.azure.logs) == (azure.url, azure.url)
    assert settings.azure.scope.everything
    assert settings.azure.workspaces == (WORKSPACE,)


def test_resources_are_shown_as_arm_writes_them(get, world):
    configuration = next(world.configurations())
    member = configuration.member
    assert get(member.cluster.key).json()["properties"]["powerState"] == {"code": "Running"}
    extension = get(member.extension_id).json()
    assert (extension["properties"]["extensionType"], extension["type"]) == (
        "microsoft.flux",
        "Microsoft.KubernetesConfiguration/extensions",
    )
    found = get(configuration.arm_id.upper().replace("FLUXCONFIGURATIONS", "fluxConfigurations")).json()
    assert (found["id"], len(found["properties"]["statuses"])) == (configuration.arm_id, 6)
    listed = get(f"{member.cluster.arm_id}/providers/Microsoft.KubernetesConfiguration/fluxConfigurations").json()["value"]
    assert [one["name"] for one in listed] == ["platform", "payments"]


def test_workspaces_have_a_guid_and_their_tables_a_plan(get, world):
    workspace = world.workspaces[WORKSPACE.lower()]
    workspace.plans = {"ContainerLogV2": "Basic"}
    assert get(WORKSPACE).json()["properties"]["customerId"] == workspace.customer_id
    assert get(f"{WORKSPACE}/tables/ContainerLogV2").json()["properties"]["plan"] == "Basic"
    assert get(f"{WORKSPACE}/tables/KubeEvents").status_code == 404


def test_what_is_missing_is_missed_by_its_level_and_what_is_hidden_is_not_told(get, world):
    first, second, *_ = world.members.values()
    gone = second.configurations[0].arm_id
    world.delete_cluster(second)
    deeper = {
        first.cluster.arm_id + "x": "ResourceNotFound",
        gone: "ResourceNotFound",
        f"{first.cluster.arm_id}/providers/Microsoft.KubernetesConfiguration/fluxConfigurations/none": "ResourceNotFound",
        first.cluster.arm_id.replace("/rg-", "/rg-gone-"): "ResourceGroupNotFound",
        f"/subscriptions/00000000-0000-0000-0000-000000000000{first.cluster.arm_id[51:]}": "SubscriptionNotFound",
        "/nothing/of/that/kind": "InvalidResourceId",
    }
    answers = {path: get(path) for path in deeper}
    assert {path: answer.json()["error"]["code"] for path, answer in answers.items()} == deeper
    assert {answer.status_code for answer in answers.values()} == {404}
    world.hide(first)
    for path in (first.cluster.arm_id, first.extension_id, f"{first.extension_id}x"):
        assert (get(path).status_code, get(path).json()["error"]["code"]) == (403, "AuthorizationFailed")
    world.delete_group(first.cluster.subscription, first.cluster.resource_group)
    world.show(first)
    assert get(first.cluster.arm_id).json()["error"]["code"] == "ResourceGroupNotFound"


def test_an_api_version_is_needed(get, world):
    path = next(iter(world.members.values())).cluster.arm_id
    assert get(path, version="").json()["error"]["code"] == "MissingApiVersionParameter"


def test_calls_are_counted_by_kind(azure, get, page):
    get(WORKSPACE)
    get(f"{WORKSPACE}/tables/KubeEvents")
    page("resources | project id")
    assert azure.calls == {"token": 2, "arm": 1, "table-plan": 1, "graph": 1}
    assert azure.asked == {"other": 1}
    told = requests.get(f"{azure.url}/simulation", timeout=10).json()
    assert told == {
        "calls": dict(azure.calls),
        "asked": {"other": 1},
        "world": {"clusters": 4, "objects": 48, "failing": 0},
    }
    azure.forget()
    assert azure.calls == azure.asked == {}


@pytest.mark.parametrize("path", sorted(QUERIES.glob("*.kql")), ids=lambda path: path.stem)
def test_shipped_queries_are_known_by_name_with_and_without_their_comments(path):
    text = path.read_text("utf-8")
    bare = "\n".join(line for line in text.splitlines() if not line.startswith("//"))
    assert name_of(text) == name_of(f"let _start = datetime(2026-11-20T08:00:00Z);\nlet _lookback = 1d;\n{bare}") == path.stem


def test_requests_that_are_no_queries_are_refused_and_do_no_harm(azure):
    for body in (b"", b"null", b"[]", b"{", b'{"query": 7}', b"[" * 100_000):
        answer = requests.post(f"{azure.url}/v1/workspaces/x/query", data=body, timeout=10)
        assert answer.status_code == 401
    assert requests.post(f"{azure.url}/elsewhere", data=b" " * (MOST_BYTES + 1), timeout=10).status_code == 413


def test_a_port_can_be_chosen_and_a_stopped_server_has_none(world):
    with AzureServer(world) as first:
        port = int(first.url.rpartition(":")[2])
    with AzureServer(world, port) as second:
        assert second.url.endswith(f":{port}")
    with pytest.raises(RuntimeError, match="not running"):
        _ = second.url


def test_a_process_of_its_own_serves_a_fleet_and_ends_with_its_parent():
    with AzureProcess(3, 6, failing=2) as azure:
        assert azure.account() == {"calls": {}, "asked": {}, "world": {"clusters": 3, "objects": 18, "failing": 2}}
        assert azure.settings["AZURE_RESOURCE_MANAGER_ENDPOINT"] == azure.url
        process = azure._process
    assert process.returncode == 0


def test_the_command_stops_when_it_is_told_to():
    command = [sys.executable, "-m", "local.azure", "--fleet", "1"]
    with subprocess.Popen(command, cwd=HOME, stdout=subprocess.PIPE, text=True) as process:
        assert any(line.startswith("ready http://127.0.0.1:") for line in iter(process.stdout.readline, ""))
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_a_fleet_needs_no_workspace():
    world = generate(1, 4, workspace="")
    with AzureServer(world) as server:
        assert server.settings["LOG_ANALYTICS_WORKSPACES"] == ""
