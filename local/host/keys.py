"""Function keys as a JSON document and a request in; whether it may pass out.

Pure: no I/O. Off unless asked for, as with `func start`: without keys nobody is refused.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from typing import Any

from local.host.exchange import Request

EVENT_GRID = "eventgrid_extension"  # name of the system key of Azure's Event Grid webhook


class BadKeys(Exception):
    """The document of keys cannot be used."""


class Keys:
    """`{"master": key, "host": {name: key}, "functions": {function: {name: key}}, "system": {name: key}}`, all optional."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._master = [document["master"]] if document.get("master") else []
        self._host = [*document.get("host", {}).values(), *self._master]
        self._functions = {name.lower(): list(keys.values()) for name, keys in document.get("functions", {}).items()}
        self._system = document.get("system", {})

    @classmethod
    def parse(cls, text: str) -> Keys:
        """Raises `BadKeys`, which does not repeat the text."""
        try:
            return cls(json.loads(text))
        except (ValueError, AttributeError, TypeError):
            raise BadKeys(
                'keys must be JSON: {"master": "…", "host": {"default": "…"}, "functions": {"name": {"default": "…"}}}'
            ) from None

    def function(self, level: str, name: str, request: Request) -> bool:
        """Whether the request may start the function, whose level is anonymous, function or admin in any letter case."""
        match level.lower():
            case "anonymous":
                return True
            case "function":
                return _holds(request, [*self._functions.get(name.lower(), ()), *self._host])
        return self.master(request)

    def system(self, name: str, request: Request) -> bool:
        """Whether the request may use a webhook of the host."""
        own = [self._system[name]] if name in self._system else []
        return _holds(request, [*own, *self._master])

    def master(self, request: Request) -> bool:
        """Whether the request may administer."""
        return _holds(request, self._master)


def _holds(request: Request, accepted: list[str]) -> bool:
    """The header comes before the query: a wrong header is not made good by a right ?code=."""
    given = request.headers.get("x-functions-key") or request.query.get("code", "")
    matches = [hmac.compare_digest(given.encode(), key.encode()) for key in accepted]  # all, whichever it is
    return bool(given) and any(matches)
