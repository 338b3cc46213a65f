"""Route templates in; which function answers a method and path, with the values of its parameters, out.

Pure: no I/O. Templates: ASP.NET Core routing, as the Functions host uses it. Literals win over parameters, case is ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from local.host.functions import Function

CONSTRAINTS = {
    "": r"[^/]+",
    "int": r"[+-]?[0-9]{1,10}",
    "long": r"[+-]?[0-9]{1,19}",
    "bool": r"true|false",
    "alpha": r"[a-z]+",
    "guid": r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
}
_LITERAL, _NARROW, _ANY, _REST = range(4)  # the order in which they are tried
_PARAMETER = re.compile(r"\{(?P<star>\*{0,2})(?P<name>[A-Za-z_]\w*)(?::(?P<constraint>\w+))?(?P<optional>\??)\}", re.ASCII)


class BadRoute(ValueError):
    """The template is none that this host understands."""


@dataclass(frozen=True, slots=True)
class Route:
    """A compiled template. No methods: all of them."""

    function: Function
    pattern: re.Pattern[str]
    rank: tuple[int, ...]
    methods: frozenset[str]

    @classmethod
    def of(cls, function: Function, prefix: str) -> Route:
        """Of a function with an HTTP trigger. Raises `BadRoute`."""
        pattern, rank = compiled(function.route(prefix))
        return cls(function, pattern, rank, frozenset(str(m).upper() for m in function.trigger.get("methods") or ()))


class Routes:
    """All routes of an app, the most specific first."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes = sorted(routes, key=lambda route: route.rank)

    def find(self, method: str, path: str) -> tuple[Function, dict[str, str]] | None:
        """`path` is as on the wire. A %2F stays as it is: it belongs to a value and separates nothing."""
        decoded = unquote(re.sub("%2f", "%252F", path, flags=re.IGNORECASE)).rstrip("/")
        for route in self._routes:
            found = route.pattern.fullmatch(decoded)
            if found and (not route.methods or method in route.methods):
                return route.function, {name: value for name, value in found.groupdict().items() if value is not None}
        return None


def compiled(template: str) -> tuple[re.Pattern[str], tuple[int, ...]]:
    """A pattern for whole paths, and its rank among others."""
    segments = [_segment(text) for text in template.split("/") if text]
    try:
        pattern = re.compile("".join(text for text, _ in segments), re.IGNORECASE)
    except re.error as error:
        raise BadRoute(f"route {template}: {error}") from None
    return pattern, tuple(rank for _, rank in segments)


def _segment(text: str) -> tuple[str, int]:
    whole = _PARAMETER.fullmatch(text)
    if whole and whole["star"]:
        return rf"(?:/(?P<{whole['name']}>.*))?", _REST
    if whole:
        group = "/" + _group(whole)
        return f"(?:{group})?" if whole["optional"] else group, _NARROW if whole["constraint"] else _ANY
    return "/" + _mixed(text), _NARROW if "{" in text else _LITERAL


def _mixed(text: str) -> str:
    """Literal text with parameters in it, such as `v{number:int}.json`."""
    pattern, end = "", 0
    for found in _PARAMETER.finditer(text):
        pattern += _literal(text[end : found.start()]) + _group(found)
        end = found.end()
    return pattern + _literal(text[end:])


def _group(found: re.Match[str]) -> str:
    constraint = (found["constraint"] or "").lower()
    if constraint not in CONSTRAINTS:
        raise BadRoute(f"route constraint {constraint} is not known here")
    return f"(?P<{found['name']}>{CONSTRAINTS[constraint]})"


def _literal(text: str) -> str:
    if "{" in text or "}" in text:
        raise BadRoute(f"route segment {text} is not known here")
    return re.escape(text)
