"""One HTTP exchange as values: what a client asked in, what it is answered out.

No I/O. Everything between the socket and the functions speaks these two.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl


@dataclass(frozen=True, slots=True)
class Request:
    """`target` is path and query as on the wire; header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def path(self) -> str:
        """Still percent-encoded."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> dict[str, str]:
        """As Azure's host passes it on: empty values are dropped, repeated ones joined with a comma."""
        joined: dict[str, str] = {}
        for name, value in parse_qsl(self.target.partition("?")[2]):
            joined[name] = f"{joined[name]},{value}" if name in joined else value
        return joined

    @property
    def url(self) -> str:
        """With scheme and host."""
        return f"http://{self.headers.get('host', 'localhost')}{self.target}"


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` may repeat a name. The length is added when it is sent."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


def text(status: int, message: str) -> Answer:
    """A short word from the host itself."""
    return Answer(status, f"{message}\n".encode(), (("content-type", "text/plain; charset=utf-8"),))


def document(value: object, status: int = 200) -> Answer:
    """JSON from the host itself."""
    return Answer(status, json.dumps(value).encode(), (("content-type", "application/json"),))
