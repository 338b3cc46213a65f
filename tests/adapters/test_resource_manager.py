"""ARM ids, honest and hostile, and what Azure Resource Manager says of them in; there, gone or hidden, or a fault, out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.resource_manager import VERSIONS, ArmClient, address
from shared.core.trouble import Trouble, Unanswered
from shared.ports import Presence
from tests.adapters.scripted_azure import TOKEN, Said, ScriptedAzure, error

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-1"
AKS = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/aks-1"
ARC = f"{GROUP}/providers/Microsoft.Kubernetes/connectedClusters/arc-1"
CONFIGURATION = f"{AKS}/providers/Microsoft.KubernetesConfiguration/fluxConfigurations/cluster-config"
WORKSPACE = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/law"


def manager(scripted: ScriptedAzure) -> ArmClient:
    return ArmClient(scripted.client())


@pytest.mark.parametrize(
    ("arm_id", "version"),
    [
        (AKS, "2024-05-01"),
        (AKS.lower(), "2024-05-01"),
        (ARC, "2024-01-01"),
        (f"{GROUP}/providers/Microsoft.HybridContainerService/provisionedClusters/p", "2022-09-01-preview"),
        (CONFIGURATION, "2025-04-01"),
        (CONFIGURATION.upper(), "2025-04-01"),
        (f"{ARC}/providers/Microsoft.KubernetesConfiguration/extensions/flux", "2023-05-01"),
        (WORKSPACE, "2023-09-01"),
        (f"{WORKSPACE}/tables/ContainerLogV2", "2023-09-01"),
    ],
)
def test_each_type_is_read_in_a_version_of_its_own(scripted: ScriptedAzure, arm_id: str, version: str) -> None:
    scripted.on(arm_id, Said(200, {"id": arm_id, "properties": {}}))
    assert manager(scripted).get(arm_id) == {"id": arm_id, "properties": {}}
    [heard] = scripted.heard
    assert (heard.method, heard.path, heard.query) == ("GET", arm_id, {"api-version": version})
    assert heard.headers["Authorization"] == f"Bearer {TOKEN}"


def test_every_version_is_a_date() -> None:
    assert all(version[:2] == "20" and len(version.removesuffix("-preview")) == 10 for version in VERSIONS.values())
    assert all(kind == kind.lower() for kind in VERSIONS)


@pytest.mark.parametrize(
    ("said", "presence", "got"),
    [
        (Said(200, {"name": "x"}), Presence.THERE, {"name": "x"}),
        (error(404, "ResourceNotFound"), Presence.GONE, None),
        (error(404, "ResourceGroupNotFound"), Presence.GONE, None),
        (error(404, "SubscriptionNotFound"), Presence.GONE, None),
        (error(404, "ParentResourceNotFound"), Presence.GONE, None),
        (error(404, "NotFound"), Presence.GONE, None),
        (Said(404, {"code": "NotFound", "message": "m"}), Presence.GONE, None),
        (error(403, "AuthorizationFailed"), Presence.HIDDEN, Trouble.FORBIDDEN),
        (Said(403, b""), Presence.HIDDEN, Trouble.FORBIDDEN),
        (Said(404, b"<html>of a proxy"), Trouble.NOT_FOUND, Trouble.NOT_FOUND),
        (error(404, "InvalidResourceType"), Trouble.NOT_FOUND, Trouble.NOT_FOUND),
        (error(400, "NoRegisteredProviderFound"), Trouble.REFUSED, Trouble.REFUSED),
        (error(401, "ExpiredAuthenticationToken"), Trouble.UNAUTHORIZED, Trouble.UNAUTHORIZED),
        (error(429, "TooManyRequests"), Trouble.THROTTLED, Trouble.THROTTLED),
        (error(503, "ServerBusy"), Trouble.UNREACHABLE, Trouble.UNREACHABLE),
        (Said(200, b"<html>"), Trouble.UNREADABLE, Trouble.UNREADABLE),
        (Said(200, []), Trouble.UNREADABLE, Trouble.UNREADABLE),
        (Said(307, b"", {"Location": "http://127.0.0.1:9/"}), Trouble.UNREADABLE, Trouble.UNREADABLE),
    ],
    ids=lambda value: f"{value.status}-{str(value.body)[:32]}" if isinstance(value, Said) else "",
)
def test_gone_is_only_what_azure_calls_not_found(scripted: ScriptedAzure, said: Said, presence: Any, got: Any) -> None:
    scripted.on("/aks-1", said)
    for ask, outcome in ((manager(scripted).presence, presence), (manager(scripted).get, got)):
        if not isinstance(outcome, Trouble):
            assert ask(AKS) == outcome
            continue
        with pytest.raises(Unanswered) as raised:
            ask(AKS)
        assert (raised.value.trouble, raised.value.about) == (outcome, "Azure Resource Manager (managedClusters)")
        assert "contoso" not in str(raised.value)


@pytest.mark.parametrize(
    "arm_id",
    [
        "",
        "/",
        AKS[1:],
        f"https://contoso.com{AKS}",
        f"//contoso.com{AKS}",
        f"{AKS}/",
        f"{AKS}?api-version=1",
        f"{AKS}#x",
        f"{AKS}/../../x/y",
        AKS.replace("rg-1", ".."),
        AKS.replace("rg-1", "."),
        AKS.replace("rg-1", ""),
        AKS.replace("rg-1", "a%2f.."),
        AKS.replace("rg-1", "a\\b"),
        AKS.replace("rg-1", "a b"),
        AKS.replace("rg-1", "a\nHost: x"),
        AKS.replace("rg-1", "a\0"),
        AKS.replace("rg-1", "a\ud800"),
        AKS.replace("s", "ſ"),
        AKS.replace("00000000-", "x-"),
        f"{AKS}/agentPools/pool",
        f"{AKS}/agentPools",
        f"{GROUP}/providers/Microsoft.KeyVault/vaults/v",
        GROUP,
        AKS + "a" * 1024,
        AKS + "\n",
        "/subscriptions/00000000-0000-0000-0000-000000000001/providers/Microsoft.ContainerService/managedClusters/aks-1",
    ],
)
def test_what_is_no_id_of_a_resource_is_not_asked_for(scripted: ScriptedAzure, arm_id: str) -> None:
    with pytest.raises(Unanswered) as raised:
        manager(scripted).presence(arm_id)
    assert raised.value.trouble is Trouble.UNREADABLE
    assert raised.value.about == "Azure Resource Manager (resource id)"
    assert not scripted.heard
    assert not scripted.tokens


def test_letters_of_other_alphabets_are_encoded() -> None:
    assert address(AKS.replace("rg-1", "größe_(1).x~"))[0] == AKS.replace("rg-1", "gr%C3%B6%C3%9Fe_(1).x~")
    assert address(AKS.replace("rg-1", "a;b:c@d&e=f"))[0] == AKS.replace("rg-1", "a%3Bb%3Ac%40d%26e%3Df")


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_text_makes_an_address_that_leads_elsewhere(group: str, name: str) -> None:
    try:
        path, _ = address(AKS.replace("rg-1", group).replace("aks-1", name))
    except Unanswered:
        return
    assert path.count("/") == AKS.count("/")
    assert path.isascii()
    assert not set(path) & set("?#%\\ \n") - {"%"}
    assert not {"", ".", ".."} & set(path.split("/")[1:])
