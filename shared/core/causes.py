"""The id of a cause in; its title, severity, hold-off, remedy and runbook out. Three tables: critical, warning, info.

Pure: no I/O. The principle of severity: critical is what may harm what runs (a failed health check, Helm action, signature or
integrity check, a prune half done); warning means that nothing new arrives while what runs, runs on (source, build, apply,
values, access); info is image automation and the like.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from shared.core.remedies import REMEDIES


class Severity(StrEnum):
    """Critical: what runs may be harmed. Warning: nothing new arrives, what runs, runs. Info: good to know."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 is the most severe."""
        return _RANKS[self]


_RANKS: Mapping[Severity, int] = {severity: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something fails, and what to do. `id` names it in code and data; `runbook` is a file of docs/runbooks less .md."""

    id: str
    title: str
    severity: Severity
    hold_off: timedelta  # told only if it lasts as long
    remedy: str
    runbook: str
    borrowed: bool = False  # a consequence of another object's failure: folded under that object's card


type _Row = tuple[str, str, timedelta, str]  # id, title, hold-off, runbook

_NOW = timedelta(0)
_SHORTLY = timedelta(minutes=1)  # the event of the failure itself normally comes too, and says more
_TRANSIENT = timedelta(minutes=10)  # longer than Flux needs for a few attempts of its own
_PATIENT = timedelta(minutes=15)  # waiting is the normal state of a cluster that is starting

_CRITICAL: tuple[_Row, ...] = (
    ("health-check-failed", "Health check failed", _NOW, "HealthCheck"),
    ("prune-failed", "Pruning failed half-way", _NOW, "Pruning"),
    ("artifact-corrupt", "Artifact integrity check failed", _NOW, "SourceVerification"),
    ("verification-failed", "Signature verification failed", _NOW, "SourceVerification"),
    ("helm-install-failed", "Helm install failed", _NOW, "HelmRelease"),
    ("helm-upgrade-failed", "Helm upgrade failed", _NOW, "HelmRelease"),
    ("helm-timeout", "Helm gave up waiting for the workload", _NOW, "HelmRelease"),
    ("helm-ownership", "Helm may not take over an existing object", _NOW, "HelmRelease"),
    ("helm-test-failed", "Helm test failed", _NOW, "HelmRelease"),
    ("helm-rollback-failed", "Helm rollback failed", _NOW, "HelmRelease"),
    ("helm-uninstall-failed", "Helm uninstall failed", _NOW, "HelmRelease"),
    ("helm-install-undone", "Helm install failed and was removed again", _SHORTLY, "HelmRelease"),
    ("helm-pending", "Helm release is locked in a pending state", _NOW, "HelmRelease"),
    ("helm-retries-exhausted", "Helm retries are used up", _NOW, "HelmRelease"),
    ("out-of-memory", "Flux controller ran out of memory", _NOW, "ControllerHealth"),
)

_WARNING: tuple[_Row, ...] = (
    ("git-authentication", "Git authentication failed", _NOW, "SourceAuthentication"),
    ("source-authentication", "Source authentication failed", _NOW, "SourceAuthentication"),
    ("credentials-missing", "Credentials Secret is missing", _NOW, "SourceAuthentication"),
    ("host-key-rejected", "SSH host key not accepted", _NOW, "SourceAuthentication"),
    ("tls-failed", "TLS certificate not trusted", _NOW, "SourceUnreachable"),
    ("dns-failed", "Host name not resolved", _TRANSIENT, "SourceUnreachable"),
    ("network-failed", "Source unreachable", _TRANSIENT, "SourceUnreachable"),
    ("source-throttled", "Source is throttling or unavailable", _TRANSIENT, "SourceUnreachable"),
    ("git-failed", "Git source failed", _NOW, "SourceContent"),
    ("git-not-found", "Repository, branch or tag not found", _NOW, "SourceContent"),
    ("oci-failed", "OCI artifact pull failed", _NOW, "SourceContent"),
    ("oci-not-found", "OCI artifact or tag not found", _NOW, "SourceContent"),
    ("bucket-failed", "Bucket or container could not be read", _NOW, "SourceContent"),
    ("bucket-not-found", "Bucket or container not found", _NOW, "SourceContent"),
    ("source-unusable", "Source content cannot be used", _NOW, "SourceContent"),
    ("artifact-generation-failed", "Artifact generation failed", _NOW, "SourceContent"),
    ("verification-misconfigured", "Signature verification is misconfigured", _NOW, "SourceVerification"),
    ("spec-invalid", "Object definition is invalid", _NOW, "InvalidSpec"),
    ("feature-disabled", "Feature gate is off", _NOW, "InvalidSpec"),
    ("helm-index-failed", "Helm repository could not be read", _NOW, "HelmChart"),
    ("helm-index-invalid", "Helm repository index is invalid", _NOW, "HelmChart"),
    ("chart-failed", "Helm chart pull failed", _NOW, "HelmChart"),
    ("chart-not-found", "Helm chart or version not found", _NOW, "HelmChart"),
    ("chart-build-failed", "Helm chart build failed", _NOW, "HelmChart"),
    ("chart-dependencies-failed", "Helm chart dependencies failed", _NOW, "HelmChart"),
    ("values-missing", "Helm values are missing", _NOW, "HelmRelease"),
    ("helm-rolled-back", "Helm upgrade failed and was rolled back", _SHORTLY, "HelmRelease"),
    ("helm-client-failed", "Helm could not be started", _NOW, "HelmRelease"),
    ("build-failed", "Kustomize build failed", _NOW, "KustomizeBuild"),
    ("substitution-failed", "Variable substitution failed", _NOW, "KustomizeBuild"),
    ("path-not-found", "Kustomization path not found", _NOW, "KustomizeBuild"),
    ("artifact-failed", "Artifact could not be fetched", _NOW, "KustomizeBuild"),
    ("artifact-unreachable", "source-controller does not answer", _TRANSIENT, "ControllerHealth"),
    ("decryption-failed", "SOPS decryption failed", _NOW, "Decryption"),
    ("decryption-missing", "Encrypted Secret without decryption", _NOW, "Decryption"),
    ("apply-failed", "Apply failed", _NOW, "KustomizeApply"),
    ("manifest-invalid", "Manifest refused by the API server", _NOW, "KustomizeApply"),
    ("field-immutable", "Immutable field was changed", _NOW, "KustomizeApply"),
    ("admission-denied", "Admission policy denied the change", _NOW, "KustomizeApply"),
    ("admission-unavailable", "Admission webhook does not answer", _TRANSIENT, "KustomizeApply"),
    ("crd-missing", "Kind or API version is not installed", _NOW, "KustomizeApply"),
    ("reference-missing", "Referenced object is missing", _NOW, "KustomizeApply"),
    ("quota-exceeded", "Resource quota exceeded", _NOW, "KustomizeApply"),
    ("rbac-forbidden", "Permission missing in the cluster", _NOW, "AccessDenied"),
    ("access-denied", "Cross-namespace reference blocked", _NOW, "AccessDenied"),
    ("drift-detected", "Drift from the desired state detected", _NOW, "Drift"),
    ("drift-correction-failed", "Drift could not be corrected", _NOW, "Drift"),
    ("dependency-not-ready", "Waiting for a dependency", _PATIENT, "Dependency"),
    ("source-not-ready", "Waiting for the source", _PATIENT, "Dependency"),
    ("not-ready-yet", "Still not ready", _PATIENT, "Dependency"),
    ("controller-down", "Flux controller does not run", _NOW, "ControllerHealth"),
    ("controller-storage", "Flux controller storage failed", _NOW, "ControllerHealth"),
    ("api-unavailable", "Kubernetes API does not answer", _TRANSIENT, "ControllerHealth"),
    ("optimistic-lock", "Concurrent change of the same object", _TRANSIENT, "ControllerHealth"),
    ("log-errors", "Flux controller logs errors", _TRANSIENT, "ControllerHealth"),
    ("controller-restarts", "Flux controller restarted", _NOW, "ControllerHealth"),
    ("controller-silent", "Flux controller writes nothing", _NOW, "ControllerHealth"),
    ("agent-refused", "Azure refuses the Flux agent", _NOW, "AzureAgent"),
    ("configuration-failed", "Azure could not apply the Flux configuration", _NOW, "AzureAgent"),
    ("configuration-failing", "Configuration is not compliant for long", _NOW, "Coverage"),
    ("configuration-suspended", "Configuration is suspended for long", _NOW, "Coverage"),
    ("source-not-synced", "Source is behind the rest of the fleet", _NOW, "Coverage"),
    ("extension-failed", "Flux extension failed", _NOW, "AzureAgent"),
    ("extension-missing", "Flux extension is missing", _TRANSIENT, "Coverage"),
    ("extension-unsupported", "Flux extension is out of support", _NOW, "Coverage"),
    ("agent-silent", "Cluster does not report to Azure", _NOW, "AzureAgent"),
    ("cluster-disconnected", "Cluster is disconnected from Azure", _TRANSIENT, "AzureAgent"),
    ("visibility-lost", "Fluxwatch can no longer see the cluster", _TRANSIENT, "Coverage"),
    ("alert-fired", "Azure Monitor alert fired", _NOW, "AzureAlert"),
    ("unknown-failure", "Reconciliation failed", _NOW, "UnknownFailure"),
)

_INFO: tuple[_Row, ...] = (
    ("image-scan-failed", "Image scan failed", _NOW, "ImageAutomation"),
    ("image-policy-invalid", "Image policy cannot be evaluated", _NOW, "ImageAutomation"),
    ("image-update-failed", "Image update failed", _NOW, "ImageAutomation"),
    ("image-push-rejected", "Image update push was rejected", _NOW, "ImageAutomation"),
    ("image-authentication", "Image automation may not log in", _NOW, "ImageAutomation"),
    ("image-unreachable", "Image automation cannot reach its server", _TRANSIENT, "ImageAutomation"),
    ("extension-pinned", "Flux extension does not upgrade itself", _NOW, "Coverage"),
    ("inventory-incomplete", "Helm inventory is incomplete", _NOW, "HelmRelease"),
)

_BORROWED = frozenset({"dependency-not-ready", "source-not-ready"})


def _made(severity: Severity, rows: Iterable[_Row]) -> Iterable[Cause]:
    for id_, title, hold_off, runbook in rows:
        yield Cause(id_, title, severity, hold_off, REMEDIES[id_], runbook, borrowed=id_ in _BORROWED)


_TABLES = ((Severity.CRITICAL, _CRITICAL), (Severity.WARNING, _WARNING), (Severity.INFO, _INFO))

ALL: tuple[Cause, ...] = tuple(cause for severity, rows in _TABLES for cause in _made(severity, rows))

CAUSES: Mapping[str, Cause] = {cause.id: cause for cause in ALL}
"""Every cause by its id."""
