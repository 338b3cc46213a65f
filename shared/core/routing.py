"""An incident in; the channel that hears of it out. The first route that matches wins; the default always does.

Pure: no I/O.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from shared.core.incident import Incident

DEFAULT = "default"
FALLBACK = "fallback"

FIELDS: Mapping[str, Callable[[Incident], str]] = {
    "subscription": lambda i: i.subject.cluster.subscription,
    "resource_group": lambda i: i.subject.cluster.resource_group,
    "cluster": lambda i: i.subject.cluster.name,
    "namespace": lambda i: i.subject.namespace,
    "kind": lambda i: i.subject.kind,
    "severity": lambda i: i.severity,
}
"""What a route can match on. Patterns are globs; letter case does not count, as in Azure."""


@dataclass(frozen=True, slots=True)
class Route:
    """Incidents whose every named field matches one of its patterns go to the channel."""

    channel: str
    match: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def takes(self, incident: Incident) -> bool:
        """Every field matches. A route without a field takes everything."""
        return all(
            any(fnmatchcase(FIELDS[name](incident).lower(), pattern.lower()) for pattern in patterns)
            for name, patterns in self.match.items()
        )


@dataclass(frozen=True, slots=True)
class Routing:
    """The routes in order, and the connection (Teams' budget) of every channel."""

    routes: tuple[Route, ...] = ()
    connections: Mapping[str, str] = field(default_factory=lambda: {DEFAULT: DEFAULT})

    def channel_of(self, incident: Incident) -> str:
        """The name of the channel that hears of the incident."""
        return next((route.channel for route in self.routes if route.takes(incident)), DEFAULT)
