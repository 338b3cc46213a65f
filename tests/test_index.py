"""The app in, through Microsoft's worker library in a process of its own; exactly the functions that Azure will show out.

One wrong annotation makes every function vanish, and Azure does not say why: so what is indexed is compared whole.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

pytest.importorskip("azure_functions_runtime", reason="Microsoft's worker library exists for Python 3.13 and newer")

from local.host.process import HostProcess
from tests.parts import HOME, app_folder

EVENTS = "flux/events/{subscription}/{resource_group}/{cluster_type}/{cluster}"
SCHEDULES = {
    "NOTIFY_SCHEDULE": "*/10 * * * * *",
    "COMPLIANCE_SCHEDULE": "0 */5 * * * *",
    "ERRORS_SCHEDULE": "30 */10 * * * *",
    "RULES_SCHEDULE": "0 7 * * * *",
}

HTTP = {
    "receive_flux_event": (EVENTS, ["POST"], "FUNCTION"),
    "receive_azure_alert": ("azure/alerts", ["POST"], "FUNCTION"),
    "fleet": ("fleet", ["GET"], "FUNCTION"),
    "health": ("health", ["GET"], "FUNCTION"),
}
"""Function → route, methods, level of its key."""

TIMERS = {
    "notify_teams": "NOTIFY_SCHEDULE",
    "sweep_compliance": "COMPLIANCE_SCHEDULE",
    "sweep_errors": "ERRORS_SCHEDULE",
    "reconcile_alert_rules": "RULES_SCHEDULE",
}
"""Function → the setting that holds its schedule."""

EVENT_GRID = {"ensure_alert_rules"}
ALL = {*HTTP, *TIMERS, *EVENT_GRID}


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The trigger of each function by its name. No setting but the schedules is there: an index needs none."""
    app = app_folder(tmp_path_factory.mktemp("index"))
    with HostProcess(app, SCHEDULES, timers=False, storage="none") as host:
        found = requests.get(f"{host.url}/admin/functions", timeout=10).json()
        assert not [function for function in found if function["error"]]
        yield {function["name"]: function["config"]["bindings"][0] for function in found}


def test_the_functions_are_these_and_no_others(indexed: dict[str, Any]) -> None:
    assert set(indexed) == ALL


def test_every_function_with_a_decorator_is_indexed(indexed: dict[str, Any]) -> None:
    """A blueprint that nobody registered would be missing in silence."""
    tree = ast.parse((HOME / "function_app.py").read_text("utf-8"))
    assert set(indexed) == {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.decorator_list}


@pytest.mark.parametrize("name", HTTP)
def test_an_http_function_has_its_route_methods_and_key(indexed: dict[str, Any], name: str) -> None:
    trigger = indexed[name]
    assert trigger["type"] == "httpTrigger"
    assert (trigger["route"], trigger["methods"], trigger["authLevel"]) == HTTP[name]


@pytest.mark.parametrize("name", TIMERS)
def test_a_timer_has_the_schedule_of_its_setting_and_does_not_run_at_every_start(indexed: dict[str, Any], name: str) -> None:
    trigger = indexed[name]
    assert trigger["type"] == "timerTrigger"
    assert trigger["schedule"] == SCHEDULES[TIMERS[name]]
    assert not trigger.get("runOnStartup")


@pytest.mark.parametrize("name", EVENT_GRID)
def test_an_event_grid_function_takes_one_event(indexed: dict[str, Any], name: str) -> None:
    assert (indexed[name]["type"], indexed[name].get("cardinality")) == ("eventGridTrigger", None)


def test_a_job_has_the_name_of_its_function() -> None:
    jobs = {path.stem for path in (HOME / "shared/jobs").glob("*.py")} - {"__init__"}
    assert jobs == ALL


def test_the_host_serves_under_api() -> None:
    """The address in every cluster's Provider begins with it."""
    assert json.loads((HOME / "host.json").read_text("utf-8"))["extensions"]["http"]["routePrefix"] == "api"
