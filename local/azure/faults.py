"""A wish in; how the next calls go wrong out.

Data only: the cloud acts it out. A scenario names a fault by its name in `FAULTS`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from local.azure.answers import Answer, error, log_error, no_table, rate_limited
from local.azure.identity import NO_IDENTITY

KINDS = ("token", "graph", "arm", "table-plan", "logs", "search", "rules", "rule-writes")
"""What a call can be for: the keys of `AzureServer.calls`."""

_PARTIAL = {
    "code": "PartialError",
    "message": "There were some errors when processing your query.",
    "details": [{"code": "EngineError", "message": "Something went wrong processing your query on the server."}],
}


@dataclass(frozen=True, slots=True)
class Fault:
    """Wait, then reset, or answer, or spoil the usual answer. `lost`: it is done, and the connection reset before the answer.
    `payload_bytes`: Resource Graph's limit, lowered.
    """

    answer: Answer | None = None
    spoil: Callable[[Answer], Answer] | None = None
    wait: float = 0  # seconds; ends early when the server stops
    reset: bool = False
    lost: bool = False
    payload_bytes: int | None = None


def _partial(usual: Answer) -> Answer:
    """Half of the rows, and the word that some are missing."""
    if "tables" not in (usual.body or {}):
        return usual
    tables = [table | {"rows": table["rows"][: len(table["rows"]) // 2]} for table in usual.body["tables"]]
    return replace(usual, body={"tables": tables, "error": _PARTIAL})


def _nothing(usual: Answer) -> Answer:
    return replace(usual, body={"tables": [], "error": _PARTIAL})


def _changed(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[Answer], Answer]:
    return lambda usual: replace(usual, body=change(usual.body)) if usual.status == 200 else usual


def _truncated(body: dict[str, Any]) -> dict[str, Any]:
    kept = body["data"][: len(body["data"]) // 2]
    rest = {name: value for name, value in body.items() if name != "$skipToken"}
    return rest | {"data": kept, "count": len(kept), "resultTruncated": "true"}


FAULTS: Mapping[str, Fault] = {
    "throttled": Fault(rate_limited(Retry_After="1")),
    "throttled-quota": Fault(rate_limited(x_ms_user_quota_remaining="0", x_ms_user_quota_resets_after="00:00:01")),
    "throttled-ms": Fault(rate_limited(x_ms_retry_after_ms="500")),
    "throttled-bare": Fault(rate_limited()),
    "throttled-long": Fault(rate_limited(Retry_After="3600")),
    "unavailable": Fault(error(503, "ServiceUnavailable", "The service is unavailable.")),
    "gateway-timeout": Fault(
        log_error(504, "GatewayTimeout", "Gateway timeout", ("GatewayTimeout", "The query took too long"))
    ),
    "server-error": Fault(error(500, "InternalServerError", "The server encountered an internal error.")),
    "conflict": Fault(error(409, "Conflict", "Another operation on this resource is in progress.")),
    "a-second-late": Fault(wait=1),
    "slow": Fault(wait=2),
    "hanging": Fault(wait=3600),
    "reset": Fault(reset=True),
    "lost-answer": Fault(lost=True),
    "partial": Fault(spoil=_partial),
    "partial-nothing": Fault(spoil=_nothing),
    "forbidden": Fault(error(403, "AuthorizationFailed", "The client '…' does not have authorization to perform action.")),
    "not-found": Fault(error(404, "ResourceNotFound", "The resource was not found.")),
    "no-table": Fault(no_table("ContainerLogV2")),
    "truncated-without-token": Fault(spoil=_changed(_truncated)),
    "same-token": Fault(spoil=_changed(lambda body: body | {"$skipToken": "again", "resultTruncated": "true"})),
    "tenant-limit": Fault(
        spoil=lambda usual: replace(usual, headers={**usual.headers, "x-ms-tenant-subscription-limit-hit": "true"})
    ),
    "too-large": Fault(payload_bytes=20_000),
    "garbage": Fault(Answer(200, b"<html>Our services aren't available right now</html>")),
    "no-object": Fault(Answer(200, [])),
    "expired-token": Fault(error(401, "ExpiredAuthenticationToken", "The access token expiry UTC time has passed.")),
    "no-identity": Fault(NO_IDENTITY),
}
"""By the name that scenarios and tests use."""


@dataclass(slots=True)
class _Switched:
    kind: str
    query: str
    fault: Fault
    left: int | None


class Faults:
    """What is switched on now. The first that fits a call befalls it. Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._on: list[_Switched] = []

    def switch_on(self, kind: str, fault: str | Fault, *, times: int | None = None, query: str = "") -> None:
        """For calls of that kind (`KINDS`; of one query or type of rule only), so many times or until it is switched off."""
        if kind not in KINDS:
            raise ValueError(f"there are no calls of kind {kind!r}; there are: {', '.join(KINDS)}")
        meant = FAULTS[fault] if isinstance(fault, str) else fault
        with self._lock:
            self._on.append(_Switched(kind, query, meant, times))

    def switch_off(self, kind: str = "") -> None:
        """All of that kind, or all."""
        with self._lock:
            self._on = [one for one in self._on if kind and one.kind != kind]

    def take(self, kind: str, query: str) -> Fault:
        """What befalls this call; a `Fault` of nothing if all is well."""
        with self._lock:
            for one in self._on:
                if one.kind == kind and one.query in ("", query) and one.left != 0:
                    one.left = one.left - 1 if one.left is not None else None
                    return one.fault
        return Fault()
