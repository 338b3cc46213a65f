"""Settings that are right, wrong or missing, and keys, in; what health says of them, and who may come in, out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

pytest.importorskip("azure_functions_runtime", reason="Microsoft's worker library exists for Python 3.13 and newer")

from tests import senders
from tests.examples import cluster
from tests.stage import TIMEOUT

HOOK = "https://contoso.example/workflows/1?sig=do-not-show-this"
KEYS = {
    "master": "the-master-key",
    "functions": {"receive_flux_event": {"default": "the-key-of-flux"}, "fleet": {"me": "mine"}},
}


def failing(fluxwatch: Any) -> set[str]:
    """The first word of each fault that health names."""
    answer = fluxwatch.get("health")
    assert (answer.status_code, answer.json()["status"]) == (503, "failing")
    wrong = [check for check in answer.json()["checks"] if not check["ok"]]
    assert all(check["remedy"] for check in wrong)
    assert "do-not-show-this" not in answer.text
    return {check["detail"].split()[0].rstrip(":") for check in wrong}


JOBS = ["notify_teams", "sweep_compliance", "sweep_errors", "reconcile_alert_rules"]
WELL = ["settings", *JOBS, "store", "channel default", "channel fallback"]


def test_a_fresh_install_is_well(fluxwatch: Any) -> None:
    answer = fluxwatch.get("health")
    found = answer.json()
    assert (answer.status_code, found["status"], found["deep"]) == (200, "ok", False)
    assert [(check["name"], check["ok"]) for check in found["checks"]] == [(name, True) for name in WELL]


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("sweep_compliance", "FLEET_SCOPES"),
        ("sweep_errors", "LOG_ANALYTICS_WORKSPACES"),
        ("reconcile_alert_rules", "ALERT_RESOURCE_GROUP"),
    ],
)
def test_a_job_that_nobody_asked_for_says_so_once_and_does_nothing(fluxwatch: Any, name: str, setting: str) -> None:
    said, end = fluxwatch.run(name)
    assert f"{name} is off: {setting} is empty" in said
    assert f"[{name}] ok" in end
    assert len(fluxwatch.run(name)) == 1
    assert name not in fluxwatch.store.runs()


def test_a_deep_look_reads_and_writes_the_store(fluxwatch: Any) -> None:
    answer = fluxwatch.get("health?deep=1")
    found = answer.json()
    assert (answer.status_code, found["status"], found["deep"]) == (200, "ok", True)
    assert list(found["took"]) == ["store", "store write", "telling"]
    assert "health" in fluxwatch.store.runs()


@pytest.mark.parametrize("query", ["", "?deep=1"])
def test_browsers_are_given_a_page_that_says_the_same(fluxwatch: Any, query: str) -> None:
    url = f"{fluxwatch.host.url}/api/health{query}"
    answer = requests.get(url, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}, timeout=TIMEOUT)
    found = fluxwatch.get(f"health{query}").json()
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert found["summary"] in answer.text
    assert all(f"<bdi>{check['name']}</bdi>" in answer.text for check in found["checks"])


def test_health_without_any_setting_names_every_one_that_is_missing_and_no_function_crashes(
    stage_of: Callable[..., Any],
) -> None:
    fluxwatch = stage_of(
        {"FLUX_HMAC_KEY": "", "TEAMS_WEBHOOK_URL": "", "TEAMS_FALLBACK_WEBHOOK_URL": "", "AzureWebJobsStorage": " "}
    )
    assert failing(fluxwatch) == {"FLUX_HMAC_KEY", "TEAMS_WEBHOOK_URL", "AzureWebJobsStorage"}
    assert fluxwatch.get("fleet").status_code == 503
    answer = fluxwatch.send(senders.failure())
    assert (answer.status_code, answer.json()["outcome"]) == (503, "misconfigured")  # Flux sends it again, until it is mended
    page = requests.get(f"{fluxwatch.host.url}/api/health?format=html&deep=1", timeout=TIMEOUT)
    assert page.status_code == 503
    assert "FLUX_HMAC_KEY is missing" in page.text
    for name in JOBS:
        said, end = fluxwatch.run(name)
        assert f"{name} does not run: misconfigured: " in said
        assert all(setting in said for setting in ("FLUX_HMAC_KEY", "TEAMS_WEBHOOK_URL", "AzureWebJobsStorage"))
        assert f"[{name}] ok" in end


def test_wrong_channels_do_not_keep_events_out(stage_of: Callable[..., Any]) -> None:
    routes = '[{"channel": "a", "webhook": "A_URL"}, {"channel": "b", "webhook": "B_URL", "match": {"colour": "red"}}]'
    wrong = {
        "TEAMS_WEBHOOK_URL": HOOK.replace("contoso.example", "contoso.webhook.office.com"),
        "TEAMS_FALLBACK_WEBHOOK_URL": "@Microsoft.KeyVault(SecretUri=https://contoso.vault.azure.net/secrets/x?sig=do-not-show-this)",
        "ROUTES": routes,
        "GROUP_WAITS": "often",
        "FLAP_COUNT": "-1",
    }
    fluxwatch = stage_of(wrong)
    assert failing(fluxwatch) == {
        "TEAMS_WEBHOOK_URL",
        "TEAMS_FALLBACK_WEBHOOK_URL",
        "ROUTES",
        "A_URL",
        "GROUP_WAITS",
        "FLAP_COUNT",
    }
    assert fluxwatch.outcome(senders.failure()) == "opened"
    assert fluxwatch.outcome(senders.recovery()) == "closed"
    fluxwatch.notify()
    assert fluxwatch.teams.calls == []
    assert fluxwatch.get("fleet").json()["outcome"] == "misconfigured"
    assert "do-not-show-this" not in "\n".join(fluxwatch.host.output)


@pytest.mark.parametrize(
    "text", ["nonsense", "AccountName=contoso", "DefaultEndpointsProtocol=https;AccountKey=do-not-show-this"]
)
def test_storage_that_is_no_connection_string_is_named(stage_of: Callable[..., Any], text: str) -> None:
    fluxwatch = stage_of({"AzureWebJobsStorage": text})
    assert failing(fluxwatch) == {"AzureWebJobsStorage"}
    answer = fluxwatch.send(senders.failure())
    assert (answer.status_code, answer.json()["outcome"]) == (503, "misconfigured")
    assert fluxwatch.get("fleet").status_code == 503
    fluxwatch.notify()
    assert "do-not-show-this" not in "\n".join(fluxwatch.host.output)


@pytest.fixture(scope="module")
def guarded(stage_of: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """With keys, as in Azure. Health is asked by people and monitors, with a key of the host's."""
    file: Path = tmp_path_factory.mktemp("keys") / "keys.json"
    file.write_text(json.dumps(KEYS), "utf-8")
    return stage_of(keys=file)


@pytest.mark.parametrize(
    ("key", "status"),
    [("", 401), ("wrong", 401), ("mine", 401), ("the-key-of-flux", 202), ("the-master-key", 202)],
    ids=["none", "wrong", "anothers", "own", "master"],
)
def test_an_event_needs_the_key_of_its_function_besides_the_signature(guarded: Any, key: str, status: int) -> None:
    guarded.key = key
    assert guarded.send(senders.failure()).status_code == status


def test_a_key_alone_is_not_enough(guarded: Any) -> None:
    body = senders.body(senders.failure(), guarded.moment())
    forged = senders.headers(body, cluster("aks-prod-weu-02")) | {"x-functions-key": "the-key-of-flux"}
    url = f"{guarded.host.url}/api/flux/events/{'/'.join(senders.path().values())}"
    assert requests.post(url, data=body, headers=forged, timeout=TIMEOUT).status_code == 401


@pytest.mark.parametrize("path", ["fleet", "health"])
def test_pages_need_a_key(guarded: Any, path: str) -> None:
    url = f"{guarded.host.url}/api/{path}"
    assert requests.get(url, timeout=TIMEOUT).status_code == 401
    assert requests.get(url, headers={"x-functions-key": "the-key-of-flux"}, timeout=TIMEOUT).status_code == 401
    assert requests.get(url, headers={"x-functions-key": "the-master-key"}, timeout=TIMEOUT).status_code == 200
