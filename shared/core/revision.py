"""A Flux revision in; pointer, algorithm and hash out.

Pure: no I/O.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

GIT = frozenset({"sha1", "git-sha256"})
"""Algorithms whose hash is a git commit; all others hash an artifact."""

METADATA_KEYS = ("commit", "originRevision", "revision")
"""Where an event carries its revision, the closest to the commit that a person made first."""

_DIGEST = re.compile(r"(sha1|sha256|<unknown>):([0-9a-f]{64}|[0-9a-f]{40})")
_HASH = re.compile(r"[0-9a-f]{64}|[0-9a-f]{40}")
_GROUP = re.compile(r"(?:[a-z]+\.)*toolkit\.fluxcd\.io/")
_ALGORITHMS = {"<unknown>": "git-sha256"}  # go-git cannot name the hash of a SHA-256 repository
_LEGACY = {40: "sha1", 64: "sha256-legacy"}  # Flux before 0.41 wrote the bare hash


@dataclass(frozen=True, slots=True)
class Revision:
    """What a controller reconciled. `pointer` is a branch, tag or version; `hash` is None where the revision is no digest."""

    pointer: str | None
    algorithm: str | None = None
    hash: str | None = None

    @property
    def commit(self) -> str | None:
        """The git commit, or None where the hash is that of an artifact."""
        return self.hash if self.algorithm in GIT else None

    @property
    def short(self) -> str:
        """As people write it: `main@5394cb7`."""
        pointer = (self.pointer or "").removeprefix("refs/heads/").removeprefix("refs/tags/")
        return "@".join(part for part in (pointer, (self.hash or "")[:7]) if part)


def parse(revision: str) -> Revision:
    """Takes every form that Flux has written; what is none of them is a pointer.

    Forms: RFC-0005 of fluxcd/flux2 (`<pointer>@<algorithm>:<hash>`), before it `<pointer>/<hash>`, and chart versions.
    """
    pointer, at, digest = revision.rpartition("@")
    if (found := _DIGEST.fullmatch(digest)) and bool(pointer) == bool(at):
        return Revision(pointer or None, _ALGORITHMS.get(found[1], found[1]), found[2])
    pointer, _, legacy = revision.rpartition("/")
    if _HASH.fullmatch(legacy):
        return Revision(None if pointer in ("", "HEAD") else pointer, _LEGACY[len(legacy)], legacy)
    return Revision(revision or None)


def pick(metadata: Mapping[str, str]) -> str:
    """The revision of an event, or "". Keys may carry an API group, which notification-controller strips."""
    prefixed = {_GROUP.sub("", key, count=1): value for key, value in metadata.items() if _GROUP.match(key)}
    candidates = (found.get(key) for key in METADATA_KEYS for found in (metadata, prefixed))
    return next((value for value in candidates if value), "")
