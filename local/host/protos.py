"""Triggers in; the messages that Microsoft's worker library reads out, without protobuf or gRPC.

No I/O. Shapes: FunctionRpc.proto of Azure/azure-functions-language-worker-protobuf, as far as azure-functions-runtime reads it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

_NAMES = """
    WorkerInitResponse WorkerMetadata StatusResult RpcException FunctionMetadataResponse RpcFunctionMetadata BindingInfo
    RpcRetryOptions FunctionLoadResponse InvocationResponse ParameterBinding TypedData RpcHttp RpcHttpCookie Timestamp
    NullableString NullableBool NullableDouble NullableTimestamp
"""


class Message:
    """Keyword constructor, attributes, `WhichOneof`: all that the library asks of a message.

    It probes for attributes and relies on AttributeError, so there is no catch-all for absent ones.
    """

    defaults: Mapping[str, Any] = {}

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(self.defaults, **fields)

    def WhichOneof(self, _group: str) -> str | None:
        """The field that is set. Asked of TypedData, and of ParameterBinding, where the name stands beside it."""
        return next((key for key, value in self.__dict__.items() if value is not None and key != "name"), None)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


def _messages() -> SimpleNamespace:
    protos = SimpleNamespace(**{name: type(name, (Message,), {}) for name in _NAMES.split()})
    protos.StatusResult.Failure, protos.StatusResult.Success = 0, 1
    protos.BindingInfo.undefined, protos.BindingInfo.out, protos.BindingInfo.inout = 0, 1, 2
    protos.RpcHttpCookie.SameSite = SimpleNamespace(**{"None": 0, "Lax": 1, "Strict": 2, "ExplicitNone": 3})
    protos.InvocationResponse.defaults = {"return_value": None, "output_data": ()}
    return protos


PROTOS = _messages()


def request(**content: Any) -> SimpleNamespace:
    """The envelope in which every call of the library goes."""
    return SimpleNamespace(request=SimpleNamespace(**content), properties={"protos": PROTOS, "host": "127.0.0.1"})


def http(
    method: str, url: str, *, headers: Mapping[str, str], query: Mapping[str, str], params: Mapping[str, str], body: bytes
) -> Message:
    """An HTTP trigger's value. `params` are the values of the route; header names are in lower case."""
    data = PROTOS.TypedData(bytes=body) if body else PROTOS.TypedData()
    return typed(http=PROTOS.RpcHttp(method=method, url=url, headers=headers, query=query, params=params, body=data))


def timer(*, past_due: bool, last: datetime, upcoming: datetime) -> Message:
    """A timer trigger's value; the times are those of the schedule."""
    status = {"Last": last.isoformat(), "LastUpdated": last.isoformat(), "Next": upcoming.isoformat()}
    return typed(json=json.dumps({"Schedule": {"AdjustForDST": True}, "ScheduleStatus": status, "IsPastDue": past_due}))


def event(payload: object) -> Message:
    """An Event Grid trigger's value: one event of a delivery, of either schema."""
    return typed(json=json.dumps(payload))


def typed(**value: Any) -> Message:
    """One TypedData; mypy cannot see the classes that are made above."""
    message: Message = PROTOS.TypedData(**value)
    return message


def payload(data: Message | None) -> bytes:
    """What a TypedData carries, as bytes."""
    value = getattr(data, data.WhichOneof("data") or "", b"") if data is not None else b""
    return value if isinstance(value, bytes) else str(value).encode()
