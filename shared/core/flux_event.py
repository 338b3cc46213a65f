"""The bytes of a notification-controller event in; a `FluxEvent` out, or a named refusal.

Pure: no I/O; the clock is an argument. Format: fluxcd/pkg apis/event/v1beta1/event.go; v1 adds `action` and `relatedObject`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from shared.core import signature
from shared.core.coverage import KINDS
from shared.core.json_body import check_body, parse_body
from shared.core.refusal import Refused

MAX_BODY = 4 * 1024 * 1024
MAX_NAME = 253  # RFC 1123 subdomain, the longest name that Kubernetes has
MAX_REASON = 256

_OURS = frozenset(KINDS.values())  # kinds of our own findings: Azure and the logs speak for them, no cluster does
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class FluxEvent:
    """What a controller said about one object. `at` is aware, in UTC; texts are raw, as they came."""

    kind: str
    namespace: str
    name: str
    severity: str
    at: datetime
    message: str
    reason: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    controller: str = ""


def from_http(headers: Mapping[str, str], body: bytes, *, tokens: Iterable[str], now: datetime, window: timedelta) -> FluxEvent:
    """The event, verified before it is parsed. `headers` have lower-case names; `window` is how far its time may be from `now`.

    Raises `Refused` (400), `Unsigned` (401), `TooLarge` (413), `NotJson` (415).
    """
    check_body(headers, body, MAX_BODY)
    signature.verify(body, headers.get("x-signature"), tokens=tokens)
    event = parse(body)
    if abs(event.at - now) > window:
        raise Refused("timestamp is too far from now: a replay, or the cluster's clock is off")
    return event


def parse(body: bytes) -> FluxEvent:
    """Strict on what Fluxwatch needs, lenient on what it does not know. Raises `Refused`."""
    root = _object(parse_body(body), "event")
    involved = _object(root.get("involvedObject"), "involvedObject")
    return FluxEvent(
        kind=_kind(involved),
        namespace=_name(involved, "namespace"),
        name=_name(involved, "name"),
        severity=_text(root, "severity", required=True),
        at=_time(root),
        message=_text(root, "message", required=True),
        reason=_text(root, "reason")[:MAX_REASON],
        metadata=_metadata(root),
        controller=_text(root, "reportingController"),
    )


def _object(value: object, what: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise Refused(f"{what} is not an object")
    return value


def _text(of: Mapping[str, object], key: str, *, required: bool = False) -> str:
    value = of.get(key)
    if value is None and not required:
        return ""
    if not isinstance(value, str):
        raise Refused(f"{key} is missing" if value is None else f"{key} is not a string")
    return value


def _kind(involved: Mapping[str, object]) -> str:
    kind = _name(involved, "kind")
    if kind in _OURS:
        raise Refused("involvedObject.kind is none of Flux's")
    return kind


def _name(involved: Mapping[str, object], key: str) -> str:
    value = involved.get(key)
    if not isinstance(value, str) or not value:
        raise Refused(f"involvedObject.{key} is {'not a string' if value else 'missing or empty'}")
    if len(value) > MAX_NAME:
        raise Refused(f"involvedObject.{key} is longer than {MAX_NAME} characters")
    if not value.isprintable():
        raise Refused(f"involvedObject.{key} has characters that cannot be printed")
    return value


def _time(root: Mapping[str, object]) -> datetime:
    """`fromisoformat` alone takes times without an offset and week dates besides."""
    text = _text(root, "timestamp", required=True)
    if not _RFC_3339.fullmatch(text):
        raise Refused("timestamp is not RFC 3339, with an offset from UTC")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused("timestamp is no moment of any calendar") from None


def _metadata(root: Mapping[str, object]) -> dict[str, str]:
    given = root.get("metadata")
    if given is None:
        return {}
    return {key: value for key, value in _object(given, "metadata").items() if isinstance(value, str)}
