"""Which gaps in the watch over a fleet are looked for, and where each begins.

Pure: values only; compliance.py looks for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from fnmatch import fnmatchcase

from shared.core.cluster import Cluster

EXPECT_TAG = "fluxwatch-expect-flux"  # on a cluster: "true" or "false"; wins over the setting
MUTE_TAG = "fluxwatch-mute-until"  # on a cluster: an ISO 8601 time
NEWEST = (1, 24)  # minor version of microsoft.flux that was current in November 2026; the fleet may have a newer one
SUPPORTED = 2  # minor versions behind the newest that Microsoft supports


class Gap(StrEnum):
    """What can be missing. The value is the name in COVERAGE_OFF, and the id of the cause."""

    EXTENSION_MISSING = "extension-missing"
    EXTENSION_FAILED = "extension-failed"
    EXTENSION_UNSUPPORTED = "extension-unsupported"
    EXTENSION_PINNED = "extension-pinned"
    CONFIGURATION_FAILED = "configuration-failed"
    CONFIGURATION_SUSPENDED = "configuration-suspended"
    SOURCE_NOT_SYNCED = "source-not-synced"
    AGENT_SILENT = "agent-silent"
    CLUSTER_DISCONNECTED = "cluster-disconnected"
    VISIBILITY_LOST = "visibility-lost"


KINDS: Mapping[Gap, str] = {
    Gap.EXTENSION_MISSING: "Coverage",
    Gap.EXTENSION_FAILED: "Extension",
    Gap.EXTENSION_UNSUPPORTED: "ExtensionVersion",
    Gap.EXTENSION_PINNED: "ExtensionPin",
    Gap.CONFIGURATION_FAILED: "FluxConfiguration",
    Gap.CONFIGURATION_SUSPENDED: "Suspension",
    Gap.SOURCE_NOT_SYNCED: "SourceSync",
    Gap.AGENT_SILENT: "Agent",
    Gap.CLUSTER_DISCONNECTED: "Cluster",
    Gap.VISIBILITY_LOST: "Visibility",
}
"""Gap → kind of its incident's subject: each gap is an incident of its own."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """The settings of what is looked for. `expect` are globs of ARM ids in lower case: where Flux is to run."""

    off: frozenset[Gap] = frozenset()
    expect: tuple[str, ...] = ()
    configuration_limit: timedelta = field(default=timedelta(hours=24))  # failing or suspended longer than that
    sync_limit: timedelta = field(default=timedelta(hours=6))  # behind others, or never synced, longer than that
    agent_limit: timedelta = field(default=timedelta(hours=1))  # no report for longer than that

    def expects_flux(self, cluster: Cluster, tags: Mapping[str, str]) -> bool:
        """The tag decides; without it the globs. Names of tags have no case in Azure; keys of `tags` are lower-case."""
        said = tags.get(EXPECT_TAG, "").strip().lower()
        return said in ("true", "on", "yes") if said else any(fnmatchcase(cluster.key, glob) for glob in self.expect)
