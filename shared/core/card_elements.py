"""Texts in; elements of an Adaptive Card out. Whatever comes from outside goes into a `TextRun`, where Markdown is not read.

Pure: no I/O. Schema 1.4 (adaptivecards.io/explorer); what Teams takes of it: MicrosoftDocs/msteams-docs cards-format.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

Element = dict[str, Any]  # JSON, as the schema has it

LIMIT = 26_000  # bytes of the card encoded again as a JSON string; Teams refuses messages over 28,672 after the flow's escaping
LONGEST_NAME = 80

_HARMLESS = re.compile(r"[A-Za-z0-9](?:[\w./-]*[A-Za-z0-9])?", re.ASCII)
_DATE = re.compile(r"\{\{(?=(?:DATE|TIME)\()")  # adaptivecards.io, "Text features": formatted by the reader's client
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!~>|<&])")


def size(card: Element) -> int:
    """Bytes of the card as Teams counts them: encoded again as a JSON string, non-ASCII as escapes."""
    return len(json.dumps(json.dumps(card, separators=(",", ":"))))


def cut(text: str, length: int) -> str:
    """The text, or its beginning and how much is missing."""
    return text if len(text) <= length else f"{text[:length].rstrip()} … ({len(text) - length} more characters)"


def name(text: str, length: int = LONGEST_NAME) -> str:
    """A name from outside for an element that reads Markdown. Names that Kubernetes and Azure allow stay as they are."""
    short = text if len(text) <= length else text[: length - 1] + "…"
    return short if _HARMLESS.fullmatch(short) else _MARKDOWN.sub(r"\\\1", short.replace("\n", " "))


def title(text: str, *, size: str = "Medium", color: str | None = None) -> Element:
    """The first text of a card: what a notification shows. Its parts have gone through `name`."""
    block: Element = {"type": "TextBlock", "text": text, "size": size, "weight": "Bolder", "wrap": True}
    return block | ({"color": color} if color else {})


def run(text: str, **style: object) -> Element:
    """A piece of text, shown as it is: dates that a message asks for are not written out. Styles: weight, color, isSubtle, …"""
    return {"type": "TextRun", "text": _DATE.sub("{\u200b{", text) or " ", **style}


def line(*runs: Element, spacing: str = "Small") -> Element:
    """A paragraph of pieces."""
    return {"type": "RichTextBlock", "inlines": list(runs), "spacing": spacing}


def fact(label: str, value: str) -> Element:
    """A label and what it is, side by side; long values wrap within their column."""
    return {
        "type": "ColumnSet",
        "spacing": "Small",
        "columns": [
            {"type": "Column", "width": "90px", "items": [line(run(label, isSubtle=True), spacing="None")]},
            {"type": "Column", "width": "stretch", "items": [line(run(value), spacing="None")]},
        ],
    }


def quote(text: str) -> Element:
    """Words of a machine, set apart."""
    return {
        "type": "Container",
        "style": "emphasis",
        "spacing": "Medium",
        "items": [line(run(text, fontType="Monospace", size="Small"), spacing="None")],
    }


def banner(style: str, items: Sequence[Element]) -> Element:
    """The coloured head of a card. Styles: attention, warning, good, accent."""
    return {"type": "Container", "style": style, "bleed": True, "items": list(items)}


def button(text: str, url: str) -> Element:
    """A link. The address is one of ours, never taken from a message."""
    return {"type": "Action.OpenUrl", "title": text, "url": url}


def adaptive_card(body: Sequence[Element], buttons: Mapping[str, str | None], spoken: str) -> Element:
    """The card, at full width. Buttons without an address are left out; Teams shows five well. `spoken` is read aloud."""
    actions = [button(text, url) for text, url in buttons.items() if url][:5]
    card: Element = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "fallbackText": spoken,
        "speak": spoken,
        "body": list(body),
    }
    return card | ({"actions": actions} if actions else {})


def message(card: Element) -> Element:
    """The body of a request to a Workflows webhook: one card in it, for each attachment would be a post of its own."""
    return {
        "type": "message",
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}],
    }
