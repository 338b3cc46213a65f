"""What Azure Monitor is to watch, or watches: one value for each resource; and the steps from the one to the other.

Pure: values only. `properties` are in REST form: Microsoft.AlertsManagement/prometheusRuleGroups 2023-03-01,
Microsoft.Insights/scheduledQueryRules 2023-12-01, Microsoft.Insights/actionGroups 2023-01-01.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha1
from typing import Any

from shared.core.finding import Finding

OWNER_TAG = "managed-by"
OWNER = "fluxwatch"
MAX_NAME = 260


class RuleKind(StrEnum):
    """The types of resource, with their providers."""

    METRICS = "Microsoft.AlertsManagement/prometheusRuleGroups"
    LOGS = "Microsoft.Insights/scheduledQueryRules"
    ACTIONS = "Microsoft.Insights/actionGroups"


@dataclass(frozen=True, slots=True)
class Rule:
    """One resource: a Prometheus rule group, a scheduled query rule, or the action group."""

    kind: RuleKind
    name: str
    location: str
    properties: Mapping[str, Any] = field(repr=False)  # an action group's holds a key
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[RuleKind, str]:
        """Azure's names have no letter case."""
        return self.kind, self.name.lower()

    @property
    def owner(self) -> str:
        """Who made it, in lower case; empty if nobody says so."""
        named = {name.lower(): value for name, value in self.tags.items()}
        return named.get(OWNER_TAG, "").strip().lower()


class Verb(StrEnum):
    """What is done with a resource."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Step:
    """`rule` is the resource as it shall be; where it is deleted or left to somebody else, as it is. `reasons` say why."""

    verb: Verb
    rule: Rule
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Every resource with what is done to it; and what could not be decided."""

    steps: tuple[Step, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def writes(self) -> tuple[Step, ...]:
        """What is not left as it is."""
        return tuple(step for step in self.steps if step.verb is not Verb.LEAVE)


def name_of(rule: str, arm_id: str) -> str:
    """`<rule>-<last segment of the id>-<6 hex digits of the SHA-1 of the id>`: one name, whoever makes the rule."""
    digest = sha1(arm_id.lower().encode(), usedforsecurity=False).hexdigest()[:6]
    last = arm_id.rstrip("/").rpartition("/")[2]
    return f"{rule}-{last}"[: MAX_NAME - 7] + f"-{digest}"
