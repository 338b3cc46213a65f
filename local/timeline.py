"""A step of a scenario's timeline in; the acts that it consists of, one for each cluster that it befalls, out.

Pure: chance is `random.Random(seed)` only, so that the same file plays the same story.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from random import Random
from typing import Any

from local.deeds import DEEDS, ON_AZURE, Words, check, object_of
from local.flux import Happening
from shared.core.cluster import Cluster

OLDEST = -86_400  # seconds: nothing that a scenario tells is older than a day

_WHEN = frozenset({"at", "where", "some", "stagger", "repeat", "every", "lost", "shown", "say"})
_EVENT = frozenset({"object", "severity", "reason", "message", "metadata"})


@dataclass(frozen=True, slots=True)
class Act:
    """At `at` seconds (negative: before the story begins) something happens, on one cluster or to Azure itself.

    An event that is `lost` is not sent; one that is not `shown` is sent, and Azure shows nothing of it.
    """

    at: float
    verb: str
    cluster: Cluster | None = None
    words: Words = field(default_factory=dict)
    happening: Happening | None = None
    lost: bool = False
    shown: bool = True


def acts(step: Mapping[str, Any], clusters: Sequence[Cluster], seed: int) -> Iterator[Act]:
    """`repeat` times, `every` seconds apart; on the clusters `stagger` seconds apart. Raises what says what is wrong."""
    verb = _verb(step)
    if verb is None:
        return
    happening = _happening(step[verb]) if verb == "event" else None
    words: Words = {} if happening else step[verb] or {}
    if happening is None:
        check(verb, words)
    chosen = [None] if verb in ON_AZURE else _chosen(step, clusters, seed)
    chance, lost = Random(f"{seed} {step['at']}"), float(step.get("lost", 0))  # noqa: S311 - which are lost is no secret
    for again in range(step.get("repeat", 1)):
        for place, cluster in enumerate(chosen):
            at = _at(step) + again * step.get("every", 0) + place * step.get("stagger", 0)
            yield Act(at, verb, cluster, words, happening, chance.random() < lost, step.get("shown", True))


def _verb(step: Mapping[str, Any]) -> str | None:
    """None for a step that only says something."""
    verbs = [key for key in step if key not in _WHEN]
    known = ["event", *DEEDS, *ON_AZURE]
    if unknown := [str(verb) for verb in verbs if verb not in known]:
        raise ValueError(f"a step knows no {', '.join(unknown)}; there are: {', '.join(known)}")
    if len(verbs) > 1:
        raise ValueError(f"a step is one of {' and '.join(verbs)}, not both")
    if not verbs and "say" not in step:
        raise ValueError(f"nothing happens at {step['at']}")
    return verbs[0] if verbs else None


def _at(step: Mapping[str, Any]) -> float:
    at = float(step["at"])
    if at < OLDEST:
        raise ValueError(f"at {at:.0f}: nothing may be older than a day")
    if at < 0 and "event" in step and not step.get("lost"):
        raise ValueError(f"at {at:.0f}: an event before the beginning cannot be sent: it needs lost: true")
    if at < 0 and ("fire_alert" in step or "resolve_alert" in step):
        raise ValueError(f"at {at:.0f}: before the beginning there is no alert rule")
    return at


def _chosen(step: Mapping[str, Any], clusters: Sequence[Cluster], seed: int) -> list[Cluster | None]:
    """Those that `where` matches; `some` of them, always the same ones of the same `where`."""
    found: list[Cluster | None] = [one for one in clusters if fnmatchcase(one.name, step["where"])]
    if not found:
        raise ValueError(f"no cluster is called {step['where']}")
    wanted = step.get("some", len(found))
    if not 0 < wanted <= len(found):
        raise ValueError(f"{step['where']} are {len(found)} clusters, not {wanted}")
    places = Random(f"{seed} {step['where']}").sample(range(len(found)), wanted)  # noqa: S311 - nor is who is meant
    return [found[place] for place in sorted(places)]


def _happening(row: Mapping[str, Any]) -> Happening:
    if unknown := sorted(row.keys() - _EVENT):
        raise ValueError(f"event does not know {', '.join(unknown)}")
    kind, namespace, name = object_of(row["object"])
    return Happening(
        kind, namespace, name, row.get("severity", "error"), row["reason"], row["message"].strip(), row.get("metadata", {})
    )
