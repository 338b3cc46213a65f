"""A post and what is known besides in; the body of its card out: one object, one cause in many places, or many in one place.

Pure: no I/O; time is an argument.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shared.core import revision
from shared.core.advice import advice
from shared.core.card_elements import Element, cut, fact, line, quote, run
from shared.core.card_links import Links
from shared.core.causes import Cause
from shared.core.coverage import KINDS
from shared.core.difference import News
from shared.core.grouping import Post
from shared.core.headline import called, count, duration, moment, some, span
from shared.core.incident import Incident
from shared.core.inventory import ClusterInfo
from shared.core.observation import ALERT_RULE, Subject
from shared.core.reasons import cause_by_id
from shared.core.told import Tracked

_NO_OBJECTS = frozenset({*KINDS.values(), ALERT_RULE})


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
class Room:
    """How much a card may say: characters of a message, objects with words of their own, names in a row."""

    message: int
    objects: int
    names: int


def cause_of(one: Tracked) -> Cause:
    """The cause of an incident, also one that an older version named."""
    return cause_by_id(one.incident.cause)


def body(post: Post, view: View, room: Room) -> list[Element]:
    """What stands below the head of the card, a little apart from it."""
    one_cause = len({one.incident.fingerprint for one in post.about}) == 1
    layout = _single if len(post.about) == 1 else _across if one_cause else _list
    first, *rest = layout(post, view, room)
    return [first | {"spacing": "Medium"}, *rest]


# ------------------------------------------------------------------------------------------------------ one object


def _single(post: Post, view: View, room: Room) -> list[Element]:
    one = post.about[0]
    incident, subject = one.incident, one.incident.subject
    body = [
        *([fact("Object", cut(called(subject), 240))] if subject.namespace else []),  # else it is the cluster itself
        fact("Cluster", cut(subject.cluster.name, 120)),
        _place(view.info(incident)),
        *_configuration(view.info(incident), subject),
        *_steps(post, room),
        *_when(post, incident, view.now),
        *_revision(incident),
    ]
    if post.news is News.RESOLVED:
        return body
    return [*body, *_alerts(post.about, room), *_words(one, view, room), *_folded(post, room), *_advice(one, view)]


def _place(info: ClusterInfo) -> Element:
    """Subscription, resource group, region."""
    parts = (info.subscription_name or info.cluster.subscription, info.cluster.resource_group, info.region)
    return fact("Where", cut(" · ".join(part for part in parts if part), 200))


def _configuration(info: ClusterInfo, subject: Subject) -> list[Element]:
    """Which configuration brings the object there, and from where. What is no Flux object has none, or is one."""
    owner = "" if subject.kind in _NO_OBJECTS else info.owner_of(subject.kind, subject.namespace, subject.name)
    parts = (owner, info.sources.get(owner, ""))
    return [fact("Configuration", cut(" · ".join(part for part in parts if part), 240))] if owner else []


def _when(post: Post, incident: Incident, now: datetime) -> list[Element]:
    if incident.opened_at is None:
        return []
    if post.news is News.RESOLVED:
        return [fact("Failed", span(incident.opened_at, incident.resolved_at or now))]
    times = f", seen {incident.count} times" if incident.count > 1 else ""
    facts = [fact("Since", f"{moment(incident.opened_at)} ({duration(now - incident.opened_at)}){times}")]
    if post.news is News.FLAPPING:
        facts.append(fact("Unstable", f"failed {len(incident.openings)} times lately; quiet from here until it is stable"))
    return facts


def _revision(incident: Incident) -> list[Element]:
    made_from = revision.parse(incident.revision).short if incident.revision else ""
    return [fact("Revision", cut(made_from, 160))] if made_from else []


def _alerts(about: Sequence[Tracked], room: Room) -> list[Element]:
    """The alerts that fire for it, and for how many of many; of what is itself an alert none."""
    fire = Counter(name[:120] for one in about if one.incident.subject.kind != ALERT_RULE for name in one.incident.firing)
    names = (
        name if number == len(about) else f"{name} (for {number} of {len(about)})" for name, number in sorted(fire.items())
    )
    return [fact("Alerts" if len(fire) > 1 else "Alert", some(names, room.names))] if fire else []


def _words(one: Tracked, view: View, room: Room) -> list[Element]:
    """What the machine said, what alerts and logs add to it, and what the user's Alert says of it."""
    words = cut(view.messages.get(one.key) or one.incident.message, room.message)
    note = [line(run(cut(one.incident.note, room.message)))] if one.incident.note else []
    detail = [quote(cut(one.incident.detail, room.message // 2))] if one.incident.detail else []
    return [*([quote(words)] if words else []), *detail, *note]


def _advice(one: Tracked, view: View, *, everywhere: bool = False) -> list[Element]:
    message = view.messages.get(one.key) or one.incident.message
    remedy = advice(cause_of(one).remedy, one.incident.subject, message, everywhere=everywhere)
    return [line(run("What to do  ", weight="Bolder"), run(remedy), spacing="Medium")]


def _folded(post: Post, room: Room) -> list[Element]:
    if not post.folded:
        return []
    names = (f"{one.incident.subject.kind} {one.incident.subject.name}"[:120] for one in post.folded)
    waiting = f"{count(len(post.folded), 'object')} waiting for it"
    return [fact("Also", f"{waiting}: {some(names, room.names)}")]


# ---------------------------------------------------------------------------------------------- one cause, many places


def _across(post: Post, view: View, room: Room) -> list[Element]:
    one = min(post.about, key=lambda one: (one.incident.opened_at or view.now, one.key))
    objects = {called(o.incident.subject)[:120] for o in post.about if o.incident.subject.namespace}
    body = [
        *([fact("Objects" if len(objects) > 1 else "Object", some(sorted(objects), room.names))] if objects else []),
        fact("Clusters", some(sorted(o.incident.subject.cluster.name for o in post.about), room.names)),
        *_places(post, view, room),
        *_steps(post, room),
        *_when_many(post, view.now),
        *_revision(one.incident),
    ]
    if post.news is News.RESOLVED:
        return body
    said = [*_alerts(post.about, room), *_words(one, view, room), *_folded(post, room)]
    return [*body, *said, *_advice(one, view, everywhere=len(post.clusters) > 1)]


def _places(post: Post, view: View, room: Room) -> list[Element]:
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


def _steps(post: Post, room: Room) -> list[Element]:
    left: dict[str, list[Tracked]] = {"New": [*post.joined], "Well again": [], "Gone": [], "Not counted": []}
    for one in post.left:
        left[_how_it_left(one.incident)].append(one)
    return [
        fact(label, f"{len(some_)}: {some(sorted(one.incident.subject.cluster.name for one in some_), room.names)}")
        for label, some_ in left.items()
        if some_
    ]


def _how_it_left(incident: Incident) -> str:
    """What was deleted is not well again, nor is a gap that cannot be judged any more."""
    if not incident.gone:
        return "Well again"
    return "Not counted" if incident.subject.kind in _NO_OBJECTS else "Gone"


def _when_many(post: Post, now: datetime) -> list[Element]:
    opened = [one.incident.opened_at for one in post.about if one.incident.opened_at]
    if not opened:
        return []
    if post.news is News.RESOLVED:
        until = max(one.incident.resolved_at or now for one in post.about)
        return [fact("Failed", span(min(opened), until))]
    return [fact("Since", f"{moment(min(opened))} ({duration(now - min(opened))})")]


# ------------------------------------------------------------------------------------------- many things in one place


def _list(post: Post, view: View, room: Room) -> list[Element]:
    shown = sorted(post.about, key=lambda one: (one.incident.severity.rank, one.incident.subject.key))[: room.objects]
    where = [_place(view.info(shown[0].incident))] if len(post.clusters) == 1 else _places(post, view, room)
    body = [*where, *_when_many(post, view.now), *_steps(post, room)]
    for one in shown:
        body += _entry(one, post, view, room)
    rest = len(post.about) - len(shown)
    more = [line(run(f"and {count(rest, 'object')} more: see the fleet", isSubtle=True))] if rest else []
    return [*body, *more, *_folded(post, room)]


def _entry(one: Tracked, post: Post, view: View, room: Room) -> list[Element]:
    what = run(called(one.incident.subject)[:240], weight="Bolder")
    head = line(what, run(f"  {cause_of(one).title}", isSubtle=True), spacing="Medium")
    if post.news is News.RESOLVED:
        return [head]
    words = cut(view.messages.get(one.key) or one.incident.message, min(room.message, 300))
    return [head, *([quote(words)] if words else []), *_advice(one, view)]
