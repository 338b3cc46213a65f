"""A request of an action group in; the incident that the alert is about stored, and the answer out.

Law: 202 for every alert, also for one that nothing can be done with: it is named, never guessed. 503 only if it could not be
looked at, for then no action group calls for 15 minutes.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.core import azure_alert
from shared.core.alert_cluster import Directory, NoCluster, cluster_of
from shared.core.alert_findings import JOB, noted
from shared.core.alert_observation import observe
from shared.core.alert_subject import subject_of
from shared.core.azure_alert import Alert
from shared.core.incident import Flap
from shared.core.observation import Observation
from shared.core.refusal import Refused
from shared.core.trouble import Unanswered
from shared.intake import NOT_STORED, RETRY_AFTER, Reply, remember
from shared.ports import Clock, FleetBook, IncidentStore, Journal, StoreUnavailable, TokenCheck

FRESH = timedelta(minutes=1)  # the inventory changes every few minutes, and alerts come by the dozen

log = logging.getLogger(__name__)


@dataclass(slots=True)
class ReceiveAzureAlert:
    """The job. `token` checks who calls; None: the function key is all that is asked for."""

    store: IncidentStore
    fleet: FleetBook
    journal: Journal
    clock: Clock
    flap: Flap = field(default_factory=Flap)
    token: TokenCheck | None = None
    _known: tuple[datetime, Directory] | None = field(default=None, init=False, repr=False)

    def __call__(self, headers: Mapping[str, str], body: bytes) -> Reply:
        """`headers` have lower-case names."""
        try:
            if self.token is not None:
                self.token.check(headers.get("authorization", ""))
            alert = azure_alert.from_http(headers, body, now=self.clock.now())
            return self._taken(alert)
        except Refused as refused:
            log.warning("an alert is refused: %s", refused)
            return Reply(refused.status, "refused", str(refused))
        except Unanswered as fault:
            log.error("an alert is not looked at: %s", fault)
            return Reply(503, "not-checked", "nobody can tell who calls, send it again", RETRY_AFTER)
        except StoreUnavailable as fault:
            log.error("not stored: %s", fault)
            return NOT_STORED

    def _taken(self, alert: Alert) -> Reply:
        if why := _moot(alert):
            return _left("noted", alert, why)
        try:
            info = cluster_of(alert, self._directory())
        except NoCluster as unknown:
            self._note(alert, unknown)
            return _left("noted", alert, str(unknown))
        seen = observe(alert, subject_of(alert, info.cluster))
        if info.alerts_off and (alert.fires or not self._heard(seen)):
            return _left("ignored", alert, f"alerts of {info.cluster.name} are off by its tag")
        change = remember(self.store, seen, self.flap)
        subject = seen.subject
        where = (subject.kind, f"{subject.namespace}/{subject.name}".lstrip("/"), subject.cluster.name)
        log.info("%s: alert %s about %s %s on %s: %s", change.outcome, alert.name, *where, change.reason)
        return Reply(202, change.outcome, change.reason)

    def _heard(self, seen: Observation) -> bool:
        """It fired before."""
        known = self.store.load(seen.subject).incident
        return known is not None and seen.rule in known.alerts

    def _directory(self) -> Directory:
        """The inventory as it was a minute ago at most."""
        now = self.clock.now()
        if self._known is None or not timedelta() <= now - self._known[0] < FRESH:
            self._known = now, Directory.of(self.fleet.inventory())
        return self._known[1]

    def _note(self, alert: Alert, unknown: NoCluster) -> None:
        """For health. That it cannot be written is no reason to have the alert sent again: the log has it."""
        try:
            before = self.journal.runs().get(JOB)
            run = noted(before, alert.name, unknown, self.clock.now())
            if run is not before:
                self.journal.put_run(run)
        except StoreUnavailable as fault:
            log.warning("not noted: %s", fault)


def _moot(alert: Alert) -> str:
    """Why an alert opens no incident, wherever it is from; empty if it does."""
    if alert.is_test:
        return "it is the portal's test"
    if alert.fires is None:
        return "it neither fires nor is resolved"
    if alert.signal == "activity log":
        return "it tells of an event: no such alert is ever resolved"
    return ""


def _left(outcome: str, alert: Alert, why: str) -> Reply:
    log.info("%s: alert %s: %s", outcome, alert.name, why)
    return Reply(202, outcome, why)
