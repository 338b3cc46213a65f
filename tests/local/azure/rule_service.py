"""A request about an alert rule in; the answer of the simulated Azure Monitor of one small fleet, out.

Law: no sockets: the service is called itself.
"""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from typing import Any

from local.azure import generate
from local.azure.answers import Answer
from local.azure.generate import BEGIN
from local.azure.rules import VERSIONS, Asked, Rules
from shared.core.alert_rule import RuleKind


class Service:
    """Of one small fleet. `now` moves with every request."""

    def __init__(self) -> None:
        self.world = generate(1, 2, configurations=1)
        self.rules, self.now = Rules(self.world), BEGIN

    def ask(self, method: str, path: str, body: Any = None, query: str = "") -> Answer:
        self.now += timedelta(seconds=1)
        kind = next(kind for kind in RuleKind if f"/{kind.lower()}" in path.lower())
        asked = Asked(method, path, query or f"api-version={VERSIONS[kind]}", "127.0.0.1:1", deepcopy(body) or {})
        return self.rules.answer(asked, self.now)

    def put(self, path: str, body: Any) -> dict[str, Any]:
        answer = self.ask("PUT", path, body)
        assert answer.status in (200, 201), answer.body
        return answer.body

    def refused(self, path: str, body: Any) -> str:
        answer = self.ask("PUT", path, body)
        assert 400 <= answer.status < 500, answer.body
        assert path.lower() not in self.world.rules
        return f"{answer.body['error']['code']}: {answer.body['error']['message']}"
