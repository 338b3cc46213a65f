"""Settings with a fault in; which functions do their work all the same, and which do not, out.

Law: what a function does not need must not stop it; what it needs and is wrong is never taken for not given.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from shared.settings import SettingsError
from shared.wiring import App
from tests.app_settings import GOOD

EVENTS, ALERTS, TELLING = "receive_flux_event", "receive_azure_alert", "notify_teams"
SWEEPS, RULES = {"sweep_compliance", "sweep_errors"}, {"ensure_alert_rules", "reconcile_alert_rules"}
ALL = {EVENTS, ALERTS, TELLING, *SWEEPS, *RULES}
TENANT = "11111111-1111-1111-1111-111111111111"


def running(env: Mapping[str, str]) -> set[str]:
    """Those that can be made of the settings."""
    app, made = App(GOOD | env), set()
    for name in ALL:
        try:
            getattr(app, name)
        except SettingsError:
            continue
        made.add(name)
    return made


@pytest.mark.parametrize(
    ("env", "stopped"),
    [
        ({}, set()),
        ({"ROUTES": "["}, {TELLING}),
        ({"TEAMS_WEBHOOK_URL": ""}, {TELLING}),
        ({"FLUX_HMAC_KEY": "short"}, {EVENTS, TELLING}),
        ({"AzureWebJobsStorage": ""}, ALL),
        ({"FLEET_SCOPES": "no//scope"}, SWEEPS | RULES),
        ({"LOG_ANALYTICS_WORKSPACES": "law"}, SWEEPS | RULES),
        ({"AGENT_LIMIT": "soon"}, SWEEPS | RULES),
        ({"ALERT_RESOURCE_GROUP": "rg"}, RULES),
        ({"ALERT_RESOURCE_GROUP": f"/subscriptions/{TENANT}/resourceGroups/rg"}, RULES),
        ({"ALERT_ENTRA_TENANT": TENANT}, {ALERTS} | RULES),
        ({"ALERT_ENTRA_TENANT": "contoso"}, {ALERTS} | RULES),
        ({"RUNBOOK_URL": "ftp://runbooks"}, {TELLING} | RULES),
    ],
    ids=lambda one: str(one) if isinstance(one, dict) else "stops",  # a set has no order
)
def test_a_fault_stops_those_that_need_the_setting(env: dict[str, str], stopped: set[str]) -> None:
    assert running(env) == ALL - stopped
