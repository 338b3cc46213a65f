"""The manifests are what notification-controller expects, byte for byte where it matters."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from local import provider as command
from shared.core.cluster import Cluster
from shared.core.manifests import provider

ARM_ID = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-sec-weu"
    "/providers/Microsoft.ContainerService/managedClusters/aks-sec-weu-01"
)
TOKEN = "c0f24bd6533849bba239a095e3c9229a92b0f53f2e3a748b3ec0aab2c03eeb3a"  # of ARM_ID and KEY, made with openssl
KEY = "example-key-do-not-use"
CLUSTER = Cluster.from_arm_id(ARM_ID)
PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1)


def documents(text: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(text))


def manifests(**changes: Any) -> list[dict[str, Any]]:
    given = {"address_base": "https://app.example", "token": TOKEN, "function_key": "key==", **changes}
    return documents(provider(CLUSTER, **given))


def test_the_three_documents_are_whole() -> None:
    metadata = {"name": "fluxwatch", "namespace": "cluster-config"}
    kinds = ["GitRepository", "Kustomization", "HelmRelease", "HelmChart", "HelmRepository", "OCIRepository", "Bucket"]
    assert manifests() == [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": metadata,
            "stringData": {"token": TOKEN, "headers": 'x-functions-key: "key=="\n'},
        },
        {
            "apiVersion": "notification.toolkit.fluxcd.io/v1beta3",
            "kind": "Provider",
            "metadata": metadata,
            "spec": {
                "type": "generic-hmac",
                "address": "https://app.example/api/flux/events/00000000-0000-0000-0000-000000000001/rg-sec-weu"
                "/managedClusters/aks-sec-weu-01",
                "timeout": "60s",
                "secretRef": {"name": "fluxwatch"},
            },
        },
        {
            "apiVersion": "notification.toolkit.fluxcd.io/v1beta3",
            "kind": "Alert",
            "metadata": metadata,
            "spec": {
                "providerRef": {"name": "fluxwatch"},
                "eventSeverity": "info",
                "exclusionList": ["^Reconciliation finished in"],
                "eventSources": [{"kind": kind, "name": "*"} for kind in kinds],
            },
        },
    ]


@given(PRINTABLE, PRINTABLE)
def test_keys_survive_both_layers_of_yaml(token: str, key: str) -> None:
    secret = manifests(token=token, function_key=key)[0]["stringData"]
    assert secret["token"] == token
    assert yaml.safe_load(secret["headers"]) == {"x-functions-key": key}


@pytest.mark.parametrize("namespace", ["flux-system", "no", "1234", "null"])
def test_a_namespace_stays_a_string(namespace: str) -> None:
    assert {document["metadata"]["namespace"] for document in manifests(namespace=namespace)} == {namespace}


def test_without_a_function_key_there_is_no_header() -> None:
    assert manifests(function_key=None)[0]["stringData"] == {"token": TOKEN}


def test_heartbeats_are_heard_where_they_are_asked_for() -> None:
    """The only recovery event of a Kustomization without health checks."""
    assert "exclusionList" not in manifests(heartbeats=True)[2]["spec"]


def test_the_exclusion_takes_heartbeats_and_no_recovery() -> None:
    [pattern] = manifests()[2]["spec"]["exclusionList"]
    assert re.search(pattern, "Reconciliation finished in 2.084434647s, next run in 10m0s")
    assert not re.search(pattern, "Health check passed in 5.024s")


def test_the_api_version_of_flux_can_be_raised() -> None:
    version = "notification.toolkit.fluxcd.io/v1"
    assert [document["apiVersion"] for document in manifests(api_version=version)] == ["v1", version, version]


def test_a_resource_group_is_encoded_in_the_address() -> None:
    cluster = Cluster.of(CLUSTER.subscription, "rg(ü)", "connectedClusters", "arc")
    text = provider(cluster, address_base="https://app.example/", token=TOKEN, function_key=None)
    assert documents(text)[1]["spec"]["address"].endswith("/rg%28%C3%BC%29/connectedClusters/arc")


@pytest.mark.parametrize(
    "changes",
    [
        {"namespace": "Cluster_Config"},
        {"namespace": "a\nb"},
        {"namespace": ""},
        {"token": "a\nb"},
        {"function_key": "schlüssel"},
        {"address_base": "https://" + "a" * 2048},
    ],
)
def test_what_would_not_apply_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"namespace|printable|address"):
        manifests(**changes)


SETTINGS = {"FLUX_HMAC_KEY": KEY, "FLUXWATCH_FUNCTION_KEY": "key=="}


def test_the_command_derives_the_token_of_the_cluster() -> None:
    rendered = command.render(ARM_ID.upper(), "https://app.example/", "team-a", SETTINGS)
    secret, sender, alert = documents(rendered)
    assert secret["stringData"]["token"] == TOKEN
    assert sender["spec"]["address"].startswith("https://app.example/api/flux/events/")
    assert alert["metadata"]["namespace"] == "team-a"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cluster": "aks-sec-weu-01"}, r"CLUSTER: not the ARM id of a cluster"),
        ({"cluster": ARM_ID.replace("managedClusters", "servers")}, r"CLUSTER: cluster type must be"),
        ({"url": "http://app.example"}, r"URL must begin with https://"),
        ({"url": "app.example"}, r"URL must begin with https://"),
        ({"url": "https://app.example/api"}, r"address of the app alone"),
        ({"url": "https://user:pw@app.example"}, r"address of the app alone"),
        ({"url": "https://app.example?code=secret"}, r"address of the app alone"),
        ({"url": "https://app:port"}, r"URL is not an address"),
        ({"namespace": "NO"}, r"namespace is not a name"),
        ({"settings": {}}, r"FLUX_HMAC_KEY is missing"),
        ({"settings": {"FLUX_HMAC_KEY": "@Microsoft.KeyVault(SecretUri=x)"}}, r"FLUX_HMAC_KEY is a Key Vault reference"),
    ],
)
def test_a_mistake_is_named_in_one_line(changes: dict[str, Any], message: str) -> None:
    given = {"cluster": ARM_ID, "url": "https://app.example", "namespace": "cluster-config", "settings": SETTINGS, **changes}
    with pytest.raises(command.Unusable, match=message) as raised:
        command.render(**given)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:7071", "http://localhost:7071/", "http://[::1]:7071"])
def test_plain_http_is_for_this_machine(url: str) -> None:
    assert command.address(url) == url.rstrip("/")


def test_the_environment_wins_over_the_settings_file(tmp_path: Path) -> None:
    file = tmp_path / "local.settings.json"
    file.write_text(json.dumps({"Values": {"FLUX_HMAC_KEY": "file", "OTHER": "file"}}), "utf-8")
    assert command.settings_of({"FLUX_HMAC_KEY": "environment"}, file) == {"FLUX_HMAC_KEY": "environment", "OTHER": "file"}
    assert command.settings_of({}, tmp_path / "none.json") == {}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"Values": []}', '{"Values": null}'])
def test_a_broken_settings_file_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "local.settings.json"
    file.write_text(text, "utf-8")
    with pytest.raises(command.Unusable, match=r"local\.settings\.json is not a settings file"):
        command.settings_of({}, file)


def test_stdout_holds_yaml_alone_and_stderr_the_next_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FLUXWATCH_FUNCTION_KEY", raising=False)
    monkeypatch.setenv("FLUX_HMAC_KEY", KEY)
    arguments = ["--cluster", ARM_ID, "--url", "https://app.example", "--settings", str(tmp_path / "none.json")]
    assert command.main(arguments) == 0
    out, err = capsys.readouterr()
    assert [document["kind"] for document in documents(out)] == ["Secret", "Provider", "Alert"]
    assert yaml.safe_load(documents(out)[0]["stringData"]["headers"]) == {"x-functions-key": "<function key>"}
    assert "kubectl apply" in err
    assert "FLUXWATCH_FUNCTION_KEY is not set" in err


def test_a_failure_prints_no_yaml(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLUX_HMAC_KEY", raising=False)
    assert command.main(["--cluster", ARM_ID, "--url", "https://x", "--settings", str(tmp_path / "none.json")]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "provider: FLUX_HMAC_KEY is missing: set it in the environment or in local.settings.json\n"
