"""A scenario file in; a cast of clusters, a timeline of acts and what is expected of them out.

Format: local/scenarios/README.md. Errors name the file and what is wrong in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from local.azure import generate
from local.expectations import Expectation, expectation
from local.timeline import Act, acts
from shared.core.cluster import Cluster

FOLDER = Path(__file__).parent / "scenarios"
MOST_CLUSTERS, MOST_OBJECTS = 500, 10_000  # of a generated fleet

_FIELDS = frozenset(
    {"title", "about", "seconds", "seed", "report", "settings", "channels", "clusters", "generate", "timeline", "expect"}
)


class ScenarioError(ValueError):
    """The file is not a scenario; the message says why."""


@dataclass(frozen=True, slots=True)
class Part:
    """A cluster that the file itself describes. `sources`: namespace/configuration → URL."""

    cluster: Cluster
    region: str = ""
    subscription_name: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    extension: bool = True


@dataclass(frozen=True, slots=True)
class Generated:
    """A fleet that chance makes; the same seed, the same fleet."""

    clusters: int
    objects: int = 20  # on each
    seed: int = 1

    def __post_init__(self) -> None:
        if not (0 < self.clusters <= MOST_CLUSTERS and self.objects > 1 and self.clusters * self.objects <= MOST_OBJECTS):
            raise ValueError(
                f"generate makes up to {MOST_CLUSTERS} clusters with 2 objects and more, up to {MOST_OBJECTS:,} in all"
            )

    @property
    def cast(self) -> list[Cluster]:
        """Its clusters."""
        return [one.cluster for one in generate(self.clusters, 2, self.seed, workspace="").members.values()]


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is played. `settings` are app settings; `channels` maps names to connections; `story` is told as it goes; the
    agents of the clusters report every `report` seconds.
    """

    title: str
    settings: Mapping[str, str]
    channels: Mapping[str, str]
    parts: tuple[Part, ...]
    generated: Generated | None
    clusters: tuple[Cluster, ...]  # of the parts, then of the generated fleet
    acts: tuple[Act, ...]
    story: tuple[tuple[float, str], ...]
    expected: tuple[Expectation, ...]
    seconds: float
    report: float = 2.0
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
    if unknown := sorted(row.keys() - _FIELDS):
        raise ValueError(f"a scenario knows no {', '.join(map(str, unknown))}")
    parts = tuple(part for group in row.get("clusters", ()) for part in _parts(group))
    generated = Generated(**row["generate"]) if "generate" in row else None
    clusters = (*(part.cluster for part in parts), *(generated.cast if generated else ()))
    if not clusters:
        raise ValueError("there are no clusters, and generate makes none")
    steps, seed = row["timeline"], row.get("seed", 1)
    return Scenario(
        title=row["title"],
        about=row.get("about", "").strip(),
        settings={name: str(value) for name, value in row.get("settings", {}).items()},
        channels=row.get("channels", {"default": "platform@contoso.com"}),
        parts=parts,
        generated=generated,
        clusters=clusters,
        acts=tuple(sorted((act for step in steps for act in acts(step, clusters, seed)), key=lambda act: act.at)),
        story=tuple((float(step["at"]), step["say"]) for step in steps if "say" in step),
        expected=tuple(expectation(one) for one in row.get("expect", ())),
        seconds=float(row["seconds"]),
        report=float(row.get("report", 2)),
    )


def _parts(group: Mapping[str, Any]) -> Iterator[Part]:
    """`name` may hold {n}, and then there are `count` of them."""
    for number in range(1, group.get("count", 1) + 1):
        name = group["name"].format(n=number)
        yield Part(
            Cluster.of(group["subscription"], group["resource_group"], group.get("type", "managedClusters"), name),
            group.get("region", ""),
            group.get("subscription_name", ""),
            group.get("sources", {}),
            group.get("tags", {}),
            group.get("extension", True),
        )
