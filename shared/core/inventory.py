"""What is known of a cluster besides its id: what runs Flux on it, and what Flux is to bring there.

Pure: values only. The compliance sweep writes them; cards, mutes, the fleet page and the next sweep read them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from zlib import crc32

from shared.core.cluster import Cluster


class Compliance(StrEnum):
    """`complianceState` of a fluxConfiguration, as Azure writes it (Microsoft.KubernetesConfiguration 2025-04-01)."""

    COMPLIANT = "Compliant"
    NON_COMPLIANT = "Non-Compliant"
    PENDING = "Pending"
    SUSPENDED = "Suspended"
    UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True)
class Configuration:
    """A fluxConfiguration. `reported_at`: the cluster's agent last spoke of it; `synced_at`: its source last moved."""

    namespace: str
    name: str
    source: str = ""  # its URL, spelled alike on all clusters, without credentials
    source_kind: str = ""
    ref: str = ""  # branch:main, tag:v1, semver:>=1, commit:…, digest:…, bucket:…, container:…
    revision: str = ""  # synced: main@sha1:…
    compliance: Compliance = Compliance.UNKNOWN
    provisioning: str = ""
    suspended: bool = False
    suspended_since: datetime | None = None  # first seen so
    bad_since: datetime | None = None  # not compliant: since its oldest failing condition, or first seen so
    synced_at: datetime | None = None
    reported_at: datetime | None = None
    failing: int = 0  # of its objects
    objects: frozenset[str] = frozenset()  # digests of the Flux objects that it reports: see `object_digest`


@dataclass(frozen=True, slots=True)
class Extension:
    """The microsoft.flux extension. `auto_upgrade` is None where Azure does not say."""

    name: str
    version: str = ""
    train: str = ""
    auto_upgrade: bool | None = None
    provisioning: str = ""


@dataclass(frozen=True)
class ClusterInfo:
    """Everything but the cluster may be unknown."""

    cluster: Cluster
    region: str = ""
    subscription_name: str = ""
    mute_until: datetime | None = None
    state: str = ""  # AKS: Running, Stopped; Arc: Connected, Offline, Expired, …
    kubernetes: str = ""  # version
    extension: Extension | None = None
    configurations: tuple[Configuration, ...] = ()
    hidden_since: datetime | None = None  # Azure shows it no more, and does not say that it is gone
    departed: Mapping[str, int] = field(default_factory=dict, hash=False)  # digests of objects that left → second of 1970
    alerts_off: bool = False  # its tag says that alerts about it are ignored

    @cached_property
    def sources(self) -> Mapping[str, str]:
        """namespace/configuration → the URL of its source, of those that have one."""
        return {f"{one.namespace}/{one.name}": one.source for one in self.configurations if one.source}

    def source_of(self, namespace: str, name: str) -> str:
        """The URL behind an object: its own name is the configuration's, or begins with it and a hyphen. Empty if unknown."""
        return self.sources.get(self._named_after(namespace, name), "")

    def _named_after(self, namespace: str, name: str) -> str:
        named = f"{namespace}/{name}"
        owned = (one for one in self.sources if named == one or named.startswith(one + "-"))
        return max(owned, key=len, default="")

    def configuration_of(self, kind: str, namespace: str, name: str) -> str:
        """namespace/name of the configuration that reports this object; empty if none does."""
        digest = object_digest(kind, namespace, name)
        return next((f"{one.namespace}/{one.name}" for one in self.configurations if digest in one.objects), "")

    def owner_of(self, kind: str, namespace: str, name: str) -> str:
        """namespace/name of the configuration that reports this object, or else of the one that it is named after."""
        return self.configuration_of(kind, namespace, name) or self._named_after(namespace, name)


def with_sources(sources: Mapping[str, str]) -> tuple[Configuration, ...]:
    """Configurations of which no more is known than namespace/name → URL."""
    names = ((key.partition("/"), url) for key, url in sources.items())
    return tuple(Configuration(namespace, name, source=url) for (namespace, _, name), url in names)


def object_digest(kind: str, namespace: str, name: str) -> str:
    """Eight digits that tell the few hundred objects of a cluster apart."""
    return f"{crc32(f'{kind}/{namespace}/{name}'.encode('utf-8', 'replace')):08x}"


def by_key(infos: Iterable[ClusterInfo]) -> dict[str, ClusterInfo]:
    """By the key of the cluster."""
    return {info.cluster.key: info for info in infos}
