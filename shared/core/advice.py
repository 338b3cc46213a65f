"""A cause's remedy and whom it is about in; the remedy with their own names in its commands, ready to be copied, out.

Pure: no I/O. A name that a shell would take amiss stays the word that it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from shared.core.observation import Subject

_KUBERNETES_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")  # RFC 1123
_AZURE_NAME = re.compile(r"[A-Za-z0-9_](?:[\w.-]{0,88}\w)?", re.ASCII)
_RELEASE = re.compile(r"\brelease ([a-z0-9.-]{1,253})/([a-z0-9.-]{1,253}?)(?:\.v\d+)?(?![a-z0-9.-])")
"""As helm-controller's messages name a release."""
_WORDS = re.compile(r"(?<!\w)(?:-g GROUP|-c CLUSTER|-t TYPE|RELEASE_NS|RELEASE|NAME|NS)\b")


def advice(remedy: str, subject: Subject, message: str, *, everywhere: bool = False) -> str:
    """`message` tells the Helm release, which need not have its HelmRelease's name. `everywhere`: on other clusters too."""
    names = dict(_names(subject, message)) | ({} if everywhere else dict(_options(subject)))
    return _WORDS.sub(lambda word: names.get(word[0], word[0]), remedy)


def _options(subject: Subject) -> Iterator[tuple[str, str]]:
    cluster = subject.cluster
    options = (("-g GROUP", cluster.resource_group), ("-c CLUSTER", cluster.name), ("-t TYPE", cluster.type))
    yield from ((option, f"{option[:2]} {own}") for option, own in options if _AZURE_NAME.fullmatch(own))


def _names(subject: Subject, message: str) -> Iterator[tuple[str, str]]:
    words = {"NS": subject.namespace, "NAME": subject.name}
    if release := _RELEASE.search(message):
        words |= {"RELEASE_NS": release[1], "RELEASE": release[2]}
    yield from ((word, own) for word, own in words.items() if _KUBERNETES_NAME.fullmatch(own))
