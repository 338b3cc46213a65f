"""One request in; the answer of the service that it is for, counted, and gone wrong where a fault is switched on, out.

No sockets. Safe for several threads; time comes from the clock that is passed in.
"""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

from local.azure import arm
from local.azure.answers import Answer, error
from local.azure.faults import Faults
from local.azure.identity import LOGS, MANAGEMENT, PATH, Identity
from local.azure.log_analytics import LogAnalytics
from local.azure.resource_graph import ResourceGraph
from local.azure.rules import Asked, Rules
from local.azure.world import World
from local.kql import parameters

QUERIES = Path(__file__).parents[2] / "shared/queries"
GRAPH = "/providers/microsoft.resourcegraph/resources"
ACCOUNT = "/simulation"
RESET = Answer(0)
"""The connection is to be reset instead of an answer."""


@dataclass(frozen=True, slots=True)
class Request:
    """As it came. Names of `headers` begin with capitals, like X-Identity-Header."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


class Cloud:
    """All services over one world, with what was asked of them."""

    def __init__(self, world: World, clock: Callable[[], datetime]) -> None:
        self.world, self.clock = world, clock
        self.identity, self.faults = Identity(), Faults()
        self.graph, self.logs, self.rules = ResourceGraph(world), LogAnalytics(world), Rules(world)
        self.calls: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        self.stopping = threading.Event()
        self._lock = threading.Lock()

    def respond(self, request: Request) -> Answer:
        """Counted first: a call that goes wrong is a call."""
        kind, asked = kind_of(request), _json(request.body)
        if kind == "account":
            return self.account()
        query = Rules.kind_of(request.method, unquote(request.path))[1] or name_of(asked.get("query"))
        with self._lock:
            self.calls[kind] += 1
            if query:
                self.asked[query] += 1
        fault = self.faults.take(kind, query)
        self.stopping.wait(fault.wait)
        if fault.reset or fault.answer:
            return RESET if fault.reset else fault.answer or RESET
        answer = self._served(kind, request, asked, fault.payload_bytes)
        if fault.lost:
            return RESET
        return fault.spoil(answer) if fault.spoil else answer

    def close(self) -> None:
        """Nothing more is asked."""
        self.graph.close()
        self.logs.close()

    def account(self) -> Answer:
        """How much there is, and what was asked so far: for somebody in another process."""
        with self._lock, self.world.lock:
            objects = sum(1 for _ in self.world.objects())
            size = {"clusters": len(self.world.members), "objects": objects, "failing": len(self.world.truth())}
            return Answer(200, {"calls": dict(self.calls), "asked": dict(self.asked), "world": size})

    def _served(self, kind: str, request: Request, asked: Mapping[str, Any], payload_bytes: int | None) -> Answer:
        now = self.clock()
        if kind == "token":
            return self.identity.token(request.query, request.headers, now)
        audience = LOGS if kind in ("logs", "search") else MANAGEMENT
        if refusal := self.identity.refusal(request.headers.get("Authorization"), audience, now):
            return refusal
        if kind in ("logs", "search"):
            return self.logs.answer(request.path, {**_first(request.query), **asked}, now)
        if "api-version" not in parse_qs(request.query):
            return error(400, "MissingApiVersionParameter", "The api-version query parameter is required for all requests.")
        if kind == "graph":
            return self.graph.answer(asked, now, payload_bytes)
        if kind in ("rules", "rule-writes"):
            host = request.headers.get("Host", "")
            return self.rules.answer(Asked(request.method, unquote(request.path), request.query, host, asked), now)
        if request.method != "GET":
            return error(405, "MethodNotAllowed", "Of other resources, only reading is simulated.")
        return arm.fetch(self.world, unquote(request.path))


def kind_of(request: Request) -> str:
    """One of `faults.KINDS`, or `account`."""
    path = request.path.lower()
    if path in (PATH, ACCOUNT):
        return "token" if path == PATH else "account"
    if path == GRAPH:
        return "graph"
    if service := LogAnalytics.kind_of(request.path):
        return service
    if rules := Rules.kind_of(request.method, unquote(request.path))[0]:
        return rules
    return "table-plan" if "/workspaces/" in path and "/tables/" in path else "arm"


def name_of(query: Any) -> str:
    """The file of shared/queries that a query came from; `other` if none; empty if it is no query."""
    if not isinstance(query, str):
        return ""
    return _known_queries().get(_essence(query), "other")


@lru_cache(maxsize=1)
def _known_queries() -> Mapping[str, str]:
    return {_essence(path.read_text("utf-8")): path.stem for path in QUERIES.glob("*.kql")}


@lru_cache(maxsize=256)
def _essence(query: str) -> str:
    """Without parameters, comments and white space: what is sent need not look like the file."""
    _, body = parameters(query)
    return "".join(re.sub(r"(?m)^\s*//.*$|\s//\s.*$", "", body).split())


def _json(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _first(query: str) -> dict[str, Any]:
    return {name: values[0] for name, values in parse_qs(query).items()}
