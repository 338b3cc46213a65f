"""Rows of Resource Graph in; what the queries of the compliance sweep answer over them out, executed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from local.kql import Database
from tests.queries.rows import AKS, ARC, ask

CONFIGURATION = "/providers/Microsoft.KubernetesConfiguration/fluxConfigurations/"
EXTENSION = "/providers/Microsoft.KubernetesConfiguration/extensions/"

type Row = dict[str, Any]


def configuration(name: str = "apps", on: str = AKS, **properties: Any) -> Row:
    return {
        "id": on + CONFIGURATION + name,
        "name": name,
        "type": "microsoft.kubernetesconfiguration/fluxconfigurations",
        "properties": properties,
    }


def extension(name: str = "flux", on: str = AKS, **properties: Any) -> Row:
    return {
        "id": on + EXTENSION + name,
        "name": name,
        "type": "Microsoft.KubernetesConfiguration/extensions",
        "properties": properties,
    }


def test_clusters_of_every_kind_are_found_and_nothing_else(graph: Database):
    edge = ARC.replace("Microsoft.Kubernetes/connectedClusters/arc", "Microsoft.HybridContainerService/provisionedClusters/hci")
    rows = [
        {
            "id": AKS,
            "name": "aks-Shop",
            "type": "Microsoft.ContainerService/managedClusters",
            "location": "westeurope",
            "properties": {
                "powerState": {"code": "Stopped"},
                "currentKubernetesVersion": "1.33.2",
                "kubernetesVersion": "1.33",
            },
            "tags": {"fluxwatch-expect-flux": "true"},
        },
        {
            "id": ARC,
            "name": "arc-edge",
            "type": "microsoft.kubernetes/connectedclusters",
            "properties": {
                "ConnectivityStatus": "Expired",
                "KubernetesVersion": "1.31.4",
                "lastConnectivityTime": "2026-11-19T23:59:59.1234567Z",
            },
        },
        {"id": edge, "name": "hci", "type": "microsoft.hybridcontainerservice/provisionedclusters", "properties": None},
        {"id": "/subscriptions/0A/other", "name": "other", "type": "microsoft.compute/virtualmachines", "properties": {}},
    ]
    found = {row["id"]: row for row in ask(graph, "clusters", rows)}
    assert [found[one]["clusterType"] for one in (AKS, ARC, edge)] == [
        "managedClusters",
        "connectedClusters",
        "provisionedClusters",
    ]
    assert [found[one]["state"] for one in (AKS, ARC, edge)] == ["Stopped", "Expired", ""]
    assert [found[one]["kubernetesVersion"] for one in (AKS, ARC, edge)] == ["1.33.2", "1.31.4", ""]
    assert [found[one]["tags"] for one in (AKS, ARC, edge)] == [{"fluxwatch-expect-flux": "true"}, None, None]
    assert found[ARC]["lastConnectivity"] == datetime(2026, 11, 19, 23, 59, 59, 123456, UTC)
    assert len(found) == 3


def test_rows_come_in_the_order_of_their_ids_as_pages_need(graph: Database):
    rows = [configuration(name) for name in ("b", "c", "a")]
    assert [row["name"] for row in ask(graph, "flux_configurations", rows)] == ["a", "b", "c"]


def test_a_configuration_is_read_in_both_letter_cases(graph: Database):
    wanted = {
        "scope": "cluster",
        "namespace": "cluster-config",
        "sourceKind": "GitRepository",
        "complianceState": "Non-Compliant",
        "provisioningState": "Succeeded",
        "errorMessage": "it broke",
        "statuses": [{"name": "apps", "kind": "Kustomization", "statusConditions": []}],
    }
    times = {"statusUpdatedAt": "2026-11-20T09:58:00Z", "sourceUpdatedAt": "2026-11-20T09:50:00.000Z"}
    others = {"suspend": True, "sourceSyncedCommitId": "main@sha1:0ba6", "gitRepository": {"url": "https://git.example/a"}}
    camel = wanted | times | others
    pascal = {key[0].upper() + key[1:]: value for key, value in camel.items()} | {
        "GitRepository": {"Url": "https://git.example/a"}
    }
    rows = ask(graph, "flux_configurations", [configuration("apps", **camel), configuration("apps", ARC, **pascal)])
    for row, cluster in zip(rows, (AKS, ARC), strict=True):
        assert row["id"] == f"{cluster}{CONFIGURATION}apps"
        assert row["clusterId"] == cluster.lower()
        assert wanted.items() <= row.items()
        assert row["statusUpdatedAt"] == datetime(2026, 11, 20, 9, 58, tzinfo=UTC)
        assert row["sourceUpdatedAt"] == datetime(2026, 11, 20, 9, 50, tzinfo=UTC)
        assert (row["suspended"], row["syncedCommit"]) == (True, "main@sha1:0ba6")
        assert (row["sourceUrl"], row["sourceRef"]) == ("https://git.example/a", "")


POOR = (
    None,
    {},
    {"statuses": None, "gitRepository": None, "suspend": None, "statusUpdatedAt": None, "complianceState": None},
    {"statuses": [], "gitRepository": {"repositoryRef": None}, "statusUpdatedAt": "yesterday", "suspend": "maybe"},
    {"gitRepository": "a text", "ociRepository": [1], "statusUpdatedAt": 5, "errorMessage": {"no": "text"}},
    "no object at all",
)
"""Properties of configurations that lack this or that, or have it in another form."""


def test_a_configuration_of_which_little_can_be_read_is_still_a_row(graph: Database):
    found = ask(
        graph, "flux_configurations", [configuration(f"c{index}") | {"properties": one} for index, one in enumerate(POOR)]
    )
    assert len(found) == len(POOR)
    for row in found:
        assert row["clusterId"] == AKS.lower()
        assert row["statusUpdatedAt"] is None
        assert (row["complianceState"], row["sourceUrl"], row["sourceRef"]) == ("", "", "")
        assert not row["statuses"]
        assert not row["suspended"]


REFS = {
    "branch:main": {"gitRepository": {"url": "https://x", "repositoryRef": {"branch": "main"}}},
    "tag:v1": {"gitRepository": {"url": "https://x", "repositoryRef": {"branch": "main", "tag": "v1"}}},
    "semver:>=1.0": {"gitRepository": {"url": "https://x", "repositoryRef": {"semver": ">=1.0", "tag": "v1"}}},
    "commit:0ba6": {"gitRepository": {"url": "https://x", "repositoryRef": {"commit": "0ba6", "branch": "main"}}},
    "digest:sha256:ab": {
        "sourceKind": "OCIRepository",
        "ociRepository": {"url": "https://x", "repositoryRef": {"digest": "sha256:ab"}},
    },
    "bucket:fleet": {"sourceKind": "Bucket", "bucket": {"url": "https://x", "bucketName": "fleet"}},
    "bucket:Fleet": {"sourceKind": "Bucket", "Bucket": {"Url": "https://x", "BucketName": "Fleet"}},
    "container:fleet": {"sourceKind": "AzureBlob", "azureBlob": {"url": "https://x", "containerName": "fleet"}},
    "branch:Main": {"gitRepository": {"url": "https://x", "RepositoryRef": {"Branch": "Main"}}},
}


def test_the_most_exact_reference_wins(graph: Database):
    rows = [configuration(f"c{index}", **properties) for index, properties in enumerate(REFS.values())]
    found = ask(graph, "flux_configurations", rows)
    assert [row["sourceRef"] for row in found] == list(REFS)
    assert {row["sourceUrl"] for row in found} == {"https://x"}


def test_every_kind_of_source_has_its_url(graph: Database):
    holders = ("gitRepository", "ociRepository", "bucket", "azureBlob", "Bucket", "AzureBlob")
    rows = [configuration(f"c{index}", **{holder: {"url": f"https://{holder}"}}) for index, holder in enumerate(holders)]
    assert [row["sourceUrl"] for row in ask(graph, "flux_configurations", rows)] == [f"https://{holder}" for holder in holders]


def test_statuses_arrive_whole_however_many(graph: Database):
    statuses = [{"name": f"object-{index}", "statusConditions": [{"message": "x" * 500}]} for index in range(600)]
    (row,) = ask(graph, "flux_configurations", [configuration(statuses=statuses)])
    assert row["statuses"] == statuses


def test_the_extension_is_read_in_both_letter_cases(graph: Database):
    camel = {
        "extensionType": "microsoft.flux",
        "currentVersion": "1.24.1",
        "version": "1.20.0",
        "autoUpgradeMinorVersion": False,
        "releaseTrain": "Stable",
        "provisioningState": "Failed",
        "statuses": [{"code": "InstallationFailed", "message": "timed out"}],
        "errorInfo": {"code": "x", "message": "no room"},
    }
    pascal = {key[0].upper() + key[1:]: value for key, value in camel.items()} | {
        "ExtensionType": "Microsoft.Flux",
        "Statuses": [{"Message": "timed out"}],
        "ErrorInfo": {"Message": "no room"},
    }
    rows = ask(graph, "flux_extensions", [extension(**camel), extension(on=ARC, **pascal)])
    assert [row.pop("clusterId") for row in rows] == [AKS.lower(), ARC.lower()]
    assert [row.pop("id") for row in rows] == [f"{AKS}{EXTENSION}flux", f"{ARC}{EXTENSION}flux"]
    wanted = {
        "name": "flux",
        "version": "1.24.1",
        "autoUpgrade": False,
        "releaseTrain": "Stable",
        "provisioningState": "Failed",
    }
    assert rows == [wanted | {"statusMessage": "timed out", "errorMessage": "no room"}] * 2


def test_only_flux_is_asked_for_and_the_rest_may_be_missing(graph: Database):
    rows = [
        extension(extensionType="microsoft.azuremonitor.containers"),
        extension("none"),
        extension("null") | {"properties": None},
        extension("bare", ExtensionType="microsoft.flux", Version="1.20.0", statuses=None, Statuses=[], errorInfo=None),
    ]
    (row,) = ask(graph, "flux_extensions", rows)
    assert (row["name"], row["version"], row["autoUpgrade"]) == ("bare", "1.20.0", None)
    assert (row["statusMessage"], row["errorMessage"], row["provisioningState"]) == ("", "", "")


def test_subscriptions_have_names(graph: Database):
    rows = [
        {
            "id": "/subscriptions/0A",
            "subscriptionId": "0A",
            "name": "Shop",
            "type": "microsoft.resources/subscriptions",
            "properties": {"state": "Enabled"},
        },
        {"id": "/subscriptions/0A/resourceGroups/x", "name": "x", "type": "microsoft.resources/subscriptions/resourcegroups"},
    ]
    assert ask(graph, "subscriptions", rows) == [
        {"id": "/subscriptions/0A", "subscriptionId": "0A", "subscriptionName": "Shop", "state": "Enabled"}
    ]


def test_workspaces_of_both_kinds_are_found_with_their_tags(graph: Database):
    rows = [
        {
            "id": "/subscriptions/0A/2",
            "name": "amw",
            "type": "Microsoft.Monitor/accounts",
            "location": "westeurope",
            "properties": {"provisioningState": "Succeeded"},
            "tags": {"fluxwatch-rule-FluxSystemDown": "off"},
        },
        {
            "id": "/subscriptions/0A/1",
            "name": "law",
            "type": "microsoft.operationalinsights/workspaces",
            "location": "norwayeast",
            "properties": {"ProvisioningState": "Updating"},
        },
        {"id": "/subscriptions/0A/3", "name": "other", "type": "microsoft.compute/virtualmachines", "properties": {}},
    ]
    law, amw = ask(graph, "alert_workspaces", rows)
    assert (law["name"], law["location"], law["tags"], law["state"]) == ("law", "norwayeast", None, "Updating")
    assert (amw["name"], amw["tags"], amw["state"]) == ("amw", {"fluxwatch-rule-FluxSystemDown": "off"}, "Succeeded")
