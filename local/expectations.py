"""What a scenario expects in the end, and what was seen, in; what is not so, in words, out.

Pure. Cards are seen as (channel, first text), findings of sweeps as (name, detail), incidents with their details, alert rules
as the words that count them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Expected:
    """From `least` to `most` cards of a channel have these words in their first text."""

    words: str
    channel: str = "default"
    least: int = 1
    most: int = 1

    def means(self, channel: str, text: str) -> bool:
        """Whether it is about this card."""
        return channel == self.channel and self.words in text

    def wrong(self, cards: Iterable[tuple[str, str]]) -> str:
        """What is wrong with the cards, in words; empty if they are as expected."""
        found = sum(self.means(*card) for card in cards)
        wanted = str(self.most) if self.least == self.most else f"{self.least} to {self.most}"
        return "" if self.least <= found <= self.most else f"{self.channel}: {found} instead of {wanted} say: {self.words}"


@dataclass(frozen=True, slots=True)
class ExpectedFinding:
    """Some run of a sweep finds that there is something wrong with the looking itself."""

    finding: str
    words: str = ""

    def wrong(self, findings: Iterable[tuple[str, str]]) -> str:
        """In words; empty if it was found."""
        found = any(self.finding in name and self.words in detail for name, detail in findings)
        return "" if found else f"no sweep found: {self.finding}: {self.words}"


@dataclass(frozen=True, slots=True)
class ExpectedDetail:
    """The incident of an object (`Kind/namespace/name`) on the cluster `where` has a detail with these words: of logs, or of an
    alert that joined it.
    """

    detail: str
    object: str
    where: str

    def wrong(self, details: Iterable[tuple[str, str, str]]) -> str:
        """`details`: name of the cluster, object, detail. In words; empty if it is there."""
        found = any((self.where, self.object) == (where, what) and self.detail in text for where, what, text in details)
        return "" if found else f"nothing is added to {self.object} on {self.where} that says: {self.detail}"


@dataclass(frozen=True, slots=True)
class ExpectedRules:
    """Azure has so many alert rules, in the words of `rules_in`."""

    rules: str

    def wrong(self, there: str) -> str:
        """In words; empty if they are there."""
        return "" if there == self.rules else f"alert rules: {there or 'none'} instead of {self.rules}"


type Expectation = Expected | ExpectedFinding | ExpectedDetail | ExpectedRules

_KINDS: Mapping[str, Callable[..., Expectation]] = {
    "finding": ExpectedFinding,
    "detail": ExpectedDetail,
    "rules": ExpectedRules,
}
"""The field that makes it another kind than a card."""


def expectation(row: Mapping[str, Any]) -> Expectation:
    """An entry of `expect`. Raises `TypeError` for fields that there are not, or that are missing."""
    kind = next((_KINDS[field] for field in _KINDS if field in row), Expected)
    return kind(**row)
