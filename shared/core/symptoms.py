"""The words of a message in; what they say and what they mean out: two tables, read in order, the first match wins.

Pure: no I/O. Openings are written by the controllers themselves and so stand for a reason. Meanings make a known cause more
precise, and name the causes that they may refine: a deadline means the network while fetching, the workload in a Helm upgrade.
"""

from __future__ import annotations

import re


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _status(*codes: int) -> str:
    """A bare HTTP status: not a piece of a version, port, path or hash."""
    return rf"(?<![\w.:/-])(?:{'|'.join(map(str, codes))})(?![\w-]|\.\d)"


OPENINGS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (_words(pattern), cause)
    for pattern, cause in (
        # a Kustomization under deletion sends these with whatever reason it had before
        (
            r"pruning for deleted resource failed|failed to wait for resources termination|unable to prune objects",
            "prune-failed",
        ),
        (r"delete failed, errors:", "prune-failed"),
        (r"health check failed|failed early due to stalled resources", "health-check-failed"),
        (r"kustomization path not found", "path-not-found"),
        (r"post build failed", "substitution-failed"),
        (r"cannot get sops|decryption failed|failed to decrypt|error decrypting", "decryption-failed"),
        (r"\S+ is SOPS encrypted", "decryption-missing"),
        (r"kustomize build failed", "build-failed"),
        (r"\S+ (?:dry-run|apply) failed", "apply-failed"),
        (r"Helm install failed", "helm-install-failed"),
        (r"Helm upgrade failed", "helm-upgrade-failed"),
        (r"Helm test failed", "helm-test-failed"),
        (r"Helm rollback to previous release \S+(?: with chart \S+)? failed", "helm-rollback-failed"),
        (r"Helm uninstall failed", "helm-uninstall-failed"),
        (r"release is in a failed state", "helm-upgrade-failed"),
        (r"(?:terminal error: )?exceeded maximum retries|(?:install|upgrade) retries exhausted", "helm-retries-exhausted"),
        (r"Source(?: '[^'\n]*')? (?:artifact )?not found|Source is not ready", "source-not-ready"),
        (r"(?:GitRepository|OCIRepository|Bucket|HelmRepository|HelmChart) '[^'\n]+' is not ready", "source-not-ready"),
        (
            r"Dependencies do not meet|(?:dependency|unable to get) '[^'\n]+' (?:is not ready|dependency)",
            "dependency-not-ready",
        ),
        (r"can't access '[^'\n]+', cross-namespace", "access-denied"),
    )
)
"""How a message begins → cause."""

_DNS = (
    r"no such host|server misbehaving|could not resolve host|name resolution|\blookup [\w.-]+ (?:on [^\n]{1,100})?i/o timeout"
)
_NETWORK = (
    r"i/o timeout|TLS handshake timeout|context deadline exceeded|Client\.Timeout|timed out|connection (?:refused|reset)"
    r"|no route to host|network is unreachable|broken pipe|client connection lost|waiting on socket|unexpected EOF|: EOF\b"
)
_BUSY = rf"too ?many ?requests|rate limit|service unavailable|bad gateway|gateway time-?out|{_status(408, 429, 502, 503, 504)}"
_TLS = r"\bx509: |tls: failed to verify|unknown authority|certificate has expired"
_HOST_KEY = r"knownhosts:|known_hosts|host key"
_NO_CREDENTIALS = r'secrets? "[^"\n]+" not found|failed to get (?:the )?(?:auth |tls )?secret'
_AUTH = (
    r"authentication required|authorization failed|unable to authenticate|unauthori[sz]ed|not authorized|\bforbidden\b"
    r"|access denied|permission denied"
    r"|(?:bad|invalid|wrong) (?:credential|auth|username|password|token)|\bdenied:|has expired|AADSTS\d+"
    rf"|Authori[sz]ationFailure|AuthenticationFailed|{_status(401, 403)}"
)
_ABSENT = (
    r"couldn't find remote ref|reference not found|repository not found|object not found|MANIFEST_UNKNOWN|NAME_UNKNOWN"
    rf"|does ?n[o']t exist|no match found|no '[^'\n]*' chart|no chart version|not found|{_status(404)}"
)

_GIT = frozenset({"git-failed", "git-authentication"})
_OCI = frozenset({"oci-failed"})
_BUCKET = frozenset({"bucket-failed"})
_CHARTS = frozenset({"chart-failed", "chart-not-found", "chart-dependencies-failed", "helm-index-failed"})
_FETCH = _GIT | _OCI | _BUCKET | _CHARTS | {"source-authentication"}
_IMAGES = frozenset({"image-scan-failed", "image-update-failed", "image-authentication"})
_BUILD = frozenset({"build-failed"})
_ARTIFACT = frozenset({"artifact-failed"})
_APPLY = frozenset({"apply-failed"})
_HELM = frozenset({"helm-install-failed", "helm-upgrade-failed"})
_ANY = frozenset[str]()

MEANINGS: tuple[tuple[frozenset[str], re.Pattern[str], str], ...] = tuple(
    (refined, _words(pattern), cause)
    for refined, pattern, cause in (
        (_ANY, r"the object has been modified", "optimistic-lock"),
        (_ANY, r"no space left on device", "controller-storage"),
        # ------------------------------------------------------------------------------------------------- fetching
        (_FETCH | _BUILD, _DNS, "dns-failed"),
        (_FETCH, _TLS, "tls-failed"),
        (_FETCH, _HOST_KEY, "host-key-rejected"),
        (_FETCH, _BUSY, "source-throttled"),  # before authentication: some hosts answer a throttled login with both words
        (_FETCH, _NETWORK, "network-failed"),
        (_BUILD, r"dial tcp", "network-failed"),  # a remote base; an EOF would be a torn YAML file
        (_FETCH, _NO_CREDENTIALS, "credentials-missing"),
        (_GIT, _AUTH, "git-authentication"),
        (_FETCH, _AUTH, "source-authentication"),
        (_GIT, _ABSENT, "git-not-found"),
        (_OCI, _ABSENT, "oci-not-found"),
        (_BUCKET, _ABSENT, "bucket-not-found"),
        (frozenset({"chart-failed"}), _ABSENT, "chart-not-found"),
        (_CHARTS, r'scheme "[^"\n]*" not supported', "spec-invalid"),
        (_IMAGES, rf"{_DNS}|{_BUSY}|{_NETWORK}", "image-unreachable"),
        (_IMAGES, r"hook declined|protected branch|non-fast-forward|push.{0,40}rejected", "image-push-rejected"),
        (_IMAGES, rf"{_NO_CREDENTIALS}|{_AUTH}", "image-authentication"),
        (_ARTIFACT, r"(?:digest|checksum)[^\n]{0,120}(?:match|mismatch)", "artifact-corrupt"),
        (_ARTIFACT, rf"{_DNS}|{_BUSY}|{_NETWORK}", "artifact-unreachable"),
        # ------------------------------------------------------------------------------------------------- applying
        (_APPLY, r"failed calling webhook|failed to call webhook|no endpoints available for service", "admission-unavailable"),
        (
            _APPLY,
            r"admission webhook|denied (?:the )?request|ValidatingAdmissionPolicy|violates PodSecurity",
            "admission-denied",
        ),
        (_APPLY, r"no matches for kind|could not find the requested resource", "crd-missing"),
        (_APPLY, r"exceeded quota", "quota-exceeded"),
        (_APPLY, r"immutable|may not change once set|updates to \w+ spec", "field-immutable"),
        (_APPLY, r"\(Forbidden\)|is forbidden: User|attempting to grant", "rbac-forbidden"),
        (_APPLY, rf"{_DNS}|{_BUSY}|{_NETWORK}|etcdserver|currently unable to handle", "api-unavailable"),
        (_APPLY, r"\((?:Invalid|BadRequest)\)|unknown field|strict decoding|failed to create typed patch", "manifest-invalid"),
        (_APPLY, r"not found", "reference-missing"),
        # ----------------------------------------------------------------------------------------------------- Helm
        (_HELM, r"another operation \([^)\n]*\) is in progress", "helm-pending"),
        (_HELM, r"invalid ownership metadata", "helm-ownership"),
        (_HELM, r"timed out waiting|context deadline exceeded|rate limiter Wait", "helm-timeout"),
    )
)
"""Causes that may be refined (none: any) → what the message says → the more precise cause."""
