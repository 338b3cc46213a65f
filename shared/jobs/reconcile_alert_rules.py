"""The catalogue and what Azure shows of the fleet in; Azure Monitor's rules as they shall be, and a run, out.

Law: what it does not see it does not delete; the second run in a row writes nothing.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta

from shared.core.alert_rule import Step
from shared.core.finding import Run
from shared.ports import Journal
from shared.rule_book import RuleBook

JOB = "reconcile_alert_rules"
COUNTS = ("created", "updated", "deleted", "left", "failed")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReconcileAlertRules:
    """The job. After `budget` no more writes are begun: the next run makes the rest."""

    book: RuleBook
    journal: Journal
    budget: timedelta = timedelta(minutes=4)

    def __call__(self) -> Run:
        """One run. Raises `StoreUnavailable` and `BadCatalogue`; what Azure does is never an error here."""
        at = self.book.clock.now()
        look = self.book.fleet()
        done = self.book.apply(look.plan, at + self.budget)
        before = self.journal.runs().get(JOB)
        run = Run(
            JOB,
            at,
            seconds=(self.book.clock.now() - at).total_seconds(),
            gap=(at - before.at).total_seconds() if before else 0.0,
            counts={name: done.counts[name] for name in COUNTS},
            before=before.counts if before else {},
            findings=(*look.missed, *look.plan.findings, *done.findings),
        )
        self.journal.put_run(run)
        _log(look.plan.writes, run)
        return run


def _log(writes: tuple[Step, ...], run: Run) -> None:
    for step in writes:
        log.info("%s %s: %s", step.verb, step.rule.name, "; ".join(step.reasons))
    log.info("%s", ", ".join(f"{name}: {count}" for name, count in run.counts.items()))
    for finding in run.findings:
        log.warning("%s: %s", finding.name, finding.detail)
