"""An event about an extension in; the alert rules that cover its cluster as they shall be out.

Law: the event only says where to look: events that come twice, late or in another order lead to the same rules. Its claims are
neither read nor logged.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from shared.core.alert_rule import Plan
from shared.core.azure_values import get, text
from shared.core.extension_event import ExtensionChange, NotAnExtension, read
from shared.core.finding import Finding
from shared.core.trouble import Unanswered
from shared.rule_book import BUDGET, RuleBook

TYPE = "microsoft.flux"

log = logging.getLogger(__name__)


class NotEnsured(Exception):
    """Some rules are not as they shall be: the event is to be delivered again. The text names no address and no key."""


class _Another(Exception):
    """The extension is of another type."""


@dataclass(frozen=True, slots=True)
class EnsureAlertRules:
    """The job. Event Grid waits 30 s for an answer: after `budget` no more writes are begun."""

    book: RuleBook
    budget: timedelta = BUDGET

    def __call__(self, event: Any) -> Plan | None:
        """`event`: an EventGridEvent or CloudEvent as a dict. None: it is none of ours. Raises `NotEnsured`, `BadCatalogue`."""
        began = self.book.clock.now()
        try:
            change = read(event)
        except NotAnExtension as refusal:
            log.info("passed over: %s", refusal)
            return None
        findings = list[Finding]()
        try:
            there = self._there(change, findings)
        except _Another:
            log.info("passed over: an extension of another type on %s", change.cluster.name)
            return None
        look = self.book.one(change, there)
        done = self.book.apply(look.plan, began + self.budget)
        _log(change, look.plan)
        for one in done.refused:
            log.warning("%s: %s", one.name, one.detail)
        failed = [one for one in done.findings if one not in done.refused]
        if missed := [*findings, *look.missed, *failed]:  # the rest is for people: no delivery mends it, and the timer tells it
            raise NotEnsured("; ".join(dict.fromkeys(f"{one.name}: {one.detail}" for one in missed)))
        return look.plan

    def _there(self, change: ExtensionChange, findings: list[Finding]) -> bool | None:
        """Whether it is there now, whatever the event says and in whatever state; None: nobody could say. Raises `_Another`."""
        try:
            found = self.book.arm.get(change.arm_id)
        except Unanswered as fault:
            findings.append(fault.finding)
            return None
        if found is None:
            return False
        said = text(get(get(found, "properties"), "extensionType")).strip().lower()
        if said and said != TYPE:
            raise _Another
        return True if said else None


def _log(change: ExtensionChange, made: Plan) -> None:
    counts = f"{len(made.writes)} of {len(made.steps)} rules written"
    log.info("%s/%s (%s): %s", change.cluster.name, change.name, change.correlation or "no correlation", counts)
    for step in made.writes:
        log.info("%s %s: %s", step.verb, step.rule.name, "; ".join(step.reasons))
