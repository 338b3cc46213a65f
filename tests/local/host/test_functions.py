"""What the worker library indexes in; functions as the host runs them out."""

from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("azure_functions_runtime", reason="Microsoft's worker library exists for Python 3.13 and newer")

from local.host.functions import HTTP, TIMER, Retry, described, of_kind


def indexed(name: str, retry: Any = None, **trigger: Any) -> Any:
    bindings = [{"type": "http", "name": "$return"}, {"type": "timerTrigger", "name": "timer", **trigger}]
    return SimpleNamespace(
        name=name, function_id=f"id of {name}", raw_bindings=[json.dumps(b) for b in bindings], retry_options=retry
    )


def test_the_trigger_is_found_among_the_bindings_and_its_settings_expanded() -> None:
    function = described([indexed("f", schedule="%S%")], {"S": "0 * * * * *"})["f"]
    assert (function.id, function.kind, function.trigger["schedule"], function.runs) == ("id of f", TIMER, "0 * * * * *", True)


def test_one_function_in_error_leaves_the_others_running() -> None:
    functions = described(
        [indexed("a", schedule="%S%"), indexed("b"), indexed("B"), indexed("_c"), indexed("d", type="blobTrigger")], {}
    )
    assert {name: function.error for name, function in functions.items()} == {
        "a": "the setting S is missing",
        "b": "",
        "B": "another function has this name in a different letter case",
        "_c": "Azure does not allow this name for a function",
        "d": "the local host has no blobTrigger",
    }
    assert [function.name for function in of_kind(functions, TIMER)] == ["b"]


@pytest.mark.parametrize(("value", "disabled"), [("true", True), ("True", True), ("1", True), ("false", False), ("", False)])
def test_a_function_is_switched_off_by_a_setting(value: str, disabled: bool) -> None:
    assert described([indexed("f")], {"AzureWebJobs.f.Disabled": value})["f"].disabled is disabled


def test_both_kinds_of_retry_policy_are_understood() -> None:
    second, minute = timedelta(seconds=1), timedelta(minutes=1)
    fixed = SimpleNamespace(max_retry_count=3, delay_interval=second)
    growing = SimpleNamespace(max_retry_count=-1, minimum_interval=second, maximum_interval=minute)
    functions = described([indexed("fixed", fixed), indexed("growing", growing), indexed("none")], {})
    assert [function.retry for function in functions.values()] == [Retry(3, second, second), Retry(-1, second, minute), None]


@pytest.mark.parametrize(
    ("trigger", "told"),
    [
        ({"type": HTTP, "route": "flux/{x}", "methods": ["POST"]}, "POST /api/flux/{x}"),
        ({"type": HTTP}, "ANY /api/f"),
        ({"schedule": "0 * * * * *"}, "timer 0 * * * * *"),
        ({"type": "eventGridTrigger"}, "Event Grid"),
        ({"schedule": "%S%"}, "in error: the setting S is missing"),
    ],
)
def test_a_function_tells_what_starts_it(trigger: dict[str, Any], told: str) -> None:
    assert described([indexed("f", **trigger)], {})["f"].told("api") == told
