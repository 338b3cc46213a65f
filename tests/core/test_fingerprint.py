"""One cause, one fingerprint: whatever the cluster, the object and the hour."""

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.fingerprint import MAX_TEXT, fingerprint, normalise

SAMPLES = Path(__file__).parents[1] / "samples" / "flux-events.jsonl"
VALID = [sample for line in SAMPLES.read_text("utf-8").splitlines() if (sample := json.loads(line))["valid"]]
SAME_CAUSE = [
    {"gitrepository-transient-dns-ephemeral-port-1", "gitrepository-transient-dns-ephemeral-port-2"},
    {"kustomization-health-check-timeout", "kustomization-origin-revision-oci", "out-of-order-older-than-current-state"},
]


def of(sample: dict[str, Any]) -> str:
    about = sample["event"]["involvedObject"]
    return fingerprint(about["kind"], sample["event"]["message"], about["namespace"], about["name"])


def test_samples_of_one_group_have_one_fingerprint() -> None:
    groups = defaultdict(set)
    for sample in VALID:
        if "dedup_group" in sample:
            groups[sample["dedup_group"]].add(of(sample))
    assert {group: len(found) for group, found in groups.items()} == {"dns-timeout": 1, "heartbeat": 1}


def test_distinct_failures_of_the_samples_have_distinct_fingerprints() -> None:
    cases = defaultdict(set)
    for sample in VALID:
        if sample["class"] == "failure":
            cases[of(sample)].add(sample["case"])
    assert sorted(map(sorted, (found for found in cases.values() if len(found) > 1))) == sorted(map(sorted, SAME_CAUSE))


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("health check failed after 30.018374s: timeout", "health check failed after <dur>: timeout"),
        ("health check failed after 1m0.00431s: timeout", "health check failed after <dur>: timeout"),
        ("timeout waiting for: [Deployment/a/b status: 'InProgress', Job/a/c]", "timeout waiting for: [<objects>]"),
        ("stat /tmp/kustomization-1184029936/clusters: no such file", "stat <path>: no such file"),
        ("read udp 10.244.3.17:47652->10.0.0.10:53: i/o timeout", "read udp <ip> to <ip>: i/o timeout"),
        ("dial tcp fd00::10: refused", "dial tcp <ip>: refused"),
        ("GET https://r/v2/x: CorrelationId: 1b5d3c61-4f7b-4f0e-9d6d-3c1d9b1c0a11", "GET <url>: CorrelationId: <uuid>"),
        ("expired: 2026-11-17T06:14:02Z is after 2026-11-16 06:14:02.118", "expired: <time> is after <time>"),
        ("artifact sha256:1234567890abcdef at commit 3ebb95c", "artifact <digest> at commit <n>"),
        ("failed for release apps/web.v3 with chart web@1.4.2: boom", "failed for release <ref> with chart <chart>: boom"),
        ("manifest 6.5.3-rc.1 of 6.5.4 not found", "manifest <ver> of <ver> not found"),
        ("pod web-7c9d8b6f54-hq2wd failed", "pod <pod> failed"),
        ("containers[0].image: Required value", "containers[<n>].image: Required value"),
        ('scheme "invalid" not supported', "scheme <q> not supported"),
        ("digest doesn't match 'sha256:1'", "digest doesn't match <q>"),
        ("unable to prune: \nJob/a/b\nJob/a/c\n", "unable to prune: <obj>"),
        ('Job/pay/ledger failed: Job.batch "ledger" invalid, ledger stays', "<obj> failed: <kind> <q> invalid, <name> stays"),
        ("chart pull error: chart pull error: x", "chart pull error: x"),
        ("terminal error: exceeded retries", "exceeded retries"),
        ("a: b: c: d: e: f", "a: b: c: …: f"),
        ("", ""),
    ],
)  # fmt: skip
def test_what_varies_is_masked(text: str, pattern: str) -> None:
    assert normalise(text) == pattern


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("unexpected status code 429 Too Many Requests", "HTTP429"),
        ("failed to fetch https://h/x : 404 Not Found", "HTTP404"),
        ("GET configurations returned response code {401}", "HTTP401"),
        ("RESPONSE 403: 403 This request is not authorized", "HTTP403"),
        ("Status: 503, body: <html>busy</html>", "HTTP503"),
        ("HTTP/1.1 502 while reading", "HTTP502"),
        ("azure response: 409 {'code': 'x'}", "HTTP409"),
    ],
)
def test_the_http_status_is_kept(text: str, status: str) -> None:
    assert re.findall(r"HTTP\d+|\d+", normalise(text)) == [status]


def test_an_exit_status_is_no_http_status() -> None:
    assert normalise("exit status 128") == "exit status <n>"


def test_the_names_of_the_object_do_not_matter() -> None:
    text = "cannot reconcile {0} in {1}: {0}.v1 is broken"
    assert (
        len(
            {fingerprint("Terraform", text.format(*names), names[1], names[0]) for names in (("net", "prod"), ("db-2", "test"))}
        )
        == 1
    )


def test_another_kind_or_cause_is_another_fingerprint() -> None:
    found = {
        fingerprint(kind, text)
        for kind in ("Kustomization", "HelmRelease")
        for text in ("not found", "forbidden", "status 401", "status 403")
    }
    assert len(found) == 8


def test_a_fingerprint_names_the_version_of_its_rules() -> None:
    assert fingerprint("Kustomization", "kustomize build failed: boom", "a", "b") == "fp1:9db50dbc0b96bff6"


@given(st.text(max_size=400), st.lists(st.text(max_size=8), max_size=3))
def test_any_text_has_a_pattern_within_the_limit(text: str, names: list[str]) -> None:
    assert len(normalise(text, names, limit=50)) <= 50
    assert re.fullmatch(r"fp1:[0-9a-f]{16}", fingerprint("Kind", text, *names[:2]))


@given(st.text(max_size=50))
def test_what_follows_the_cut_does_not_matter(tail: str) -> None:
    text = "x" * MAX_TEXT
    assert normalise(text + tail) == normalise(text)


@pytest.mark.parametrize(
    "unit", ["a.", "'", '"', "A/a ", "[A/", "<", "0:", "1", "a-", "@", "://", "HTTP ", "40", "status ", "/", "\\'"]
)
def test_hostile_text_is_one_pass(unit: str) -> None:
    """Cut at the limit and then linear; a pattern that backtracks without bound would not come to an end."""
    assert normalise(unit * 500_000) == normalise(unit * 5_000)
