"""A simulated estate in; the rows that Azure Resource Graph and Azure Resource Manager show of it out.

Pure. Letter cases differ as they do in Azure: ids of one cluster come in several spellings, properties of extensions begin with
a capital in Resource Graph and with a small letter in Resource Manager.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any
from zlib import crc32

from local.azure.fleet import (
    CONFIGURATION_PROVIDER,
    FluxConfiguration,
    Member,
    MetricsWorkspace,
    Subscription,
    Workspace,
    stamp,
)

if TYPE_CHECKING:
    from local.azure.estate import Estate

TENANT = "5f2c1d6e-3f0a-4f3a-9c41-7a1b2c3d4e5f"
_SPELLINGS: tuple[Callable[[str], str], ...] = (
    str,
    str.lower,
    lambda id_: id_.replace("/resourceGroups/", "/resourcegroups/").replace("/providers/Microsoft.K", "/providers/microsoft.k"),
)
_REF_HOLDERS = {
    "GitRepository": "gitRepository",
    "OCIRepository": "ociRepository",
    "Bucket": "bucket",
    "AzureBlob": "azureBlob",
}


def rows(estate: Estate, subscriptions: Collection[str] | None = None) -> dict[str, list[dict[str, Any]]]:
    """Table → rows of what the identity sees, in these subscriptions or in all."""
    wanted = None if subscriptions is None else {one.lower() for one in subscriptions}
    members = [one for one in estate.members.values() if wanted is None or one.cluster.subscription.lower() in wanted]
    resources = [_cluster_row(one) for one in members]
    resources += [_workspace_row(one, {"customerId": one.customer_id}) for one in estate.workspaces.values()]
    resources += [_workspace_row(one, {}) for one in estate.metrics.values()]
    configured = [_extension_row(one) for one in members if one.extension]
    configured += [_configuration_row(one) for member in members for one in member.configurations]
    containers = [_subscription_row(one) for one in estate.subscriptions.values() if wanted is None or one.id.lower() in wanted]
    tables = {"resources": resources, "kubernetesconfigurationresources": configured, "resourcecontainers": containers}
    return {table: [estate.shown(row) for row in found if estate.sees(row["id"])] for table, found in tables.items()}


def cluster_properties(member: Member) -> dict[str, Any]:
    """AKS speaks of power, Arc and the others of connectivity."""
    if member.cluster.type == "managedClusters":
        version = {"kubernetesVersion": member.kubernetes, "currentKubernetesVersion": member.kubernetes}
        return {"powerState": {"code": member.state}, "provisioningState": "Succeeded", **version}
    last = stamp(member.last_connected)
    return {
        "connectivityStatus": member.state,
        "kubernetesVersion": member.kubernetes,
        "provisioningState": "Succeeded",
        **({"lastConnectivityTime": last} if last else {}),
    }


def extension_properties(member: Member) -> dict[str, Any]:
    """As ARM writes them (Microsoft.KubernetesConfiguration/extensions 2025-03-01)."""
    extension = member.extension
    if extension is None:
        return {}
    error = {"code": "ExtensionOperationFailed", "message": extension.error} if extension.error else None
    said = {"code": "InstallationFailed", "displayStatus": "Failed", "level": "Error", "message": extension.error}
    return {
        "extensionType": "microsoft.flux",
        "autoUpgradeMinorVersion": extension.auto_upgrade,
        "releaseTrain": extension.train,
        "version": None if extension.auto_upgrade else extension.version,
        "currentVersion": extension.version,
        "provisioningState": extension.provisioning,
        "statuses": [said] if extension.error else [],
        "errorInfo": error,
        "configurationSettings": {},
    }


def configuration_properties(configuration: FluxConfiguration) -> dict[str, Any]:
    """What was asked for is as it is; what is read-only is as the agent last pushed it."""
    holder = _REF_HOLDERS[configuration.source_kind]
    return {
        "scope": "cluster",
        "namespace": configuration.namespace,
        "sourceKind": configuration.source_kind,
        "suspend": configuration.suspended,
        holder: {"url": configuration.source, "repositoryRef": dict(configuration.ref), "syncIntervalInSeconds": 600},
        "kustomizations": {},
        "provisioningState": configuration.provisioning,
        "errorMessage": configuration.error,
        **(configuration.shown or {}),
    }


def _cluster_row(member: Member) -> dict[str, Any]:
    row = _row(member.cluster.arm_id, member.cluster.name, cluster_properties(member))
    return row | {"tags": dict(member.tags) or None, "location": member.region}


def _workspace_row(one: Workspace | MetricsWorkspace, more: Mapping[str, Any]) -> dict[str, Any]:
    row = _row(one.id, one.id.rsplit("/", 1)[1], {"provisioningState": "Succeeded", **more})
    return row | {"tags": dict(one.tags) or None, "location": one.region}


def _extension_row(member: Member) -> dict[str, Any]:
    properties = {f"{key[0].upper()}{key[1:]}": value for key, value in extension_properties(member).items()}
    for key in ("Statuses", "ErrorInfo"):
        properties[key] = _capitals(properties[key])
    return _row(member.extension_id, member.extension_id.rsplit("/", 1)[1], properties)


def _configuration_row(configuration: FluxConfiguration) -> dict[str, Any]:
    return _row(configuration.arm_id, configuration.name, configuration_properties(configuration))


def _subscription_row(one: Subscription) -> dict[str, Any]:
    row = _row(f"/subscriptions/{one.id}", one.name, {"state": one.state})
    return row | {"type": "microsoft.resources/subscriptions", "resourceGroup": ""}


def _row(arm_id: str, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that every table of Resource Graph has."""
    parts = arm_id.split("/")
    deepest = arm_id[arm_id.rfind("/providers/") + 11 :].split("/")
    spelling = _SPELLINGS[crc32(arm_id.lower().encode()) % len(_SPELLINGS)]
    return {
        "id": spelling(arm_id),
        "name": name,
        "type": "/".join([deepest[0], *deepest[1::2]]).lower(),
        "tenantId": TENANT,
        "kind": "",
        "location": "" if CONFIGURATION_PROVIDER in arm_id else "westeurope",
        "resourceGroup": parts[4].lower() if len(parts) > 4 else "",
        "subscriptionId": parts[2],
        "properties": dict(properties),
    }


def _capitals(value: Any) -> Any:
    if isinstance(value, list):
        return [_capitals(one) for one in value]
    if isinstance(value, dict):
        return {f"{key[0].upper()}{key[1:]}": one for key, one in value.items()}
    return value
