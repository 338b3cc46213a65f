"""Rows in; what a KQL query answers over them out: the tables of Resource Graph and of Log Analytics, on DuckDB.

Law: nothing of Fluxwatch is known here. `ingestion_time()` is the column _IngestionTime, TimeGenerated where a row has none.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import batched
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import duckdb_kql
from duckdb_kql.params import bind
from duckdb_kql.types import kusto_type

SCHEMA = Path(__file__).with_name("kql_schema.json")
INGESTED = "_IngestionTime"
_AT_ONCE = 1_000  # rows that are held as JSON besides
_TYPES = {
    "string": "VARCHAR",
    "datetime": "TIMESTAMP",
    "dynamic": "JSON",
    "int": "INTEGER",
    "long": "BIGINT",
    "real": "DOUBLE",
    "bool": "BOOLEAN",
    "timespan": "INTERVAL",
}
_LITERAL = re.compile(
    r"""\s*let\s+(?P<name>\w+)\s*=\s*(?:datetime\((?P<datetime>[^)]+)\)|(?:timespan|time)\((?P<span>[^)]+)\)"""
    r"""|(?P<short>\d+(?:\.\d+)?(?:d|h|m|s|ms|microseconds?|ticks?))|"(?P<string>[^"\\]*)")\s*;"""
)
_COMMENT = re.compile(r"\s*//[^\n]*(?:\n|$)")


class BadQuery(Exception):
    """The text is not KQL, not this much of it, or does not fit the tables. The text says where, for who runs the tests."""


@dataclass(frozen=True, slots=True)
class Result:
    """`columns` are names with their Kusto types. Datetimes in `rows` are aware, dynamic values are what JSON gives."""

    columns: tuple[tuple[str, str], ...]
    rows: list[tuple[Any, ...]]


class Database:
    """The tables of a profile, "resourcegraph" or "loganalytics", empty at first. Any thread may use it. All times are UTC."""

    def __init__(self, profile: str) -> None:
        self.profile, self.tables = profile, _tables(profile)
        self._lock = threading.Lock()
        self._statements: dict[str, duckdb.Statement] = {}
        self._connection = duckdb_kql.connect(config={"threads": 2})
        for table in self.tables:
            self.replace(table, ())

    def replace(self, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """From now on the table has these rows and no others. A column that is not the table's is a KeyError."""
        columns = self.tables[table]
        shape = json.dumps([{name: _TYPES[kind] for name, kind in columns.items()}])
        # A text of Kusto's is never null.
        kept = ", ".join(
            f"coalesce(r.{name}, '') AS {name}" if kind == "string" else f"r.{name}" for name, kind in columns.items()
        )
        chosen = f"SELECT {kept} FROM (SELECT unnest(from_json(?::JSON, ?)) AS r)"  # noqa: S608 - names of ours
        made = [_row(row, columns) for row in rows]
        with self._lock:
            self._connection.execute(f"CREATE OR REPLACE TABLE {table} AS {chosen}", ["[]", shape])
            for some in batched(made, _AT_ONCE):
                self._connection.execute(f"INSERT INTO {table} {chosen}", [_json(some), shape])

    def _statement(self, sql: str) -> duckdb.Statement:
        """A long query is 50 KB of SQL, which takes DuckDB a tenth of a second to read."""
        if sql not in self._statements:
            (self._statements[sql],) = self._connection.extract_statements(sql)
        return self._statements[sql]

    def run(self, text: str) -> Result:
        """What the query answers; `let`s of literals in front of it are its parameters. Raises BadQuery."""
        given, body = parameters(text)
        try:
            query = _translated(self.profile, tuple((name, kind) for name, (kind, _) in given.items()), body)
            bound, _ = bind(list(query.declarations), {name: value for name, (_, value) in given.items()})
            used = {slot: value for slot, value in bound.items() if slot in query.slots}
            with self._lock:
                answer = self._connection.execute(self._statement(str(query)), used)
                names, rows = answer.description or [], answer.fetchall()
        except (duckdb_kql.KqlError, duckdb.Error) as error:
            raise BadQuery(str(error)) from error
        columns = tuple((name, kusto_type(kind)) for name, kind, *_ in names)
        return Result(columns, [tuple(map(_value, row, (kind for _, kind in columns))) for row in rows])


def parameters(text: str) -> tuple[dict[str, tuple[str, str]], str]:
    """The `let`s of literals that a query begins with, as name → (type, literal), and the rest of it without its header."""
    given: dict[str, tuple[str, str]] = {}
    at = _past_comments(text, 0)
    while found := _LITERAL.match(text, at):
        kind = {"span": "timespan", "short": "timespan"}.get(str(found.lastgroup), str(found.lastgroup))
        given[found["name"]] = (kind, found[found.lastgroup or ""].strip("\"' "))
        at = _past_comments(text, found.end())
    return given, text[at:]


def _past_comments(text: str, at: int) -> int:
    while found := _COMMENT.match(text, at):
        at = found.end()
    return at


@lru_cache(maxsize=256)
def _translated(profile: str, declared: tuple[tuple[str, str], ...], body: str) -> duckdb_kql.TranslationResult:
    """Parsing takes most of a second for a long query, so it is done once for all values of its parameters."""
    heading = f"declare query_parameters({', '.join(f'{name}:{kind}' for name, kind in declared)});\n" if declared else ""
    schema = {table: list(columns) for table, columns in _tables(profile).items()}
    return duckdb_kql.to_sql(heading + re.sub(r"\bingestion_time\s*\(\s*\)", INGESTED, body), schema=schema)


@lru_cache
def _tables(profile: str) -> Mapping[str, Mapping[str, str]]:
    """Table → column → Kusto type."""
    known = json.loads(SCHEMA.read_text(encoding="utf-8"))[profile]
    tables = {
        table: {name: kind for kind, names in types.items() for line in names for name in line.split()}
        for table, types in known.items()
    }
    return {table: {**types, INGESTED: "datetime"} if "TimeGenerated" in types else types for table, types in tables.items()}


def _row(row: Mapping[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    """As JSON of which DuckDB makes the table."""
    made = {name: _plain(value, columns[name]) for name, value in row.items()}
    if INGESTED in columns:
        made.setdefault(INGESTED, made.get("TimeGenerated"))
    return made


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    """NaN is no JSON, and half of a surrogate pair no text: the first is refused, the second becomes "?"."""
    return json.dumps(rows, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace").decode()


def _plain(value: Any, kind: str) -> Any:
    if kind == "datetime" and value is not None:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return (moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment).isoformat()
    if isinstance(value, timedelta):
        return f"{value.total_seconds()} seconds"
    return value


def _value(value: Any, kind: str) -> Any:
    if kind == "dynamic" and isinstance(value, str):
        return json.loads(value)
    if isinstance(value, UUID):
        return str(value)
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value


def dicts(result: Result) -> Sequence[dict[str, Any]]:
    """The rows by column."""
    names = [name for name, _ in result.columns]
    return [dict(zip(names, row, strict=True)) for row in result.rows]
