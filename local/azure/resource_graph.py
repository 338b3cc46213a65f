"""A request to Azure Resource Graph in; its answer, from the KQL executed over the world's rows, out.

REST 2021-03-01. Rows are loaded anew only when the world changed. Safe for several threads.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from local.azure.answers import Answer, forbidden, graph_error, rate_limited
from local.azure.databases import borrow, give_back
from local.azure.values import graph_value
from local.azure.world import World
from local.kql import BadQuery, Database
from local.teams.pacing import Limit, Window

QUOTA = Limit(15, timedelta(seconds=5))  # requests of one principal; see the guidance for throttled requests
_UNPAGED = re.compile(r"\|\s*(?:take|limit|sample|top)\b")
_SCOPES_KEPT = 8
_INVALID = "Query is invalid. Please refer to the documentation for the Azure Resource Graph service and fix the error."
_TOO_LARGE = (
    "Response payload size is {size}, and has exceeded the limit of {limit}. "
    "Please consider querying less data at a time and make paginated call if needed."
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Azure's own. `quota` None: nobody is throttled. `empty_is_forbidden`: 403 where nothing at all is readable."""

    page_rows: int = 1_000
    payload_bytes: int = 16_777_216
    quota: Limit | None = None
    subscriptions: int = 10_000
    empty_is_forbidden: bool = True


@dataclass(slots=True)
class _Loaded:
    """The tables of one scope, and what was asked of them since."""

    database: Database
    version: int = -1
    answers: dict[str, tuple[tuple[str, ...], list[dict[str, Any]]]] = field(default_factory=dict)


class ResourceGraph:
    """The service. `limits` may be replaced at any time."""

    def __init__(self, world: World) -> None:
        self.world, self.limits = world, Limits()
        self._lock = threading.Lock()
        self._loaded: OrderedDict[frozenset[str], _Loaded] = OrderedDict()
        self._quota: Window | None = None

    def answer(self, request: Mapping[str, Any], now: datetime, payload_bytes: int | None = None) -> Answer:
        """Of one request; with the quota's headers. `payload_bytes`: a limit lower than usual."""
        left, resets = self._spend(now)
        given = rate_limited() if left is None else self._answered(request, payload_bytes)
        quota = {"x-ms-user-quota-remaining": str(left or 0), "x-ms-user-quota-resets-after": f"00:00:{resets:02}"}
        given.headers.update({**quota, **given.headers})
        return given

    def close(self) -> None:
        """Nothing more is asked."""
        with self._lock:
            while self._loaded:
                give_back(self._loaded.popitem()[1].database)

    def _spend(self, now: datetime) -> tuple[int | None, int]:
        """How many requests are left (None: there was no room for this one), and in how many seconds all are."""
        with self._lock:
            limit = self.limits.quota
            if limit is None:
                self._quota = None
                return QUOTA.count - 1, round(QUOTA.window.total_seconds())
            self._quota = self._quota or Window(limit)
            room = self._quota.take(now) is None
            left = limit.count - self._quota.used(now) if room else None
            return left, max(1, round(limit.window.total_seconds()))

    def _answered(self, request: Mapping[str, Any], payload_bytes: int | None) -> Answer:
        query, options = request.get("query"), request.get("options") or {}
        top = options.get("$top") or self.limits.page_rows
        if not isinstance(query, str) or not isinstance(top, int) or not 1 <= top <= self.limits.page_rows:
            return graph_error(400, "InvalidRequest", f"The query is missing, or $top is not 1 to {self.limits.page_rows}.")
        scope = self._scope(request)
        if not scope and self.limits.empty_is_forbidden:
            return forbidden("/", "Microsoft.ResourceGraph/resources/read")
        try:
            columns, rows = self._rows(query, frozenset(sorted(scope)[: self.limits.subscriptions]))
        except BadQuery:
            return graph_error(400, "InvalidQuery", _INVALID)
        page = self._page(query, columns, rows, top, options.get("$skipToken"))
        size, limit = len(page.encoded), payload_bytes or self.limits.payload_bytes
        if size > limit:
            return graph_error(400, "ResponsePayloadTooLarge", _TOO_LARGE.format(size=size, limit=limit))
        page.headers.update({"x-ms-tenant-subscription-limit-hit": "true"} if len(scope) > self.limits.subscriptions else {})
        return page

    def _scope(self, request: Mapping[str, Any]) -> set[str]:
        """The readable subscriptions that are meant: those named, those of the groups named, or all."""
        with self.world.lock:
            readable = self.world.readable_subscriptions()
        groups = {str(one).lower() for one in request.get("managementGroups") or ()}
        named = {str(one).lower() for one in request.get("subscriptions") or ()}
        if groups:
            return {one.id.lower() for one in readable if one.management_group.lower() in groups}
        return {one.id.lower() for one in readable if not named or one.id.lower() in named}

    def _rows(self, query: str, scope: frozenset[str]) -> tuple[tuple[str, ...], list[dict[str, Any]]]:
        with self._lock:
            loaded = self._loaded.pop(scope, None) or _Loaded(borrow("resourcegraph"))
            self._loaded[scope] = loaded  # the newest is last
            while len(self._loaded) > _SCOPES_KEPT:
                give_back(self._loaded.popitem(last=False)[1].database)
            self._load(loaded, scope)
            if query not in loaded.answers:
                result = loaded.database.run(query)
                names = tuple(name for name, _ in result.columns)
                loaded.answers[query] = (names, [dict(zip(names, map(graph_value, row), strict=True)) for row in result.rows])
            return loaded.answers[query]

    def _load(self, loaded: _Loaded, scope: frozenset[str]) -> None:
        with self.world.lock:
            version, tables = self.world.version, self.world.graph_rows(scope) if loaded.version != self.world.version else {}
        for table, rows in tables.items():
            loaded.database.replace(table, rows)
        if tables:
            loaded.version, loaded.answers = version, {}

    def _page(self, query: str, columns: tuple[str, ...], rows: list[dict[str, Any]], top: int, token: Any) -> Answer:
        """A token only where `id` is projected and nothing limits the rows; else what is over is cut, and that is said."""
        digest = hashlib.sha256(query.encode()).hexdigest()[:16]
        begin = _begin(token, digest) if token else 0
        if begin is None:
            return graph_error(400, "InvalidSkipToken", "The skip token is not of this query.")
        data = rows[begin : begin + top]
        more = begin + top < len(rows)
        body = {"totalRecords": len(rows), "count": len(data), "data": data, "facets": []}
        if not more:
            return Answer(200, body | {"resultTruncated": "false"})
        if "id" not in columns or _UNPAGED.search(query):
            return Answer(200, body | {"resultTruncated": "true"})
        next_token = base64.b64encode(json.dumps([digest, begin + top]).encode()).decode()
        return Answer(200, body | {"resultTruncated": "false", "$skipToken": next_token})


def _begin(token: Any, digest: str) -> int | None:
    """The row with which the page begins; None if the token is none of ours."""
    try:
        of, begin = json.loads(base64.b64decode(str(token), validate=True))
        return int(begin) if of == digest else None
    except (ValueError, TypeError):
        return None
