"""The rows of the compliance sweep's queries in; clusters, configurations and extensions as values out.

Pure: no I/O, and it never fails: what cannot be read is noted with the `Reading`. Columns: queries/clusters.kql,
flux_configurations.kql, flux_extensions.kql, subscriptions.kql.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from shared.core import revision
from shared.core.azure_values import MAX_ID, Reading, get, label, text, truth
from shared.core.cluster import Cluster, NotACluster
from shared.core.conditions import Shown, shown
from shared.core.inventory import Compliance
from shared.core.links import source_url
from shared.core.words import safe

MAX_STATUSES = 5_000  # of one configuration
PROVIDER = "/providers/microsoft.kubernetesconfiguration/"

_NAME = re.compile(r"[A-Za-z0-9](?:[\w.-]{0,252}[\w])?", re.ASCII)
_COMPLIANCE = {one.value.lower(): one for one in Compliance}


@dataclass(frozen=True, slots=True)
class ClusterRow:
    """A cluster. `tags` have lower-case names."""

    cluster: Cluster
    region: str = ""
    state: str = ""
    kubernetes: str = ""
    last_connectivity: datetime | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ConfigurationRow:
    """A fluxConfiguration. `objects` are those of its statuses that could be read; `whole`: there are some, and no others."""

    cluster: str  # its id in lower case
    name: str
    namespace: str = ""
    source: str = ""
    source_kind: str = ""
    ref: str = ""
    revision: str = ""
    compliance: Compliance = Compliance.UNKNOWN
    provisioning: str = ""
    suspended: bool = False
    synced_at: datetime | None = None
    reported_at: datetime | None = None
    error: str = ""
    objects: tuple[Shown, ...] = ()
    whole: bool = False
    asked: bool = False  # Azure Resource Manager was asked for the statuses, and answered

    @property
    def arm_id(self) -> str:
        """In lower case."""
        return f"{self.cluster}{PROVIDER}fluxconfigurations/{self.name.lower()}"

    @property
    def unexplained(self) -> bool:
        """Something is wrong, and it does not say with what."""
        return self.compliance is Compliance.NON_COMPLIANT and not self.objects and not self.suspended


@dataclass(frozen=True, slots=True)
class ExtensionRow:
    """The microsoft.flux extension of a cluster."""

    cluster: str  # its id in lower case
    name: str
    version: str = ""
    train: str = ""
    auto_upgrade: bool | None = None
    provisioning: str = ""
    error: str = ""


def clusters(rows: Iterable[Any], reading: Reading) -> dict[str, ClusterRow]:
    """By key of the cluster."""
    found = {}
    for row in rows:
        try:
            cluster = Cluster.from_arm_id(text(get(row, "id"))[:MAX_ID])
        except NotACluster:
            reading.refuse(row)
            continue
        found[cluster.key] = ClusterRow(
            cluster,
            label(get(row, "location")),
            label(get(row, "state")),
            label(get(row, "kubernetesVersion")),
            reading.moment(get(row, "lastConnectivity")),
            tags(get(row, "tags")),
        )
    return found


def tags(value: Any) -> Mapping[str, str]:
    """Of a resource, as Resource Graph gives them; their names in lower case."""
    if not isinstance(value, Mapping):
        return {}
    return {key.lower(): said for key, said in value.items() if isinstance(key, str) and isinstance(said, str)}


def configurations(rows: Iterable[Any], reading: Reading) -> dict[str, list[ConfigurationRow]]:
    """By key of the cluster."""
    found: dict[str, dict[str, ConfigurationRow]] = {}
    for row in rows:
        cluster, name = _owner(row), text(get(row, "name"))
        if not cluster or not _NAME.fullmatch(name):
            reading.refuse(row)
            continue
        found.setdefault(cluster, {})[name.lower()] = _configuration(cluster, name, row, reading)
    return {cluster: list(some.values()) for cluster, some in found.items()}


def _configuration(cluster: str, name: str, row: Any, reading: Reading) -> ConfigurationRow:
    made = ConfigurationRow(
        cluster,
        name,
        namespace=label(get(row, "namespace")),
        source=_source(text(get(row, "sourceUrl"))),
        source_kind=label(get(row, "sourceKind")),
        ref=label(get(row, "sourceRef")),
        revision=canonical(label(get(row, "syncedCommit"))),
        compliance=_COMPLIANCE.get(text(get(row, "complianceState")).lower(), Compliance.UNKNOWN),
        provisioning=label(get(row, "provisioningState")),
        suspended=truth(get(row, "suspended")) or False,
        synced_at=reading.moment(get(row, "sourceUpdatedAt")),
        reported_at=reading.moment(get(row, "statusUpdatedAt")),
        error=safe(text(get(row, "errorMessage"))).strip(),
    )
    return _with(made, get(row, "statuses"), row, reading)


def with_statuses(row: ConfigurationRow, resource: Mapping[str, Any], reading: Reading) -> ConfigurationRow:
    """The row with what ARM says of the same configuration: `resource` is it, as a GET gives it."""
    properties = get(resource, "properties")
    reported = reading.moment(get(properties, "statusUpdatedAt")) or row.reported_at
    compliance = _COMPLIANCE.get(text(get(properties, "complianceState")).lower(), row.compliance)
    now = replace(row, compliance=compliance, reported_at=reported, asked=True)
    return _with(now, get(properties, "statuses"), resource, reading)


def _with(made: ConfigurationRow, statuses: Any, row: Any, reading: Reading) -> ConfigurationRow:
    entries = statuses if isinstance(statuses, list) else []
    objects = []
    for place, entry in enumerate(entries[:MAX_STATUSES]):
        if one := shown(entry, reading):
            objects.append(one)
        else:
            reading.refuse(row, f"statuses[{place}]")
    return replace(made, objects=tuple(objects), whole=0 < len(objects) == len(entries))


def extensions(rows: Iterable[Any], reading: Reading) -> dict[str, ExtensionRow]:
    """By key of the cluster: it has one, or none."""
    found = {}
    for row in rows:
        cluster, name = _owner(row), text(get(row, "name"))
        if not cluster or not _NAME.fullmatch(name):
            reading.refuse(row)
            continue
        found[cluster] = ExtensionRow(
            cluster,
            name,
            label(get(row, "version")),
            label(get(row, "releaseTrain")),
            truth(get(row, "autoUpgrade")),
            label(get(row, "provisioningState")),
            _error(row),
        )
    return found


def _error(row: Any) -> str:
    """The status is the error of an extension that failed; of one that did not, it says that all is well."""
    error = safe(text(get(row, "errorMessage"))).strip()
    failed = label(get(row, "provisioningState")).lower() in ("failed", "canceled")
    return error or (safe(text(get(row, "statusMessage"))).strip() if failed else "")


def subscriptions(rows: Iterable[Any], reading: Reading) -> dict[str, str]:
    """Id in lower case → name."""
    found = {}
    for row in rows:
        id_, name = label(get(row, "subscriptionId")).lower(), label(get(row, "subscriptionName"))
        if id_ and name:
            found[id_] = name
        else:
            reading.refuse(row)
    return found


def _owner(row: Any) -> str:
    """The key of the cluster that an extension resource belongs to; empty if it is none."""
    arm_id = text(get(row, "clusterId"))[:MAX_ID] or text(get(row, "id"))[:MAX_ID].lower().rpartition(PROVIDER)[0]
    try:
        return Cluster.from_arm_id(arm_id).key
    except NotACluster:
        return ""


def _source(url: str) -> str:
    """Spelled alike on all clusters; never with credentials."""
    return (source_url(url) or safe(url[:MAX_ID]).strip()) if url else ""


def canonical(synced: str) -> str:
    """As Flux's events write it: Azure's agent still knows `main/0ba6…` for `main@sha1:0ba6…`."""
    made_from = revision.parse(synced)
    if made_from.algorithm != "sha1":
        return synced
    return f"{made_from.pointer}@sha1:{made_from.hash}" if made_from.pointer else f"sha1:{made_from.hash}"
