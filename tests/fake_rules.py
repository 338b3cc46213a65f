"""Rules in; Azure Monitor, as far as it keeps them, in memory out. It fits our own port, and spells what it keeps its own way.

Law: nothing is lost that was written, and nothing comes back as it was spelled.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from shared.core.alert_rule import Rule, RuleKind
from shared.core.trouble import Trouble, Unanswered


class FakeRules:
    """Fits AlertRules. It keeps rules as Azure does: ids in lower case, its own fields beside ours, no key in an address.

    `troubles` say what the next calls do: None is to work. `lost`: a write that is not answered happened all the same.
    """

    def __init__(self, *rules: Rule) -> None:
        self.rules: dict[tuple[RuleKind, str], Rule] = {rule.key: as_azure_keeps(rule) for rule in rules}
        self.troubles: deque[Trouble | None] = deque()
        self.lost = False
        self.reads: list[str] = []
        self.written: list[str] = []

    def _fails(self) -> Trouble | None:
        return self.troubles.popleft() if self.troubles else None

    def _read(self, about: str) -> None:
        self.reads.append(about)
        if trouble := self._fails():
            raise Unanswered(trouble, about)

    def groups(self) -> Sequence[Rule]:
        self._read("groups")
        return [rule for rule in self.rules.values() if rule.kind is RuleKind.METRICS]

    def log_rules(self) -> Sequence[Rule]:
        self._read("log rules")
        return [rule for rule in self.rules.values() if rule.kind is RuleKind.LOGS]

    def action_group(self, name: str) -> Rule | None:
        self._read("action group")
        return self.rules.get((RuleKind.ACTIONS, name))

    def put(self, rule: Rule) -> None:
        trouble = self._fails()
        if trouble is None or self.lost:
            self.rules[rule.key] = as_azure_keeps(rule)
            self.written.append(rule.name)
        if trouble:
            raise Unanswered(trouble, "a rule")

    def delete(self, rule: Rule) -> None:
        trouble = self._fails()
        if trouble is None or self.lost:
            self.rules.pop(rule.key, None)
            self.written.append(rule.name)
        if trouble:
            raise Unanswered(trouble, "a rule")


def as_azure_keeps(rule: Rule) -> Rule:
    """The same rule as a list answers it."""
    kept = {name: _kept(name, value) for name, value in rule.properties.items()}
    tags = dict(sorted(rule.tags.items(), reverse=True))
    return replace(rule, properties={**kept, "provisioningState": "Succeeded", "isLegacy": False}, tags=tags)


def _kept(name: str, value: Any) -> Any:
    if name in _SPELLED:
        return _SPELLED[name](value)
    if isinstance(value, dict):
        return {key: _kept(key, one) for key, one in value.items()} | {"addedByAzure": None}
    return [_kept("", one) for one in value] if isinstance(value, list) else value


_SPELLED: Mapping[str, Callable[[Any], Any]] = {
    "labels": lambda texts: texts,
    "annotations": lambda texts: texts,
    "scopes": lambda ids: [one.lower() for one in ids],
    "actionGroups": lambda ids: [one.lower() for one in ids],
    "actionGroupId": lambda one: one.lower(),
    "serviceUri": lambda address: address.partition("?")[0],
    "windowSize": lambda length: {"PT1H": "PT60M"}.get(length, length),
    "expression": lambda text: text + "\r\n",
    "query": lambda text: text + "\n",
}
