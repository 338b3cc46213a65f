"""Event Grid deliveries in; invocations, and what Event Grid is answered, out."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

APP = """
import logging
import threading
import azure.functions as func

app = func.FunctionApp()
both = threading.Barrier(2)

@app.event_grid_trigger("event")
def changed(event: func.EventGridEvent) -> None:
    logging.info("changed %s", event.subject if isinstance(event, func.EventGridEvent) else event.source)
    if event.subject == "bad":
        raise ValueError("bad")
    if event.subject == "pair":
        both.wait(20)

@app.timer_trigger("timer", "0 0 0 1 1 *")
def yearly(timer: func.TimerRequest) -> None: ...
"""
EVENT = {
    "id": "1",
    "topic": "/subscriptions/s",
    "subject": "good",
    "eventType": "Microsoft.Resources.ResourceWriteSuccess",
    "eventTime": "2026-01-01T00:00:00Z",
    "dataVersion": "2",
    "data": {},
}
CLOUD_EVENT = {"specversion": "1.0", "id": "2", "source": "cloud", "type": "t", "time": "2026-01-01T00:00:00Z", "data": {}}


@pytest.fixture(scope="module")
def host(host_of: Any) -> Any:
    return host_of(APP)


def deliver(host: Any, body: object, kind: str | None = "Notification", function: str = "changed") -> requests.Response:
    address = f"{host.url}/runtime/webhooks/eventgrid?functionName={function}"
    data = body if isinstance(body, str) else json.dumps(body)
    return requests.post(address, data=data, headers={"aeg-event-type": kind} if kind else {}, timeout=30)


def test_the_handshake_returns_the_code(host: Any) -> None:
    answer = deliver(host, [{**EVENT, "data": {"validationCode": "abc"}}], "SubscriptionValidation")
    assert (answer.status_code, answer.json()) == (200, {"validationResponse": "abc"})


def test_an_event_of_either_schema_starts_the_function(host: Any) -> None:
    assert deliver(host, [EVENT]).status_code == 202
    assert deliver(host, CLOUD_EVENT).status_code == 202
    host.wait_for("[changed] INFO changed good")
    host.wait_for("[changed] INFO changed cloud")


def test_the_events_of_a_delivery_run_in_parallel(host: Any) -> None:
    pair = {**EVENT, "subject": "pair"}  # each waits for the other
    assert deliver(host, [pair, pair]).status_code == 202


def test_one_failed_event_fails_the_delivery(host: Any) -> None:
    assert deliver(host, [EVENT, {**EVENT, "subject": "bad"}]).status_code == 500


def test_unsubscribing_is_accepted(host: Any) -> None:
    assert deliver(host, "", "Unsubscribe").status_code == 202


@pytest.mark.parametrize("function", ["", "Changed", "yearly", "nobody"])
def test_the_name_must_be_that_of_an_event_grid_function_in_its_letter_case(host: Any, function: str) -> None:
    assert deliver(host, [EVENT], function=function).status_code == 404


@pytest.mark.parametrize(
    ("body", "kind"),
    [([EVENT], None), ([EVENT], "Gossip"), ("{", "Notification"), ([1], "Notification"), ([EVENT], "SubscriptionValidation")],
)
def test_what_is_no_delivery_is_refused(host: Any, body: object, kind: str | None) -> None:
    assert deliver(host, body, kind).status_code == 400
