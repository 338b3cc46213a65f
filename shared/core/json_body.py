"""The body of a request in; the JSON in it out, or a named refusal.

Pure: no I/O. Nothing of what was sent is repeated in a refusal.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from shared.core.refusal import NotJson, Refused, TooLarge

_FORMS = ("application/x-www-form-urlencoded", "multipart/")  # any other type is read as JSON: senders' headers may set it


def check_body(headers: Mapping[str, str], body: bytes, most: int) -> None:
    """`headers` have lower-case names; `most` is a limit in bytes. Raises `TooLarge`, `NotJson` or `Refused`."""
    if len(body) > most:
        raise TooLarge(f"body is over {most >> 20} MiB")
    if headers.get("content-encoding", "identity").lower() not in ("", "identity"):
        raise NotJson("body is compressed: send it plain")
    if headers.get("content-type", "").lower().startswith(_FORMS):
        raise NotJson("body is a form: send application/json")
    if not body:
        chunked = "chunked" in headers.get("transfer-encoding", "").lower()
        raise Refused("body is empty: a chunked body cannot be read, send Content-Length" if chunked else "body is empty")


def parse_body(body: bytes) -> Any:  # anything may come; the callers narrow it
    """What JSON says it is. Raises `Refused`."""
    try:
        return json.loads(body.decode(), parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise Refused("body is not UTF-8") from None
    except RecursionError:
        raise Refused("body is nested too deeply") from None
    except ValueError:
        raise Refused("body is not JSON") from None


def _no_constant(_: str) -> None:
    raise ValueError("NaN and Infinity are not JSON")
