"""Lines of flux-system in; the errors that sweep_errors reads of them out, by executing the query."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from random import Random
from typing import Any

from local.kql import Database
from tests.queries.rows import AKS, ARC, END, PODS, START, after, ask, failed, finished, line, said

SAMPLES = Path(__file__).parents[1] / "samples/flux-log-lines.jsonl"
SAMPLE_LINES = [json.loads(text) for text in SAMPLES.read_text("utf-8").splitlines()]
AGENT = "fluxconfig-agent-59c7b9d8f6-pz4lt"

type Row = dict[str, Any]


def message(log: str) -> Any:
    """As Container insights stores it: JSON as an object, everything else as it is."""
    try:
        return json.loads(log)
    except ValueError:
        return log


def test_of_the_sample_lines_every_problem_is_found_and_no_noise(logs: Database):
    places = [(form, index) for form in ("object", "text") for index in range(len(SAMPLE_LINES))]
    rows = []
    for form, index in places:
        one = SAMPLE_LINES[index]
        stored = message(one["log"]) if form == "object" else one["log"]
        rows.append(line(stored, cluster=f"{AKS}-{form}-{index}", PodName=one["pod"], ContainerName=one["container"]))
    found = {tuple(row["_ResourceId"].rsplit("-", 2)[1:]): row for row in ask(logs, "flux_errors", rows)}
    assert set(found) == {(form, str(index)) for form, index in places if SAMPLE_LINES[index]["truth"] != "noise"}
    texts = {SAMPLE_LINES[int(index)]["group"]: row["SampleText"] for (_, index), row in found.items()}
    assert texts["kustomization-path-not-found"].startswith("kustomization path not found: stat /tmp/")
    assert texts["lease-update-failed"].startswith("Failed to update lock optimistically: Put")
    assert texts["leader-election-lost"] == "problem running controller manager: leader election lost"
    assert texts["azure-agent-rejected"] == "GET configurations returned response code {403}"
    assert texts["panic"] == "panic: runtime error: index out of range [3] with length 3"
    assert texts["git-auth"].endswith(("authorization failed", "invalid credentials"))


def test_an_object_is_one_row_with_its_latest_error_and_when_it_last_went_well(logs: Database):
    rows = [
        line(failed("the first"), 10, cluster=AKS.lower()),
        line(failed("the latest", reconcileID="a", revision="main@sha1:0ba6"), 30),
        line(failed("between", reconcileID="a"), 20, cluster=AKS.upper()),
        line(finished(), 5),
        line(finished(), 40, PodName="kustomize-controller-new"),
        line(finished(), 60, cluster=ARC),
        line(failed("elsewhere"), 50, cluster=ARC),
        line(finished("healthy"), 50),
    ]
    edge, shop = ask(logs, "flux_errors", rows)
    assert (edge["_ResourceId"], edge["SampleText"], edge["LastOk"]) == (ARC.lower(), "elsewhere", after(60))
    assert shop == {
        "_ResourceId": AKS.lower(),
        "Kind": "Kustomization",
        "Namespace": "flux-system",
        "Name": "apps",
        "Controller": "kustomize-controller",
        "Lines": 3,
        "Reconciles": 1,
        "FirstSeen": after(10),
        "LastSeen": after(30),
        "LastOk": after(40),
        "SampleText": "the latest",
        "PodName": PODS["Kustomization"],
        "Revision": "main@sha1:0ba6",
    }


WELL = (
    ("Kustomization", "Reconciliation finished in 904.317765ms, next run in 15m0s"),
    ("ImageUpdateAutomation", "reconcilation finished in 2s"),
    ("GitRepository", "stored artifact for commit 'Retry failed payments'"),
    ("OCIRepository", "artifact up-to-date with remote revision: 'latest@sha256:ab'"),
    ("GitRepository", "no changes since last reconcilation: observed revision 'main@sha1:0ba6'"),
    ("HelmRelease", "release in-sync with desired state"),
    ("ImageRepository", "successful scan: found 80 tags"),
    ("ImageRepository", "no new tags found, next scan in 5m0s"),
    ("HelmChart", "pulled 'podinfo' chart with version '6.1.0'"),
    ("HelmRepository", "stored fetched index of size 30.5kB from 'https://charts.example'"),
)
BUSY = (
    ("Kustomization", "server-side apply completed"),
    ("Kustomization", "Dependencies do not meet ready condition, retrying in 5s"),
    ("HelmRelease", "running 'upgrade' action with timeout of 5m0s"),
)


def test_what_a_controller_says_of_an_object_tells_whether_it_went_well(logs: Database):
    spoken = [*WELL, *BUSY]
    rows = [line(said(text, kind=kind, name=f"o{index}"), 2) for index, (kind, text) in enumerate(spoken)]
    rows += [line(failed("broken", kind=kind, controllerKind=kind, name=f"o{index}")) for index, (kind, _) in enumerate(spoken)]
    found = {row["Name"]: row["LastOk"] for row in ask(logs, "flux_errors", rows)}
    assert [found[f"o{index}"] is not None for index in range(len(spoken))] == [True] * len(WELL) + [False] * len(BUSY)


def test_lines_about_no_object_are_a_row_for_each_controller_and_kind_of_complaint(logs: Database):
    klog = (
        "E1118 02:17:4{0}.331208       1 leaderelection.go:429] error retrieving lease 10.0.0.{0}:443: timed out after 1{0}.5s"
    )
    undelivered = failed("dial tcp 10.0.214.7:80: connect: connection refused") | {"msg": "unable to send event"}
    rejected = {
        "LogLevel": "Information",
        "AgentName": "FluxConfigAgent",
        "Message": "2026/11/17 16:30:1{} GET x returned response code {{{}}}",
    }
    rows = [
        *(line(klog.format(digit), digit) for digit in range(1, 6)),
        line("panic: runtime error: invalid memory address or nil pointer dereference", 5),
        line("fatal error: concurrent map writes", 6, PodName="source-controller-0"),
        line("goroutine 1 [running]:", 7),
        line({"level": "error", "logger": "setup", "msg": "problem running manager", "error": "leader election lost"}, 8),
        line(undelivered, 9),
        line(failed("nameless", name=""), 10),
        *(
            line(
                rejected | {"Message": rejected["Message"].format(digit, code)},
                20 + digit,
                PodName=AGENT,
                ContainerName="fluxconfig-agent",
            )
            for digit, code in enumerate((401, 401, 200, 503))
        ),
    ]
    found = ask(logs, "flux_errors", rows)
    assert {(row["Namespace"], row["Name"], row["LastOk"]) for row in found} == {("", "", None)}
    ours = sorted((row["Controller"], row["Lines"], row["SampleText"][:24]) for row in found if row["Kind"] == "")
    assert ours == [
        ("kustomize-controller", 1, "nameless"),
        ("kustomize-controller", 1, "panic: runtime error: in"),
        ("kustomize-controller", 1, "problem running manager:"),
        ("kustomize-controller", 1, "unable to send event: di"),
        ("kustomize-controller", 5, "error retrieving lease 1"),
        ("source-controller-0", 1, "fatal error: concurrent "),
    ]
    agent = sorted((row["Controller"], row["Lines"], row["SampleText"]) for row in found if row["Kind"] == "FluxConfigAgent")
    assert agent == [
        ("fluxconfig-agent", 1, "GET x returned response code {503}"),
        ("fluxconfig-agent", 2, "GET x returned response code {401}"),
    ]


HOSTILE = (
    None,
    "",
    "null",
    "[1, 2]",
    "{",
    '"a text in quotes"',
    12,
    True,
    [],
    {},
    {"level": None, "msg": None},
    {"level": {"error": 1}, "msg": [1]},
    {"level": "ERROR", "msg": "in capitals", "name": "a", "namespace": "b", "controllerKind": "Kustomization"},
    failed({"code": 5, "why": "an object"}, name="c"),
    said("\x00 and \ud800 inside", level="error", name="d"),
    failed("x" * 1_000_000, name="e"),
    "x" * 1_000_000,
    "panic: " + "é" * 500_000,
    "'" * 300_000,
)


def test_whatever_a_line_is_the_others_are_read_if_they_are_of_flux(logs: Database):
    found = ask(
        logs, "flux_errors", [*(line(one, at) for at, one in enumerate(HOSTILE)), line(failed("well formed", name="z"), 99)]
    )
    assert {row["Name"] for row in found} == {"a", "c", "d", "e", "", "z"}
    texts = {row["Name"]: row["SampleText"] for row in found}
    assert texts["z"] == "well formed"
    assert texts["c"] == '{"code":5,"why":"an object"}'
    assert max(map(len, texts.values())) <= 4002  # msg, a colon and error, each cut at 2,000


def test_each_line_is_read_once_however_late_it_came(logs: Database):
    random, middle = Random(7), START + timedelta(seconds=251)
    rows = [
        line(failed(f"error {at}", name=f"o{at % 7}"), at, late=random.choice([0.5, 30, 200, 900, 86_000]))
        for at in range(-60, 600, 3)
    ]
    rows += [
        line(failed("at the beginning"), -10, _IngestionTime=START),
        line(failed("at the end"), 10, _IngestionTime=END),
        line(failed("older than the scan", name="old"), -90_000, _IngestionTime=after(5)),
    ]
    whole = ask(logs, "flux_errors", rows)
    parts = ask(logs, "flux_errors", rows, end=middle) + ask(logs, "flux_errors", rows, start=middle)
    assert sum(row["Lines"] for row in whole) == sum(1 for row in rows if START < row["_IngestionTime"] <= END) - 1
    parts.sort(key=lambda row: (row["Name"], row["LastSeen"]))
    merged = {name: list(found) for name, found in groupby(parts, key=lambda row: row["Name"])}
    assert set(merged) == {row["Name"] for row in whole}
    for row in whole:
        found = merged[row["Name"]]
        assert row["Lines"] == sum(one["Lines"] for one in found)
        assert row["FirstSeen"] == min(one["FirstSeen"] for one in found)
        assert (row["LastSeen"], row["SampleText"]) == (found[-1]["LastSeen"], found[-1]["SampleText"])
