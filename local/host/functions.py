"""What the worker library indexed in; the functions as the host runs them out: bindings expanded, disabled, or in error.

Pure: no I/O. A function in error does not keep the others from running.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from local.host.settings import MissingSetting, expand

HTTP, TIMER, EVENT_GRID = "httptrigger", "timertrigger", "eventgridtrigger"
_TRIGGERS = (HTTP, TIMER, EVENT_GRID)
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,127}", re.IGNORECASE | re.ASCII)  # host: Utility.IsValidFunctionName


@dataclass(frozen=True, slots=True)
class Retry:
    """How often and after which waits a failed run is repeated; a limit of -1 is none."""

    limit: int
    shortest: timedelta
    longest: timedelta  # the same as the shortest: a fixed delay

    def wait(self, attempt: int) -> float:
        """Seconds before the repetition `attempt` (1, 2, …)."""
        doubled = self.shortest.total_seconds() * 2.0 ** min(attempt - 1, 32)
        return min(doubled, self.longest.total_seconds())


@dataclass(slots=True)
class Function:
    """One function. `error` says why it does not run; a bad schedule is found only when the timers start."""

    name: str
    id: str
    bindings: list[dict[str, Any]]
    trigger: dict[str, Any]
    retry: Retry | None = None
    disabled: bool = False
    error: str = ""

    @property
    def kind(self) -> str:
        """The type of the trigger in lower case."""
        return str(self.trigger.get("type", "")).lower()

    @property
    def runs(self) -> bool:
        """Whether its trigger may start it."""
        return not (self.disabled or self.error)

    def route(self, prefix: str) -> str:
        """The template of its whole path; without a route of its own it has its name."""
        own = str(self.trigger.get("route") or self.name).strip("/")
        return "/".join(part for part in (prefix, own) if part)

    def told(self, prefix: str) -> str:
        """What starts it, for the list of functions; `prefix` is that of the routes."""
        if not self.runs:
            return f"in error: {self.error}" if self.error else "disabled"
        match self.kind:
            case "httptrigger":
                return f"{' '.join(self.trigger.get('methods') or ['ANY'])} /{self.route(prefix)}"
            case "timertrigger":
                return f"timer {self.trigger.get('schedule')}"
        return "Event Grid"


def described(metadata: Iterable[Any], environ: Mapping[str, str]) -> dict[str, Function]:
    """By name, from the `RpcFunctionMetadata` of the library."""
    functions: dict[str, Function] = {}
    for entry in metadata:
        taken = {name.lower() for name in functions}
        function = _function(entry, environ)
        if function.name.lower() in taken:
            function.error = "another function has this name in a different letter case"
        functions[function.name] = function
    return functions


def of_kind(functions: Mapping[str, Function], kind: str) -> list[Function]:
    """Those with this trigger that may run."""
    return [function for function in functions.values() if function.kind == kind and function.runs]


def _function(entry: Any, environ: Mapping[str, str]) -> Function:
    bindings = [json.loads(text) for text in entry.raw_bindings]
    error = ""
    try:
        bindings = expand(bindings, environ)
    except MissingSetting as missing:
        error = str(missing)
    trigger: dict[str, Any] = next((b for b in bindings if b["type"].lower().endswith("trigger")), {})
    function = Function(entry.name, entry.function_id, bindings, trigger, _retry(entry.retry_options), error=error)
    function.disabled = environ.get(f"AzureWebJobs.{entry.name}.Disabled", "").lower() in ("true", "1")
    if not _NAME.fullmatch(function.name):
        function.error = "Azure does not allow this name for a function"
    elif function.kind not in _TRIGGERS:
        function.error = f"the local host has no {trigger.get('type', 'trigger')}"
    return function


def _retry(options: Any) -> Retry | None:
    if options is None:
        return None
    fixed = getattr(options, "delay_interval", None)
    if fixed is not None:
        return Retry(options.max_retry_count, fixed, fixed)
    return Retry(options.max_retry_count, options.minimum_interval, options.maximum_interval)
