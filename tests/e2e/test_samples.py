"""Every sample event in, signed and on time; exactly one answer out, and never a 500, which Flux would send again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from shared.core.cluster import Cluster
from tests.examples import body_of, cluster, events

OUTCOMES: Mapping[str, str] = {
    "failure": "opened",
    "waiting": "opened",
    "remediated": "opened",
    "success": "noted",
    "recovery": "noted",
    "heartbeat": "unchanged",
    "progress": "unchanged",
}
"""Class of a valid sample → what it does, as the first event of its object."""

LENIENT: Mapping[str, str] = dict.fromkeys(
    ("severity-unknown", "missing-reason", "metadata-null", "metadata-non-string-values", "huge-metadata-10000-keys"), "opened"
)
"""What Flux does not send, and is taken all the same → what it does."""

_NOT_JSON, _NOT_UTF_8 = "body is not JSON", "body is not UTF-8"
_NO_EVENT, _NO_OBJECT = "event is not an object", "involvedObject is not an object"

REFUSED: Mapping[str, tuple[int, str]] = {
    "bad-json-truncated": (400, _NOT_JSON),
    "bad-json-trailing-garbage": (400, _NOT_JSON),
    "empty-body": (400, "body is empty"),
    "form-encoded": (400, _NOT_JSON),
    "utf8-bom": (400, _NOT_JSON),
    "invalid-utf8": (400, _NOT_UTF_8),
    "gzip-body": (400, _NOT_UTF_8),
    "json-array": (400, _NO_EVENT),
    "json-string": (400, _NO_EVENT),
    "json-null": (400, _NO_EVENT),
    "eventgrid-validation": (400, _NO_EVENT),
    "json-empty-object": (400, _NO_OBJECT),
    "missing-involved-object": (400, _NO_OBJECT),
    "involved-object-null": (400, _NO_OBJECT),
    "cloudevents-envelope": (400, _NO_OBJECT),
    "azure-monitor-common-alert": (400, _NO_OBJECT),
    "involved-object-name-missing": (400, "involvedObject.name is missing or empty"),
    "involved-object-kind-number": (400, "involvedObject.kind is not a string"),
    "missing-severity": (400, "severity is missing"),
    "severity-number": (400, "severity is not a string"),
    "missing-message": (400, "message is missing"),
    "timestamp-epoch-number": (400, "timestamp is not a string"),
    "timestamp-garbage": (400, "timestamp is not RFC 3339, with an offset from UTC"),
    "reporting-controller-number": (400, "reportingController is not a string"),
    "duplicate-keys": (400, "timestamp is too far from now: a replay, or the cluster's clock is off"),
    "huge-5mib": (413, "body is over 4 MiB"),
    "deep-nesting": (400, "body is nested too deeply"),
}
"""What is refused → with which status, and which words for Flux's log."""

ALLOWED = {
    "accept": {202},
    "accept-lenient": {202},
    "reject": {400, 413},
    "accept-or-reject": {202, 400},
    "accept-lenient-or-reject": {202, 400},
    "accept-as-error-or-reject": {202, 400},
}
"""What the samples themselves ask for."""


@pytest.fixture(scope="module")
def fluxwatch(stage_of: Callable[..., Any]) -> Any:
    """With a small budget, so that the cards of all samples come as a few."""
    return stage_of({"TEAMS_POSTS_PER_5_MIN": "8"})


def on(case: str) -> Cluster:
    """Each sample has a cluster to itself: what others said of the same object does not matter."""
    return cluster(f"aks-{list(events()).index(case):03}")


def now(fluxwatch: Any, case: str) -> bytes:
    """The sample's bytes, as of now where its time can be read. Raw bytes stay as they are."""
    body = body_of(case)
    sample = events()[case]
    if sample["body"] == "json" and isinstance(sample["event"], dict) and "T" in str(sample["event"].get("timestamp")):
        return json.dumps(json.loads(body) | {"timestamp": f"{fluxwatch.moment():%Y-%m-%dT%H:%M:%SZ}"}).encode()
    return body


def test_every_sample_is_in_one_of_the_tables() -> None:
    valid = {case for case, sample in events().items() if sample["valid"]}
    assert set(events()) - valid == set(REFUSED) | set(LENIENT)
    assert not set(REFUSED) & set(LENIENT)
    assert {events()[case]["class"] for case in valid} == set(OUTCOMES)


@pytest.mark.parametrize("case", events())
def test_a_sample_has_its_answer(fluxwatch: Any, case: str) -> None:
    sample = events()[case]
    answer = fluxwatch.send_bytes(now(fluxwatch, case), on(case))
    said = answer.json()
    if case in REFUSED:
        assert (answer.status_code, said["outcome"], said["reason"]) == (REFUSED[case][0], "refused", REFUSED[case][1])
    else:
        assert (answer.status_code, said["outcome"]) == (202, LENIENT.get(case) or OUTCOMES[sample["class"]])
    assert answer.status_code in ALLOWED[sample["expect"]]


@pytest.mark.parametrize("case", [case for case, sample in events().items() if sample["valid"]])
def test_the_same_bytes_again_change_nothing(fluxwatch: Any, case: str) -> None:
    body, alone = now(fluxwatch, case), cluster("aks-again")
    again = [fluxwatch.send_bytes(body, alone) for _ in range(2)][1]
    assert (again.status_code, again.json()["outcome"]) == (202, "unchanged")


def test_an_event_older_than_a_recovery_does_not_open_the_incident_again(fluxwatch: Any) -> None:
    older, newer = fluxwatch.moment(), fluxwatch.moment()
    lost = json.loads(body_of("out-of-order-older-than-current-state")) | {"timestamp": f"{older:%Y-%m-%dT%H:%M:%SZ}"}
    well = lost | {"timestamp": f"{newer:%Y-%m-%dT%H:%M:%SZ}", "severity": "info", "message": "Health check passed in 5.024s"}
    outcomes = [
        fluxwatch.send_bytes(json.dumps(event).encode(), cluster("aks-out-of-order")).json()["outcome"]
        for event in (well, lost)
    ]
    assert outcomes == ["noted", "unchanged"]


def test_cards_of_all_samples_are_such_as_teams_posts(fluxwatch: Any) -> None:
    """Sizes, escapes, injections: whatever was in them, the flow does not fail, and no secret is shown."""
    for case, sample in events().items():
        if sample["valid"]:
            fluxwatch.send_bytes(now(fluxwatch, case), on(case))
    fluxwatch.notify()
    assert fluxwatch.told()
    assert [run.error for run in fluxwatch.teams.runs if run.error] == []
    shown = json.dumps([post.card for post in fluxwatch.teams.posts()]) + fluxwatch.get("fleet").text
    assert "unable to clone 'https://***@github.com/contoso/fleet'" in shown
    assert "FAKEFAKE" not in shown
