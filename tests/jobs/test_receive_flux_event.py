"""From the request to the stored incident: every answer that Flux can get, and what is in the store afterwards."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from shared.core.cluster import Cluster
from shared.core.observation import Health, Subject
from shared.core.signature import cluster_token, sign
from shared.intake import RETRY_AFTER, TRIES, Reply
from shared.jobs.receive_flux_event import ReceiveFluxEvent
from shared.ports import Conflict, StoreUnavailable
from tests.examples import SUBSCRIPTION, after_all, body_of, events, failing
from tests.fakes import FakeClock, FakeStore

KEY, PREVIOUS = "current-key-of-the-tests", "previous-key-of-the-tests"
PATH = {"subscription": SUBSCRIPTION, "resource_group": "rg-prod-weu", "cluster_type": "managedClusters", "cluster": "aks-1"}
BUILD_FAILED = "kustomization-build-failed"
VALID = [case for case, sample in events().items() if sample["valid"]]


def at(case: str) -> datetime:
    return datetime.fromisoformat(events()[case]["event"]["timestamp"])


class Intake:
    """The job with everything around it in memory; its clock is right for the case that is sent."""

    def __init__(self) -> None:
        self.store, self.clock = FakeStore(), FakeClock()
        self.job = ReceiveFluxEvent(self.store, self.clock, (KEY, PREVIOUS))

    def sends(self, case: str = BUILD_FAILED, *, key: str = KEY, path: Mapping[str, str] = PATH, **headers: str) -> Reply:
        self.clock.at = at(case)
        return self.posts(body_of(case), key=key, path=path, **headers)

    def posts(self, body: bytes, *, key: str = KEY, path: Mapping[str, str] = PATH, **headers: str) -> Reply:
        signature = sign(body, cluster_token(key, Cluster.of(*PATH.values())))
        return self.job(path, {"x-signature": signature, **headers}, body)

    def healths(self) -> list[Health]:
        return [row.incident.ready for row in self.store.rows.values()]


@pytest.mark.parametrize("case", VALID)
def test_every_event_of_flux_is_accepted(case: str) -> None:
    assert Intake().sends(case).status == 202


def test_a_failure_is_stored_before_the_answer_says_so() -> None:
    intake = Intake()
    assert intake.sends() == Reply(202, "opened", "failing")
    (row,) = intake.store.rows.values()
    sent = events()[BUILD_FAILED]["event"]["involvedObject"]
    assert row.incident.subject == Subject(Cluster.of(*PATH.values()), sent["kind"], sent["namespace"], sent["name"])
    assert (row.incident.failing, row.incident.opened_at, row.incident.cause) == (True, at(BUILD_FAILED), "build-failed")


def test_the_same_bytes_twice_are_written_once() -> None:
    intake = Intake()
    assert [intake.sends().outcome for _ in range(2)] == ["opened", "unchanged"]
    assert intake.store.calls.count("save") == 1


def test_a_heartbeat_of_a_healthy_object_is_not_written() -> None:
    intake = Intake()
    assert intake.sends("kustomization-reconciliation-succeeded-heartbeat").outcome == "unchanged"
    assert intake.store.calls == ["load"]


def test_a_heartbeat_is_not_worth_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    Intake().sends("kustomization-reconciliation-succeeded-heartbeat")
    assert caplog.records == []


def test_an_event_that_was_overtaken_does_not_open_again() -> None:
    intake = Intake()
    late = "out-of-order-older-than-current-state"
    newer = json.loads(body_of(late)) | {
        "severity": "info",
        "message": "Health check passed in 5s",
        "timestamp": (at(late) + timedelta(minutes=1)).isoformat(),
    }
    intake.clock.at = at(late)
    assert intake.posts(json.dumps(newer).encode()).status == 202
    assert intake.sends(late).outcome == "unchanged"
    assert intake.healths() == [Health.HEALTHY]


def test_every_spelling_of_the_path_is_the_same_cluster() -> None:
    intake = Intake()
    shouted = {part: name.upper() for part, name in PATH.items()}
    assert [intake.sends().outcome, intake.sends(path=shouted).outcome] == ["opened", "unchanged"]


# -------------------------------------------------------------------------------------------------------------- refusals


def test_the_previous_key_is_accepted_during_a_rotation() -> None:
    assert Intake().sends(key=PREVIOUS).status == 202


@pytest.mark.parametrize("headers", [{"x-signature": ""}, {"x-signature": "sha256=00"}])
def test_a_forged_event_is_refused(headers: dict[str, str]) -> None:
    assert Intake().sends(**headers).status == 401


def test_a_cluster_cannot_speak_for_another() -> None:
    assert Intake().sends(path=PATH | {"cluster": "aks-2"}).status == 401


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ({"cluster_type": "agentPools"}, 404),
        ({"subscription": "mine"}, 400),
        ({"cluster": "a/../b"}, 400),
        ({"cluster": ""}, 400),
    ],
)
def test_a_path_that_is_no_cluster_is_refused(path: dict[str, str], status: int) -> None:
    assert Intake().sends(path=PATH | path).status == status


def test_a_path_without_its_parts_is_refused() -> None:
    assert Intake().sends(path={}).status == 404


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"", {}, 400),
        (b"{}", {}, 400),
        (b"x" * (4 * 1024 * 1024 + 1), {}, 413),
        (b"{}", {"content-type": "application/x-www-form-urlencoded"}, 415),
    ],
)
def test_a_body_that_is_no_event_is_refused(body: bytes, headers: dict[str, str], status: int) -> None:
    assert Intake().posts(body, **headers).status == status


def test_an_event_from_yesterday_is_refused() -> None:
    intake = Intake()
    intake.clock.at = at(BUILD_FAILED) + timedelta(days=1)
    assert intake.posts(body_of(BUILD_FAILED)).status == 400


def test_what_is_refused_is_not_stored_and_does_not_even_ask_the_store() -> None:
    intake = Intake()
    intake.sends(**{"x-signature": "sha256=00"})
    assert intake.store.calls == []


def test_neither_answer_nor_log_repeats_what_was_sent_or_a_key(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    intake = Intake()
    refused = intake.posts(b'{"Zq7": "Zq7"}', **{"x-signature": "sha256=Zq7"})
    accepted = intake.sends("gitrepository-message-contains-credentials")
    said = f"{refused}{accepted}{caplog.text}{intake.job!r}"
    assert len(caplog.records) == 2
    assert not [secret for secret in ("Zq7", KEY, PREVIOUS, "ghp_") if secret in said]


# ------------------------------------------------------------------------------------------------------------- the store


@pytest.mark.parametrize("method", ["load", "save"])
def test_if_the_store_is_down_flux_is_asked_to_send_it_again(method: str) -> None:
    intake = Intake()
    intake.store.script[method].append(StoreUnavailable("Table storage answered 503"))
    assert intake.sends() == Reply(503, "not-stored", "the incident store is unavailable, send it again", RETRY_AFTER)
    assert intake.store.rows == {}
    assert intake.sends().status == 202


def test_two_deliveries_that_race_are_both_counted() -> None:
    intake = Intake()
    intake.sends()
    (subject,) = (row.incident.subject for row in intake.store.rows.values())
    intake.store.script["save"].append(Conflict())
    theirs = after_all(failing(at(BUILD_FAILED) + timedelta(seconds=1), of=subject))
    intake.store.rows[intake.store.key(subject)].incident = theirs
    later = json.loads(body_of(BUILD_FAILED)) | {"timestamp": (at(BUILD_FAILED) + timedelta(seconds=2)).isoformat()}
    assert intake.posts(json.dumps(later).encode()).outcome == "changed"
    assert intake.store.calls == ["load", "save"] * 3
    assert [row.incident.count for row in intake.store.rows.values()] == [2]


def test_who_never_gets_his_turn_is_asked_to_send_it_again() -> None:
    intake = Intake()
    intake.store.script["save"] += [Conflict()] * TRIES
    assert intake.sends().status == 503
