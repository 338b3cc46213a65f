"""A request to the Event Grid webhook in; invocations, and Event Grid's answer, out.

As the host's extension does it (Azure/azure-functions-eventgrid-extension, HttpRequestProcessor). A delivery fails as a whole:
Event Grid then sends all of it again, so the functions must stand repetition.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from local.host.exchange import Answer, Request, document, text
from local.host.functions import EVENT_GRID, Function
from local.host.protos import event
from local.host.worker import Worker

PATH = "/runtime/webhooks/eventgrid"


def answer(request: Request, functions: Mapping[str, Function], worker: Worker) -> Answer:
    """`functionName` is compared with its letter case, as in Azure."""
    function = functions.get(request.query.get("functionName", ""))
    if request.method != "POST" or function is None or function.kind != EVENT_GRID or not function.runs:
        return text(404, "no such Event Grid function")
    match request.headers.get("aeg-event-type", "").lower():
        case "subscriptionvalidation":
            return _handshake(_events(request))
        case "notification":
            return _deliver(_events(request), function, worker)
        case "unsubscribe":
            return Answer(202)
    return text(400, "aeg-event-type must be SubscriptionValidation, Notification or Unsubscribe")


def _events(request: Request) -> list[dict[str, Any]] | None:
    """One event or several, of either schema. None: neither."""
    try:
        parsed = json.loads(request.body)
    except ValueError:
        return None
    events = parsed if isinstance(parsed, list) else [parsed]
    return events if all(isinstance(entry, dict) for entry in events) else None


def _handshake(events: list[dict[str, Any]] | None) -> Answer:
    data = events[0].get("data") if events else None
    if not isinstance(data, dict) or "validationCode" not in data:
        return text(400, "a validation needs data.validationCode")
    return document({"validationResponse": data["validationCode"]})


def _deliver(events: list[dict[str, Any]] | None, function: Function, worker: Worker) -> Answer:
    if events is None:
        return text(400, "events must be JSON objects")
    running = [worker.submit(function, event(entry)) for entry in events]
    results = [call.result() for call in running]  # all of them end before the answer
    return Answer(202 if all(result.ok for result in results) else 500)
