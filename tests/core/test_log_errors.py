"""Rows of the log queries in; what each says of which subject out.

Law: of one subject one entry is left, the newest or the gravest, in whatever order the rows come.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.core.causes import Severity
from shared.core.cluster import Cluster
from shared.core.log_errors import read
from shared.core.observation import Health, Source
from tests.examples import START, after, cluster
from tests.log_readings import LOOK, NOW, one, seen, who
from tests.logs import controller_row, error_row, event_row, pod_row, stalled_row

# ---------------------------------------------------------------------------------------------------------- flux_errors


def test_a_line_about_an_object_is_an_observation_of_it() -> None:
    said = seen("flux_errors", error_row(after(minutes=2), FirstSeen=START))
    assert who(said) == ("Kustomization", "cluster-config", "apps")
    assert (said.health, said.source, said.at, said.since) == (Health.FAILING, Source.LOGS, after(minutes=2), START)
    assert said.cause is not None
    assert (said.cause.id, said.message) == ("build-failed", "kustomize build failed: no such file")
    assert said.revision == "main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738"


def test_a_line_has_the_fingerprint_of_the_event_with_its_words() -> None:
    text = "Helm install failed for release apps/shop with chart shop@1.2.3: timed out after 5m0s"
    line = seen("flux_errors", error_row(text=text, Kind="HelmRelease", Namespace="apps", Name="shop"))
    assert line.fingerprint == seen("flux_events", event_row(text=text)).fingerprint


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("kustomize build failed: x", timedelta(minutes=10)),  # told at once, if an event says it
        ("dependency 'apps/db' is not ready", timedelta(minutes=15)),
    ],
)
def test_what_a_log_says_is_held_back_from_now_for_ten_minutes_at_least(text: str, due: timedelta) -> None:
    said = seen("flux_errors", error_row(after(minutes=-90), text))
    assert said.cause is not None
    assert said.held_from is not None
    assert said.held_from + said.cause.hold_off == NOW + due


def test_an_object_that_reconciled_since_is_not_opened() -> None:
    assert not one("flux_errors", error_row(START, LastOk=after(minutes=1))).opens
    assert one("flux_errors", error_row(START, LastOk=START)).opens
    assert one("flux_errors", error_row(START, LastOk=after(minutes=-1))).opens


@pytest.mark.parametrize(
    ("row", "name", "reason", "cause"),
    [
        (controller_row(text="panic: runtime error"), "kustomize-controller", "", "log-errors"),
        (
            controller_row(
                text="GET configurations returned response code {401}",
                Kind="FluxConfigAgent",
                Controller="fluxconfig-controller",
            ),
            "fluxconfig-agent",
            "Unauthorized",
            "agent-refused",
        ),
        (
            controller_row(text="POST returned response code {403}", Kind="FluxConfigAgent", Controller=""),
            "fluxconfig-agent",
            "Unauthorized",
            "agent-refused",
        ),
        (
            controller_row(text="response code {500}", Kind="FluxConfigAgent", Controller="fluxconfig-controller"),
            "fluxconfig-controller",
            "",
            "log-errors",
        ),
        (
            controller_row(text="response code {4010}", Kind="FluxConfigAgent", Controller=None),
            "fluxconfig-agent",
            "",
            "log-errors",
        ),
        (
            error_row(text="failed to send notification: 401", Controller="notification-controller"),
            "notification-controller",
            "",
            "log-errors",
        ),
    ],
)
def test_what_has_no_object_belongs_to_the_controller(row: dict[str, Any], name: str, reason: str, cause: str) -> None:
    said = seen("flux_errors", row)
    assert who(said) == ("Extension", "flux-system", name)
    assert said.cause is not None
    assert (said.reason, said.cause.id) == (reason, cause)


def test_notification_controller_speaks_for_its_own_kinds() -> None:
    row = error_row(Kind="Receiver", Controller="notification-controller")
    assert who(seen("flux_errors", row)) == ("Receiver", "cluster-config", "apps")


def test_an_error_without_words_has_a_message_all_the_same() -> None:
    assert seen("flux_errors", error_row(text="")).message == "an error without words"
    assert seen("flux_events", event_row(text="", Reason="TestFailed")).message == "TestFailed"


# --------------------------------------------------------------------------------------------- which row, which subject


def test_of_several_rows_of_one_subject_the_newest_wins_in_any_order() -> None:
    rows = [controller_row(after(minutes=minute), f"complaint {word}") for minute, word in enumerate(["a", "b", "c"])]
    for given_rows in (rows, rows[::-1]):
        reading = read("flux_errors", given_rows, LOOK)
        assert [entry.seen.message for entry in reading.entries] == ["complaint c"]
        assert reading.dropped == 2
    tied = [controller_row(START, word) for word in ("tls handshake error", "leader election lost")]
    assert read("flux_errors", tied, LOOK).entries == read("flux_errors", tied[::-1], LOOK).entries


def test_the_letter_case_of_a_cluster_says_nothing() -> None:
    upper, lower = error_row(_ResourceId=cluster().arm_id.upper()), error_row(after(minutes=1))
    assert len(read("flux_errors", [upper, lower], LOOK).entries) == 1


def test_a_cluster_is_spelled_as_the_inventory_spells_it() -> None:
    known = Cluster.of(cluster().subscription, "RG-Prod-weu", "managedClusters", "AKS-prod-WEU-01")
    look = replace(LOOK, known={known.key: known})
    assert one("flux_errors", error_row(), look=look).seen.subject.cluster == known


# ---------------------------------------------------------------------------------------------------------- flux_events


@pytest.mark.parametrize(
    ("known", "cause", "health"),
    [
        ({}, "helm-install-failed", Health.FAILING),
        (
            {"Reason": "UpgradeFailed", "SampleText": "Helm upgrade failed: another operation (x) is in progress"},
            "helm-pending",
            "failing",
        ),
        (
            {"Reason": "DependencyNotReady", "SampleText": "dependency 'a/b' is not ready"},
            "dependency-not-ready",
            Health.WAITING,
        ),
        ({"Reason": "NeverHeardOf", "SampleText": "boom"}, "unknown-failure", Health.FAILING),
    ],
)
def test_a_warning_says_what_an_event_would(known: dict[str, Any], cause: str, health: str) -> None:
    said = seen("flux_events", event_row(**known))
    assert said.cause is not None
    assert (said.cause.id, said.health, said.reason) == (cause, health, known.get("Reason", "InstallFailed"))


def test_a_warning_of_no_consequence_is_dropped() -> None:
    reading = read("flux_events", [event_row(Reason="NamespaceCheckSkipped")], LOOK)
    assert (reading.entries, reading.dropped) == ((), 1)


def test_what_azure_warns_of_belongs_to_its_agent() -> None:
    said = seen("flux_events", event_row(Kind="FluxConfig", Name="fleet", Reason="GetFailed", text="cannot get it"))
    assert who(said) == ("Extension", "flux-system", "fluxconfig-agent")
    assert said.cause is not None
    assert (said.cause.id, said.reason) == ("log-errors", "GetFailed")


# ------------------------------------------------------------------------------------------------------------ flux_pods


@pytest.mark.parametrize(
    ("known", "reason", "cause"),
    [
        ({}, "Restarted", "controller-restarts"),
        ({"LastTermination": "OOMKilled"}, "OOMKilled", "out-of-memory"),
        ({"LastTermination": "OOMKilled", "Restarts": 1}, "OOMKilled", "out-of-memory"),
        ({"StatusReason": "OOMKilled", "Restarts": 0}, "OOMKilled", "out-of-memory"),
        ({"StatusReason": "CrashLoopBackOff", "Restarts": 0}, "CrashLoopBackOff", "controller-down"),
        ({"StatusReason": "ImagePullBackOff", "Restarts": None}, "ImagePullBackOff", "controller-down"),
        ({"StatusReason": "RunContainerError"}, "RunContainerError", "controller-down"),
        ({"PodStatus": "Pending", "StatusReason": "ContainerCreating", "Restarts": 0}, "Pending", "controller-down"),
    ],
)
def test_the_state_of_a_pod_is_that_of_its_controller(known: dict[str, Any], reason: str, cause: str) -> None:
    said = seen("flux_pods", pod_row(**known))
    assert who(said) == ("Extension", "flux-system", "source-controller")
    assert said.cause is not None
    assert (said.reason, said.cause.id, said.source, said.held_from) == (reason, cause, Source.COMPLIANCE, NOW)


@pytest.mark.parametrize(
    "known", [{"Restarts": 1}, {"Restarts": 0, "PodStatus": "Failed"}, {"Restarts": 0, "LastTermination": "OOMKilled"}]
)
def test_one_restart_is_noise_but_no_calm(known: dict[str, Any]) -> None:
    reading = read("flux_pods", [pod_row(**known)], LOOK)
    assert [(entry.opens, entry.seen.health) for entry in reading.entries] == [(False, Health.NOTED)]
    assert list(reading.uneasy.values()) == [START]


def test_of_several_containers_the_gravest_speaks() -> None:
    crashing = pod_row(START, Container="b", StatusReason="CrashLoopBackOff", TotalRestarts=12)
    killed = pod_row(START, Container="a", LastTermination="OOMKilled")
    rows = [pod_row(after(minutes=5)), crashing, killed, pod_row(after(minutes=6), Restarts=1)]
    said = seen("flux_pods", *rows)
    assert (said.reason, said.message) == ("OOMKilled", "Container a: OOMKilled. 7 restarts in all.")
    assert seen("flux_pods", rows[0], crashing).message == "Container b: CrashLoopBackOff. 12 restarts in all."
    assert seen("flux_pods", rows[0], rows[3]).message == "Container manager restarted 2 times, last after Error."
    assert said.cause is not None
    assert said.cause.severity is Severity.CRITICAL


# --------------------------------------------------------------------------------------------------------- flux_stalled


def test_an_object_whose_last_word_is_an_error_is_seen_failing_at_that_time() -> None:
    said = seen("flux_stalled", stalled_row(after(hours=-3)))
    assert (who(said), said.at, said.source) == (("Kustomization", "cluster-config", "apps"), after(hours=-3), Source.LOGS)
