"""Samples of one measure in; a figure with its spread, and whether it keeps to its target, out.

Pure: no I/O, no clock. Medians, for other work on the machine shows in a few samples and not in the middle one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured thing: the median of `samples` values between `low` and `high`. `target` is the most that it may be."""

    name: str
    value: float
    unit: str
    low: float
    high: float
    samples: int
    target: float | None = None

    @property
    def share(self) -> float | None:
        """How much of its target it takes; over 1 is over."""
        return self.value / self.target if self.target else None

    @property
    def verdict(self) -> str:
        """`ok`, `over`, or nothing where there is no target."""
        if self.target is None:
            return ""
        return "ok" if self.value <= self.target else "over"


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one benchmark; `about` says what was run."""

    about: str
    figures: Sequence[Figure]


def figure(name: str, unit: str, samples: Iterable[float], *, target: float | None = None) -> Figure:
    """The median and the range of the samples. Raises ValueError if there are none."""
    values = sorted(samples)
    if not values:
        raise ValueError(f"{name}: nothing was measured")
    return Figure(name, median(values), unit, values[0], values[-1], len(values), target)


def ratio(name: str, of: Sequence[float], to: Sequence[float], *, target: float | None = None) -> Figure:
    """Median against median; the range is that of the pairs, which ran one after the other."""
    pairs = [one / other for one, other in zip(of, to, strict=True)]
    return Figure(name, median(of) / median(to), "x", min(pairs), max(pairs), len(pairs), target)


def in_turn(runs: int, measures: Mapping[str, Callable[[], float]]) -> dict[str, list[float]]:
    """Samples by name. Each round runs each measure once, so that a busy minute burdens all alike; one more warms up."""
    rounds = [{name: measure() for name, measure in measures.items()} for _ in range(runs + 1)][1:]
    return {name: [one[name] for one in rounds] for name in measures}
