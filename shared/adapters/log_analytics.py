"""A workspace, the name of a query and its parameters in; typed rows out. Log Analytics' query API, v1.

Law: what a table's plan allows decides the way it is asked; what is missing in an answer is said, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from shared.adapters.azure_answer import Answer, answer
from shared.adapters.azure_client import QUERY_LIMIT, AzureClient
from shared.adapters.log_rows import Unreadable, rows
from shared.adapters.queries import Query, load, prelude
from shared.core.trouble import Trouble, Unanswered
from shared.ports import Clock, LogRows, Parameter, ResourceManager

ANALYTICS, BASIC, AUXILIARY = "Analytics", "Basic", "Auxiliary"
PLANS: Mapping[str, str] = {plan.lower(): plan for plan in (ANALYTICS, BASIC, AUXILIARY)}
FRESH = timedelta(hours=1)  # a plan can be changed once a week
AHEAD = timedelta(
    days=1
)  # rows may claim to be from the future: learn.microsoft.com/azure/azure-monitor/logs/log-standard-columns

# "Failed to resolve table or column expression named 'ContainerLogV2'", "Failed to resolve table expression named 'X'"
_NO_TABLE = re.compile(r"failed to resolve table", re.IGNORECASE)
# "Query of Basic Logs table is not supported with the API '…/query'", with the code UnsupportedApiQueryValidationError
_OTHER_PLAN = re.compile(r"\b(?:basic|auxiliary) (?:logs?|plan|table)\b", re.IGNORECASE)


class LogsClient:
    """Fits Logs. Workspaces are resource ids."""

    def __init__(self, azure: AzureClient, manager: ResourceManager, clock: Clock) -> None:
        self._azure, self._manager, self._clock = azure, manager, clock
        self._guids: dict[str, UUID] = {}
        self._plans: dict[tuple[str, str], tuple[datetime, str]] = {}

    def ask(self, workspace: str, query: str, parameters: Mapping[str, Parameter]) -> LogRows:
        """See the port. Raises ValueError or TypeError for parameters that are not those of the query."""
        asked = load(query)
        text = prelude(asked, parameters) + asked.text
        if self._plan(workspace, asked.table) == ANALYTICS:
            said = self._post(workspace, asked, "query", {}, text)
            if not _wants_search(said):
                return _read(said, asked)
            self._remember(workspace, asked.table, BASIC)
        return _read(self._post(workspace, asked, "search", {"timespan": _span(parameters)}, text), asked)

    def plan(self, workspace: str, table: str) -> str:
        """See the port. `trouble` is NO_TABLE if the workspace has no such table."""
        resource = self._manager.get(f"{workspace}/tables/{table}")
        about = f"workspace {_name(workspace)} ({table})"
        if resource is None:
            raise Unanswered(Trouble.NO_TABLE, about)
        properties = resource.get("properties")
        said = properties.get("plan") if isinstance(properties, dict) else None
        if not isinstance(said, str) or said.lower() not in PLANS:
            raise Unanswered(Trouble.UNREADABLE, about)
        self._remember(workspace, table, PLANS[said.lower()])
        return PLANS[said.lower()]

    def _plan(self, workspace: str, table: str) -> str:
        """As it was said within the hour. Who may query may not be allowed to look at plans: then it is tried."""
        known = self._plans.get((workspace.lower(), table))
        if known and self._clock.now() - known[0] < FRESH:
            return known[1]
        try:
            return self.plan(workspace, table)
        except Unanswered as fault:
            if fault.trouble is Trouble.NO_TABLE:
                raise
            return self._remember(workspace, table, known[1] if known else ANALYTICS)

    def _remember(self, workspace: str, table: str, plan: str) -> str:
        self._plans[workspace.lower(), table] = (self._clock.now(), plan)
        return plan

    def _post(self, workspace: str, query: Query, way: str, params: Mapping[str, str], text: str) -> Answer:
        from azure.core.rest import HttpRequest

        path, about = f"/workspaces/{self._guid(workspace)}/{way}", f"workspace {_name(workspace)} ({query.name})"
        headers = {"Prefer": f"wait={QUERY_LIMIT}"}
        return answer(
            about, self._azure.query, HttpRequest("POST", path, params=dict(params), headers=headers, json={"query": text})
        )

    def _guid(self, workspace: str) -> UUID:
        """What the query API calls a workspace: `properties.customerId`. Read once."""
        key = workspace.lower()
        if key not in self._guids:
            resource = self._manager.get(workspace)
            if resource is None:
                raise Unanswered(Trouble.NOT_FOUND, f"workspace {_name(workspace)}")
            properties = resource.get("properties")
            try:
                self._guids[key] = UUID(str(properties.get("customerId") if isinstance(properties, dict) else None))
            except ValueError:
                raise Unanswered(Trouble.UNREADABLE, f"workspace {_name(workspace)}") from None
        return self._guids[key]


def _name(workspace: str) -> str:
    return workspace.rpartition("/")[2]


def _wants_search(said: Answer) -> bool:
    return said.status == 400 and ("UnsupportedApiQueryValidationError" in said.codes or said.speaks_of(_OTHER_PLAN))


def _read(said: Answer, query: Query) -> LogRows:
    if said.status == 504:
        raise said.unanswered(Trouble.TIMEOUT)
    if said.status == 400 and said.speaks_of(_NO_TABLE):
        raise said.unanswered(Trouble.NO_TABLE)
    document = said.document()
    partial = (said.code if said.codes else "PartialError") if document.get("error") else ""
    if not partial and not document.get("tables"):
        raise Unanswered(Trouble.UNREADABLE, said.about)
    try:
        return LogRows(tuple(rows(document, query.columns)), partial)
    except Unreadable:
        raise Unanswered(Trouble.UNREADABLE, said.about) from None


def _span(parameters: Mapping[str, Parameter]) -> str:
    """Tables that are paid by what is scanned take the time range from the call: all that the window can have received."""
    start, end, back = (parameters.get(name) for name in ("_start", "_end", "_lookback"))
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        raise TypeError("a query without _start and _end cannot be asked of a Basic table")
    begin = start - back if isinstance(back, timedelta) else start
    return f"{begin.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}/{(end + AHEAD).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
