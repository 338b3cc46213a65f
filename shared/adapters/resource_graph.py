"""The name of a query in; all of its rows over the whole scope out. Azure Resource Graph, REST 2021-03-01.

Law: all rows or none: what was cut off, skipped or throttled is an error, for the sweep reads absence as meaning.
Format: learn.microsoft.com/rest/api/azureresourcegraph/resourcegraph/resources/resources.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from shared.adapters.azure_answer import Answer, Json, answer
from shared.adapters.azure_client import AzureClient
from shared.adapters.azure_retry import LONGEST, QUOTA_RESETS, quota_resets
from shared.adapters.queries import Query, load
from shared.core.scope import Scope
from shared.core.trouble import Trouble, Unanswered
from shared.ports import Clock

PAGE = 1000  # rows: more are refused
MOST_PAGES = 2000  # of one conversation, in case that it never ends
QUOTA_REMAINING = "x-ms-user-quota-remaining"
TOO_WIDE = "x-ms-tenant-subscription-limit-hit"
_PATH = "/providers/Microsoft.ResourceGraph/resources"

type Row = Mapping[str, Any]


class _TooLarge(Exception):
    """More than Resource Graph puts into one answer: 16,777,216 bytes."""


class GraphClient:
    """Fits ResourceGraph. `page`: rows in one, to begin with."""

    def __init__(self, azure: AzureClient, scope: Scope, clock: Clock, *, page: int = PAGE) -> None:
        self._azure, self._scope, self._clock, self._page_rows = azure, scope, clock, page
        self._smaller: dict[str, int] = {}  # by query, where that was too many
        self._free_at: datetime | None = None  # the quota is used up until then

    def ask(self, query: str) -> Sequence[Row]:
        """See the port. Scopes may overlap: a resource comes once. A row that is no object comes as an empty one."""
        asked, found = load(query), dict[str, Row]()
        for scope in self._scope.requests:
            for row in self._rows(asked, scope):
                arm_id = row.get("id")
                found.setdefault(arm_id.lower() if isinstance(arm_id, str) and arm_id else f"?{len(found)}", row)
        return list(found.values())

    def _rows(self, query: Query, scope: Scope) -> list[Row]:
        """If a page is too large, from the beginning with pages half the size: a token may be good for the old size only."""
        size = self._smaller.get(query.name, self._page_rows)
        while True:
            try:
                return list(self._conversation(query, scope, size))
            except _TooLarge:
                if size == 1:
                    raise Unanswered(Trouble.CUT, _about(query), "ResponsePayloadTooLarge") from None
                size = self._smaller[query.name] = size // 2

    def _conversation(self, query: Query, scope: Scope, size: int) -> Iterator[Row]:
        tokens = [""]
        for _ in range(MOST_PAGES):
            page = self._page(query, scope, {"$top": size, "$skipToken": tokens[-1]})
            yield from _data(page, query)
            if not (token := page.get("$skipToken")):
                if str(page.get("resultTruncated")).lower() == "true":
                    raise Unanswered(Trouble.CUT, _about(query), "resultTruncated")
                return
            if not isinstance(token, str) or token in tokens:
                break
            tokens.append(token)
        raise Unanswered(Trouble.CUT, _about(query), "skipToken")

    def _page(self, query: Query, scope: Scope, options: Json) -> Json:
        from azure.core.rest import HttpRequest

        body: Json = {"query": query.text, "options": {k: v for k, v in options.items() if v} | {"resultFormat": "objectArray"}}
        if scope.subscriptions:
            body["subscriptions"] = list(scope.subscriptions)
        if scope.management_groups:
            body["managementGroups"] = list(scope.management_groups)
        self._wait()
        said = answer(
            _about(query), self._azure.graph, HttpRequest("POST", _PATH, params={"api-version": "2021-03-01"}, json=body)
        )
        self._heed(said)
        if "ResponsePayloadTooLarge" in said.codes:
            raise _TooLarge
        if said.headers.get(TOO_WIDE, "").lower() == "true":
            raise said.unanswered(Trouble.TOO_WIDE)
        return said.document()

    def _wait(self) -> None:
        """Before it is refused: learn.microsoft.com/azure/governance/resource-graph/concepts/guidance-for-throttled-requests"""
        if self._free_at and (left := (self._free_at - self._clock.now()).total_seconds()) > 0:
            self._clock.sleep(left)

    def _heed(self, said: Answer) -> None:
        resets = quota_resets(said.headers.get(QUOTA_RESETS))
        spent = said.headers.get(QUOTA_REMAINING, "").strip() == "0"
        self._free_at = self._clock.now() + timedelta(seconds=min(resets, LONGEST)) if spent and resets else None


def _data(page: Json, query: Query) -> Iterator[Row]:
    rows = page.get("data")
    if not isinstance(rows, list):
        raise Unanswered(Trouble.UNREADABLE, _about(query))
    yield from (row if isinstance(row, dict) else {} for row in rows)


def _about(query: Query) -> str:
    return f"Resource Graph ({query.name})"
