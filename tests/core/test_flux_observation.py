"""What an event says of its object: the samples by their class, the rows that no sample has, and texts made safe."""

from __future__ import annotations

import json
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.flux_event import FluxEvent, parse
from shared.core.flux_observation import observe
from shared.core.observation import Health, Observation, Source
from shared.core.words import MAX_MESSAGE, safe
from tests.examples import START, body_of, cluster, events

HEALTH = {
    "failure": Health.FAILING,
    "success": Health.HEALTHY,
    "recovery": Health.HEALTHY,
    "heartbeat": Health.HEALTHY,
    "progress": Health.PROGRESSING,
    "waiting": Health.WAITING,
    "remediated": Health.REMEDIATED,
}
VALID = [case for case, sample in events().items() if sample["valid"]]


def of_sample(case: str) -> Observation:
    return observe(parse(body_of(case)), cluster())


def of(kind: str, severity: str, reason: str, message: str = "", **metadata: str) -> Observation:
    return observe(FluxEvent(kind, "cluster-config", "apps", severity, START, message, reason, metadata), cluster())


@pytest.mark.parametrize("case", VALID)
def test_every_sample_is_seen_as_its_class_says(case: str) -> None:
    seen = of_sample(case)
    assert seen.health is HEALTH[events()[case]["class"]]
    assert seen.heartbeat is (events()[case]["class"] == "heartbeat")


@pytest.mark.parametrize(
    ("kind", "severity", "reason", "message", "health"),
    [
        ("HelmRelease", "info", "DependencyNotReady", "", Health.WAITING),
        ("ImagePolicy", "error", "DependencyNotReady", "", Health.WAITING),
        ("HelmRelease", "error", "NamespaceCheckSkipped", "", Health.NOTED),
        ("HelmRelease", "error", "InventoryBuildFailed", "", Health.NOTED),
        ("Kustomization", "trace", "BuildFailed", "", Health.PROGRESSING),
        ("Kustomization", "warning", "Whatever", "", Health.FAILING),
        ("Kustomization", "info", "ArtifactFailed", "configured", Health.PROGRESSING),
        ("Kustomization", "info", "Progressing", "Health check passed in 5s", Health.HEALTHY),
        ("HelmRelease", "info", "DriftCorrected", "", Health.HEALTHY),
        ("HelmRelease", "info", "UninstallSucceeded", "Helm uninstall remediation succeeded", Health.REMEDIATED),
        ("HelmRelease", "info", "UninstallSucceeded", "Helm uninstall succeeded", Health.PROGRESSING),
        ("ExternalArtifact", "info", "", "", Health.HEALTHY),
        ("ImageUpdateAutomation", "info", "", "", Health.HEALTHY),
        ("Terraform", "info", "TFExecApplySucceeded", "", Health.HEALTHY),
        ("ResourceSet", "info", "Ready", "", Health.HEALTHY),
        ("Terraform", "info", "Planning", "", Health.PROGRESSING),
    ],
)  # fmt: skip
def test_the_rows_that_no_sample_has(kind: str, severity: str, reason: str, message: str, health: Health) -> None:
    assert of(kind, severity, reason, message).health is health


def test_only_a_kustomization_has_heartbeats_for_any_alert_can_inject_the_sign() -> None:
    assert of("Kustomization", "info", "ReconciliationSucceeded", commit_status="update").heartbeat
    assert not of("Kustomization", "info", "Progressing", commit_status="update").heartbeat
    assert not of("HelmRelease", "info", "ReconciliationSucceeded", commit_status="update").heartbeat
    assert of("Kustomization", "error", "ReconciliationSucceeded", commit_status="update").health is Health.FAILING


def test_samples_of_one_group_have_one_fingerprint() -> None:
    groups = defaultdict(set)
    for case in VALID:
        if "dedup_group" in events()[case]:
            groups[events()[case]["dedup_group"]].add(of_sample(case).fingerprint)
    assert {group: len(prints) for group, prints in groups.items()} == {"dns-timeout": 1, "heartbeat": 1}


@pytest.mark.parametrize(
    "case", [case for case in VALID if HEALTH[events()[case]["class"]] in (Health.FAILING, Health.WAITING)]
)
def test_what_is_bad_has_a_cause_a_fingerprint_and_its_source(case: str) -> None:
    seen = of_sample(case)
    assert seen.cause is not None
    assert seen.fingerprint.startswith("fp1:")
    assert (seen.source, seen.at) == (Source.FLUX_EVENT, parse(body_of(case)).at)


def test_credentials_in_a_message_are_not_kept() -> None:
    sent = json.dumps(events()["gitrepository-message-contains-credentials"]["event"])
    kept = repr(of_sample("gitrepository-message-contains-credentials"))
    assert "ghp_" in sent
    assert "ghp_" not in kept


def test_a_release_that_waits_names_what_it_waits_for() -> None:
    seen = of("HelmRelease", "info", "DependencyNotReady", "dependency 'infra/cert-manager' is not ready")
    assert seen.needs == "infra/cert-manager"


def test_a_failing_source_is_known_by_its_address_and_a_release_by_its_chart() -> None:
    source = of("GitRepository", "error", "GitOperationFailed", "unable to clone 'https://x:y@github.com/o/r.git': boom")
    release = of("HelmRelease", "error", "UpgradeFailed", "Helm upgrade failed for release a/web with chart web@1.4.2: boom")
    assert (source.origin, release.origin) == ("https://github.com/o/r", "web@1.4.2")


def test_the_summary_of_the_users_alert_is_kept_as_a_note() -> None:
    assert of("HelmRelease", "error", "UpgradeFailed", "boom", summary="call Ann \u202e token=abcdefghijkl").note == (
        "call Ann  token=***"
    )


def test_a_long_message_is_cut_and_says_by_how_much() -> None:
    assert safe("x" * MAX_MESSAGE) == "x" * MAX_MESSAGE
    assert safe("x" * 128_734) == "x" * MAX_MESSAGE + f" … ({128_734 - MAX_MESSAGE} more characters)"


def test_what_was_cleaned_away_is_not_counted_as_missing() -> None:
    assert safe("\x00" * 3_000 + "x" * 3_000) == "x" * 3_000


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60), st.sampled_from(["info", "error"]))
def test_no_control_or_bidi_character_is_kept_of_any_text(message: str, reason: str, summary: str, severity: str) -> None:
    seen = of("HelmRelease", severity, reason, f"\u202e{message}", summary=f"\x1b{summary}")
    assert not set(seen.message + seen.reason + seen.note) & set(map(chr, [*range(9), *range(14, 32), *range(0x202A, 0x202F)]))
