"""Changes of extensions in; the events that Event Grid sends of them out, in either schema.

Pure. Shape: learn.microsoft.com/azure/event-grid/event-schema-subscriptions. Claims and the request are there as in Azure, with
a person's name and address in them: whoever receives events must not log them.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

PROVIDER = "Microsoft.KubernetesConfiguration"
TENANT = "7f0c1a52-0d7e-4c1f-9a52-6f1f2f0a1bff"
PERSON, ADDRESS = "ada.lovelace@contoso.example", "203.0.113.77"
"""Who did it, and where from: in no log, ever."""


class Schema(StrEnum):
    """Of a subscription."""

    EVENT_GRID = "EventGridSchema"
    CLOUD_EVENTS = "CloudEventSchemaV1_0"


@dataclass(frozen=True, slots=True)
class Change:
    """Of an extension, by its id. `number` tells the events of one subscription apart."""

    arm_id: str
    deleted: bool
    at: datetime
    number: int

    @property
    def verb(self) -> str:
        """As operations are called."""
        return "delete" if self.deleted else "write"


def encoded(changes: Sequence[Change], schema: Schema) -> list[dict[str, Any]]:
    """The body of one request."""
    return [_grid_event(one) if schema is Schema.EVENT_GRID else _cloud_event(one) for one in changes]


def _grid_event(change: Change) -> dict[str, Any]:
    return {
        "id": _uuid("event", change),
        "topic": _subscription(change),
        "subject": change.arm_id,
        "eventType": _type(change),
        "eventTime": _stamp(change.at),
        "dataVersion": "2",
        "metadataVersion": "1",
        "data": _data(change),
    }


def _cloud_event(change: Change) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": _uuid("event", change),
        "source": _subscription(change),
        "subject": change.arm_id,
        "type": _type(change),
        "time": _stamp(change.at),
        "datacontenttype": "application/json",
        "data": _data(change),
    }


def _data(change: Change) -> dict[str, Any]:
    operation = f"{PROVIDER}/extensions/{change.verb}"
    return {
        "authorization": {
            "scope": change.arm_id,
            "action": operation,
            "evidence": {"role": "Contributor", "principalType": "User", "principalId": _uuid("principal", change)},
        },
        "claims": {
            "aud": "https://management.core.windows.net/",
            "iss": f"https://sts.windows.net/{TENANT}/",
            "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn": PERSON,
            "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name": PERSON,
            "ipaddr": ADDRESS,
        },
        "correlationId": _uuid("correlation", change),
        "httpRequest": {
            "clientRequestId": _uuid("request", change),
            "clientIpAddress": ADDRESS,
            "method": "DELETE" if change.deleted else "PUT",
            "url": f"https://management.azure.com{change.arm_id}?api-version=2023-05-01",
        },
        "resourceProvider": PROVIDER,
        "resourceUri": change.arm_id,
        "operationName": operation,
        "status": "Succeeded",
        "subscriptionId": change.arm_id.split("/")[2],
        "tenantId": TENANT,
    }


def _type(change: Change) -> str:
    return f"Microsoft.Resources.Resource{change.verb.title()}Success"


def _subscription(change: Change) -> str:
    return "/".join(change.arm_id.split("/")[:3])


def _uuid(what: str, change: Change) -> str:
    """The same however often the event is sent."""
    named = f"{what}/{change.arm_id}/{change.number}/{change.at.isoformat()}"
    return str(uuid.uuid5(uuid.NAMESPACE_URL, named))


def _stamp(at: datetime) -> str:
    """With a seventh digit."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond:06}0Z"
