"""App settings in; jobs, ready to be called, out. The composition root: each part is made once, when it is first wanted.

Law: nothing happens at import; nothing but this module and `wiring_outside` knows which adapter fits which port.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from shared.core.card_links import Links
from shared.core.visitor import Door, wants_page
from shared.once import once
from shared.setting_reader import Reader
from shared.settings import ALERTS, EVENTS, KEEPS, LOOKS, TELLS_WITHOUT, SettingsError
from shared.wiring_outside import Outside

if TYPE_CHECKING:
    from shared.intake import Reply as Reply
    from shared.jobs.fleet import Fleet
    from shared.jobs.health import Health
    from shared.jobs.notify_teams import NotifyTeams
    from shared.jobs.receive_azure_alert import ReceiveAzureAlert
    from shared.jobs.receive_flux_event import ReceiveFluxEvent
    from shared.rule_book import RuleBook

log = logging.getLogger(__name__)

QUERIES = Path(__file__).parent / "queries"


class App(Outside):
    """The jobs. Their modules, too, are imported when they are wanted."""

    @once
    def links(self) -> Links:
        """Where the buttons of cards lead."""
        settings = self.without(TELLS_WITHOUT)
        return Links(
            portal=settings.portal_url,
            workspace=next(iter(settings.azure.workspaces), ""),
            logs_query=(QUERIES / "object_logs.kql").read_text("utf-8"),
            runbooks=settings.runbook_url,
            fleet=f"{settings.own_url}/api/fleet" if settings.own_url else "",
            git_hosts=settings.git_hosts,
        )

    @once
    def receive_flux_event(self) -> ReceiveFluxEvent:
        """See the job."""
        from shared.jobs.receive_flux_event import ReceiveFluxEvent

        settings = self.needing(EVENTS)
        return ReceiveFluxEvent(self.store, self.clock, settings.hmac_keys, settings.event_window, settings.policy.flap)

    @once
    def receive_azure_alert(self) -> ReceiveAzureAlert:
        """See the job. The token is looked at where ALERT_ENTRA_… name who may call."""
        from shared.adapters.entra_token import EntraToken
        from shared.jobs.receive_azure_alert import ReceiveAzureAlert

        settings, store = self.needing(ALERTS), self.store
        entra = settings.alerts.entra
        return ReceiveAzureAlert(
            store=store,
            fleet=store,
            journal=store,
            clock=self.clock,
            flap=settings.policy.flap,
            token=EntraToken(entra.tenant, entra.app, self.clock, entra.authority) if entra else None,
        )

    @once
    def notify_teams(self) -> NotifyTeams:
        """See the job."""
        from shared.jobs.notify_teams import NotifyTeams

        settings = self.without(TELLS_WITHOUT)
        return NotifyTeams(
            board=self.store,
            inventory=self.store,
            channels=self.channels,
            clock=self.clock,
            routing=settings.routing,
            policy=settings.policy,
            links=self.links,
            keep=settings.keep,
        )

    @once
    def sweep_compliance(self) -> Callable[[], object]:
        """See the job; nothing, where FLEET_SCOPES is empty."""
        from shared.jobs.sweep_compliance import SweepCompliance

        settings, store = self.needing(LOOKS), self.store
        if not settings.azure.scope:
            return _off("sweep_compliance", "FLEET_SCOPES")
        return SweepCompliance(
            graph=self.graph,
            arm=self.arm,
            incidents=store,
            fleet=store,
            journal=store,
            clock=self.clock,
            scope=settings.azure.scope,
            coverage=settings.azure.coverage,
            flap=settings.policy.flap,
        )

    @once
    def sweep_errors(self) -> Callable[[], object]:
        """See the job; nothing, where LOG_ANALYTICS_WORKSPACES is empty."""
        from shared.jobs.sweep_errors import SweepErrors

        settings, store = self.needing(LOOKS), self.store
        if not settings.azure.workspaces:
            return _off("sweep_errors", "LOG_ANALYTICS_WORKSPACES")
        return SweepErrors(
            logs=self.logs,
            watermarks=store,
            incidents=store,
            fleet=store,
            journal=store,
            clock=self.clock,
            workspaces=settings.azure.workspaces,
            lag=settings.azure.log_lag,
            flap=settings.policy.flap,
        )

    @once
    def rules(self) -> RuleBook:
        """What shall be watched, and what is; only where ALERT_RESOURCE_GROUP is set."""
        from shared.adapters.rule_files import shipped
        from shared.rule_book import AT_ONCE, RuleBook, wanted

        return RuleBook(self.graph, self.arm, self.monitor, self.clock, shipped, wanted(self.needing(KEEPS)), AT_ONCE)

    @once
    def ensure_alert_rules(self) -> Callable[[Mapping[str, Any]], object]:
        """See the job; nothing, where ALERT_RESOURCE_GROUP is empty."""
        from shared.jobs.ensure_alert_rules import EnsureAlertRules

        if not self.needing(KEEPS).alerts.group:
            return _off("ensure_alert_rules", "ALERT_RESOURCE_GROUP")
        return EnsureAlertRules(self.rules)

    @once
    def reconcile_alert_rules(self) -> Callable[[], object]:
        """See the job; nothing, where ALERT_RESOURCE_GROUP is empty."""
        from shared.jobs.reconcile_alert_rules import ReconcileAlertRules

        if not self.needing(KEEPS).alerts.group:
            return _off("reconcile_alert_rules", "ALERT_RESOURCE_GROUP")
        return ReconcileAlertRules(self.rules, self.store)

    @once
    def fleet(self) -> Fleet:
        """See the job."""
        from shared.jobs.fleet import Fleet

        settings, store = self.settings, self.store
        sweeps = {"sweep_compliance": bool(settings.azure.scope), "sweep_errors": bool(settings.azure.workspaces)}
        return Fleet(
            archive=store,
            board=store,
            book=store,
            journal=store,
            clock=self.clock,
            routing=settings.routing,
            policy=settings.policy,
            links=self.links,
            sweeps=frozenset(job for job, on in sweeps.items() if on),
        )

    @property
    def health(self) -> Health:
        """Made anew each time, and even when the settings are wrong."""
        from shared.adapters.deadline import within
        from shared.jobs.health import Azure, Health

        azure = Azure(
            token=lambda: self.azure.sign_in(),
            graph=lambda: self.graph,
            arm=lambda: self.arm,
            logs=lambda: self.logs,
            rules=lambda: self.monitor,
        )
        try:
            settings, faults = self.settings, list[str]()
            _ = self.store
        except SettingsError as wrong:
            settings, faults = wrong.settings, wrong.faults
        except Exception:  # health says it by itself, where it looks at the store
            settings, faults = self.settings, []
        return Health(self.clock, settings, lambda: self.store, faults, azure, within)


def _off(job: str, setting: str) -> Callable[..., object]:
    """Said once in the life of the process: nobody asked for it."""
    log.info("%s is off: %s is empty", job, setting)
    return lambda *_: None


class Visit(NamedTuple):
    """A request of somebody who wants to look: why it may not pass (empty if it may), and whether HTML is wanted."""

    refusal: str
    page: bool


def visit(headers: Mapping[str, str], query: Mapping[str, str]) -> Visit:
    """Names of headers are lower-case."""
    return Visit(door().refusal(headers), wants_page(query.get("format", ""), headers.get("accept", "")))


@lru_cache(maxsize=1)
def door() -> Door:
    """Of this process, and decided once: the level of a function is fixed when it is registered. Works with wrong settings."""
    guarded = os.environ.get("WEBSITE_AUTH_ENABLED", "").strip().lower() == "true"  # set by App Service itself
    return Door(Reader(os.environ).flag("FLEET_SIGN_IN"), guarded)


@lru_cache(maxsize=1)
def app() -> App:
    """The one of this process."""
    return App(os.environ)
