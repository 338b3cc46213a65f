"""Every trigger of Fluxwatch on one screen. Bodies only translate between Azure Functions and the jobs.

Law: nothing happens at import but the registration, for one fault here makes every function vanish.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import azure.functions as func

from shared import wiring
from shared.ports import StoreUnavailable
from shared.settings import SettingsError

logging.getLogger("azure").setLevel(logging.WARNING)  # azure-core writes two dozen lines for each call at INFO

app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)

PEOPLE = func.AuthLevel.ANONYMOUS if wiring.door().sign_in else func.AuthLevel.FUNCTION
"""Of what people look at. Who comes without a key is looked at by `_for_people`."""

READABLE = 100_000  # characters of JSON that are set out for people; more is for machines
EVENTS = "flux/events/{subscription}/{resource_group}/{cluster_type}/{cluster}"


@app.route(EVENTS, methods=["POST"])
def receive_flux_event(req: func.HttpRequest) -> func.HttpResponse:
    """A notification-controller event → its incident. 202 once it is stored."""
    try:
        reply = wiring.app().receive_flux_event(req.route_params, _lower(req), req.get_body())
    except SettingsError as wrong:
        return _misconfigured(wrong)
    return _answered(reply)


@app.route("azure/alerts", methods=["POST"])
def receive_azure_alert(req: func.HttpRequest) -> func.HttpResponse:
    """An alert that an action group of Azure Monitor sends → the incident that it is about."""
    try:
        return _answered(wiring.app().receive_azure_alert(_lower(req), req.get_body()))
    except SettingsError as wrong:
        return _misconfigured(wrong)


@app.timer_trigger("timer", "%NOTIFY_SCHEDULE%")
def notify_teams(timer: func.TimerRequest) -> None:
    """What is true and what was told → posts."""
    _run("notify_teams", lambda jobs: jobs.notify_teams())


@app.timer_trigger("timer", "%COMPLIANCE_SCHEDULE%")
def sweep_compliance(timer: func.TimerRequest) -> None:
    """What Azure Resource Graph shows of the fleet → incidents and the inventory."""
    _run("sweep_compliance", lambda jobs: jobs.sweep_compliance())


@app.timer_trigger("timer", "%ERRORS_SCHEDULE%")
def sweep_errors(timer: func.TimerRequest) -> None:
    """What Flux's controllers wrote to Log Analytics → incidents."""
    _run("sweep_errors", lambda jobs: jobs.sweep_errors())


@app.event_grid_trigger("event")
def ensure_alert_rules(event: func.EventGridEvent) -> None:
    """A cluster's extension was written or deleted → the alert rules that cover the cluster."""
    _run("ensure_alert_rules", lambda jobs: jobs.ensure_alert_rules(_event(event)))


@app.timer_trigger("timer", "%RULES_SCHEDULE%")
def reconcile_alert_rules(timer: func.TimerRequest) -> None:
    """The catalogue and the whole fleet → the alert rules of Azure Monitor."""
    _run("reconcile_alert_rules", lambda jobs: jobs.reconcile_alert_rules())


@app.route("fleet", methods=["GET"], auth_level=PEOPLE)
def fleet(req: func.HttpRequest) -> func.HttpResponse:
    """The fleet: a page for browsers, JSON otherwise."""
    return _for_people(req, "fleet", lambda as_page: (wiring.app().fleet(req.params, page=as_page), 200))


@app.route("health", methods=["GET"], auth_level=PEOPLE)
def health(req: func.HttpRequest) -> func.HttpResponse:
    """Whether all is well, with ?deep=1 in Azure too: a page for browsers, JSON otherwise. 503 when failing."""
    return _for_people(req, "health", lambda _: wiring.app().health.answer(req.params))


def _event(event: func.EventGridEvent | func.CloudEvent) -> dict[str, Any]:
    """As JSON has it. Whatever the annotation says, what is sent in the CloudEvents schema comes as a CloudEvent."""
    if isinstance(event, func.CloudEvent):
        return {"type": event.type, "time": event.time, "subject": event.subject, "data": event.get_json()}
    times = {"eventType": event.event_type, "eventTime": event.event_time}
    return {**times, "subject": event.subject, "data": event.get_json()}


def _run(name: str, job: Callable[[wiring.App], object]) -> None:
    try:
        job(wiring.app())
    except SettingsError as wrong:
        logging.error("%s does not run: misconfigured: %s", name, wrong)  # one line each time, no traceback


def _for_people(req: func.HttpRequest, page: str, look: Callable[[bool], tuple[dict[str, Any], int]]) -> func.HttpResponse:
    """What `look`, told whether a page is wanted, finds with its status: as shared/pages/<page>.html, or as JSON."""
    visit = wiring.visit(_lower(req), req.params)
    if visit.refusal:
        page, look = "notice", lambda _: ({"outcome": "refused", "reason": visit.refusal}, 401)
    try:
        found, status = look(visit.page)
    except SettingsError as wrong:
        logging.error("misconfigured: %s", wrong)
        page, found, status = "notice", {"outcome": "misconfigured", "reason": str(wrong)}, 503
    except StoreUnavailable as fault:
        page, found, status = "notice", {"outcome": "unavailable", "reason": str(fault)}, 503
    if not visit.page:
        return _json(found, status)
    made = wiring.app().pages.render(page, **found)
    return func.HttpResponse(made.body, status_code=status, headers=made.headers)


def _answered(reply: wiring.Reply) -> func.HttpResponse:
    retry = {"Retry-After": str(reply.retry_after)} if reply.retry_after else {}
    return _json({"outcome": reply.outcome, "reason": reply.reason}, reply.status, retry)


def _lower(req: func.HttpRequest) -> dict[str, str]:
    return {name.lower(): value for name, value in req.headers.items()}


def _json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> func.HttpResponse:
    body = json.dumps(value)
    if status == 200 and len(body) < READABLE:
        body = json.dumps(value, indent=1)
    always = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return func.HttpResponse(body, status_code=status, mimetype="application/json", headers=always | (headers or {}))


def _misconfigured(wrong: SettingsError) -> func.HttpResponse:
    logging.error("misconfigured: %s", wrong)
    return _json({"outcome": "misconfigured", "reason": str(wrong)}, 503)
