"""The settings of Azure in; where its APIs are, what to sweep and what to look for out.

Law: plain http is for this machine only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from shared.core.coverage import Coverage, Gap
from shared.core.scope import Scope
from shared.setting_reader import Reader

_WORKSPACE = re.compile(
    r"/subscriptions/[0-9a-f-]{36}/resourceGroups/[^/]+/providers/Microsoft\.OperationalInsights/workspaces/[\w-]+",
    re.IGNORECASE | re.ASCII,
)
SWEEPS = frozenset(
    {
        "AGENT_LIMIT",
        "AZURE_RESOURCE_MANAGER_ENDPOINT",
        "CONFIGURATION_LIMIT",
        "COVERAGE_OFF",
        "FLEET_SCOPES",
        "LOG_ANALYTICS_ENDPOINT",
        "LOG_ANALYTICS_WORKSPACES",
        "LOG_LAG",
        "SYNC_LIMIT",
    }
)


@dataclass(frozen=True, slots=True)
class Azure:
    """`scope` empty: no compliance sweep. `workspaces` are resource ids; none: no error sweep. Schedules are the host's."""

    management: str
    logs: str
    client_id: str
    scope: Scope
    workspaces: tuple[str, ...]
    coverage: Coverage
    log_lag: timedelta  # rows younger than that may not be there yet
    schedules: Mapping[str, str] = field(default_factory=dict)  # job → NCRONTAB; here only to say that one is missing


def read_azure(read: Reader) -> Azure:
    """Faults go to the reader."""
    return Azure(
        management=read.address("AZURE_RESOURCE_MANAGER_ENDPOINT", "https://management.azure.com"),
        logs=read.address("LOG_ANALYTICS_ENDPOINT", "https://api.loganalytics.io"),
        client_id=read.text("AZURE_CLIENT_ID"),
        scope=_scope(read),
        workspaces=_workspaces(read),
        coverage=_coverage(read),
        log_lag=read.duration("LOG_LAG", "5m"),
        schedules={
            "notify_teams": read.text("NOTIFY_SCHEDULE"),
            "sweep_compliance": read.text("COMPLIANCE_SCHEDULE"),
            "sweep_errors": read.text("ERRORS_SCHEDULE"),
            "reconcile_alert_rules": read.text("RULES_SCHEDULE"),
        },
    )


def _scope(read: Reader) -> Scope:
    try:
        return Scope.of(read.words("FLEET_SCOPES"))
    except ValueError:
        read.fault("FLEET_SCOPES", "takes ids of subscriptions, names of management groups, or *, separated by commas")
        return Scope()


def _workspaces(read: Reader) -> tuple[str, ...]:
    given = read.words("LOG_ANALYTICS_WORKSPACES")
    if not all(_WORKSPACE.fullmatch(one) for one in given):
        read.fault("LOG_ANALYTICS_WORKSPACES", "takes resource ids (/subscriptions/…/workspaces/…), separated by commas")
    found = dict[str, str]()
    for one in given:
        if _WORKSPACE.fullmatch(one):
            found.setdefault(one.lower(), one)
    return tuple(found.values())


def _coverage(read: Reader) -> Coverage:
    off = read.words("COVERAGE_OFF")
    if unknown := set(off) - set(Gap):
        read.fault("COVERAGE_OFF", f"names {len(unknown)} that do not exist; there are: {', '.join(Gap)}")
    return Coverage(
        off=frozenset(Gap(one) for one in off if one in set(Gap)),
        expect=tuple(glob.lower() for glob in read.words("EXPECT_FLUX")),
        configuration_limit=read.duration("CONFIGURATION_LIMIT", "24h"),
        sync_limit=read.duration("SYNC_LIMIT", "6h"),
        agent_limit=read.duration("AGENT_LIMIT", "1h"),
    )
