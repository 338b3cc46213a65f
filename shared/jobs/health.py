"""Settings, store, channels, latest runs and, on demand, Azure in; whether all is well, and what to do where it is not, out.

Law: it always answers, above all when everything else does not work: whatever a check raises is a finding of that check.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any, Protocol

from shared.core import action_group, alert_findings, health_azure, health_rules, health_telling, health_timers
from shared.core.alert_rule import Rule, RuleKind
from shared.core.finding import Finding, Run
from shared.core.health_report import Report, Status
from shared.core.health_timers import Timer
from shared.core.trouble import Trouble, Unanswered
from shared.ports import AlertRules, Board, Clock, Journal, Logs, ResourceGraph, ResourceManager, StoreUnavailable, Watermarks
from shared.setting_advice import advice
from shared.settings import Settings

EACH = 12.0  # seconds that one check may take
WHOLE = 27.0  # seconds that all of them may take: those who ask wait no longer than 30
MINUTES = timedelta(minutes=5)  # of logs, to see that a workspace answers
JOB = "health"

type Json = dict[str, Any]
type Check = Callable[[], Sequence[Finding]]
type Within = Callable[[float, Check], Sequence[Finding]]
"""Seconds and a check → what it found. Raises TimeoutError if it takes longer."""

_STORE = "Check AzureWebJobsStorage; the identity needs Storage Table Data Contributor on the account."
_SLOW = "Look again in a minute. If it lasts, check the way out of the app, and Azure's own health."
_SKIPPED = "Mend what is slow first: it took all the time that there is for a look."
_BUG = "This is a fault of Fluxwatch itself: report it, with these words."
_WIDESPREAD = frozenset({Trouble.NO_IDENTITY, Trouble.UNREACHABLE, Trouble.THROTTLED, Trouble.TIMEOUT, Trouble.TOO_WIDE})


class Store(Board, Journal, Watermarks, Protocol):
    """What health reads of the table, and the one row that it writes."""


@dataclass(frozen=True, slots=True)
class Azure:
    """How Azure is reached. Each part is made when it is wanted: one that cannot be made is a finding."""

    token: Callable[[], object]  # for Azure Resource Manager; raises `Unanswered`
    graph: Callable[[], ResourceGraph]
    arm: Callable[[], ResourceManager]
    logs: Callable[[], Logs]
    rules: Callable[[], AlertRules]


def at_once(_: float, check: Check) -> Sequence[Finding]:
    """For checks that are known to end."""
    return check()


@dataclass(frozen=True, slots=True)
class Health:
    """The job. `faults` are those of the settings; with any, `settings` is what is left of them, and the store is not asked."""

    clock: Clock
    settings: Settings
    store: Callable[[], Store]
    faults: Sequence[str] = ()
    azure: Azure | None = None
    within: Within = at_once

    def __call__(self, *, deep: bool = False, tell: Callable[[str], None] = lambda _: None) -> Report:
        """Quick: settings, store, channels, latest runs. Deep: Azure is asked as well. `tell` hears what is looked at next."""
        began, look = self.clock.now(), _Look(self.clock, self.within if deep else at_once, tell)
        if self.faults:
            look.found += [Finding("settings", False, fault, "Correct the app setting.") for fault in self.faults]
        else:
            look.found.append(Finding("settings", True))
            look.found += [timer.setting_finding for timer in _timers(self.settings) if not timer.journals]
            if look.at("store", self._remembered) and deep:
                self._look_at_store(look)
        if deep:
            look.found += advice(self.settings)
            self._look_at_azure(look)
        return Report(began, tuple(look.found), deep, look.seconds)

    def answer(self, query: Mapping[str, str]) -> tuple[Json, int]:
        """To an HTTP request, with its status: 503 when failing."""
        report = self(deep=query.get("deep", "").lower() in ("1", "true"))
        return report.as_json(), 503 if report.status is Status.FAILING else 200

    # ---------------------------------------------------------------------------------------------------------- store

    def _remembered(self) -> Sequence[Finding]:
        store, now = self.store(), self.clock.now()
        ledger, _ = store.ledger(now)
        runs = store.runs()
        jobs = [timer.job for timer in _timers(self.settings) if timer.journals]
        return [
            Finding("store", True),
            *health_telling.channels(self.settings.routing.connections, ledger),
            *(one for job in jobs for one in health_timers.ran(job, runs.get(job), now)),
            *alert_findings.lately(runs.get(alert_findings.JOB), now),
        ]

    def _look_at_store(self, look: _Look) -> None:
        look.at("store write", self._written)
        look.at("telling", self._telling)
        if self.settings.azure.workspaces:
            look.at("watermarks", self._watermarks)

    def _written(self) -> Sequence[Finding]:
        """By a row that is health's own: nothing else is touched."""
        self.store().put_run(Run(JOB, self.clock.now()))
        return [Finding("store write", True)]

    def _telling(self) -> Sequence[Finding]:
        store, now = self.store(), self.clock.now()
        ledger, muted = store.ledger(now)
        tracked = store.tracked(now)
        return [health_telling.telling(tracked, self.settings.routing, ledger, muted, now, self.settings.policy)]

    def _watermarks(self) -> Sequence[Finding]:
        store, now, azure = self.store(), self.clock.now(), self.settings.azure
        run, marks = store.runs().get("sweep_errors"), store.marks()
        found = []
        for workspace in azure.workspaces:
            until = {mark.query: mark.until for mark in marks if mark.workspace.lower() == workspace.lower()}
            name = f"{health_azure.workspace_name(workspace)}: watermarks"
            found.append(health_timers.read_up_to(name, until, run, azure.log_lag, now))
        return found

    # ---------------------------------------------------------------------------------------------------------- Azure

    def _look_at_azure(self, look: _Look) -> None:
        wanted, alerts, azure = self.settings.azure, self.settings.alerts, self.azure
        if azure is None or not (wanted.scope or wanted.workspaces or alerts.group):
            return
        if not look.at("identity", lambda: _identity(azure)):
            return  # nothing else can be asked, and each would wait as long to say the same
        if wanted.scope:
            look.at(health_azure.GRAPH, lambda: _graph(azure, self.settings))
        for workspace in wanted.workspaces:
            look.at(health_azure.workspace_name(workspace), partial(self._workspace, azure, workspace))
        if alerts.group:
            look.at(health_rules.RULES, lambda: _rules(azure, self.settings))
            look.at(health_rules.WORKSPACES, lambda: _workspaces(azure, self.settings))

    def _workspace(self, azure: Azure, workspace: str) -> Sequence[Finding]:
        name = health_azure.workspace_name(workspace)
        head = health_azure.workspace(name, azure.arm().get(workspace))
        if not head.ok:
            return [head]
        logs, end = azure.logs(), self.clock.now() - self.settings.azure.log_lag
        plans: dict[str, str | Unanswered] = {}
        for table in health_azure.TABLES:
            try:
                plans[table] = logs.plan(workspace, table)
            except Unanswered as fault:
                plans[table] = fault
        found = [head, *health_azure.tables(name, plans)]
        try:
            answer = logs.ask(workspace, "flux_controllers", {"_start": end - MINUTES, "_end": end})
        except Unanswered as fault:
            if fault.trouble is not Trouble.NO_TABLE or all(one.ok for one in found):  # else it is said already
                found.append(replace(fault.finding, name=f"{name}: query"))
            return found
        return [*found, health_azure.logs(f"{name}: query", answer.rows, answer.partial)]


class _Look:
    """One round of looking: what was found, and how long each part took. No part can end it, or take more than its time."""

    def __init__(self, clock: Clock, within: Within, tell: Callable[[str], None]) -> None:
        self._clock, self._within, self._tell = clock, within, tell
        self._began = clock.now()
        self.found, self.seconds = list[Finding](), dict[str, float]()

    def at(self, name: str, check: Check) -> bool:
        """Whether the check came to its end; whatever keeps it from that is a finding of its name."""
        start = self._clock.now()
        left = WHOLE - (start - self._began).total_seconds()
        if left <= 0:
            self.found.append(Finding(name, False, "not looked at: no time is left", _SKIPPED))
            return False
        self._tell(name)
        try:
            self.found += self._within(min(EACH, left), check)
        except Exception as fault:
            self.found.append(_finding(name, fault))
            return False
        finally:
            self.seconds[name] = round((self._clock.now() - start).total_seconds(), 1)
        return True


def _finding(name: str, fault: Exception) -> Finding:
    """Only what is ours is quoted: the text of anything else may hold an address or a key."""
    if isinstance(fault, Unanswered):
        return replace(fault.finding, name=name)
    if isinstance(fault, StoreUnavailable):
        return Finding(name, False, str(fault), _STORE)
    if isinstance(fault, TimeoutError):
        return Finding(name, False, "no answer in time", _SLOW)
    return Finding(name, False, f"ended in {type(fault).__name__}", _BUG)


def _identity(azure: Azure) -> Sequence[Finding]:
    azure.token()
    return [Finding("identity", True)]


def _graph(azure: Azure, settings: Settings) -> Sequence[Finding]:
    graph = azure.graph()
    answers = _answers({query: partial(graph.ask, query) for query in health_azure.QUERIES})
    return health_azure.graph(answers, settings.azure.scope)


def _rules(azure: Azure, settings: Settings) -> Sequence[Finding]:
    """Reads only: whether they may be written, each run of reconcile_alert_rules finds out."""
    rules = azure.rules()

    def group() -> Sequence[Rule]:
        found = rules.action_group(action_group.NAME)
        return [found] if found else []

    asked = {RuleKind.METRICS: rules.groups, RuleKind.LOGS: rules.log_rules, RuleKind.ACTIONS: group}
    if settings.alerts.actions:  # somebody else's, and not in this resource group
        del asked[RuleKind.ACTIONS]
    return [*health_rules.listed(_answers(asked))]


def _workspaces(azure: Azure, settings: Settings) -> Sequence[Finding]:
    wanted = {"AZURE_MONITOR_WORKSPACE": settings.alerts.metrics, "LOG_ANALYTICS_WORKSPACES": settings.azure.workspaces}
    if not settings.azure.scope:
        return [health_rules.nowhere()]
    return [*health_rules.workspaces(wanted, azure.graph().ask(health_rules.QUERY))]


def _answers[Asked, Answered](questions: Mapping[Asked, Callable[[], Answered]]) -> dict[Asked, Answered | Unanswered]:
    """In turn, up to the first trouble of which the next would wait as long to say the same."""
    answers = dict[Asked, Answered | Unanswered]()
    for asked, question in questions.items():
        try:
            answers[asked] = question()
        except Unanswered as fault:
            answers[asked] = fault
            if fault.trouble in _WIDESPREAD:
                break
    return answers


def _timers(settings: Settings) -> tuple[Timer, ...]:
    azure = settings.azure
    switches = {
        "": True,
        "FLEET_SCOPES": bool(azure.scope),
        "LOG_ANALYTICS_WORKSPACES": bool(azure.workspaces),
        "ALERT_RESOURCE_GROUP": bool(settings.alerts.group),
    }
    rows = (  # job, setting of its schedule, what that usually is, what does not happen without it, what switches it on
        ("notify_teams", "NOTIFY_SCHEDULE", "*/10 * * * * *", "nothing is told", ""),
        ("sweep_compliance", "COMPLIANCE_SCHEDULE", "0 */5 * * * *", "what events miss is not seen", "FLEET_SCOPES"),
        ("sweep_errors", "ERRORS_SCHEDULE", "30 */10 * * * *", "logs are not read", "LOG_ANALYTICS_WORKSPACES"),
        ("reconcile_alert_rules", "RULES_SCHEDULE", "0 7 * * * *", "alert rules are not kept", "ALERT_RESOURCE_GROUP"),
    )
    return tuple(
        Timer(job, setting, azure.schedules[job], usual, without, switch, switches[switch])
        for job, setting, usual, without, switch in rows
    )
