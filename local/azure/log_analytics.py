"""A query to a Log Analytics workspace in; its answer, from the KQL executed over the world's log rows, out.

The Azure Monitor query API v1: /query, and /search for tables of the plans Basic and Auxiliary. Time is an argument.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from local.azure.answers import Answer, bad_query, log_error, no_table
from local.azure.databases import borrow, give_back
from local.azure.fleet import Workspace
from local.azure.values import log_value
from local.azure.world import World
from local.kql import BadQuery, Database, parameters

_PATH = re.compile(r"/v1(?:/workspaces/(?P<guid>[^/]+)|(?P<id>/subscriptions/.+))/(?P<verb>query|search)", re.IGNORECASE)
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")
_ALL = "Analytics"


class LogAnalytics:
    """The service, over all workspaces. Safe for several threads."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._lock = threading.Lock()
        self._loaded: dict[str, tuple[Any, Database]] = {}

    @staticmethod
    def kind_of(path: str) -> str:
        """`logs` for /query, `search` for /search, empty for other paths."""
        found = _PATH.fullmatch(path)
        return {"query": "logs", "search": "search"}[found["verb"].lower()] if found else ""

    def answer(self, path: str, request: Mapping[str, Any], now: datetime) -> Answer:
        """`request` has `query` and, in the body or in the address, `timespan`."""
        found = _PATH.fullmatch(path)
        workspace = self._workspace(found) if found else None
        if found is None or workspace is None:
            return log_error(404, "PathNotFoundError", "The requested path does not exist")
        if not self.world.sees(workspace.id):
            return log_error(403, "InsufficientAccessError", "The provided credentials have insufficient access to perform it")
        query = request.get("query")
        if not isinstance(query, str):
            return bad_query("The query is missing.")
        try:
            return self._refusal(workspace, query, found["verb"].lower()) or self._run(workspace, query, request, now)
        except (BadQuery, ValueError):
            return bad_query("Query could not be parsed.", ("SYN0002", "A recognition error occurred in the query."))

    def close(self) -> None:
        """Nothing more is asked."""
        with self._lock:
            while self._loaded:
                give_back(self._loaded.popitem()[1][1])

    def _workspace(self, found: re.Match[str]) -> Workspace | None:
        with self.world.lock:
            known = dict(self.world.workspaces)
        if found["id"]:
            return known.get(unquote(found["id"]).lower())
        guid = found["guid"].lower()
        return next((one for one in known.values() if one.customer_id == guid), None)

    def _refusal(self, workspace: Workspace, query: str, verb: str) -> Answer | None:
        """A table that is not there; one whose plan does not allow /query (wording unverified)."""
        for table in tables_in(query, self._database(workspace)):
            plan = workspace.plans.get(table)
            if plan is None:
                return no_table(table)
            if verb == "query" and plan != _ALL:
                said = f"Table '{table}' has the {plan} plan. Queries on tables of that plan are made by the search API."
                return bad_query(said, code="BasicLogsTable")
        return None

    def _run(self, workspace: Workspace, query: str, request: Mapping[str, Any], now: datetime) -> Answer:
        database = self._database(workspace)
        result = database.run(within(query, request.get("timespan"), tables_in(query, database), now))
        columns = [{"name": name, "type": kind} for name, kind in result.columns]
        kinds = [kind for _, kind in result.columns]
        rows = [[log_value(value, kind) for value, kind in zip(row, kinds, strict=True)] for row in result.rows]
        return Answer(200, {"tables": [{"name": "PrimaryResult", "columns": columns, "rows": rows}]})

    def _database(self, workspace: Workspace) -> Database:
        """With the workspace's rows, loaded anew if there are new ones."""
        key = workspace.id.lower()
        with self._lock, self.world.lock:
            version = (self.world.book.versions[key], tuple(workspace.plans))
            known, database = self._loaded.get(key) or (None, borrow("loganalytics"))
            if known != version:
                for table, rows in self.world.log_rows(key).items():
                    database.replace(table, rows)
                self._loaded[key] = (version, database)
            return database


def tables_in(query: str, database: Database) -> list[str]:
    """The tables that a query reads."""
    _, body = parameters(query)
    words = set(re.findall(r"\w+", body))
    return [table for table in database.tables if table in words]


def within(query: str, timespan: Any, tables: list[str], now: datetime) -> str:
    """The query, over rows of that time only. Raises ValueError for what is no ISO 8601 interval."""
    if not timespan:
        return query
    begin, end = interval(str(timespan), now)
    _, body = parameters(query)
    span = f"let _from = datetime({begin:%Y-%m-%dT%H:%M:%S.%fZ});\nlet _to = datetime({end:%Y-%m-%dT%H:%M:%S.%fZ});\n"
    for table in tables:
        body = re.sub(rf"\b{table}\b(?=\s*\|)", f"{table} | where TimeGenerated >= _from and TimeGenerated <= _to ", body)
    return query[: len(query) - len(parameters(query)[1])] + span + body


def interval(text: str, now: datetime) -> tuple[datetime, datetime]:
    """`PT1H` (until now), `<begin>/<end>` or `<begin>/PT1H`."""
    begin, _, end = text.partition("/")
    if not end:
        return now - _duration(begin), now
    first = datetime.fromisoformat(begin).astimezone(UTC)
    return first, first + _duration(end) if end.startswith("P") else datetime.fromisoformat(end).astimezone(UTC)


def _duration(text: str) -> timedelta:
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError(text)
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
