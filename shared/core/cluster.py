"""Azure names of a cluster in; one value that knows its ARM id out.

Pure: no I/O.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PROVIDERS = {
    "managedclusters": ("Microsoft.ContainerService", "managedClusters"),
    "connectedclusters": ("Microsoft.Kubernetes", "connectedClusters"),
    "provisionedclusters": ("Microsoft.HybridContainerService", "provisionedClusters"),
}
"""Cluster types as in `az k8s-configuration flux --cluster-type`, lower case → (provider, type as ARM spells it)."""

_SUBSCRIPTION = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
_RESOURCE_GROUP = re.compile(r"[\w().-]{0,89}[\w()-]")  # Azure Resource Manager, naming rules of Microsoft.Resources
_CLUSTER = re.compile(r"[A-Za-z0-9][\w.-]{0,62}", re.ASCII)


class NotACluster(ValueError):
    """The names do not make the ARM id of a cluster; the message says which part is wrong."""


class UnknownClusterType(NotACluster):
    """The cluster type is none of managedClusters, connectedClusters, provisionedClusters."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """One AKS, Azure Arc or AKS-on-Azure-Local cluster. `type` is spelled as ARM spells it."""

    subscription: str
    resource_group: str
    type: str
    name: str

    @classmethod
    def of(cls, subscription: str, resource_group: str, cluster_type: str, name: str) -> Cluster:
        """From the four parts of the path. Raises `UnknownClusterType` or `NotACluster`."""
        if cluster_type.lower() not in PROVIDERS:
            raise UnknownClusterType("cluster type must be managedClusters, connectedClusters or provisionedClusters")
        if not _SUBSCRIPTION.fullmatch(subscription):
            raise NotACluster("subscription is not a GUID")
        if not _RESOURCE_GROUP.fullmatch(resource_group):
            raise NotACluster("resource group is not a name that Azure allows")
        if not _CLUSTER.fullmatch(name):
            raise NotACluster("cluster is not a name that Azure allows")
        return cls(subscription, resource_group, PROVIDERS[cluster_type.lower()][1], name)

    @classmethod
    def from_arm_id(cls, arm_id: str) -> Cluster:
        """From an ARM id in any letter case. Raises `UnknownClusterType` or `NotACluster`."""
        match arm_id.strip("/").split("/"):
            case [subs, subscription, groups, group, providers, provider, kind, name]:
                frame = (subs.lower(), groups.lower(), providers.lower())
                expected = PROVIDERS.get(kind.lower(), (provider,))[0]
                if frame == ("subscriptions", "resourcegroups", "providers") and provider.lower() == expected.lower():
                    return cls.of(subscription, group, kind, name)
        raise NotACluster("not the ARM id of a cluster (/subscriptions/…/resourceGroups/…/providers/…/managedClusters/…)")

    @property
    def arm_id(self) -> str:
        """The ARM id as Azure writes it. Begins with /."""
        provider, kind = PROVIDERS[self.type.lower()]
        return (
            f"/subscriptions/{self.subscription}/resourceGroups/{self.resource_group}/providers/{provider}/{kind}/{self.name}"
        )

    @property
    def key(self) -> str:
        """The ARM id in lower case: equal for every spelling of the same cluster."""
        return self.arm_id.lower()
