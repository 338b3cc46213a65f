"""A body, its X-Signature and the signing keys in; nothing or a refusal out.

Pure: no I/O. The scheme is notification-controller's generic-hmac, with a key for each cluster (design, section 6).
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from functools import lru_cache

from shared.core.cluster import Cluster
from shared.core.refusal import Unsigned

_CONTEXT = "fluxwatch/v1"
_PREFIX = "sha256="


@lru_cache(maxsize=2_048)  # two keys for a thousand clusters
def cluster_token(hmac_key: str, cluster: Cluster) -> str:
    """The `token` of one cluster's Secret: 64 hex digits, derived, so that no cluster can speak for another."""
    return hmac.digest(hmac_key.encode(), (_CONTEXT + cluster.key).encode(), "sha256").hex()


def sign(body: bytes, token: str) -> str:
    """The value of X-Signature as notification-controller makes it (internal/notifier/forwarder.go)."""
    return _PREFIX + hmac.digest(token.encode(), body, "sha256").hex()


def verify(body: bytes, signature: str | None, *, tokens: Iterable[str]) -> None:
    """Raises `Unsigned` unless the signature was made over exactly these bytes with one of the tokens.

    A token with a trailing newline counts as well: notification-controller 1.7 and later take the Secret's bytes raw, and
    `kubectl create secret --from-file` keeps the newline.
    """
    if not signature:
        raise Unsigned("X-Signature is missing: the Provider's type must be generic-hmac")
    if not signature.startswith(_PREFIX):
        raise Unsigned("X-Signature does not begin with sha256=")
    given = signature.encode("utf-8", "replace")  # a header may hold anything; a question mark is no hex digit
    for token in tokens:
        for key in (token, token + "\n"):
            if hmac.compare_digest(sign(body, key).encode(), given):
                return
    raise Unsigned("X-Signature does not match: the token is not this cluster's")
