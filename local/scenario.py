"""A scenario file in; a cast of clusters and a timeline of events out.

Format: local/scenarios/README.md. Errors name the file and what is wrong in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from local.flux import Happening
from shared.core.cluster import Cluster
from shared.core.inventory import ClusterInfo, with_sources

FOLDER = Path(__file__).parent / "scenarios"


class ScenarioError(ValueError):
    """The file is not a scenario; the message says why."""


@dataclass(frozen=True, slots=True)
class Act:
    """At `at` seconds something happens on one cluster."""

    at: float
    cluster: Cluster
    happening: Happening


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
        """What is wrong with the cards (channel, first text), in words; empty if they are as expected."""
        found = sum(self.means(*card) for card in cards)
        wanted = str(self.most) if self.least == self.most else f"{self.least} to {self.most}"
        return "" if self.least <= found <= self.most else f"{self.channel}: {found} instead of {wanted} say: {self.words}"


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is played. `settings` are app settings; `channels` maps names to connections; `story` is told as it goes."""

    title: str
    settings: Mapping[str, str]
    channels: Mapping[str, str]
    clusters: tuple[ClusterInfo, ...]
    acts: tuple[Act, ...]
    story: tuple[tuple[float, str], ...]
    expected: tuple[Expected, ...]
    seconds: float
    about: str = field(default="")


def load(name: str) -> Scenario:
    """By the name of its file, without .yaml. Raises `ScenarioError`."""
    path = FOLDER / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(one.stem for one in FOLDER.glob("*.yaml")))
        raise ScenarioError(f"there is no scenario {name!r}; there are: {known}")
    try:
        return _scenario(yaml.safe_load(path.read_text("utf-8")))
    except (KeyError, TypeError, ValueError, AttributeError, yaml.YAMLError) as wrong:
        raise ScenarioError(f"{path.name}: {type(wrong).__name__}: {wrong}") from wrong


def _scenario(row: Mapping[str, Any]) -> Scenario:
    clusters = tuple(info for group in row["clusters"] for info in _clusters(group))
    acts = [act for step in row["timeline"] if "event" in step for act in _acts(step, clusters)]
    return Scenario(
        title=row["title"],
        about=row.get("about", "").strip(),
        settings={name: str(value) for name, value in row.get("settings", {}).items()},
        channels=row.get("channels", {"default": "platform@contoso.com"}),
        clusters=clusters,
        acts=tuple(sorted(acts, key=lambda act: act.at)),
        story=tuple((float(step["at"]), step["say"]) for step in row["timeline"] if "say" in step),
        expected=tuple(Expected(**one) for one in row.get("expect", ())),
        seconds=float(row["seconds"]),
    )


def _clusters(group: Mapping[str, Any]) -> Iterator[ClusterInfo]:
    """`name` may hold {n}, and then there are `count` of them."""
    for number in range(1, group.get("count", 1) + 1):
        name = group["name"].format(n=number)
        cluster = Cluster.of(group["subscription"], group["resource_group"], group.get("type", "managedClusters"), name)
        sources = with_sources(group.get("sources", {}))
        yield ClusterInfo(cluster, group.get("region", ""), group.get("subscription_name", ""), configurations=sources)


def _acts(step: Mapping[str, Any], clusters: tuple[ClusterInfo, ...]) -> Iterator[Act]:
    """One for each cluster that `where` matches, `stagger` seconds apart; `repeat` times, `every` seconds apart."""
    chosen = [info.cluster for info in clusters if fnmatchcase(info.cluster.name, step["where"])]
    if not chosen:
        raise ValueError(f"no cluster is called {step['where']}")
    happening = _happening(step["event"])
    for again in range(step.get("repeat", 1)):
        for place, cluster in enumerate(chosen):
            at = float(step["at"]) + again * step.get("every", 0) + place * step.get("stagger", 0)
            yield Act(at, cluster, happening)


def _happening(row: Mapping[str, Any]) -> Happening:
    kind, namespace, name = _object(row["object"])
    return Happening(
        kind, namespace, name, row.get("severity", "error"), row["reason"], row["message"].strip(), row.get("metadata", {})
    )


def _object(text: str) -> list[str]:
    parts = text.split("/")
    if len(parts) != 3 or not all(parts):
        raise ValueError(f"object {text!r} is not Kind/namespace/name")
    return parts
