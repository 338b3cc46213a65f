"""A post in; the one sentence that says it all out: what, how, where.

Pure: no I/O. The same words head the card, stand in a digest, and go into the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from shared.core.card_elements import name
from shared.core.causes import Severity
from shared.core.difference import News
from shared.core.grouping import Post
from shared.core.observation import Health, Subject
from shared.core.told import Tracked

_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60))  # each with its seconds
_ICONS = {News.FLAPPING: "🔁", News.REMINDER: "⏰", News.RESOLVED: "✅"}
_SEVERITY_ICONS = {Severity.CRITICAL: "🔴", Severity.WARNING: "🟠", Severity.INFO: "🔵"}

_ONE = {
    News.OPENED: "{what} is failing {where}",
    News.CHANGED: "{what} fails for another cause {where}",
    News.UPDATED: "{what} is now failing {where}",
    News.FLAPPING: "{what} keeps failing and recovering {where}",
    News.RESOLVED: "{what} is well again {where}",
    News.REMINDER: "{what} is still failing {where}",
}
_WAITING = {
    News.OPENED: "{what} is stuck waiting {where}",
    News.CHANGED: "{what} is stuck waiting {where}",
    News.UPDATED: "{what} is now stuck waiting {where}",
    News.REMINDER: "{what} is still stuck waiting {where}",
}
_MANY = {
    News.OPENED: "{what} are failing {where}",
    News.CHANGED: "{what} fail for another cause {where}",
    News.UPDATED: "{what} are now failing {where}",
    News.FLAPPING: "{what} keep failing and recovering {where}",
    News.RESOLVED: "{what} are well again {where}",
    News.REMINDER: "{what} are still failing {where}",
}

_ALERTED = {
    News.OPENED: "{alert} fires for {what} {where}",
    News.CHANGED: "{alert} fires for {what} {where}",
    News.UPDATED: "{alert} now fires for {what} {where}",
    News.FLAPPING: "{alert} fires for {what} on and off {where}",
    News.RESOLVED: "{alert} is over for {what} {where}",
    News.REMINDER: "{alert} still fires for {what} {where}",
}
"""Nobody but an alert of Azure Monitor says that something is wrong: it need not fail, as an object that is suspended."""

_GONE = {True: "{what} is gone {where}", False: "{what} are gone {where}"}
_MIXED = {True: "{what} is well again or gone {where}", False: "{what} are well again or gone {where}"}


class _Phrases(NamedTuple):
    """Of one subject and of many: what is wrong, and that it is over. A cluster's own troubles read alike for both."""

    one: str
    over: str
    many: str
    all_over: str


_PHRASES = {
    "Coverage": _Phrases(
        "Extension {name} is missing {where}",
        "Extension {name} is there again {where}",
        "{number} extensions are missing {where}",
        "{number} extensions are there again {where}",
    ),
    "ExtensionVersion": _Phrases(
        "Extension {name} is out of support {where}",
        "Extension {name} is in support again {where}",
        "{number} extensions are out of support {where}",
        "{number} extensions are in support again {where}",
    ),
    "ExtensionPin": _Phrases(
        "Extension {name} does not upgrade itself {where}",
        "Extension {name} upgrades itself again {where}",
        "{number} extensions do not upgrade themselves {where}",
        "{number} extensions upgrade themselves again {where}",
    ),
    "Suspension": _Phrases(
        "FluxConfiguration {name} is suspended {where}",
        "FluxConfiguration {name} is resumed {where}",
        "{number} FluxConfigurations are suspended {where}",
        "{number} FluxConfigurations are resumed {where}",
    ),
    "SourceSync": _Phrases(
        "Source {name} is behind {where}",
        "Source {name} has caught up {where}",
        "{number} sources are behind {where}",
        "{number} sources have caught up {where}",
    ),
    "Agent": _Phrases(*("The Flux agent is silent {where}", "The Flux agent reports again {where}") * 2),
    "Cluster": _Phrases(
        "{clusters} is disconnected from Azure",
        "{clusters} is connected to Azure again",
        "{clusters} are disconnected from Azure",
        "{clusters} are connected to Azure again",
    ),
    "AlertRule": _Phrases(
        "Alert {name} fires {where}",
        "Alert {name} is over {where}",
        "{number} alerts fire {where}",
        "{number} alerts are over {where}",
    ),
    "Visibility": _Phrases(*("Fluxwatch can no longer see {clusters}", "Fluxwatch sees {clusters} again") * 2),
}
"""Kind of what is no Flux object → how its trouble reads."""

_BEFORE = {News.REMINDER: "Still so: ", News.FLAPPING: "On and off: "}
_MOOT = "No longer counts: "  # a gap that cannot be judged any more, or is not asked about
_OR_MOOT = ", or no longer counts"  # some are mended, of some nobody asks any more

_CALLED = {
    "Coverage": "Extension",
    "ExtensionVersion": "Extension",
    "ExtensionPin": "Extension",
    "Suspension": "FluxConfiguration",
    "SourceSync": "FluxConfiguration",
    "Agent": "Flux agent",
    "Visibility": "Cluster",
    "AlertRule": "Alert",
}
"""Kind of what is no Flux object → what it is to people. Other kinds are called what they are."""


def icon(post: Post) -> str:
    """What kind of news it is; of a failure, how severe: to be seen in a notification, and without colours."""
    gravest = min((one.incident.severity for one in post.about), key=lambda severity: severity.rank)
    return _ICONS.get(post.news) or _SEVERITY_ICONS[gravest]


def headline(post: Post) -> str:
    """One sentence, without the icon. Names in it are safe for Markdown."""
    subjects = {(one.incident.subject.kind, one.incident.subject.namespace, one.incident.subject.name) for one in post.about}
    kinds = {kind for kind, _, _ in subjects}
    if len(kinds) == 1 and (phrases := _PHRASES.get(kinds.pop())):
        return _phrased(post, phrases, [name_ for _, _, name_ in subjects])
    words = _ONE if len(subjects) == 1 else _MANY
    if len(subjects) == 1 and all(one.incident.ready is Health.WAITING for one in post.about):
        words = _ONE | _WAITING
    if len(subjects) == 1 and all(one.incident.cause == "alert-fired" for one in post.about):
        words = _ALERTED
    said = _ended(post, one=len(subjects) == 1) or words[post.news]
    return said.format(what=_what(post.about, subjects), where=_where(post.about), alert=_alert(post.about))


def called(subject: Subject) -> str:
    """What it is about, as people call it: Kustomization cluster-config/apps, Cluster aks-1."""
    place = f"{subject.namespace}/{subject.name}" if subject.namespace else subject.name
    return f"{_CALLED.get(subject.kind, subject.kind)} {place}"


def _ended(post: Post, *, one: bool) -> str:
    """What was deleted is not well again. Empty if all are."""
    return (_GONE if _is_gone(post) else _MIXED)[one] if _has_gone(post) else ""


def _is_gone(post: Post) -> bool:
    return post.news is News.RESOLVED and all(one.incident.gone for one in post.about)


def _has_gone(post: Post) -> bool:
    return post.news is News.RESOLVED and any(one.incident.gone for one in post.about)


def _phrased(post: Post, phrases: _Phrases, names: Sequence[str]) -> str:
    trouble, end = phrases[:2] if len(names) == 1 else phrases[2:]
    moot = _is_gone(post)
    said = end if post.news is News.RESOLVED and not moot else trouble
    before, behind = _MOOT if moot else _BEFORE.get(post.news, ""), _OR_MOOT if _has_gone(post) and not moot else ""
    clusters = _clusters(post.about)
    return before + said.format(name=name(names[0]), number=len(names), where=f"on {clusters}", clusters=clusters) + behind


def _what(about: Sequence[Tracked], subjects: set[tuple[str, str, str]]) -> str:
    kinds = {kind for kind, _, _ in subjects}
    if len(subjects) == 1:
        subject = about[0].incident.subject
        return f"{name(subject.kind)} {name(subject.name)}"
    kind = next(iter(kinds))
    return f"{len(subjects)} {plural(name(kind))}" if len(kinds) == 1 else f"{len(subjects)} objects"


def _alert(about: Sequence[Tracked]) -> str:
    alerts = {one.incident.reason for one in about}
    return f"Alert {name(next(iter(alerts)))}" if len(alerts) == 1 else "An alert"


def _where(about: Sequence[Tracked]) -> str:
    return f"on {_clusters(about)}"


def _clusters(about: Sequence[Tracked]) -> str:
    clusters = {one.incident.subject.cluster.key: one.incident.subject.cluster.name for one in about}
    return name(next(iter(clusters.values()))) if len(clusters) == 1 else f"{len(clusters)} clusters"


def plural(word: str) -> str:
    """Kinds of Flux: GitRepository, Kustomization, ImagePolicy."""
    return word[:-1] + "ies" if word.endswith("y") else word + "s"


def count(number: int, word: str) -> str:
    """1 cluster, 2 clusters."""
    return f"{number} {word if number == 1 else plural(word)}"


def duration(length: timedelta) -> str:
    """The two largest units: 3 d 4 h, 2 h 5 min, 12 min, 40 s."""
    seconds = max(0, int(length.total_seconds()))
    days, hours, minutes = seconds // 86_400, seconds // 3_600 % 24, seconds // 60 % 60
    parts = [f"{value} {unit}" for value, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if value]
    return " ".join(parts[:2]) or f"{seconds} s"


def length(of: timedelta) -> str:
    """The largest unit, as `duration` begins: 3 d, 2 h, 12 min, 40 s."""
    seconds = max(0, int(of.total_seconds()))
    return next((f"{seconds // size} {unit}" for unit, size in _UNITS if seconds >= size), f"{seconds} s")


def moment(at: datetime) -> str:
    """A time as everybody reads it the same: 2026-11-20 08:42 UTC."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def span(start: datetime, end: datetime) -> str:
    """How long, and from when to when: for 12 min (2026-11-20 08:42 to 08:54 UTC)."""
    until = f"{end:%H:%M} UTC" if start.date() == end.date() else moment(end)
    return f"for {duration(end - start)} ({start:%Y-%m-%d %H:%M} to {until})"


def some(words: Iterable[str], most: int) -> str:
    """The first ones, and how many there are besides: a, b, c and 45 more."""
    unique = list(dict.fromkeys(words))
    rest = len(unique) - most
    return f"{', '.join(unique[:most])} and {rest} more" if rest > 0 else ", ".join(unique)
