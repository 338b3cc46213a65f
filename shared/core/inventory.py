"""What is known of a cluster besides its id.

Pure: values only. The compliance sweep writes them; cards and mutes read them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared.core.cluster import Cluster


@dataclass(frozen=True, slots=True)
class ClusterInfo:
    """`sources` maps namespace/configuration to the URL of its git repository. Everything but the cluster may be unknown."""

    cluster: Cluster
    region: str = ""
    subscription_name: str = ""
    mute_until: datetime | None = None
    sources: Mapping[str, str] = field(default_factory=dict)

    def source_of(self, namespace: str, name: str) -> str:
        """The URL behind an object: its own name is the configuration's, or begins with it and a hyphen. Empty if unknown."""
        owned = [
            configuration
            for configuration in self.sources
            if f"{namespace}/{name}" == configuration or f"{namespace}/{name}".startswith(configuration + "-")
        ]
        return self.sources[max(owned, key=len)] if owned else ""
