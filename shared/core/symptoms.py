"""The words of a message in; what they say and what they mean out: two tables, read in order, the first match wins.

Pure: no I/O. Openings are written by the controllers themselves and so stand for a reason. Meanings make a known cause more
precise, and name the causes that they may refine: a deadline means the network while fetching, the workload in a Helm upgrade.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """Plain words, and patterns that run only where their needle is: a pattern costs as much as a hundred words.

    All in lower case. Every failing event of the fleet is looked through for most of this file.
    """

    plain: tuple[str, ...] = ()
    patterns: tuple[tuple[str, re.Pattern[str]], ...] = ()

    def __or__(self, other: Words) -> Words:
        return Words(self.plain + other.plain, self.patterns + other.patterns)

    def search(self, lowered: str) -> bool:
        """One of them is in the text, which is in lower case."""
        for word in self.plain:
            if word in lowered:
                return True
        return any(needle in lowered and pattern.search(lowered) for needle, pattern in self.patterns)


def _plain(*words: str) -> Words:
    return Words(plain=words)


def _pattern(needle: str, pattern: str) -> Words:
    return Words(patterns=((needle, re.compile(pattern)),))


def _status(*codes: int) -> Words:
    """A bare HTTP status: not a piece of a version, port, path or hash."""
    return Words(patterns=tuple((str(code), re.compile(rf"(?<![\w.:/-]){code}(?![\w-]|\.\d)")) for code in codes))


OPENINGS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), cause)
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

_DNS = _plain("no such host", "server misbehaving", "could not resolve host", "name resolution") | _pattern(
    "lookup ", r"\blookup [\w.-]+ (?:on [^\n]{1,100})?i/o timeout"
)
_NETWORK = _plain(
    "i/o timeout",
    "tls handshake timeout",
    "context deadline exceeded",
    "client.timeout",
    "timed out",
    "connection refused",
    "connection reset",
    "no route to host",
    "network is unreachable",
    "broken pipe",
    "client connection lost",
    "waiting on socket",
    "unexpected eof",
) | _pattern(": eof", r": eof\b")
_BUSY = (
    _plain("rate limit", "service unavailable", "bad gateway", "gateway timeout", "gateway time-out")
    | _pattern("requests", r"too ?many ?requests")
    | _status(408, 429, 502, 503, 504)
)
_TLS = _plain("tls: failed to verify", "unknown authority", "certificate has expired") | _pattern("x509: ", r"\bx509: ")
_HOST_KEY = _plain("knownhosts:", "known_hosts", "host key")
_NO_CREDENTIALS = _pattern("not found", r'secrets? "[^"\n]+" not found') | _pattern(
    "failed to get ", r"failed to get (?:the )?(?:auth |tls )?secret"
)
_AUTH = (
    _plain(
        "authentication required",
        "authorization failed",
        "unable to authenticate",
        "unauthorized",
        "unauthorised",
        "not authorized",
        "access denied",
        "permission denied",
        "has expired",
        "authorizationfailure",
        "authorisationfailure",
        "authenticationfailed",
    )
    | _plain(
        *(
            f"{how} {what}"
            for how in ("bad", "invalid", "wrong")
            for what in ("credential", "auth", "username", "password", "token")
        )
    )
    | _pattern("forbidden", r"\bforbidden\b")
    | _pattern("denied:", r"\bdenied:")
    | _pattern("aadsts", r"aadsts\d")
    | _status(401, 403)
)
_ABSENT = (
    _plain("not found", "couldn't find remote ref", "manifest_unknown", "name_unknown", "no match found", "no chart version")
    | _pattern("t exist", r"does ?n[o']t exist")
    | _pattern("' chart", r"no '[^'\n]*' chart")
    | _status(404)
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

MEANINGS: tuple[tuple[frozenset[str], Words, str], ...] = (
    (_ANY, _plain("the object has been modified"), "optimistic-lock"),
    (_ANY, _plain("no space left on device"), "controller-storage"),
    # ----------------------------------------------------------------------------------------------------- fetching
    (_FETCH | _BUILD, _DNS, "dns-failed"),
    (_FETCH, _TLS, "tls-failed"),
    (_FETCH, _HOST_KEY, "host-key-rejected"),
    (_FETCH, _BUSY, "source-throttled"),  # before authentication: some hosts answer a throttled login with both words
    (_FETCH, _NETWORK, "network-failed"),
    (_BUILD, _plain("dial tcp"), "network-failed"),  # a remote base; an EOF would be a torn YAML file
    (_FETCH, _NO_CREDENTIALS, "credentials-missing"),
    (_GIT, _AUTH, "git-authentication"),
    (_FETCH, _AUTH, "source-authentication"),
    (_GIT, _ABSENT, "git-not-found"),
    (_OCI, _ABSENT, "oci-not-found"),
    (_BUCKET, _ABSENT, "bucket-not-found"),
    (frozenset({"chart-failed"}), _ABSENT, "chart-not-found"),
    (_CHARTS, _pattern("not supported", r'scheme "[^"\n]*" not supported'), "spec-invalid"),
    (_IMAGES, _DNS | _BUSY | _NETWORK, "image-unreachable"),
    (
        _IMAGES,
        _plain("hook declined", "protected branch", "non-fast-forward") | _pattern("rejected", r"push.{0,40}rejected"),
        "image-push-rejected",
    ),
    (_IMAGES, _NO_CREDENTIALS | _AUTH, "image-authentication"),
    (_ARTIFACT, _pattern("match", r"(?:digest|checksum)[^\n]{0,120}match"), "artifact-corrupt"),
    (_ARTIFACT, _DNS | _BUSY | _NETWORK, "artifact-unreachable"),
    # ----------------------------------------------------------------------------------------------------- applying
    (
        _APPLY,
        _plain("failed calling webhook", "failed to call webhook", "no endpoints available for service"),
        "admission-unavailable",
    ),
    (
        _APPLY,
        _plain(
            "admission webhook", "denied the request", "denied request", "validatingadmissionpolicy", "violates podsecurity"
        ),
        "admission-denied",
    ),
    (_APPLY, _plain("no matches for kind", "could not find the requested resource"), "crd-missing"),
    (_APPLY, _plain("exceeded quota"), "quota-exceeded"),
    (
        _APPLY,
        _plain("immutable", "may not change once set") | _pattern("updates to ", r"updates to \w+ spec"),
        "field-immutable",
    ),
    (_APPLY, _plain("(forbidden)", "is forbidden: user", "attempting to grant"), "rbac-forbidden"),
    (_APPLY, _DNS | _BUSY | _NETWORK | _plain("etcdserver", "currently unable to handle"), "api-unavailable"),
    (
        _APPLY,
        _plain("(invalid)", "(badrequest)", "unknown field", "strict decoding", "failed to create typed patch"),
        "manifest-invalid",
    ),
    (_APPLY, _plain("not found"), "reference-missing"),
    # --------------------------------------------------------------------------------------------------------- Helm
    (_HELM, _pattern("another operation (", r"another operation \([^)\n]*\) is in progress"), "helm-pending"),
    (_HELM, _plain("invalid ownership metadata"), "helm-ownership"),
    (_HELM, _plain("timed out waiting", "context deadline exceeded", "rate limiter wait"), "helm-timeout"),
)
"""Causes that may be refined (none: any) → what the message says → the more precise cause."""
