"""Whatever a tenant writes into names, messages and metadata, the card stays a card: small, valid, and without tricks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.core.card import View, card
from shared.core.card_elements import LIMIT, Element, size
from shared.core.card_links import Links
from shared.core.difference import News
from shared.core.flux_event import FluxEvent, parse
from shared.core.flux_observation import health_of, observe
from shared.core.grouping import Post
from shared.core.incident import BAD
from shared.core.inventory import ClusterInfo
from shared.core.refusal import Refused
from shared.core.told import Tracked
from tests.examples import SUBSCRIPTION, after, after_all, cluster, incident, subject

KNOWN_ELEMENTS = {
    "AdaptiveCard",
    "Container",
    "ColumnSet",
    "Column",
    "RichTextBlock",
    "TextRun",
    "TextBlock",
    "Action.OpenUrl",
}
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LIVE_MARKDOWN = re.compile(r"(?<!\\)(?:\\\\)*[\[\]()<>`*{}~]")
_MARK = "evil"

_TRICKS = st.sampled_from(
    [
        "<at>evil</at>",
        "{{DATE(2026-11-20T10:15:00Z, SHORT)}}",
        "{{TIME(2026-11-20T10:15:00Z)}}",
        "[click](https://evil.example)",
        "![x](https://evil.example/x.png)",
        "https://evil.example/?sig=aaaaaaaaaaaaaaaaaaaa",
        "unable to clone 'https://github.com/evil/trap'",
        "\\[evil\\](x)",
        "**evil** _x_ ~~x~~ `x`",
        "\r\n\r\n# evil",
        "\u202elive\u2066",
        "\x1b[31m\x00\x7f\x85",
        "\ud800",
        '"}],"actions":[{"type":"Action.Submit"}]',
        "\N{FIRE}",
        "main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738",
        "with chart evil@1.2.3",
    ]
)
_TEXTS = st.lists(st.tuples(_TRICKS | st.text(max_size=10), st.sampled_from([1, 1, 1, 40])), max_size=5).map(
    lambda parts: "".join(text * times for text, times in parts)
)
_NAMES = st.lists(_TRICKS | st.text(min_size=1, max_size=10), min_size=1, max_size=4).map(
    lambda parts: "".join(filter(str.isprintable, "".join(parts)))[:253] or "x"
)
_KINDS = st.sampled_from(["Kustomization", "HelmRelease", "GitRepository"])
_REASONS = st.sampled_from(["BuildFailed", "UpgradeFailed", "HealthCheckFailed", "GitOperationFailed", "DependencyNotReady"])
_BODIES = st.fixed_dictionaries(
    {
        "involvedObject": st.fixed_dictionaries({"kind": _KINDS | _NAMES, "namespace": _NAMES, "name": _NAMES}),
        "severity": st.just("error"),
        "timestamp": st.just("2026-11-20T08:00:00Z"),
        "message": _TEXTS,
        "reason": _REASONS | _TEXTS,
        "metadata": st.fixed_dictionaries(
            {}, optional={"revision": _TEXTS, "commit": _TEXTS, "originRevision": _TEXTS, "summary": _TEXTS}
        ),
    }
)


def received(body: dict[str, Any]) -> FluxEvent | None:
    try:
        return parse(json.dumps(body).encode())
    except Refused:
        return None


def as_tracked(number: int, body: dict[str, Any]) -> Tracked | None:
    event = received(body)
    if event is None or health_of(event) not in BAD:
        return None
    return Tracked(str(number), after_all(observe(event, cluster(f"aks_{number % 3}"))))


_TRACKED = st.lists(_BODIES, min_size=1, max_size=5).map(
    lambda bodies: tuple(one for number, body in enumerate(bodies) if (one := as_tracked(number, body)))
)


@st.composite
def posts(draw: st.DrawFn) -> Post:
    about = draw(_TRACKED.filter(bool))
    news = draw(st.sampled_from(News))
    post = Post("default", news, about, {}, folded=draw(st.sampled_from([(), about])))
    if news is News.UPDATED:
        return replace(post, joined=about[:2], left=about[2:])
    rest = draw(st.sampled_from([(), tuple(replace(post, about=(one,)) for one in about * 5)]))
    return replace(post, rest=rest)


def elements(of: Any) -> Iterator[Element]:
    if isinstance(of, dict):
        if "type" in of:
            yield of
        of = list(of.values())
    if isinstance(of, list):
        for inner in of:
            yield from elements(inner)


def rendered(post: Post) -> Element:
    links = Links(
        workspace=f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/logs",
        logs_query="ContainerLogV2 | take 100",
        runbooks="https://runbooks.example",
        fleet="https://fluxwatch.example/api/fleet",
    )
    known = {one.incident.subject.cluster.key: ClusterInfo(one.incident.subject.cluster) for one in post.about}
    return card(post, View(after(minutes=3), {}, known, links))


def is_a_small_card_of_known_elements(made: Element) -> bool:
    types = {one["type"] for one in elements(made)}
    whole = json.loads(json.dumps(made)) == made and size(made) <= LIMIT
    return whole and made["version"] == "1.4" and set(made["msteams"]) == {"width"} and types <= KNOWN_ELEMENTS


def live_markdown_mentions_and_dates(made: Element) -> list[str]:
    read = [one["text"] for one in elements(made) if one["type"] == "TextBlock"] + [made["speak"], made["fallbackText"]]
    return [text for text in read if _LIVE_MARKDOWN.search(text) or "<at>" in text or "{{" in text]


def unseen_characters(made: Element) -> list[str]:
    return [one["text"] for one in elements(made) if _UNSEEN.search(one.get("text", ""))]


def buttons_that_lead_astray(made: Element) -> list[Element]:
    actions = made.get("actions", [])
    ours = re.compile(r"https://(portal\.azure\.com|runbooks\.example|fluxwatch\.example)/")
    wrong = [one for one in actions if one["type"] != "Action.OpenUrl" or not ours.match(one["url"]) or _MARK in one["url"]]
    return wrong or actions[5:]


@settings(max_examples=100)
@given(posts())
def test_a_card_about_hostile_texts_is_small_valid_and_without_tricks(post: Post) -> None:
    made = rendered(post)
    assert is_a_small_card_of_known_elements(made)
    assert live_markdown_mentions_and_dates(made) == []
    assert unseen_characters(made) == []
    assert buttons_that_lead_astray(made) == []


@cache
def the_most(letter: str, *, alike: bool) -> tuple[Tracked, ...]:
    """Names as long as Kubernetes and the receiver let them be, in letters that grow when they are escaped."""
    long = {"message": letter * 4_000, "note": letter * 300, "revision": letter * 4_000, "resolved_at": after(minutes=2)}
    whom = (subject(letter * 253, letter * 250 + f"{n:03}", letter * 253, cluster(f"{n:063}")) for n in range(60))
    return tuple(Tracked(str(n), incident(of=of, fingerprint="fp" if alike else f"fp{n}", **long)) for n, of in enumerate(whom))


@pytest.mark.parametrize("news", News)
@pytest.mark.parametrize("letter", ["x", "_", "\N{FIRE}", '"', "\\"])
@pytest.mark.parametrize("alike", [True, False], ids=["one cause", "many causes"])
@pytest.mark.parametrize("merged", [0, 300])
def test_the_most_that_may_come_is_still_small_enough(news: News, letter: str, alike: bool, merged: int) -> None:
    some = the_most(letter, alike=alike)
    post = Post("default", news, some, {}, joined=some, left=some, folded=some)
    assert size(rendered(replace(post, rest=(post,) * merged))) <= LIMIT
