"""Findings in; whether Fluxwatch is well, in a word, in a sentence and by weight, out.

Pure: values only. A page, JSON and the command line show the same report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from shared.core.finding import Finding
from shared.core.headline import count

VITAL = frozenset({"settings", "notify_teams", "store", "store write"})
"""Names of findings. Without these nothing is taken, or nothing is told."""


class Status(StrEnum):
    """Of the whole. Monitors read it: failing is status 503."""

    OK = "ok"
    DEGRADED = "degraded"
    FAILING = "failing"


class Level(StrEnum):
    """Of one finding, the gravest first. The value is the word that people read."""

    FAIL = "fail"  # nothing is taken, or nothing is told
    WARN = "warn"  # something is not seen, or somebody does not hear
    NOTE = "note"  # well, and could be better
    OK = "ok"


def level_of(finding: Finding) -> Level:
    """What is well and yet has a remedy is a note."""
    if finding.ok:
        return Level.NOTE if finding.remedy else Level.OK
    return Level.FAIL if finding.name in VITAL else Level.WARN


@dataclass(frozen=True, slots=True)
class Report:
    """All that was found, in the order of looking. `seconds` by what was looked at."""

    at: datetime
    findings: tuple[Finding, ...]
    deep: bool = False
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def status(self) -> Status:
        """The gravest finding decides."""
        levels = {level_of(one) for one in self.findings}
        return Status.FAILING if Level.FAIL in levels else Status.DEGRADED if Level.WARN in levels else Status.OK

    @property
    def by_level(self) -> Mapping[Level, tuple[Finding, ...]]:
        """Every level, also those without a finding, the gravest first."""
        return {level: tuple(one for one in self.findings if level_of(one) is level) for level in Level}

    @property
    def took(self) -> float:
        """Seconds."""
        return round(sum(self.seconds.values()), 1)

    @property
    def summary(self) -> str:
        """One sentence."""
        wrong = sum(not one.ok for one in self.findings)
        if self.status is Status.OK:
            notes = len(self.by_level[Level.NOTE])
            seen = f"All is well, with {count(notes, 'note')}" if notes else "All is well"
            return f"{seen}." if self.deep else f"{seen}, as far as a quick look shows."
        things = f"{count(wrong, 'thing')} {'is' if wrong == 1 else 'are'} wrong"
        if self.status is Status.FAILING:
            return f"Fluxwatch does not do its work: {things}."
        return f"Fluxwatch works, but not in everything: {things}."

    def as_json(self) -> dict[str, Any]:
        """Times are ISO 8601 in UTC. `took`: seconds by what was looked at."""
        checks = [{**one.as_json(), "level": level_of(one)} for one in self.findings]
        return {
            "status": self.status,
            "summary": self.summary,
            "at": self.at.isoformat(timespec="seconds"),
            "deep": self.deep,
            "seconds": self.took,
            "took": dict(self.seconds),
            "checks": checks,
        }
