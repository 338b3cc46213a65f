"""A post in; the one sentence that says it all out: what, how, where.

Pure: no I/O. The same words head the card, stand in a digest, and go into the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from shared.core.card_elements import name
from shared.core.causes import Severity
from shared.core.difference import News
from shared.core.grouping import Post
from shared.core.observation import Health
from shared.core.told import Tracked

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

_PHRASES = {
    "Coverage": ("{name} is missing {where}", "{name} is there again {where}"),
    "ExtensionVersion": ("Extension {name} is out of support {where}", "Extension {name} is in support again {where}"),
    "ExtensionPin": ("Extension {name} does not upgrade itself {where}", "Extension {name} upgrades itself again {where}"),
    "Suspension": ("FluxConfiguration {name} is suspended {where}", "FluxConfiguration {name} is resumed {where}"),
    "SourceSync": ("Source {name} is behind {where}", "Source {name} has caught up {where}"),
    "Agent": ("The Flux agent is silent {where}", "The Flux agent reports again {where}"),
    "Cluster": ("Azure has lost touch {where}", "Azure is in touch again {where}"),
    "Visibility": ("Fluxwatch can see nothing {where}", "Fluxwatch can see again {where}"),
}
"""Kind of what is no Flux object → how its trouble reads, and its end."""


def icon(post: Post) -> str:
    """What kind of news it is; of a failure, how severe: to be seen in a notification, and without colours."""
    gravest = min((one.incident.severity for one in post.about), key=lambda severity: severity.rank)
    return _ICONS.get(post.news) or _SEVERITY_ICONS[gravest]


def headline(post: Post) -> str:
    """One sentence, without the icon. Names in it are safe for Markdown."""
    subjects = {(one.incident.subject.kind, one.incident.subject.namespace, one.incident.subject.name) for one in post.about}
    if len(subjects) == 1 and (phrases := _PHRASES.get(post.about[0].incident.subject.kind)):
        said = phrases[post.news is News.RESOLVED].format(name=name(subjects.pop()[2]), where=_where(post.about))
        return f"Still so: {said}" if post.news is News.REMINDER else said
    words = _ONE if len(subjects) == 1 else _MANY
    if len(subjects) == 1 and all(one.incident.ready is Health.WAITING for one in post.about):
        words = _ONE | _WAITING
    return words[post.news].format(what=_what(post.about, subjects), where=_where(post.about))


def _what(about: Sequence[Tracked], subjects: set[tuple[str, str, str]]) -> str:
    kinds = {kind for kind, _, _ in subjects}
    if len(subjects) == 1:
        subject = about[0].incident.subject
        return f"{name(subject.kind)} {name(subject.name)}"
    kind = next(iter(kinds))
    return f"{len(subjects)} {plural(name(kind))}" if len(kinds) == 1 else f"{len(subjects)} objects"


def _where(about: Sequence[Tracked]) -> str:
    clusters = {one.incident.subject.cluster.key: one.incident.subject.cluster.name for one in about}
    return f"on {name(next(iter(clusters.values())))}" if len(clusters) == 1 else f"on {len(clusters)} clusters"


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
