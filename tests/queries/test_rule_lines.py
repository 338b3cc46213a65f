"""Lines of flux-system in; which log alerts fire about them out, by executing the rules as they go to Azure."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from local.kql import Database
from tests.examples import SUBSCRIPTION
from tests.queries.firing import fires, fires_apart, of_controller, of_object, rule
from tests.queries.rows import AKS, ARC, END, Row, failed, finished, line, said

ERRORS, REJECTED, LOST = (
    rule(alert) for alert in ("FluxControllerErrors", "FluxAgentAuthFailed", "FluxNotificationDispatchFailed")
)
AGENT = {"PodName": "fluxconfig-agent-59c7b9d8f6-pz4lt", "ContainerName": "fluxconfig-agent"}
NOTIFIER = {"PodName": "notification-controller-86c5d7f9b8-2xk9p"}
NOTIFIER_NAME = of_controller("notification-controller")
APPS = of_object("Kustomization", "flux-system", "apps")
KUSTOMIZE = of_controller("kustomize-controller")
AGENT_NAME = of_controller("fluxconfig-agent")
LATE = 400
SAMPLES = [
    json.loads(text) for text in (Path(__file__).parents[1] / "samples/flux-log-lines.jsonl").read_text("utf-8").splitlines()
]


def agent(message: str, at: float, level: str = "Information", **columns: object) -> Row:
    """What the Azure agent writes."""
    stored = {"Message": f"2026/11/20 10:00:00 {message}", "LogType": "ConfigAgentTrace", "LogLevel": level}
    return line(stored, at, **AGENT, **columns)


def rejected(at: float, status: int = 401, **columns: object) -> Row:
    """What it writes of a call that Azure rejects."""
    return agent(f"GET configurations returned response code {{{status}}}", at, **columns)


def lost(at: float, msg: str = "failed to send notification", **columns: object) -> Row:
    """What notification-controller writes of an event that reached no provider."""
    return line(
        {"level": "error", "logger": "event-server", "msg": msg, "error": "postMessage failed"}, at, **NOTIFIER, **columns
    )


KLOG = "E1120 10:02:45.331208 1 leaderelection.go:429] Failed to update lock optimistically: timed out"

FAIL = {
    "two attempts": ([line(failed("no", reconcileID="a"), 1), line(failed("no", reconcileID="b"), 300)], {APPS: 2}),
    "an attempt that wrote two lines": ([line(failed("no", reconcileID="a"), 1), line(failed("no", reconcileID="a"), 2)], {}),
    "two lines without a number of the attempt": ([line(failed("no"), 1), line(failed("no"), 300)], {APPS: 2}),
    "one attempt": ([line(failed("no", reconcileID="a"), 1)], {}),
    "two attempts, and one that went well": ([line(failed("no"), 1), line(failed("no"), 300), line(finished(), 500)], {}),
    "two attempts after one that went well": ([line(finished(), 0), line(failed("no"), 1), line(failed("no"), 300)], {APPS: 2}),
    "attempts of two objects": ([line(failed("no"), 1), line(failed("no", name="infra"), 300)], {}),
    "text that is JSON": ([line(json.dumps(failed("no")), 1), line(json.dumps(failed("no")), 300)], {APPS: 2}),
    "ids in any case": ([line(failed("no"), 1, cluster=AKS.upper()), line(failed("no"), 300, cluster=AKS.lower())], {APPS: 2}),
    "lines of klog": ([line(KLOG, 1), line(KLOG, 300)], {KUSTOMIZE: 2}),
    "a panic and its end": ([line("panic: nil map", 1), line("fatal error: all goroutines are asleep", 2)], {KUSTOMIZE: 2}),
    "a stack": ([line("goroutine 1 [running]:", 1), line("main.main()", 2)], {}),
    "broken JSON": ([line('{"level":"error","msg":"cut', 1), line('{"level":"error","msg":"cut', 2)], {}),
    "nothing": ([line(None, 1), line("", 2), line({}, 3), line([], 4), line(7, 5), line({"level": None, "msg": None}, 6)], {}),
    "conflicts": ([line(failed("the object has been modified; try again"), at) for at in (1, 300)], {}),
    "another namespace": ([line(failed("no"), at, PodNamespace="apps") for at in (1, 300)], {}),
    "the sidecar": (
        [line("[error] no upstream connections", at, **AGENT | {"ContainerName": "fluent-bit"}) for at in (1, 2)],
        {},
    ),
    "errors of the agent": ([agent("PUT status returned response code {500}", at) for at in (1, 300)], {AGENT_NAME: 2}),
    "what another alert is about": ([*map(rejected, (1, 2, 3)), *map(lost, (1, 2, 3))], {}),
    "what is only said": ([line(said("Dispatching event: upgrade failed: error"), at) for at in (1, 300)], {}),
}


def test_errors_fire_where_attempt_after_attempt_ends_in_one(logs: Database):
    found = fires_apart(logs, ERRORS, {case: rows for case, (rows, _) in FAIL.items()})
    assert found == {case: expected for case, (_, expected) in FAIL.items()}


def test_of_the_sample_lines_said_twice_only_what_is_noise_is_silent(logs: Database):
    rows = [
        line(one["log"], at, cluster=f"{AKS}-{index}", PodName=one["pod"], ContainerName=one["container"])
        for index, one in enumerate(SAMPLES)
        for at in (1, 300)
    ]
    # An attempt is one however often it is told: a sample has its number in it.
    rows = [row | {"LogMessage": row["LogMessage"].replace("reconcileID", f"was{row['TimeGenerated']:%M}")} for row in rows]
    found = {series[0].rpartition("-")[2] for made in (ERRORS, REJECTED, LOST) for series in fires(logs, made, rows)}
    assert found == {str(index) for index, one in enumerate(SAMPLES) if one["truth"] != "noise"}


REJECT = {
    "two rejections": ([rejected(1), rejected(300, 403)], {AGENT_NAME: 2}),
    "one": ([rejected(1)], {}),
    "a fault of Azure": ([rejected(at, status) for at, status in ((1, 500), (2, 429), (3, 404), (4, 408))], {}),
    "the code without braces": ([agent("returned response code 401", at) for at in (1, 2)], {AGENT_NAME: 2}),
    "each agent for itself": ([rejected(1), rejected(2) | {"PodName": "fluxconfig-controller-5f7d9c8b66-x2x4q"}], {}),
    "each cluster for itself": ([rejected(1), rejected(2, cluster=ARC)], {}),
    "a controller that says so": ([line(said("response code 401"), at) for at in (1, 2)], {}),
    "another namespace": ([rejected(at, PodNamespace="other") for at in (1, 2)], {}),
    "no text": ([line(each, 1, **AGENT) for each in (None, "", "{", [], {"Message": None}, {"Message": ["401"]})], {}),
}


def test_rejections_of_the_agent_fire(logs: Database):
    found = fires_apart(logs, REJECTED, {case: rows for case, (rows, _) in REJECT.items()})
    assert found == {case: expected for case, (_, expected) in REJECT.items()}


LOSE = {
    "two events": ([lost(1), lost(2, "failed to dispatch notification")], {NOTIFIER_NAME: 2}),
    "one": ([lost(1)], {}),
    "events that do not reach notification-controller": (
        [
            line(said(msg, level="error", error="Post: refused"), 1)
            for msg in ("unable to send event", "unable to record event")
        ],
        {KUSTOMIZE: 2},
    ),
    "the end of the process": (
        [line({"level": "error", "msg": "unable to send event", "error": "context canceled"}, 1)] * 2,
        {},
    ),
    "what is only said": (
        [lost(at) | {"LogMessage": {"level": "info", "msg": "failed to send notification"}} for at in (1, 2)],
        {},
    ),
    "other errors": ([line(failed("no"), at) for at in (1, 2)], {}),
    "another namespace": ([lost(at, PodNamespace="other") for at in (1, 2)], {}),
    "no JSON": (
        [line(each, 1, **NOTIFIER) for each in (None, "", "failed to send notification", {"msg": 1, "level": []})] * 2,
        {},
    ),
}


def test_lost_events_fire(logs: Database):
    found = fires_apart(logs, LOST, {case: rows for case, (rows, _) in LOSE.items()})
    assert found == {case: expected for case, (_, expected) in LOSE.items()}


PAIRS = {
    "errors": (ERRORS, lambda at, **more: line(failed("no"), at, **more), APPS),
    "rejections": (REJECTED, rejected, AGENT_NAME),
    "lost events": (LOST, lost, NOTIFIER_NAME),
}


@pytest.mark.parametrize("name", PAIRS)
def test_a_row_counts_once_it_is_there_together_with_those_of_the_run_before_and_for_half_an_hour(logs: Database, name):
    made, row, series = PAIRS[name]
    cases = {"late": [row(500, late=LATE), row(590, late=LATE)], "split by a run": [row(595), row(605)]}
    fired = {case: {series: 2} for case in cases}
    silent = {case: {} for case in cases}
    for minutes, expected in ((0, silent), (15, fired), (31, silent)):
        at = END + timedelta(minutes=minutes)
        assert fires_apart(logs, made, cases, at) == expected


def test_a_cluster_that_is_left_out_is_silent_and_one_alone_speaks_for_itself(logs: Database):
    aks, arc = (each.replace("/0A/", f"/{SUBSCRIPTION}/") for each in (AKS, ARC))
    rows = [lost(at, _ResourceId=each) for at in (1, 2) for each in (aks, arc)]
    edge = of_controller("notification-controller", ARC)
    assert fires(logs, LOST, rows) == {NOTIFIER_NAME: 2, edge: 2}
    assert fires(logs, rule("FluxNotificationDispatchFailed", out=[aks.lower()]), rows) == {edge: 2}
    assert fires(logs, rule("FluxNotificationDispatchFailed", of=aks), rows) == {NOTIFIER_NAME: 2}
