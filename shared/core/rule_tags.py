"""The tags of a cluster or a workspace in; what they wish of its alert rules, and which of them say nothing that is known, out.

Pure. What cannot be read changes nothing: the default stays, and a finding names the place and the tag.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from shared.core.durations import of_words
from shared.core.finding import Finding
from shared.core.rule_catalogue import SEVERITIES, Catalogue
from shared.core.rule_fields import shown

RULES_TAG = "fluxwatch-alert-rules"
RULE_TAG = "fluxwatch-rule-"
LONGEST_WAIT = timedelta(days=1)  # Azure takes a `for` of PT24H
_NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,6})?", re.ASCII)  # nothing that is measured is ever below zero
REMEDY = f"Write {RULES_TAG}=off or own; {RULE_TAG}<AlertName>=off, or for=10m threshold=90 severity=info. The default stays."


class Mode(StrEnum):
    """Who watches a cluster: the rules of its workspace, nobody, or rules of its own."""

    FLEET = ""
    OFF = "off"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Override:
    """What is to be otherwise with one alert. `threshold` is a number as it was written; empty: as in the catalogue."""

    off: bool = False
    wait: timedelta | None = None
    threshold: str = ""
    severity: str = ""


@dataclass(frozen=True, slots=True)
class Wishes:
    """Of one place. `overrides` by name of the alert."""

    mode: Mode = Mode.FLEET
    overrides: Mapping[str, Override] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def of_workspace(where: str, tags: Mapping[str, str], known: Catalogue) -> Wishes:
    """`tags` have any letter case; `where` names the place in findings."""
    overrides, unread = _overrides(tags, known)
    unread += [name for name in tags if name.lower() == RULES_TAG]  # a cluster is off; a workspace is taken out of the settings
    return Wishes(Mode.FLEET, overrides, _findings(where, unread))


def of_cluster(where: str, tags: Mapping[str, str], known: Catalogue) -> Wishes:
    """The same. A cluster with a wish for one alert has rules of its own."""
    overrides, unread = _overrides(tags, known)
    said = next((value.strip().lower() for name, value in tags.items() if name.lower() == RULES_TAG), "")
    if said not in list(Mode):
        unread, said = [RULES_TAG, *unread], Mode.FLEET
    mode = Mode(said)
    return Wishes(Mode.OWN if overrides and mode is Mode.FLEET else mode, overrides, _findings(where, unread))


def _findings(where: str, unread: list[str]) -> tuple[Finding, ...]:
    return tuple(
        Finding("alert rule tags", False, f"{where}: {shown(tag, 100)} cannot be read", REMEDY) for tag in sorted(unread)
    )


def _overrides(tags: Mapping[str, str], known: Catalogue) -> tuple[dict[str, Override], list[str]]:
    found, unread, alerts = dict[str, Override](), list[str](), known.alerts
    for tag, value in tags.items():
        if not tag.lower().startswith(RULE_TAG):
            continue
        name = alerts.get(tag[len(RULE_TAG) :].lower(), "")
        override = _override(value) if name else None
        if override is None or not _fits(name, override, known):
            unread.append(tag)
        else:
            found[name] = override
    return found, unread


def _override(text: str) -> Override | None:
    made = Override()
    for word in text.lower().split():
        key, _, value = word.partition("=")
        change = _WORDS[key](value) if key in _WORDS else None
        if change is None:
            return None
        made = replace(made, **change)
    return None if made == Override() else made


def _off(value: str) -> dict[str, Any] | None:
    return None if value else {"off": True}


def _for(value: str) -> dict[str, Any] | None:
    wait = of_words(value)
    return {"wait": wait} if wait is not None and wait <= LONGEST_WAIT else None


def _threshold(value: str) -> dict[str, Any] | None:
    return {"threshold": value} if _NUMBER.fullmatch(value) else None


def _severity(value: str) -> dict[str, Any] | None:
    return {"severity": value} if value in SEVERITIES else None


_WORDS: Mapping[str, Callable[[str], dict[str, Any] | None]] = MappingProxyType(
    {"off": _off, "for": _for, "threshold": _threshold, "severity": _severity}
)


def _fits(name: str, override: Override, known: Catalogue) -> bool:
    """A log rule has no `for`; a metric rule has a threshold only where the catalogue says so."""
    if any(rule.name == name for rule in known.logs):
        return override.wait is None
    return not override.threshold or name in known.thresholds
