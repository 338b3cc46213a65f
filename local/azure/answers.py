"""What went well or wrong in; the answer as the services of Azure word it out.

Pure. Shapes: ARM's common error response; Log Analytics' error response; Resource Graph's details (microsoft/ARI#199).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

SUPPORT = (
    "Please provide below info when asking for support: "
    "timestamp = 2026-11-20T08:00:00.0000000Z, correlationId = 00000000-0000-0000-0000-000000000000."
)


@dataclass(frozen=True)
class Answer:
    """`body` is a JSON value, or bytes that are sent as they are; None is no body."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    @cached_property
    def encoded(self) -> bytes:
        """What goes on the wire."""
        if self.body is None or isinstance(self.body, bytes):
            return self.body or b""
        return json.dumps(self.body, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")


def error(status: int, code: str, message: str, **headers: str) -> Answer:
    """ARM's form. Names of headers are written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, {"error": {"code": code, "message": message}}, named)


def graph_error(status: int, code: str, message: str, outer: str = "BadRequest", **headers: str) -> Answer:
    """Resource Graph says what it means in the details."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = {"code": outer, "message": SUPPORT, "details": [{"code": code, "message": message}]}
    return Answer(status, {"error": body}, named)


def rate_limited(**headers: str) -> Answer:
    """Too many requests in the window of the quota."""
    said = "Client application has been throttled and should not attempt to repeat the request until some time has elapsed."
    return graph_error(429, "RateLimiting", said, "RateLimiting", **headers)


def log_error(status: int, code: str, message: str, *inner: tuple[str, str]) -> Answer:
    """Log Analytics says what it means innermost: `inner` are codes and messages from the outside in."""
    told: dict[str, Any] = {"code": code, "message": message}
    place = told
    for inner_code, inner_message in inner:
        place["innererror"] = {"code": inner_code, "message": inner_message}
        place = place["innererror"]
    return Answer(status, {"error": told})


def no_table(table: str) -> Answer:
    """The workspace never received a row of it."""
    said = f"'where' operator: Failed to resolve table or column expression named '{table}'"
    return bad_query("A semantic error occurred.", ("SEM0100", said), code="SemanticError")


def bad_query(said: str, *inner: tuple[str, str], code: str = "SyntaxError") -> Answer:
    """A query that cannot be run."""
    return log_error(400, "BadArgumentError", "The request had some invalid properties", (code, said), *inner)


def forbidden(arm_id: str, action: str = "read") -> Answer:
    """RBAC says no; it says so of what does not exist too."""
    said = f"The client '…' does not have authorization to perform action '{action}' over scope '{arm_id}'"
    return error(403, "AuthorizationFailed", said)
