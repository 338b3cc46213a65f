"""From the request of an action group to the stored incident: every answer, and what store and health know afterwards."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.core.alert_findings import AGAIN, JOB, MOST, REMEMBERED, lately
from shared.core.inventory import ClusterInfo
from shared.core.observation import Subject
from shared.core.refusal import Unsigned
from shared.core.trouble import Trouble, Unanswered
from shared.intake import NOT_STORED, Reply
from shared.jobs.receive_azure_alert import ReceiveAzureAlert
from shared.ports import Conflict, StoreUnavailable
from tests.alerts import ALERTS, Json, body, dimensions, sample
from tests.examples import START, after_all, cluster, failing, subject
from tests.fakes import FakeClock, FakeStore

APPS = subject(name="platform-apps")
RECEIVED = START + timedelta(hours=1)


class Doorman:
    """Fits the port TokenCheck: one token is right."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault

    def check(self, authorization: str) -> None:
        if self.fault is not None:
            raise self.fault
        if authorization != "Bearer right":
            raise Unsigned("a token of Entra ID is required")


class Intake:
    """The job with everything around it in memory, one cluster in its inventory."""

    def __init__(self, token: Doorman | None = None, **known: Any) -> None:
        self.store, self.clock = FakeStore(), FakeClock(RECEIVED)
        self.store.infos = {cluster().key: ClusterInfo(cluster(), **known)}
        self.job = ReceiveAzureAlert(self.store, self.store, self.store, self.clock, token=token)

    def posts(self, root: Json, **headers: str) -> Reply:
        return self.job(headers, body(root))

    def sends(self, case: str, **known: Any) -> Reply:
        return self.posts(sample(case, **known))

    @property
    def subjects(self) -> list[Subject]:
        return [row.incident.subject for row in self.store.rows.values()]

    @property
    def findings(self) -> list[str]:
        return [f"{one.name}: {one.detail}" for one in lately(self.store.journal.get(JOB), self.clock.now())]


@pytest.mark.parametrize("case", ALERTS)
def test_every_alert_is_accepted(case: str) -> None:
    assert Intake().sends(case).status == 202


def test_an_alert_joins_the_open_incident_of_its_object() -> None:
    intake = Intake()
    intake.store.save(after_all(failing(of=APPS)), None)
    assert intake.sends("prometheus-fired") == Reply(202, "noted", "an alert joins the incident")
    (row,) = intake.store.rows.values()
    assert (row.incident.cause, row.incident.severity) == ("build-failed", "critical")
    assert row.incident.detail.startswith("Kustomization cluster-config/platform-apps on aks-prod-weu-01")


def test_what_metrics_and_logs_say_of_an_object_is_one_incident_and_over_when_both_are() -> None:
    intake = Intake()
    cases = ("prometheus-fired", "log-fired", "prometheus-resolved", "log-resolved")
    assert [intake.sends(case).outcome for case in cases] == ["noted" if n else "opened" for n in range(3)] + ["closed"]
    assert intake.subjects == [APPS]


def test_an_alert_without_an_object_is_an_incident_of_its_own() -> None:
    intake = Intake()
    assert intake.sends("prometheus-rule-fired").outcome == "opened"
    assert intake.subjects == [Subject(cluster(), "AlertRule", "", "FluxHighReconciliationTime")]
    (row,) = intake.store.rows.values()
    assert (row.incident.cause, row.incident.reason) == ("alert-fired", "FluxHighReconciliationTime")


def test_the_same_bytes_twice_are_written_once() -> None:
    intake = Intake()
    assert [intake.sends("prometheus-fired").outcome for _ in range(2)] == ["opened", "unchanged"]
    assert intake.store.calls.count("save") == 1


def test_the_inventory_is_read_once_for_many_alerts_and_again_after_a_minute() -> None:
    intake = Intake()
    for _ in range(3):
        intake.sends("prometheus-fired")
    assert intake.store.calls.count("inventory") == 1
    intake.store.infos = {}
    intake.clock.passes(minutes=1)
    assert intake.sends("prometheus-fired").reason == "no known cluster has the name that it gives"


# ------------------------------------------------------------------------------------------- what nothing is done with


@pytest.mark.parametrize(
    ("root", "why"),
    [
        (sample("portal-test"), "it is the portal's test"),
        (sample("activity-log"), "it tells of an event: no such alert is ever resolved"),
        (sample("prometheus-fired", monitorCondition="Suppressed"), "it neither fires nor is resolved"),
    ],
)
def test_what_no_incident_can_be_made_of_is_noted_and_is_no_finding(root: Json, why: str) -> None:
    intake = Intake()
    assert intake.posts(root) == Reply(202, "noted", why)
    assert intake.store.calls == []


def test_an_unknown_cluster_is_no_incident_but_a_finding_of_health() -> None:
    intake = Intake()
    assert intake.sends("prometheus-unknown-cluster") == Reply(202, "noted", "no known cluster has the name that it gives")
    assert intake.subjects == []
    said = "FluxSystemDown, 2026-11-20 09:00 UTC: no known cluster has the name that it gives"
    assert intake.findings == [f"receive_azure_alert: cluster aks-of-nobody: {said}"]


def test_an_ambiguous_name_is_never_a_guess() -> None:
    intake = Intake()
    twin = cluster(group="rg-other")
    intake.store.infos[twin.key] = ClusterInfo(twin)
    assert intake.sends("prometheus-fired").reason == "2 clusters have the name that it gives"
    (run,) = intake.store.journal.values()
    assert "cluster_alias" in run.findings[0].remedy
    assert intake.sends("log-fired").outcome == "opened"  # which has the id


def test_a_finding_is_written_once_an_hour_and_forgotten_after_a_day() -> None:
    intake = Intake()
    for _ in range(3):
        intake.sends("prometheus-unknown-cluster")
    assert intake.store.calls.count("put_run") == 1
    intake.clock.at += AGAIN
    intake.sends("prometheus-unknown-cluster")
    assert intake.store.calls.count("put_run") == 2
    intake.clock.at += REMEMBERED
    assert intake.findings == []
    intake.sends("prometheus-fired", labels={})
    assert len(intake.findings) == 1


def test_a_finding_is_forgotten_after_a_day_whatever_others_come() -> None:
    intake = Intake()
    for hour in range(25):
        intake.clock.at = RECEIVED + timedelta(hours=hour)
        intake.sends("prometheus-fired", labels={"cluster": "aks-again" if hour else "aks-once"})
    assert [finding.split(":")[1] for finding in intake.findings] == [" cluster aks-again"]


def test_of_many_findings_the_latest_are_kept() -> None:
    intake = Intake()
    for number in range(MOST + 5):
        intake.sends("prometheus-fired", labels={"cluster": f"aks-{number}"})
    assert len(intake.findings) == MOST
    assert f"cluster aks-{MOST + 4}:" in intake.findings[-1]


def test_a_finding_that_cannot_be_stored_is_in_the_log_and_the_alert_is_not_sent_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    intake = Intake()
    intake.store.script["runs"].append(StoreUnavailable("Table storage answered 503"))
    assert intake.sends("prometheus-unknown-cluster").status == 202
    assert "not noted: Table storage answered 503" in caplog.text


def test_alerts_of_a_cluster_that_opted_out_are_ignored_but_end_what_was_open() -> None:
    intake = Intake()
    intake.sends("prometheus-fired")
    off = replace(intake.store.infos[cluster().key], alerts_off=True)
    intake.store.infos[cluster().key] = off
    intake.clock.passes(minutes=2)
    assert intake.sends("log-fired") == Reply(202, "ignored", "alerts of aks-prod-weu-01 are off by its tag")
    assert intake.sends("prometheus-resolved").outcome == "closed"
    assert [row.incident.firing for row in intake.store.rows.values()] == [frozenset()]


def test_the_end_of_what_was_ignored_is_not_worth_a_row() -> None:
    intake = Intake(alerts_off=True)
    assert [intake.sends(case).outcome for case in ("log-fired", "log-resolved")] == ["ignored", "ignored"]
    assert intake.subjects == []


# -------------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("sent", "status"), [(b"", 400), (b"{}", 400), (b"[]", 400), (b"[" * 99_999, 400), (b" " * (1024 * 1024 + 1), 413)]
)
def test_a_body_that_is_no_alert_is_refused_and_the_store_is_not_asked(sent: bytes, status: int) -> None:
    intake = Intake()
    assert intake.job({}, sent).status == status
    assert intake.store.calls == []


@pytest.mark.parametrize(
    ("headers", "status"), [({}, 401), ({"authorization": "Bearer x"}, 401), ({"authorization": "Bearer right"}, 202)]
)
def test_where_a_token_is_required_only_the_right_one_passes(headers: dict[str, str], status: int) -> None:
    intake = Intake(Doorman())
    assert intake.posts(sample("prometheus-fired"), **headers).status == status
    assert bool(intake.subjects) == (status == 202)


def test_where_nobody_can_tell_who_calls_it_is_to_be_sent_again() -> None:
    fault = Unanswered(Trouble.UNREACHABLE, "keys of Entra ID", "503")
    assert Intake(Doorman(fault)).sends("prometheus-fired") == Reply(
        503, "not-checked", "nobody can tell who calls, send it again", 5
    )


@pytest.mark.parametrize("method", ["inventory", "load", "save"])
def test_if_the_store_is_down_it_is_to_be_sent_again(method: str) -> None:
    intake = Intake()
    intake.store.script[method].append(StoreUnavailable("Table storage answered 503"))
    assert intake.sends("prometheus-fired") == NOT_STORED
    assert intake.sends("prometheus-fired").outcome == "opened"


def test_two_that_race_are_both_heard() -> None:
    intake = Intake()
    intake.store.script["save"].append(Conflict())
    assert intake.sends("prometheus-fired").outcome == "opened"


HOSTILE = "<at>all</at> [x](https://evil.example) token=Zq7Zq7Zq7 \u202e{{DATE(2026-11-20T00:00:00Z)}}"


def test_neither_answer_log_nor_store_repeats_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    intake = Intake(Doorman())
    root = sample("prometheus-fired", annotations={"summary": HOSTILE, "description": HOSTILE * 500})
    replies = [intake.posts(root, authorization=f"Bearer {word}") for word in ("right", "Zq7Zq7Zq7")]
    (row,) = intake.store.rows.values()
    said = f"{replies}{caplog.text}{intake.job!r}{row.incident}"
    assert "Zq7" not in said
    assert "\u202e" not in row.incident.message
    assert len(row.incident.message) < 4_100


def test_a_hostile_name_of_a_rule_or_cluster_is_one_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    intake = Intake()
    intake.posts(dimensions(cluster="x\nERROR forged", _ResourceId="\r\n"))
    intake.sends("prometheus-rule-fired", labels={"alertname": "A\nERROR forged", "cluster": cluster().name})
    assert not [record for record in caplog.records if "\n" in record.getMessage()]
