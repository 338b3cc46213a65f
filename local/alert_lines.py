"""The lines that the host wrote, and a simulated Azure, in; what became of alert rules and of alerts, in words, out.

Pure. The lines are those of shared/jobs/{ensure_alert_rules,reconcile_alert_rules,receive_azure_alert}.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from local.azure.monitoring import Monitoring
from shared.core.alert_rule import RuleKind
from shared.core.headline import count

ENSURE, RECONCILE = "ensure_alert_rules", "reconcile_alert_rules"
KINDS: Mapping[RuleKind, str] = {RuleKind.METRICS: "group", RuleKind.LOGS: "log rule", RuleKind.ACTIONS: "action group"}

_ENSURED = re.compile(rf"\[{ENSURE}\] INFO (\S+) \([^)]*\): (\d+) of (\d+) rules written")
_RECONCILED = re.compile(rf"\[{RECONCILE}\] INFO (created: \d+, updated: \d+, deleted: \d+)")
_COUNT = re.compile(r"(\w+): (\d+)")
_HEARD = re.compile(r"\[receive_azure_alert\] (?:INFO|WARNING|ERROR) (.+)")


class Upkeep(NamedTuple):
    """A run that looked after the rules came to its end."""

    job: str
    did: str
    wrote: bool

    @property
    def words(self) -> str:
        """Empty if nothing was to be done."""
        return f"{self.job}: {self.did}" if self.wrote else ""


class Heard(NamedTuple):
    """What became of an alert."""

    words: str


def read(lines: Iterable[str]) -> Iterator[Upkeep | Heard]:
    """In the order of the lines; other lines are passed over."""
    for line in lines:
        if ensured := _ENSURED.search(line):
            yield Upkeep(ENSURE, f"{ensured[1]}: {ensured[2]} of {ensured[3]} rules written", ensured[2] != "0")
        elif run := _RECONCILED.search(line):
            did = ", ".join(f"{number} {what}" for what, number in _COUNT.findall(run[1]) if number != "0")
            yield Upkeep(RECONCILE, did, bool(did))
        elif heard := _HEARD.search(line):
            yield Heard(heard[1])


def rules_in(world: Monitoring) -> str:
    """How many of each kind: 4 groups, 5 log rules, 1 action group. Empty where there is none."""
    numbers = ((len(world.rules_of(kind)), name) for kind, name in KINDS.items())
    return ", ".join(count(number, name) for number, name in numbers if number)
