"""A post in; the Adaptive Card that tells it out, always small enough for Teams.

Pure: no I/O; time is an argument. Built the same way from the same input, so that cards are compared whole.
"""

from __future__ import annotations

from shared.core.card_body import Room, View, body, cause_of
from shared.core.card_elements import LIMIT, Element, adaptive_card, banner, line, run, size, title
from shared.core.card_links import buttons
from shared.core.causes import Severity
from shared.core.difference import News
from shared.core.grouping import Post
from shared.core.headline import headline, icon, some

__all__ = ["View", "card"]

_ROOMS = (Room(1_500, 10, 12), Room(900, 8, 8), Room(500, 6, 6), Room(250, 4, 4), Room(100, 3, 2), Room(40, 1, 1))
_STYLES = {News.RESOLVED: "good", News.FLAPPING: "warning"}
_SEVERITIES = {Severity.CRITICAL: "attention", Severity.WARNING: "warning", Severity.INFO: "accent"}


def card(post: Post, view: View) -> Element:
    """The fullest card that stays under Teams' limit."""
    for room in _ROOMS:
        made = _digest(post, view, room) if post.rest else _card(post, view, room)
        if size(made) <= LIMIT:
            return made
    return made  # the last is far below the limit, whatever the input: a test holds it


def _card(post: Post, view: View, room: Room) -> Element:
    spoken = headline(post)
    was = "It was: " if post.news is News.RESOLVED else ""
    causes = some((cause_of(one).title for one in post.about), 2)
    head = banner(_style(post), [title(f"{icon(post)} {spoken}"), line(run(was + causes), spacing="None")])
    return adaptive_card([head, *body(post, view, room)], buttons(post, view.links, view.clusters), spoken)


def _digest(post: Post, view: View, room: Room) -> Element:
    """Many posts in one, to keep within what Teams takes: a line for each."""
    spoken = f"{len(post.rest)} changes in the fleet"
    body = [banner(_style(post), [title(f"📋 {spoken}"), line(run("Merged, to keep within what Teams takes"), spacing="None")])]
    for one in post.rest[: room.objects * 2]:
        causes = some((cause_of(t).title for t in one.about), 2)
        spacing = "Medium" if one is post.rest[0] else "Small"
        words = (run(f"{icon(one)} {headline(one)}", weight="Bolder"), run(f"  {causes}", isSubtle=True))
        body.append(line(*words, spacing=spacing))
    rest = len(post.rest) - room.objects * 2
    if rest > 0:
        body.append(line(run(f"and {rest} more: see the fleet", isSubtle=True)))
    return adaptive_card(body, buttons(post, view.links, view.clusters), spoken)


def _style(post: Post) -> str:
    """The colour of the gravest news in it; green only if all of it is good."""
    bad = [one for one in post.rest or (post,) if one.news not in _STYLES]
    severities = [one.incident.severity for each in bad for one in each.about]
    return _SEVERITIES[min(severities, key=lambda severity: severity.rank)] if severities else _mild(post)


def _mild(post: Post) -> str:
    styles = {_STYLES[one.news] for one in post.rest or (post,)}
    return "good" if styles == {"good"} else "warning"
