"""Whom an alert is about: its cluster, or why nobody can tell; then the object, the controller, or the rule itself."""

from __future__ import annotations

from typing import Any

import pytest

from shared.core.alert_cluster import Directory, NoCluster, cluster_of
from shared.core.alert_subject import KINDS, subject_of
from shared.core.azure_alert import Alert, parse
from shared.core.cluster import Cluster
from shared.core.inventory import ClusterInfo
from shared.core.log_entries import controller
from shared.core.observation import Subject
from tests.alerts import Json, dimensions, sample
from tests.examples import START, cluster

AKS = cluster()
ARC = cluster("arc-store-0008", "rg-stores", "connectedClusters")
TWIN = cluster("AKS-Prod-weu-01", "rg-other")
KNOWN = Directory.of([ClusterInfo(AKS), ClusterInfo(ARC)])


def alert(**labels: Any) -> Alert:
    return parse(sample("prometheus-fired", labels={"alertname": "FluxX", **labels}), START)


def about(**labels: Any) -> Subject:
    return subject_of(alert(**labels), AKS)


def found(root: Json, known: Directory = KNOWN) -> Cluster:
    return cluster_of(parse(root, START), known).cluster


# --------------------------------------------------------------------------------------------------------------- cluster


@pytest.mark.parametrize("name", ["aks-prod-weu-01", "AKS-PROD-WEU-01", AKS.arm_id, AKS.key, "x/aks-prod-weu-01"])
def test_the_label_cluster_is_a_name_or_an_id_in_any_letter_case(name: str) -> None:
    assert found(sample("prometheus-fired", labels={"cluster": name})) == AKS


@pytest.mark.parametrize("spelling", [str.upper, str.lower, lambda text: text + "/", lambda text: text.strip("/")])
@pytest.mark.parametrize("inside", ["", "/providers/Microsoft.KubernetesConfiguration/extensions/flux"])
def test_an_id_names_its_cluster_wherever_it_stands_and_is_spelled_as_the_inventory_has_it(spelling: Any, inside: str) -> None:
    given = spelling(AKS.arm_id + inside)
    places = (
        dimensions(_ResourceId=given),
        dimensions(**{"Microsoft.ResourceId": given}),
        sample("prometheus-fired", labels={}, configurationItems=[given]),
        sample("prometheus-fired", labels={}, alertTargetIDs=["/subscriptions/x", given]),
        sample("prometheus-fired", labels={}, alertTargetIDs=given),
    )
    assert [found(place) for place in places] == [AKS] * len(places)


def test_an_id_that_the_inventory_does_not_know_is_an_id_all_the_same() -> None:
    assert found(dimensions(_ResourceId=AKS.key), Directory()).key == AKS.key


def test_of_several_the_most_exact_place_counts() -> None:
    root = sample("prometheus-fired", labels={"_ResourceId": ARC.arm_id, "cluster": AKS.name}, alertTargetIDs=[AKS.arm_id])
    assert found(root) == ARC


@pytest.mark.parametrize(
    ("root", "known", "why"),
    [
        (sample("prometheus-unknown-cluster"), KNOWN, "no known cluster has the name that it gives"),
        (sample("prometheus-fired"), Directory(), "no known cluster has the name that it gives"),
        (sample("prometheus-fired"), Directory.of(map(ClusterInfo, (AKS, TWIN))), "2 clusters have the name that it gives"),
        (sample("prometheus-fired", labels={}), KNOWN, "it names no cluster"),
        (sample("prometheus-fired", labels={"cluster": "/"}), KNOWN, "no known cluster has the name that it gives"),
        (sample("metric-fired", alertTargetIDs=[AKS.key, ARC.key]), KNOWN, "it is about 2 clusters at once"),
        (sample("prometheus-fired", labels={}, configurationItems=[AKS.name]), KNOWN, "it names no cluster"),
    ],
)
def test_where_nobody_can_tell_nobody_guesses(root: Json, known: Directory, why: str) -> None:
    with pytest.raises(NoCluster) as unknown:
        found(root, known)
    assert str(unknown.value) == why


def test_one_cluster_in_two_spellings_is_one() -> None:
    assert found(sample("metric-fired", alertTargetIDs=[AKS.key, AKS.arm_id])) == AKS


# --------------------------------------------------------------------------------------------------------------- objects

APPS = Subject(AKS, "Kustomization", "cluster-config", "apps")


@pytest.mark.parametrize(
    "labels",
    [
        {"kind": "Kustomization", "resource_namespace": "cluster-config", "name": "apps"},
        {"customresource_kind": "KUSTOMIZATION", "exported_namespace": "Cluster-Config", "name": "APPS"},
        {"kind": "kustomization", "namespace": "cluster-config", "name": "apps"},
        {"kind": "Kustomization", "exported_namespace": "cluster-config", "namespace": "flux-system", "name": "apps"},
        {"Kind": "Kustomization", "Namespace": "cluster-config", "Name": "apps", "pod": "x", "deployment": "y"},
    ],
)
def test_an_object_is_named_as_events_and_compliance_name_it(labels: dict[str, str]) -> None:
    assert about(**labels) == APPS


def test_an_object_of_flux_system_is_an_object() -> None:
    assert about(kind="GitRepository", namespace="flux-system", name="flux-system").kind == "GitRepository"


@pytest.mark.parametrize("kind", KINDS.values())
def test_every_kind_is_spelled_as_flux_does(kind: str) -> None:
    assert about(kind=kind.upper(), namespace="a", name="b").kind == kind


@pytest.mark.parametrize(
    "labels",
    [
        {},
        {"kind": "HelmRelease"},
        {"kind": "HelmRelease", "name": "x"},
        {"kind": "HelmRelease", "namespace": "flux-system"},
        {"kind": "HelmRelease", "namespace": "a_b", "name": "x"},
        {"kind": "HelmRelease", "namespace": "a", "name": "<at>x</at>"},
        {"kind": "Deployment", "namespace": "shop", "name": "web"},
        {"name": "kustomization"},
        {"controller": "kustomization", "namespace": "flux-system"},
        {"pod": "web-6d9f7c5b8d-x2x7k", "namespace": "shop"},
        {"container": "manager", "namespace": "flux-system"},
    ],
)
def test_what_names_no_object_is_about_the_rule(labels: dict[str, str]) -> None:
    assert about(**labels) == Subject(AKS, "AlertRule", "", "FluxX")


# ----------------------------------------------------------------------------------------------------------- controllers


@pytest.mark.parametrize(
    "labels",
    [
        {"namespace": "flux-system", "deployment": "source-controller"},
        {"namespace": "FLUX-system", "pod": "Source-Controller-6d9f7c5b8d-x2x7k", "container": "manager"},
        {"kubernetes_namespace": "flux-system", "kubernetes_pod_name": "source-controller-6d9f7c5b8d-x2x7k"},
        {"namespace": "flux-system", "container": "source-controller"},
        {"PodNamespace": "flux-system", "PodName": "source-controller-6d9f7c5b8d-x2x7k"},
        {"Namespace": "flux-system", "Controller": "source-controller"},
        {"Kind": "controller", "Namespace": "flux-system", "Name": "source-controller"},
        {"Kind": "Pod", "Namespace": "flux-system", "Name": "source-controller-6d9f7c5b8d-x2x7k"},
    ],
)
def test_a_controller_is_named_as_the_sweep_of_errors_names_it(labels: dict[str, str]) -> None:
    assert about(**labels) == controller(AKS, "source-controller")


def test_the_agent_of_azure_is_a_controller_too() -> None:
    assert about(namespace="flux-system", pod="fluxconfig-agent-7c9d8b7f6-abcde") == controller(AKS, "fluxconfig-agent")
