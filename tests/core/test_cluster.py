"""The path names a cluster: these names make an ARM id, and those do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.cluster import PROVIDERS, Cluster, NotACluster, UnknownClusterType
from tests.examples import SUBSCRIPTION

AKS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-sec-weu/providers/Microsoft.ContainerService/managedClusters/aks-1"


@pytest.mark.parametrize("kind", ["managedClusters", "connectedClusters", "provisionedClusters"])
def test_every_cluster_type_of_the_azure_cli_has_its_provider(kind: str) -> None:
    provider, spelled = PROVIDERS[kind.lower()]
    assert Cluster.of(SUBSCRIPTION, "rg", kind, "c").arm_id == (
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/{provider}/{spelled}/c"
    )
    assert spelled == kind


def test_every_spelling_of_one_cluster_has_one_key() -> None:
    found = {Cluster.from_arm_id(spelled).key for spelled in (AKS, AKS.lower(), AKS.upper(), AKS + "/", AKS.lstrip("/"))}
    assert found == {AKS.lower()}


def test_the_arm_id_is_written_as_azure_writes_it() -> None:
    shouted = Cluster.from_arm_id(AKS.upper().replace("RG-SEC-WEU", "rg-sec-weu").replace("AKS-1", "aks-1"))
    assert shouted.arm_id == AKS


@pytest.mark.parametrize("kind", ["", "agentPools", "managedcluster", "microsoft.flux"])
def test_an_unknown_type_is_told_apart_from_a_wrong_name(kind: str) -> None:
    with pytest.raises(UnknownClusterType):
        Cluster.of(SUBSCRIPTION, "rg", kind, "c")


@pytest.mark.parametrize(
    ("subscription", "group", "name", "wrong"),
    [
        ("", "rg", "c", "subscription"),
        ("not-a-guid", "rg", "c", "subscription"),
        (SUBSCRIPTION + "0", "rg", "c", "subscription"),
        (SUBSCRIPTION, "", "c", "resource group"),
        (SUBSCRIPTION, "rg.", "c", "resource group"),
        (SUBSCRIPTION, "r" * 91, "c", "resource group"),
        (SUBSCRIPTION, "../rg", "c", "resource group"),
        (SUBSCRIPTION, "rg", "", "cluster"),
        (SUBSCRIPTION, "rg", "-c", "cluster"),
        (SUBSCRIPTION, "rg", "c" * 64, "cluster"),
        (SUBSCRIPTION, "rg", "c\n", "cluster"),
        (SUBSCRIPTION, "rg", "a/b", "cluster"),
    ],
)
def test_a_wrong_name_is_refused_and_the_error_says_which(subscription: str, group: str, name: str, wrong: str) -> None:
    with pytest.raises(NotACluster, match=wrong):
        Cluster.of(subscription, group, "managedClusters", name)


@pytest.mark.parametrize(
    "arm_id",
    [
        "",
        "/",
        f"/subscriptions/{SUBSCRIPTION}",
        AKS + "/providers/Microsoft.KubernetesConfiguration/extensions/flux",
        AKS.replace("Microsoft.ContainerService", "Microsoft.Kubernetes"),
        AKS.replace("resourceGroups", "groups"),
    ],
)
def test_what_is_no_arm_id_of_a_cluster_is_refused(arm_id: str) -> None:
    with pytest.raises(NotACluster):
        Cluster.from_arm_id(arm_id)


_NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}", fullmatch=True)


@given(_NAMES, st.from_regex(r"[\w().-]{0,89}[\w()-]", fullmatch=True), st.sampled_from(sorted(PROVIDERS)))
def test_whatever_azure_allows_survives_the_way_through_the_arm_id(name: str, group: str, kind: str) -> None:
    one = Cluster.of(SUBSCRIPTION, group, kind, name)
    assert Cluster.from_arm_id(one.arm_id) == one


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=20), st.text(max_size=40))
def test_no_error_repeats_what_was_sent(subscription: str, group: str, kind: str, name: str) -> None:
    secret = "s3cr3t"
    with pytest.raises(NotACluster) as refused:
        Cluster.of(secret + subscription, secret + group, kind, secret + name)
    assert secret not in str(refused.value)
