"""The tables of reasons and symptoms: every reason of Flux, every bad sample, and what messages may and may not do."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from shared.core.reasons import CAUSES, REASONS, Severity, cause_by_id, cause_of
from shared.core.symptoms import MEANINGS, OPENINGS

ROOT = Path(__file__).parents[2]
BAD = {"failure": "failing", "waiting": "waiting", "remediated": "remediated"}

EXPECTED = {
    "gitrepository-git-operation-failed-ref": "git-not-found",
    "gitrepository-transient-dns-ephemeral-port-1": "dns-failed",
    "gitrepository-transient-dns-ephemeral-port-2": "dns-failed",
    "gitrepository-ado-ssh-handshake": "network-failed",
    "gitrepository-invalid-commit-signature": "verification-failed",
    "gitrepository-invalid-tag-not-signed": "verification-failed",
    "gitrepository-artifact-verification-failed": "artifact-corrupt",
    "gitrepository-source-ignore-error": "source-unusable",
    "ocirepository-manifest-unknown": "oci-not-found",
    "ocirepository-notation-verification-multiline": "verification-failed",
    "bucket-azure-blob-responseerror-multiline": "source-authentication",
    "helmrepository-scheme-not-supported": "spec-invalid",
    "helmrepository-indexation-failed": "helm-index-invalid",
    "helmchart-pull-error": "chart-not-found",
    "helmchart-dependency-build-error": "source-throttled",
    "kustomization-build-failed": "build-failed",
    "kustomization-post-build-varsub": "substitution-failed",
    "kustomization-decryption-failed": "decryption-failed",
    "kustomization-sops-encrypted-no-decryption": "decryption-missing",
    "kustomization-dry-run-immutable": "field-immutable",
    "kustomization-dry-run-forbidden-flux-applier": "rbac-forbidden",
    "kustomization-rolebinding-not-found": "reference-missing",
    "kustomization-health-check-timeout": "health-check-failed",
    "kustomization-dependency-not-ready-is-info": "dependency-not-ready",
    "kustomization-prune-failed": "prune-failed",
    "kustomization-feature-gate-disabled": "feature-disabled",
    "kustomization-error-with-success-reason": "prune-failed",
    "kustomization-finalize-unable-to-prune-multiline": "prune-failed",
    "kustomization-origin-revision-oci": "health-check-failed",
    "kustomization-message-over-39000-chars": "manifest-invalid",
    "kustomization-message-teams-injection": "apply-failed",
    "gitrepository-message-contains-credentials": "git-authentication",
    "helmrelease-test-failed-multiline": "helm-test-failed",
    "helmrelease-rollback-succeeded-is-still-a-failure": "helm-rolled-back",
    "helmrelease-rollback-failed": "helm-rollback-failed",
    "helmrelease-uninstall-failed": "helm-uninstall-failed",
    "helmrelease-drift-detected-no-metadata": "drift-detected",
    "helmrelease-values-error": "values-missing",
    "helmrelease-legacy-reason-error": "optimistic-lock",
    "imagerepository-scan-failed": "image-authentication",
    "imagepolicy-no-tags-retrying": "dependency-not-ready",
    "imageupdateautomation-git-failed": "image-update-failed",
    "imageupdateautomation-removed-template-field": "image-update-failed",
    "thirdparty-resourceset": "unknown-failure",
    "thirdparty-terraform": "unknown-failure",
    "minimal-required-fields-only": "dependency-not-ready",
    "metadata-rich-user-keys": "helm-upgrade-failed",
    "metadata-commit-and-change-request": "helm-install-failed",
    "same-event-delivered-twice-retry": "build-failed",
    "out-of-order-older-than-current-state": "health-check-failed",
}

# Every reason of a failure, as the controllers spell them, by the kinds that send it.
REASONS_OF_FLUX = {
    "Kustomization": "DependencyNotReady BuildFailed ReconciliationFailed HealthCheckFailed HealthCheckCanceled ArtifactFailed "
    "PruneFailed AccessDenied InvalidCELExpression FeatureGateDisabled DirectoryCreationFailed Progressing "
    "ProgressingWithRetry",
    "HelmRelease": "InstallFailed UpgradeFailed TestFailed RollbackSucceeded UninstallSucceeded RollbackFailed UninstallFailed "
    "DriftDetected DriftCorrectionFailed PendingRelease ArtifactFailed ValuesError DependencyNotReady AccessDenied "
    "InvalidCELExpression NamespaceCheckSkipped InventoryBuildFailed SourceNotReady ChartMutateError RESTClientError "
    "FactoryError RetriesExceeded MissingRollbackTarget",
    "GitRepository": "GitOperationFailed AuthenticationFailed VerificationError InvalidCommitSignature InvalidTagSignature "
    "InvalidGitObject InvalidVerificationMode URLInvalid InvalidProviderConfiguration FeatureGateDisabled EmptyGitRepository "
    "SourceIgnoreError IllegalPath CopyFailure InvalidPath ArtifactVerificationFailed DirectoryCreationFailed "
    "StatOperationFailed ReadOperationFailed ArchiveOperationFailed AcquireLockFailed PatchOperationFailed "
    "GarbageCollectionFailed",
    "OCIRepository": "OCIArtifactPullFailed OCIArtifactLayerOperationFailed AuthenticationFailed VerificationError URLInvalid "
    "InvalidProviderConfiguration FeatureGateDisabled ReadOperationFailed ArchiveOperationFailed ArtifactVerificationFailed",
    "Bucket": "BucketOperationFailed AuthenticationFailed InvalidSTSConfiguration InvalidProviderConfiguration "
    "SourceIgnoreError DirectoryCreationFailed StatOperationFailed ArchiveOperationFailed AcquireLockFailed "
    "GarbageCollectionFailed",
    "HelmRepository": "Failed IndexationFailed AuthenticationFailed URLInvalid ArtifactVerificationFailed PatchOperationFailed",
    "HelmChart": "InvalidChartReference ChartPullError ValuesFilesError MetadataPatchError DependencyBuildError "
    "ChartPackageError ChartVerificationError Unknown SourceUnavailable UnsupportedSourceKind "
    "AuthenticationFailed VerificationError",
    "ImageRepository": "ReadOperationFailed AuthenticationFailed ImageURLInvalid FeatureGateDisabled Failure",
    "ImagePolicy": "DependencyNotReady InvalidPolicy AccessDenied IntervalNotConfigured ImageURLInvalid Failure",
    "ImageUpdateAutomation": "GitOperationFailed SourceManagerFailed UpdateFailed InvalidUpdateStrategy "
    "InvalidSourceConfiguration InvalidPolicySelector RemovedTemplateField AccessDenied",
    "ArtifactGenerator": "SourceFetchFailed BuildFailed ReconciliationFailed ValidationFailed AccessDenied",
}

# What a message tells that its reason does not.
MEANT = [
    (
        "Kustomization",
        "ReconciliationFailed",
        "cannot be fulfilled on x: the object has been modified",
        "optimistic-lock",
    ),
    ("GitRepository", "GitOperationFailed", "dial tcp: lookup git.example: no such host", "dns-failed"),
    (
        "GitRepository",
        "GitOperationFailed",
        "unable to clone 'https://git.example': context deadline exceeded",
        "network-failed",
    ),
    ("HelmRepository", "Failed", 'Get "https://charts.example/index.yaml": net/http: TLS handshake timeout', "network-failed"),
    ("HelmRepository", "Failed", "dial tcp 10.0.0.4:443: connect: connection refused", "network-failed"),
    ("OCIRepository", "OCIArtifactPullFailed", "read: connection reset by peer", "network-failed"),
    (
        "HelmRepository",
        "Failed",
        "failed to fetch https://c.example/index.yaml : 503 Service Unavailable",
        "source-throttled",
    ),
    ("HelmChart", "ChartPullError", "unexpected status code 429: UNAUTHORIZED", "source-throttled"),
    ("HelmChart", "ChartPullError", "failed to fetch chart-1.502.3.tgz: boom", "chart-failed"),
    (
        "HelmChart",
        "ChartPullError",
        "GET https://r.example/v2/: UNAUTHORIZED: authentication required",
        "source-authentication",
    ),
    (
        "HelmRepository",
        "Failed",
        "failed to fetch https://charts.example/index.yaml : 401 Unauthorized",
        "source-authentication",
    ),
    ("HelmChart", "ChartPullError", "no 'podinfo' chart with version matching '9.x' found", "chart-not-found"),
    ("GitRepository", "GitOperationFailed", "remote: bad credentials", "git-authentication"),
    ("GitRepository", "GitOperationFailed", "ssh: handshake failed: knownhosts: key mismatch", "host-key-rejected"),
    ("GitRepository", "GitOperationFailed", "tls: failed to verify certificate: x509: certificate has expired", "tls-failed"),
    (
        "GitRepository",
        "AuthenticationFailed",
        "failed to get secret 'apps/git': secrets \"git\" not found",
        "credentials-missing",
    ),
    ("OCIRepository", "ReadOperationFailed", "no match found for semver: >=9", "oci-not-found"),
    ("GitRepository", "ArchiveOperationFailed", "write /data/x: no space left on device", "controller-storage"),
    ("Kustomization", "ArtifactFailed", "GET http://source-controller/x giving up: connection refused", "artifact-unreachable"),
    (
        "Kustomization",
        "ArtifactFailed",
        "failed to verify archive: computed digest doesn't match 'sha256:1'",
        "artifact-corrupt",
    ),
    ("Kustomization", "ArtifactFailed", "kustomization path not found: stat <dir>/x: no such file", "path-not-found"),
    ("Kustomization", "ArtifactFailed", "Source artifact not found, retrying in 30s", "source-not-ready"),
    ("Kustomization", "BuildFailed", "decryption failed for 's.yaml': error 403 Forbidden from the vault", "decryption-failed"),
    ("Kustomization", "BuildFailed", "kustomize build failed: error converting YAML: unexpected EOF", "build-failed"),
    (
        "Kustomization",
        "ReconciliationFailed",
        'x dry-run failed: admission webhook "p" denied the request: no',
        "admission-denied",
    ),
    ("Kustomization", "ReconciliationFailed", 'x dry-run failed: failed calling webhook "p": EOF', "admission-unavailable"),
    ("Kustomization", "ReconciliationFailed", 'x dry-run failed: no matches for kind "A" in version "b/v1"', "crd-missing"),
    ("Kustomization", "ReconciliationFailed", 'pods "x" is forbidden: exceeded quota: compute', "quota-exceeded"),
    ("Kustomization", "ReconciliationFailed", "Job/a/b dry-run failed (Invalid): spec: field is immutable", "field-immutable"),
    ("Kustomization", "ReconciliationFailed", "x dry-run failed: etcdserver: request timed out", "api-unavailable"),
    (
        "HelmRelease",
        "UpgradeFailed",
        "Helm upgrade failed: another operation (install/upgrade/rollback) is in progress",
        "helm-pending",
    ),
    (
        "HelmRelease",
        "InstallFailed",
        "Helm install failed: invalid ownership metadata; label validation error",
        "helm-ownership",
    ),
    (
        "ImageUpdateAutomation",
        "GitOperationFailed",
        "command error on refs/heads/main: protected branch",
        "image-push-rejected",
    ),
    ("ImageRepository", "ReadOperationFailed", "scan failed: 429 Too Many Requests", "image-unreachable"),
    ("Kustomization", "", "health check failed after 5m0s: timeout waiting for: []", "health-check-failed"),
    ("HelmRelease", "", "terminal error: exceeded maximum retries: cannot remediate failed release", "helm-retries-exhausted"),
    ("HelmRelease", "", "HelmChart 'a/b' is not ready: chart pull error: 401", "source-not-ready"),
    ("Extension", "", "panic: runtime error", "log-errors"),
]

# Causes that other sources than a Flux reason or message name by their id.
NAMED_ELSEWHERE = {"alert-fired", "configuration-failed", "extension-failed", "log-errors", "out-of-memory"}


def samples() -> dict[str, dict[str, object]]:
    lines = (ROOT / "tests" / "samples" / "flux-events.jsonl").read_text(encoding="utf-8").splitlines()
    return {case["case"]: case for case in map(json.loads, lines) if case.get("class") in BAD}


def cause_in_sample(case: dict[str, object]) -> str:
    event = case["event"]
    return cause_of(event["involvedObject"]["kind"], event["reason"], event["message"], health=BAD[case["class"]]).id


def test_every_bad_sample_has_the_cause_that_an_engineer_would_name() -> None:
    assert {name: cause_in_sample(case) for name, case in samples().items()} == EXPECTED


@pytest.mark.parametrize(("kind", "reasons"), REASONS_OF_FLUX.items(), ids=REASONS_OF_FLUX)
def test_every_reason_of_flux_is_known(kind: str, reasons: str) -> None:
    assert [reason for reason in reasons.split() if cause_of(kind, reason, "").id == "unknown-failure"] == []


@pytest.mark.parametrize(("kind", "reason", "message", "cause"), MEANT)
def test_a_message_tells_what_its_reason_does_not(kind: str, reason: str, message: str, cause: str) -> None:
    assert cause_of(kind, reason, message).id == cause


def test_a_deadline_is_the_network_while_fetching_and_the_workload_in_a_helm_upgrade() -> None:
    text = "context deadline exceeded"
    assert cause_of("GitRepository", "GitOperationFailed", text).id == "network-failed"
    assert cause_of("HelmRelease", "UpgradeFailed", text).id == "helm-timeout"
    assert cause_of("Kustomization", "HealthCheckFailed", text).id == "health-check-failed"


def test_a_kustomization_being_deleted_is_not_taken_for_its_last_ready_reason() -> None:
    for reason in ("ReconciliationSucceeded", "BuildFailed", "ArtifactFailed"):
        assert cause_of("Kustomization", reason, "pruning for deleted resource failed").id == "prune-failed"


def test_the_log_that_helm_appends_says_nothing_about_the_cause() -> None:
    message = "Helm upgrade failed for release a/b: boom\n\nLast Helm logs:\n\n2026-11-20T08:00:00Z: context deadline exceeded"
    assert cause_of("HelmRelease", "UpgradeFailed", message).id == "helm-upgrade-failed"


@pytest.mark.parametrize(
    "text", ["the object has been modified", "no space left on device", "no such host", "kustomize build failed"]
)
def test_no_message_makes_a_critical_cause_milder(text: str) -> None:
    critical = [
        (kind, reason)
        for kind, reasons in REASONS_OF_FLUX.items()
        for reason in reasons.split()
        if cause_of(kind, reason, "").severity is Severity.CRITICAL
    ]
    assert len(critical) > 10
    assert {cause_of(kind, reason, text).severity for kind, reason in critical} == {Severity.CRITICAL}


@pytest.mark.parametrize("health", ["failing", "remediated", "never heard of"])
@pytest.mark.parametrize("kind", ["Terraform", "ResourceSet", "", "\x00", "source", "Kustomization"])
def test_what_nobody_has_heard_of_is_an_unknown_failure(kind: str, health: str) -> None:
    cause = cause_of(kind, "TFExecPlanFailed", "\n\u202e" + "'" * 5_000, health=health)
    assert (cause.id, cause.severity) == ("unknown-failure", Severity.WARNING)


def test_a_stored_cause_that_is_no_longer_known_is_an_unknown_failure() -> None:
    assert cause_by_id("dns-failed") is CAUSES["dns-failed"]
    assert cause_by_id("of-an-earlier-version").id == "unknown-failure"


def test_waiting_is_told_late_and_belongs_to_what_it_waits_for() -> None:
    cause = cause_of("Kustomization", "DependencyNotReady", "", health="waiting")
    assert (cause.hold_off, cause.borrowed) == (timedelta(minutes=15), True)
    assert cause_of("Kustomization", "Pending", "", health="waiting").id == "not-ready-yet"


def test_a_missing_source_is_borrowed_from_that_source() -> None:
    assert cause_of("HelmChart", "SourceUnavailable", "").borrowed
    assert cause_of("HelmRelease", "SourceNotReady", "").borrowed
    assert not cause_of("GitRepository", "GitOperationFailed", "").borrowed


def test_a_remediation_waits_a_minute_for_the_event_of_its_failure() -> None:
    rolled_back = cause_of("HelmRelease", "RollbackSucceeded", "", health="remediated")
    undone = cause_of("HelmRelease", "UninstallSucceeded", "", health="remediated")
    assert (rolled_back.severity, undone.severity) == (Severity.WARNING, Severity.CRITICAL)
    assert {rolled_back.hold_off, undone.hold_off} == {timedelta(minutes=1)}


@pytest.mark.parametrize(
    "cause", ["optimistic-lock", "dns-failed", "network-failed", "source-throttled", "api-unavailable", "admission-unavailable"]
)
def test_what_passes_by_itself_is_held_back_for_ten_minutes(cause: str) -> None:
    assert CAUSES[cause].hold_off == timedelta(minutes=10)


def test_the_tables_name_causes_that_exist_and_no_cause_is_without_use() -> None:
    by_reason = {cause for reasons in REASONS.values() for cause in reasons.values()}
    by_message = {cause for _, cause in OPENINGS} | {cause for *_, cause in MEANINGS}
    assert by_reason | by_message | NAMED_ELSEWHERE | {"unknown-failure"} == set(CAUSES)
    assert {refined for causes, *_ in MEANINGS for refined in causes} <= set(CAUSES)
