"""Requests to /admin in; functions started by hand, and what the host knows, out."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

APP = """
import logging
import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

@app.timer_trigger("timer", "0 0 0 1 1 *")
@app.retry("fixed_delay", "1", delay_interval="00:00:00")
def sweep(timer: func.TimerRequest, context: func.Context) -> None:
    if timer.past_due:
        raise RuntimeError(f"late, try {context.retry_context.retry_count}")
    logging.getLogger("fluxwatch").warning("on time")

@app.event_grid_trigger("event")
async def changed(event: func.EventGridEvent) -> None:
    logging.info("changed %s", event.subject)

@app.route("hello", methods=["GET"])
def hello(req: func.HttpRequest) -> str:
    return "hello"

@app.timer_trigger("timer", "%UNSET%")
def unset(timer: func.TimerRequest) -> None: ...

@app.route("{x:colour}")
def misrouted(req: func.HttpRequest) -> str:
    return ""

@app.queue_trigger("message", "work", "AzureWebJobsStorage")
def queued(message: func.QueueMessage) -> None: ...
"""


@pytest.fixture(scope="module")
def host(host_of: Any) -> Any:
    return host_of(
        APP, {"host.json": '{"version": "2.0", "functionTimeout": "00:05:00"}'}, env={"AzureWebJobs.hello.Disabled": "true"}
    )


def start(host: Any, name: str, body: str = '{"input": ""}', kind: str = "application/json") -> int:
    return requests.post(
        f"{host.url}/admin/functions/{name}", data=body, headers={"content-type": kind}, timeout=10
    ).status_code


def test_a_timer_is_started_by_hand(host: Any) -> None:
    assert start(host, "Sweep") == 202
    host.wait_for("[sweep] WARNING on time")
    host.wait_for("[sweep] ok")


def test_a_timer_can_be_told_that_it_is_late_and_is_repeated_by_its_policy(host: Any) -> None:
    assert start(host, "sweep", '{"input": "pastDue"}') == 202
    host.wait_for("RuntimeError: late, try 0")
    host.wait_for("RuntimeError: late, try 1")


def test_an_event_is_sent_by_hand(host: Any) -> None:
    sent = {
        "id": "1",
        "topic": "t",
        "subject": "by hand",
        "eventType": "e",
        "eventTime": "2026-01-01T00:00:00Z",
        "dataVersion": "1",
    }
    assert start(host, "changed", json.dumps({"input": json.dumps(sent)})) == 202
    host.wait_for("[changed] INFO changed by hand")
    host.wait_for("[changed] ok")
    finished = requests.get(f"{host.url}/admin/invocations", timeout=10).json()
    assert [(f["ok"], f["error"]) for f in finished if f["name"] == "changed"] == [(True, None)]


@pytest.mark.parametrize(
    ("name", "body", "kind", "status"),
    [
        ("sweep", '{"input": ""}', "text/plain", 415),
        ("sweep", "{", "application/json", 400),
        ("sweep", "[]", "application/json", 400),
        ("sweep", '{"input": 1}', "application/json; charset=utf-8", 400),
        ("changed", '{"input": "no event"}', "application/json", 400),
        ("hello", "{}", "application/json", 400),
        ("nobody", "{}", "application/json", 404),
        ("unset", "{}", "application/json", 404),
    ],
)
def test_what_cannot_be_started_is_refused(host: Any, name: str, body: str, kind: str, status: int) -> None:
    assert start(host, name, body, kind) == status


def test_all_functions_are_listed_with_what_keeps_them_from_running(host: Any) -> None:
    listed = {f["name"]: f for f in requests.get(f"{host.url}/admin/functions", timeout=10).json()}
    assert {name: (f["isDisabled"], f["error"]) for name, f in listed.items()} == {
        "sweep": (False, ""),
        "changed": (False, ""),
        "hello": (True, ""),
        "unset": (False, "the setting UNSET is missing"),
        "misrouted": (False, "route constraint colour is not known here"),
        "queued": (False, "the local host has no queueTrigger"),
    }
    assert listed["hello"]["invoke_url_template"] == f"{host.url}/api/hello"


def test_the_status_names_the_timeout_and_the_errors(host: Any) -> None:
    status = requests.get(f"{host.url}/admin/host/status", timeout=10).json()
    assert (status["state"], status["functionTimeout"], len(status["errors"])) == ("Running", "0:05:00", 3)


def test_other_admin_addresses_are_404(host: Any) -> None:
    assert requests.get(f"{host.url}/admin/secrets", timeout=10).status_code == 404
