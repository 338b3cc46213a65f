"""An event of Event Grid about a resource in; the change of a cluster's extension that it tells of out, or why it is none.

Pure. EventGridEvent and CloudEvent, as dicts: Microsoft.Resources.ResourceWriteSuccess and …DeleteSuccess (Azure's docs,
event-grid/event-schema-subscriptions.md). Claims, addresses and requests in `data` are never read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from shared.core.azure_values import MAX_ID, get, parse_time, text
from shared.core.cluster import Cluster, NotACluster
from shared.core.refusal import Refused
from shared.core.rule_fields import shown

DELETED: Mapping[str, bool] = MappingProxyType(
    {"microsoft.resources.resourcewritesuccess": False, "microsoft.resources.resourcedeletesuccess": True}
)
_EXTENSION = re.compile(
    r"(/.+)/providers/Microsoft\.KubernetesConfiguration/extensions/([A-Za-z0-9](?:[\w.-]{0,252}\w)?)", re.IGNORECASE | re.ASCII
)


class NotAnExtension(Refused):
    """The event is of something else: to send it again changes nothing."""


@dataclass(frozen=True, slots=True)
class ExtensionChange:
    """Of an extension of any type: the event does not say which. `at` is None where the event has no time."""

    cluster: Cluster
    name: str
    deleted: bool = False
    at: datetime | None = None
    correlation: str = ""

    @property
    def arm_id(self) -> str:
        """Of the extension."""
        return f"{self.cluster.arm_id}/providers/Microsoft.KubernetesConfiguration/extensions/{self.name}"


def read(event: Any) -> ExtensionChange:
    """Raises `NotAnExtension`, whose text repeats nothing that was sent."""
    kind = text(get(event, "eventType")) or text(get(event, "type"))
    if kind.lower() not in DELETED:
        raise NotAnExtension("not the successful write or delete of a resource")
    data = get(event, "data")
    arm_id = (text(get(data, "resourceUri")) or text(get(event, "subject"))).rstrip("/")
    found = _EXTENSION.fullmatch(arm_id) if len(arm_id) <= 2 * MAX_ID else None
    if found is None:
        raise NotAnExtension("not about an extension")
    try:
        cluster = Cluster.from_arm_id(found[1])
    except NotACluster:
        raise NotAnExtension("not about an extension of a cluster") from None
    at = parse_time(get(event, "eventTime") or get(event, "time"))
    return ExtensionChange(cluster, found[2], DELETED[kind.lower()], at, shown(get(data, "correlationId"), 64))
