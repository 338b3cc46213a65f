"""What each channel was told, and what its webhook lately answered: the durable half of notify.

Pure: values only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shared.core.incident import Incident

MAX_FINGERPRINTS = 8  # causes of one incident that are remembered as told


class Said(StrEnum):
    """What a channel believes of an incident."""

    OPEN = "open"
    FLAPPING = "flapping"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Told:
    """What one channel was last told of one incident. `step` counts the updates of the group it was told in."""

    said: Said
    at: datetime
    group: str
    fingerprints: tuple[str, ...] = ()
    step: int = 0

    @property
    def open(self) -> bool:
        """The channel still waits to hear that it is over."""
        return self.said is not Said.RESOLVED


@dataclass(frozen=True, slots=True)
class Tracked:
    """An incident, and what every channel (by name) was told of it. `key` is the store's."""

    key: str
    incident: Incident
    told: Mapping[str, Told] = field(default_factory=dict)

    @property
    def told_open(self) -> bool:
        """Some channel still waits to hear that it is over."""
        return any(told.open for told in self.told.values())


@dataclass(frozen=True, slots=True)
class ChannelState:
    """What a channel's webhook lately did. `error` is a code of Teams' or ours, never a URL."""

    last_post_at: datetime | None = None
    broken: bool = False
    error: str = ""
    failures: int = 0
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """All channels by name, and the times of the latest posts by connection. `version` is the store's."""

    channels: Mapping[str, ChannelState] = field(default_factory=dict)
    posts: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)
    swept_at: datetime | None = None
    version: str = ""
