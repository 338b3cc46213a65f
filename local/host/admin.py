"""A request to /admin in; what the host knows, or a function started by hand, out.

The paths are Azure's, but for `/admin/invocations`, which is for tests.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from local.host.exchange import Answer, Request, document, text
from local.host.functions import EVENT_GRID, HTTP, TIMER, Function
from local.host.protos import event

if TYPE_CHECKING:
    from local.host.host import Host

PREFIX = "/admin/"
PAST_DUE = "pastDue"  # as input of a timer: the run is told that it is late


def answer(request: Request, host: Host) -> Answer:
    """By method and path."""
    show = _PAGES.get(request.path.rstrip("/").lower())
    if request.method == "GET" and show:
        return document(show(host))
    head, _, name = request.path.rpartition("/")
    if request.method == "POST" and head.lower() == "/admin/functions":
        return _start(request, host, name)
    return text(404, "no such administration")


def _status(host: Host) -> dict[str, Any]:
    limit = host.settings.function_timeout
    return {
        "state": "Running",
        "processUptime": host.uptime_ms(),
        "functionTimeout": str(limit) if limit else "-1",
        "errors": [f"{f.name}: {f.error}" for f in host.functions.values() if f.error],
    }


def _functions(host: Host) -> list[dict[str, Any]]:
    return [_entry(host, function) for function in host.functions.values()]


def _entry(host: Host, function: Function) -> dict[str, Any]:
    return {
        "name": function.name,
        "language": "python",
        "isDisabled": function.disabled,
        "config": {"bindings": function.bindings},
        "invoke_url_template": f"{host.url}/{function.route(host.settings.route_prefix)}" if function.kind == HTTP else "",
        "error": function.error,
    }


def _invocations(host: Host) -> list[dict[str, Any]]:
    return [asdict(finished) for finished in host.ledger.finished()]


_PAGES: dict[str, Callable[[Host], object]] = {
    "/admin/host/status": _status,
    "/admin/functions": _functions,
    "/admin/invocations": _invocations,
}


def _start(request: Request, host: Host, name: str) -> Answer:
    """Fire and forget, a disabled function too."""
    function = next((f for f in host.functions.values() if f.name.lower() == name.lower() and not f.error), None)
    if function is None:
        return text(404, "no such function, or one in error")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return text(415, 'the body must be application/json: {"input": ""}')
    try:
        run = _run(host, function, _input(request.body))
    except ValueError as error:
        return text(400, str(error))
    threading.Thread(target=run, name=f"admin {function.name}", daemon=True).start()
    return Answer(202)


def _input(body: bytes) -> str:
    parsed = json.loads(body)
    given = parsed.get("input", "") if isinstance(parsed, dict) else None
    if not isinstance(given, str):
        raise ValueError('the body must be {"input": "text"}')  # noqa: TRY004  to the caller all of this is one bad request
    return given


def _run(host: Host, function: Function, given: str) -> Callable[[], object]:
    if function.kind == TIMER:
        return lambda: host.timers.fire(function, past_due=given == PAST_DUE)
    if function.kind == EVENT_GRID:
        value = event(json.loads(given))
        return lambda: host.worker.invoke(function, value)
    raise ValueError("a function with an HTTP trigger is started by a request to its own address")
