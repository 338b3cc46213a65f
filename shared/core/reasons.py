"""A Flux reason and its message in; the cause out. Behaviour lives in tables: reasons here, messages in symptoms.

Pure: no I/O, and it never fails. A message may make a cause more precise, but never a critical one milder: messages quote what
tenants write. Reasons: fluxcd kustomize-, helm-, source-, image-reflector-, image-automation-controller and source-watcher.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from shared.core.causes import CAUSES, Cause, Severity
from shared.core.symptoms import MEANINGS, OPENINGS

__all__ = ["CAUSES", "Cause", "Severity", "cause_by_id", "cause_of"]

_SEEN = 1_000  # characters of a message that are looked at: the cause stands at the beginning
HELM_LOGS = "\nLast Helm logs:"  # helm-controller appends them; any word may be in there

_SOURCE = ("GitRepository", "OCIRepository", "Bucket", "HelmRepository", "HelmChart", "ExternalArtifact")
_IMAGE = ("ImageRepository", "ImagePolicy", "ImageUpdateAutomation")
_GROUP = dict.fromkeys(_SOURCE, "source") | dict.fromkeys(_IMAGE, "image")

REASONS: Mapping[str, Mapping[str, str]] = {
    "Kustomization": {
        "BuildFailed": "build-failed",
        "ReconciliationFailed": "apply-failed",
        "HealthCheckFailed": "health-check-failed",
        "PruneFailed": "prune-failed",
    },
    "HelmRelease": {
        "InstallFailed": "helm-install-failed",
        "UpgradeFailed": "helm-upgrade-failed",
        "TestFailed": "helm-test-failed",
        "RollbackFailed": "helm-rollback-failed",
        "MissingRollbackTarget": "helm-rollback-failed",
        "UninstallFailed": "helm-uninstall-failed",
        "RollbackSucceeded": "helm-rolled-back",
        "UninstallSucceeded": "helm-install-undone",  # as a remediation; a plain uninstall is no failure
        "RetriesExceeded": "helm-retries-exhausted",
        "PendingRelease": "helm-pending",
        "DriftDetected": "drift-detected",
        "DriftCorrectionFailed": "drift-correction-failed",
        "ValuesError": "values-missing",
        "SourceNotReady": "source-not-ready",
        "ChartMutateError": "chart-build-failed",
        "RESTClientError": "helm-client-failed",
        "FactoryError": "helm-client-failed",
        "InitFailed": "helm-client-failed",
        "GetLastReleaseFailed": "helm-client-failed",
        "NamespaceCheckSkipped": "inventory-incomplete",
        "InventoryBuildFailed": "inventory-incomplete",
    },
    "OCIRepository": {"": "oci-failed", "ReadOperationFailed": "oci-failed"},  # here it reads the registry's tags, not the disk
    "HelmRepository": {"": "helm-index-failed", "Failed": "helm-index-failed", "IndexationFailed": "helm-index-invalid"},
    "HelmChart": {
        "": "chart-failed",
        "InvalidChartReference": "chart-not-found",
        "ChartPullError": "chart-failed",
        "ValuesFilesError": "chart-build-failed",
        "MetadataPatchError": "chart-build-failed",
        "ChartPackageError": "chart-build-failed",
        "Unknown": "chart-build-failed",
        "DependencyBuildError": "chart-dependencies-failed",
        "ChartVerificationError": "verification-failed",
        "SourceUnavailable": "source-not-ready",
        "UnsupportedSourceKind": "spec-invalid",
    },
    "GitRepository": {"": "git-failed", "AuthenticationFailed": "git-authentication"},
    "Bucket": {"": "bucket-failed"},
    "source": {
        "GitOperationFailed": "git-failed",
        "AuthenticationFailed": "source-authentication",
        "OCIArtifactPullFailed": "oci-failed",
        "OCIArtifactLayerOperationFailed": "oci-failed",
        "BucketOperationFailed": "bucket-failed",
        "VerificationError": "verification-failed",
        "InvalidCommitSignature": "verification-failed",
        "InvalidTagSignature": "verification-failed",
        "InvalidGitObject": "verification-failed",
        "InvalidVerificationMode": "verification-misconfigured",
        "ArtifactVerificationFailed": "artifact-corrupt",
        "EmptyGitRepository": "source-unusable",
        "SourceIgnoreError": "source-unusable",
        "IllegalPath": "source-unusable",
        "CopyFailure": "source-unusable",
        "InvalidPath": "source-unusable",
        "URLInvalid": "spec-invalid",
        "InvalidProviderConfiguration": "spec-invalid",
        "InvalidSTSConfiguration": "spec-invalid",
        "StatOperationFailed": "controller-storage",
        "ReadOperationFailed": "controller-storage",
        "ArchiveOperationFailed": "controller-storage",
        "AcquireLockFailed": "controller-storage",
        "SymlinkUpdateFailed": "controller-storage",
        "CacheOperationFailed": "controller-storage",
        "GarbageCollectionFailed": "controller-storage",
        "PatchOperationFailed": "api-unavailable",
    },
    "ImageRepository": {"": "image-scan-failed", "ReadOperationFailed": "image-scan-failed", "Failure": "image-scan-failed"},
    "ImagePolicy": {"": "image-policy-invalid", "Failure": "image-policy-invalid"},
    "ImageUpdateAutomation": {"": "image-update-failed"},
    "image": {
        "AuthenticationFailed": "image-authentication",
        "ImageURLInvalid": "image-policy-invalid",
        "InvalidPolicy": "image-policy-invalid",
        "IntervalNotConfigured": "image-policy-invalid",
        "GitOperationFailed": "image-update-failed",
        "SourceManagerFailed": "image-update-failed",
        "UpdateFailed": "image-update-failed",
        "InvalidUpdateStrategy": "image-update-failed",
        "InvalidSourceConfiguration": "image-update-failed",
        "InvalidPolicySelector": "image-update-failed",
        "RemovedTemplateField": "image-update-failed",
    },
    "ArtifactGenerator": {
        "SourceFetchFailed": "artifact-failed",
        "BuildFailed": "artifact-generation-failed",
        "ReconciliationFailed": "artifact-generation-failed",
        "ValidationFailed": "spec-invalid",
    },
    "Extension": {  # the controllers' pods and logs belong to it too
        "": "log-errors",
        "Failed": "extension-failed",
        "Canceled": "extension-failed",
        "Restarted": "controller-restarts",
        "Silent": "controller-silent",
        "Unauthorized": "agent-refused",
        "OOMKilled": "out-of-memory",
        "CrashLoopBackOff": "controller-down",
        "ImagePullBackOff": "controller-down",
        "ErrImagePull": "controller-down",
        "CreateContainerConfigError": "controller-down",
    },
    "FluxConfiguration": {"": "configuration-failed", "NotCompliant": "configuration-failing"},
    "Suspension": {"": "configuration-suspended"},
    "SourceSync": {"": "source-not-synced"},
    "Coverage": {"": "extension-missing"},
    "ExtensionVersion": {"": "extension-unsupported"},
    "ExtensionPin": {"": "extension-pinned"},
    "Agent": {"": "agent-silent"},
    "Cluster": {"": "cluster-disconnected"},
    "Visibility": {"": "visibility-lost"},
    "AlertRule": {"": "alert-fired"},
    "": {
        "DependencyNotReady": "dependency-not-ready",
        "ArtifactFailed": "artifact-failed",
        "AccessDenied": "access-denied",
        "InvalidCELExpression": "spec-invalid",
        "FeatureGateDisabled": "feature-disabled",
        "DirectoryCreationFailed": "controller-storage",
        "Progressing": "not-ready-yet",
        "ProgressingWithRetry": "not-ready-yet",
        "HealthCheckCanceled": "not-ready-yet",
    },
}
"""A kind, a group of kinds, or "" for any → reason → id of the cause. Reason "" is for sources that give none, such as logs."""


def cause_of(kind: str, reason: str, message: str, *, health: str = "failing") -> Cause:
    """Why an object is failing, waiting or remediated. What nobody has heard of is `unknown-failure`."""
    text = message[:_SEEN].partition(HELM_LOGS)[0]
    cause = CAUSES[_by_reason(kind, reason)]
    cause = _refined(cause, (said for opening, said in OPENINGS if opening.match(text)))
    if health == "waiting":
        return cause if cause.borrowed else CAUSES["not-ready-yet"]
    lowered = text.lower()
    meanings = ((words, meant) for refines, words, meant in MEANINGS if not refines or cause.id in refines)
    return _refined(cause, (meant for words, meant in meanings if words.search(lowered)))


def cause_by_id(id_: str) -> Cause:
    """A cause that was stored. One that an earlier version knew and this one does not is `unknown-failure`."""
    return CAUSES.get(id_, CAUSES["unknown-failure"])


def _by_reason(kind: str, reason: str) -> str:
    tables = (REASONS.get(place, {}) for place in (kind, _GROUP.get(kind, ""), ""))
    return next((table[reason] for table in tables if reason in table), "unknown-failure")


def _refined(cause: Cause, found: Iterator[str]) -> Cause:
    """The first of what was found, if there is any; but critical stays critical."""
    other = CAUSES[next(found, cause.id)]
    return cause if cause.severity is Severity.CRITICAL and other.severity is not Severity.CRITICAL else other
