"""What a machine said of an object in; what it means out: the text as it may be kept, its cause, its fingerprint.

Pure: no I/O. One reading for Flux events, conditions in Azure and log lines: the same failure has the same fingerprint.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from shared.core.causes import Cause
from shared.core.fingerprint import fingerprint
from shared.core.links import source_url_of
from shared.core.observation import Health
from shared.core.reasons import HELM_LOGS, cause_of
from shared.core.redact import clean, redact

SOURCE_KINDS = frozenset({"GitRepository", "OCIRepository", "Bucket", "HelmRepository", "HelmChart", "ExternalArtifact"})
MAX_MESSAGE = 4_000  # characters kept; a card shows less, and a Table property holds 32,000
_NEEDS = re.compile(r"'([\w.-]{1,253}/[\w.-]{1,253})'")  # helm-controller and kustomize-controller quote what they wait for so
_CHART = re.compile(r" with chart ([\w.-]{1,253}@[\w.+-]{1,128})")  # fluxcd/helm-controller internal/reconcile/*.go


class Words(NamedTuple):
    """What a message says."""

    message: str
    cause: Cause
    fingerprint: str
    origin: str
    needs: str


def read(kind: str, namespace: str, name: str, reason: str, text: str, health: Health) -> Words:
    """What `text` says of a failing, waiting or remediated object. Never fails."""
    remembered = _read if len(text) <= MAX_MESSAGE else _read.__wrapped__  # what is huge is not kept in memory
    return remembered(kind, namespace, name, reason, text, health)


@lru_cache(maxsize=2_048)  # the same words come again: at every interval, in every sweep, from every cluster of a commit
def _read(kind: str, namespace: str, name: str, reason: str, text: str, health: Health) -> Words:
    message = safe(text)
    return Words(
        message,
        cause_of(kind, reason, message, health=health),
        fingerprint(kind, message.partition(HELM_LOGS)[0], namespace, name),  # an event has Helm's log, a condition has not
        _origin(kind, message),
        needed[1] if (needed := _NEEDS.search(message)) else "",
    )


def _origin(kind: str, message: str) -> str:
    if kind in SOURCE_KINDS:
        return source_url_of(message) or ""
    chart = _CHART.search(message) if kind == "HelmRelease" else None
    return chart[1] if chart else ""


def safe(text: str) -> str:
    """Text from outside as it may be stored: redacted, printable, and cut with a count."""
    wide = 2 * MAX_MESSAGE  # wider than what is kept, so that no secret is cut in half first
    known = redact(clean(text[:wide]))
    lost = max(0, len(known) - MAX_MESSAGE) + max(0, len(text) - wide)
    return f"{known[:MAX_MESSAGE]} … ({lost} more characters)" if lost else known
