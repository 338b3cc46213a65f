"""Answers of Azure and settings in; jobs of health, and what they find, out.

Law: everything is well unless a test says otherwise, so that what it finds is what it broke.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from shared.core.alert_rule import OWNER, OWNER_TAG, Rule, RuleKind
from shared.core.finding import Finding, Run
from shared.core.routing import DEFAULT
from shared.core.told import ChannelState, Ledger
from shared.jobs.health import Azure, Health
from shared.ports import LogRows, Parameter, Presence
from shared.settings import Settings, SettingsError
from tests.examples import SUBSCRIPTION, after, cluster
from tests.fakes import FakeClock, FakeStore

WORKSPACE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-mon/providers/Microsoft.OperationalInsights/workspaces/law-1"
METRICS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-mon/providers/Microsoft.Monitor/accounts/amw-1"
OTHER = "00000000-0000-0000-0000-000000000002"
ENV = {
    "FLUX_HMAC_KEY": "a-signing-key-for-tests-only",
    "TEAMS_WEBHOOK_URL": "https://contoso.example/workflows/1?sig=do-not-show-this",
    "TEAMS_FALLBACK_WEBHOOK_URL": "https://contoso.example/workflows/2?sig=do-not-show-this",
    "AzureWebJobsStorage": "UseDevelopmentStorage=true",
    "NOTIFY_SCHEDULE": "*/10 * * * * *",
    "FLUXWATCH_URL": "https://fluxwatch.contoso.example",
    "RUNBOOK_URL": "https://git.contoso.example/docs/runbooks",
}
SWEEPS = {
    "FLEET_SCOPES": SUBSCRIPTION,
    "COMPLIANCE_SCHEDULE": "0 */5 * * * *",
    "LOG_ANALYTICS_WORKSPACES": WORKSPACE,
    "ERRORS_SCHEDULE": "30 */10 * * * *",
}
RULES = {
    "ALERT_RESOURCE_GROUP": f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-alerts",
    "RULES_SCHEDULE": "0 7 * * * *",
    "AZURE_MONITOR_WORKSPACE": METRICS,
    "ALERT_KEY": "do-not-show-this-key",
}
ROWS: Mapping[str, list[dict[str, Any]]] = {
    "clusters": [{"id": cluster().arm_id, "subscriptionId": SUBSCRIPTION}],
    "subscriptions": [{"subscriptionId": SUBSCRIPTION, "subscriptionName": "prod"}],
    "flux_extensions": [{"clusterId": cluster().key}],
    "flux_configurations": [{"clusterId": cluster().key}],
}
ALERT_WORKSPACES = [{"id": METRICS.upper()}, {"id": WORKSPACE.upper()}]

type Answer = Any  # what is given back, or an exception that is raised


def given(answer: Answer) -> Any:
    if isinstance(answer, Exception):
        raise answer
    return answer


def rule(kind: RuleKind, name: str = "one", owner: str = OWNER) -> Rule:
    return Rule(kind, name, "westeurope", {}, {OWNER_TAG: owner} if owner else {})


class FakeAzure:
    """Fits ResourceGraph, ResourceManager, Logs and, as far as it is read, AlertRules. Answers are what is well, unless `but`
    says otherwise for one.
    """

    def __init__(self, **but: Answer) -> None:
        line = {"_ResourceId": cluster().arm_id, "Controller": "source-controller", "Lines": 3}
        self.answers: dict[str, Answer] = {
            **ROWS,
            "token": "a token",
            "resource": {"properties": {"customerId": "00000000-0000-0000-0000-0000000000aa"}},
            **dict.fromkeys(("ContainerLogV2", "KubeEvents", "KubePodInventory"), "Analytics"),
            "flux_controllers": LogRows([line]),
            "alert_workspaces": ALERT_WORKSPACES,
            **{kind.name.lower(): [rule(kind)] for kind in RuleKind},
            **but,
        }
        self.asked: list[str] = []

    def _answer(self, name: str) -> Any:
        self.asked.append(name)
        return given(self.answers[name])

    def token(self) -> object:
        return self._answer("token")

    def presence(self, arm_id: str) -> Presence:
        raise AssertionError(arm_id)

    def get(self, arm_id: str) -> Mapping[str, Any] | None:
        assert arm_id == WORKSPACE
        return self._answer("resource")

    def plan(self, workspace: str, table: str) -> str:
        return self._answer(table)

    def groups(self) -> Sequence[Rule]:
        return self._answer("metrics")

    def log_rules(self) -> Sequence[Rule]:
        return self._answer("logs")

    def action_group(self, name: str) -> Rule | None:
        return next((one for one in self._answer("actions")), None)

    def put(self, rule: Rule) -> None:
        raise AssertionError(rule.name)

    delete = put


class FakeGraph:
    def __init__(self, azure: FakeAzure) -> None:
        self.azure = azure

    def ask(self, query: str) -> Sequence[Mapping[str, Any]]:
        return self.azure._answer(query)


class FakeLogs:
    def __init__(self, azure: FakeAzure) -> None:
        self.azure, self.plan = azure, azure.plan

    def ask(self, workspace: str, query: str, parameters: Mapping[str, Parameter]) -> LogRows:
        assert parameters == {"_start": after(minutes=-10), "_end": after(minutes=-5)}  # what is younger may not be there yet
        return self.azure._answer(query)


def settings(**but: str) -> Settings:
    return Settings.from_env({**ENV, **but})


def azure(fake: FakeAzure) -> Azure:
    return Azure(fake.token, lambda: FakeGraph(fake), lambda: fake, lambda: FakeLogs(fake), lambda: fake)


def health(store: FakeStore, fake: FakeAzure | None = None, **but: str) -> Health:
    return Health(FakeClock(), settings(**but), lambda: store, azure=azure(fake or FakeAzure()))


def quick(store: FakeStore, **but: str) -> tuple[str, dict[str, dict[str, Any]]]:
    return read(health(store, **but))


def deep(fake: FakeAzure, store: FakeStore | None = None, **but: str) -> tuple[str, dict[str, dict[str, Any]]]:
    return read(health(store or FakeStore(), fake, **SWEEPS, **but), deep=True)


def read(job: Health, **how: Any) -> tuple[str, dict[str, dict[str, Any]]]:
    answer = job(**how).as_json()
    return answer["status"], {check.pop("name"): check for check in answer["checks"]}


def wrong(checks: Mapping[str, dict[str, Any]]) -> dict[str, str]:
    """Name → detail of what is not well; everything that is not has a remedy."""
    assert all(check["remedy"] for check in checks.values() if not check["ok"])
    return {name: check["detail"] for name, check in checks.items() if not check["ok"]}


def with_channel(state: ChannelState) -> FakeStore:
    store = FakeStore()
    store.stored = Ledger(channels={DEFAULT: state})
    return store


def ran(minutes: float, *findings: Finding, gap: float = 300.0) -> FakeStore:
    store = FakeStore()
    store.put_run(Run("sweep_compliance", after(minutes=-minutes), 2.5, gap, {"clusters": 3}, {}, findings))
    store.calls.clear()
    return store


def faulty(**env: str) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({**ENV, **env})
    return caught.value
