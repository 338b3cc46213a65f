"""A post in; the Adaptive Card that tells it out, always small enough for Teams.

Pure: no I/O; time is an argument. Built the same way from the same input, so that cards are compared whole.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared.core import revision
from shared.core.card_elements import LIMIT, Element, adaptive_card, banner, cut, fact, line, quote, run, size, title
from shared.core.card_links import Links, buttons
from shared.core.causes import Cause, Severity
from shared.core.difference import News
from shared.core.grouping import Post
from shared.core.headline import ICONS, count, duration, headline, moment, some
from shared.core.incident import Incident
from shared.core.inventory import ClusterInfo
from shared.core.reasons import cause_by_id
from shared.core.told import Tracked


@dataclass(frozen=True, slots=True)
class View:
    """What a card shows besides the post. `messages` by key of the incident, `clusters` by key of the cluster."""

    now: datetime
    messages: Mapping[str, str] = field(default_factory=dict)
    clusters: Mapping[str, ClusterInfo] = field(default_factory=dict)
    links: Links = field(default_factory=Links)

    def info(self, incident: Incident) -> ClusterInfo:
        """The incident's cluster, known or not."""
        cluster = incident.subject.cluster
        return self.clusters.get(cluster.key) or ClusterInfo(cluster)


@dataclass(frozen=True, slots=True)
class _Room:
    """How much a card may say."""

    message: int
    objects: int
    names: int


_ROOMS = (_Room(1_500, 10, 12), _Room(900, 8, 8), _Room(500, 6, 6), _Room(250, 4, 4), _Room(100, 3, 2), _Room(40, 1, 1))
_KUBERNETES_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")  # RFC 1123; nothing that a shell would take amiss
_STYLES = {News.RESOLVED: "good", News.FLAPPING: "warning"}
_SEVERITIES = {Severity.CRITICAL: "attention", Severity.WARNING: "warning", Severity.INFO: "accent"}


def card(post: Post, view: View) -> Element:
    """The fullest card that stays under Teams' limit."""
    for room in _ROOMS:
        made = _card(post, view, room)
        if size(made) <= LIMIT:
            return made
    return made  # the last is far below the limit, whatever the input: a test holds it


def _card(post: Post, view: View, room: _Room) -> Element:
    if post.rest:
        return _digest(post, view, room)
    spoken = headline(post)
    head = banner(_style(post), [title(f"{ICONS[post.news]} {spoken}"), line(run(_subtitle(post, view)), spacing="None")])
    return adaptive_card([head, *_body(post, view, room)], buttons(post, view.links, view.clusters), spoken)


def _style(post: Post) -> str:
    gravest = min((one.incident.severity for one in post.about), key=lambda severity: severity.rank)
    return _STYLES.get(post.news) or _SEVERITIES[gravest]


def _subtitle(post: Post, view: View) -> str:
    """Why, in a word; for one cluster also whose and where it is."""
    causes = some((_cause(one).title for one in post.about), 2)
    if len(post.clusters) > 1:
        return causes
    info = view.info(post.about[0].incident)
    return " · ".join(part for part in (causes, info.subscription_name, info.region) if part)


def _body(post: Post, view: View, room: _Room) -> list[Element]:
    if len(post.about) == 1:
        return _single(post, view, room)
    return _across(post, view, room) if len({one.incident.fingerprint for one in post.about}) == 1 else _list(post, view, room)


# ------------------------------------------------------------------------------------------------------ one object


def _single(post: Post, view: View, room: _Room) -> list[Element]:
    one = post.about[0]
    incident, subject = one.incident, one.incident.subject
    info = view.info(incident)
    where = cut(f"{subject.cluster.resource_group} / {subject.cluster.name}", 160)
    body = [
        fact("Object", cut(f"{subject.kind} {subject.namespace}/{subject.name}", 240)),
        fact("Cluster", where),
        fact("Subscription", cut(info.subscription_name or subject.cluster.subscription, 100)),
        *_when(post, incident, view.now),
        *_revision(incident),
    ]
    if post.news is News.RESOLVED:
        return body
    return [*body, *_words(one, view, room), *_folded(post, room), *_advice(one)]


def _when(post: Post, incident: Incident, now: datetime) -> list[Element]:
    if incident.opened_at is None:
        return []
    if post.news is News.RESOLVED:
        until = incident.resolved_at or now
        lasted = duration(until - incident.opened_at)
        return [fact("Failed", f"for {lasted}, {moment(incident.opened_at)} to {moment(until)}")]
    times = f", seen {incident.count} times" if incident.count > 1 else ""
    facts = [fact("Since", f"{moment(incident.opened_at)} ({duration(now - incident.opened_at)}){times}")]
    if post.news is News.FLAPPING:
        facts.append(fact("Unstable", f"failed {len(incident.openings)} times lately; quiet from here until it is stable"))
    return facts


def _revision(incident: Incident) -> list[Element]:
    made_from = revision.parse(incident.revision).short if incident.revision else ""
    return [fact("Revision", cut(made_from, 160))] if made_from else []


def _words(one: Tracked, view: View, room: _Room) -> list[Element]:
    """What the machine said, and what the user's Alert says of it."""
    words = cut(view.messages.get(one.key) or one.incident.message, room.message)
    note = [line(run(cut(one.incident.note, room.message)))] if one.incident.note else []
    return [*([quote(words)] if words else []), *note]


def _advice(one: Tracked) -> list[Element]:
    """The remedy, with the object's own names in its commands, ready to be copied."""
    subject = one.incident.subject
    remedy = _cause(one).remedy
    for word, own in (("NS", subject.namespace), ("NAME", subject.name)):
        if _KUBERNETES_NAME.fullmatch(own):
            remedy = re.sub(rf"\b{word}\b", own, remedy)
    return [line(run("What to do  ", weight="Bolder"), run(remedy), spacing="Medium")]


def _folded(post: Post, room: _Room) -> list[Element]:
    if not post.folded:
        return []
    names = (f"{one.incident.subject.kind} {one.incident.subject.name}"[:120] for one in post.folded)
    waiting = f"{count(len(post.folded), 'object')} waiting for it"
    return [fact("Also", f"{waiting}: {some(names, room.names)}")]


# ---------------------------------------------------------------------------------------------- one cause, many places


def _across(post: Post, view: View, room: _Room) -> list[Element]:
    one = min(post.about, key=lambda one: (one.incident.opened_at or view.now, one.key))
    objects = {f"{o.incident.subject.kind} {o.incident.subject.namespace}/{o.incident.subject.name}"[:120] for o in post.about}
    body = [
        fact("Objects" if len(objects) > 1 else "Object", some(sorted(objects), room.names)),
        fact("Clusters", some(sorted(o.incident.subject.cluster.name for o in post.about), room.names)),
        *_places(post, view, room),
        *_steps(post, room),
        *_when_many(post, view.now),
        *_revision(one.incident),
    ]
    if post.news is News.RESOLVED:
        return body
    return [*body, *_words(one, view, room), *_folded(post, room), *_advice(one)]


def _places(post: Post, view: View, room: _Room) -> list[Element]:
    """How the clusters are spread: Contoso Production (westeurope 8, northeurope 4)."""
    infos = {one.incident.subject.cluster.key: view.info(one.incident) for one in post.about}.values()
    regions: dict[str, Counter[str]] = {}
    for info in infos:
        regions.setdefault(info.subscription_name or info.cluster.subscription, Counter())[info.region] += 1
    words = (name + _spread(spread) for name, spread in sorted(regions.items(), key=lambda item: (-item[1].total(), item[0])))
    return [fact("Where", some((word[:120] for word in words), min(3, room.names)))]


def _spread(regions: Counter[str]) -> str:
    parts = (f"{region or 'region unknown'} {number}" for region, number in sorted(regions.items(), key=lambda item: -item[1]))
    return f" ({', '.join(parts)})" if any(regions) else ""


def _steps(post: Post, room: _Room) -> list[Element]:
    pairs = (("New", post.joined), ("Well again", post.left))
    return [
        fact(label, f"{len(some_)}: {some(sorted(one.incident.subject.cluster.name for one in some_), room.names)}")
        for label, some_ in pairs
        if some_
    ]


def _when_many(post: Post, now: datetime) -> list[Element]:
    opened = [one.incident.opened_at for one in post.about if one.incident.opened_at]
    if not opened:
        return []
    if post.news is News.RESOLVED:
        until = max(one.incident.resolved_at or now for one in post.about)
        return [fact("Failed", f"for {duration(until - min(opened))}, {moment(min(opened))} to {moment(until)}")]
    return [fact("Since", f"{moment(min(opened))} ({duration(now - min(opened))})")]


# ------------------------------------------------------------------------------------------- many things in one place


def _list(post: Post, view: View, room: _Room) -> list[Element]:
    shown = sorted(post.about, key=lambda one: (one.incident.severity.rank, one.incident.subject.key))[: room.objects]
    body = [*_when_many(post, view.now), *_steps(post, room)]
    for one in shown:
        body += _entry(one, post, view, room)
    rest = len(post.about) - len(shown)
    return body + ([line(run(f"and {count(rest, 'object')} more: see the fleet", isSubtle=True))] if rest else [])


def _entry(one: Tracked, post: Post, view: View, room: _Room) -> list[Element]:
    subject = one.incident.subject
    what = run(f"{subject.kind} {subject.namespace}/{subject.name}"[:240], weight="Bolder")
    head = line(what, run(f"  {_cause(one).title}", isSubtle=True), spacing="Medium")
    if post.news is News.RESOLVED:
        return [head]
    words = cut(view.messages.get(one.key) or one.incident.message, min(room.message, 300))
    return [head, *([quote(words)] if words else []), *_advice(one)]


def _digest(post: Post, view: View, room: _Room) -> Element:
    """Many posts in one, to keep within what Teams takes: a line for each."""
    spoken = f"{len(post.rest)} changes in the fleet"
    body = [banner(_style(post), [title(f"📋 {spoken}"), line(run("Merged, to keep within what Teams takes"), spacing="None")])]
    for one in post.rest[: room.objects * 2]:
        causes = some((_cause(t).title for t in one.about), 2)
        body.append(line(run(f"{ICONS[one.news]} {headline(one)}", weight="Bolder"), run(f"  {causes}", isSubtle=True)))
    rest = len(post.rest) - room.objects * 2
    if rest > 0:
        body.append(line(run(f"and {rest} more: see the fleet", isSubtle=True)))
    return adaptive_card(body, buttons(post, view.links, view.clusters), spoken)


def _cause(one: Tracked) -> Cause:
    return cause_by_id(one.incident.cause)
