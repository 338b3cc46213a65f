"""The name of a query in; its text and what its header promises, and the prelude that carries its parameters, out.

Law: nothing is ever formatted into the text of a query: parameters are typed literals in front of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

QUERIES = Path(__file__).parents[1] / "queries"
_NAME = re.compile(r"[a-z]+(?:_[a-z]+)*")
_HEADER = re.compile(r"//\s*(profile|kind|table|param|columns):\s*(.+)")
_WHOLE, _MICRO = timedelta(seconds=1), timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Query:
    """A file of shared/queries. `text` is without comments; `parameters` are KQL types by name; `table` is the one it reads."""

    name: str
    text: str
    profile: str  # resourcegraph or loganalytics
    table: str
    parameters: Mapping[str, str]
    columns: tuple[str, ...]


@lru_cache
def load(name: str) -> Query:
    """Read once for each process. Raises ValueError if there is no such query, or if its header is not whole."""
    path = QUERIES / f"{name[:80]}.kql"
    if not _NAME.fullmatch(name) or not path.is_file():
        raise ValueError(f"there is no query {name[:80]!r}")
    return parse(name, path.read_text("utf-8"))


def parse(name: str, content: str) -> Query:
    """The content of a file. Raises ValueError if its header is not whole."""
    lines = content.splitlines()
    said = [(found[1], found[2].strip()) for line in lines if (found := _HEADER.fullmatch(line.strip()))]
    single = dict(said)
    if missing := {"profile", "columns"} - single.keys():
        raise ValueError(f"the header of query {name} lacks {', '.join(sorted(missing))}")
    return Query(
        name=name,
        text="\n".join(line for line in lines if line.strip() and not line.lstrip().startswith("//")),
        profile=single["profile"],
        table=single.get("table", ""),
        parameters=MappingProxyType(dict(_parameter(name, value) for key, value in said if key == "param")),
        columns=tuple(column.strip() for column in single["columns"].split(",")),
    )


def _parameter(query: str, text: str) -> tuple[str, str]:
    name, _, kind = (part.strip() for part in text.partition(":"))
    if not name or kind not in {"datetime", "timespan", "string"}:
        raise ValueError(f"the header of query {query} declares a parameter that is not like _start:datetime")
    return name, kind


def prelude(query: Query, parameters: Mapping[str, datetime | timedelta]) -> str:
    """A `let` for each parameter, in the header's order; nothing if there is none. Raises ValueError for one that is missing,
    too many or without a time zone, and TypeError for one of another type than the header says.
    """
    if wrong := parameters.keys() ^ query.parameters.keys():
        raise ValueError(f"query {query.name}: parameters missing or too many: {', '.join(sorted(wrong))}")
    lets = ((name, _literal(query, name, kind, parameters[name])) for name, kind in query.parameters.items())
    return "".join(f"let {name} = {literal};\n" for name, literal in lets)


def _literal(query: Query, name: str, kind: str, value: datetime | timedelta) -> str:
    match kind, value:
        case "datetime", datetime():
            if value.utcoffset() is None:
                raise ValueError(f"query {query.name}: {name} has no time zone")
            return f"datetime({value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ})"
        case "timespan", timedelta():
            return f"{value // _WHOLE}s" if value % _WHOLE == timedelta() else f"{value // _MICRO}microsecond"
    raise TypeError(f"query {query.name}: {name} takes a {kind}, not a {type(value).__name__}")
