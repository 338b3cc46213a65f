"""The rows of Resource Graph in; the clusters and workspaces that alert rules are for, as values out.

Pure: never fails; what cannot be read is noted with the `Reading`. Columns: queries/clusters.kql, flux_extensions.kql,
alert_workspaces.kql.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from shared.core import graph_rows
from shared.core.action_group import Receiver
from shared.core.azure_values import MAX_ID, Reading, get, label, text
from shared.core.cluster import Cluster

QUERIES = ("clusters", "flux_extensions", "alert_workspaces")
USUAL = "flux"  # the extension's name, unless somebody chose another
_WORKSPACE = re.compile(
    r"/subscriptions/[^/\s]+/resourcegroups/[^/\s]+/providers/microsoft\.(?:monitor/accounts|operationalinsights/workspaces)/([\w-]+)",
    re.IGNORECASE | re.ASCII,
)


def is_workspace(arm_id: str) -> bool:
    """By the form of the id."""
    return bool(_WORKSPACE.fullmatch(arm_id))


@dataclass(frozen=True, slots=True)
class Workspace:
    """Of Azure Monitor or of Log Analytics. `id` as Azure spells it."""

    id: str
    location: str
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The last segment of its id."""
        return self.id.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Member:
    """A cluster of the fleet. `extension` is the name of its microsoft.flux; empty if it has none. `tags`: lower-case names."""

    cluster: Cluster
    location: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    extension: str = ""

    @property
    def flux(self) -> bool:
        """It has the extension."""
        return bool(self.extension)


@dataclass(frozen=True, slots=True)
class Estate:
    """What Azure shows; None where it gave no answer. Keys are ids in lower case. `gone`: clusters that are no more;
    `fluxless`: those that have no Flux for certain, and not only because it is not shown.
    """

    members: Mapping[str, Member] | None
    workspaces: Mapping[str, Workspace] | None
    gone: frozenset[str] = frozenset()
    fluxless: frozenset[str] = frozenset()

    def without_flux(self, key: str, name: str) -> Estate:
        """As it will be shown: this extension of this cluster is gone. Of another name, it says nothing about Flux."""
        member = (self.members or {}).get(key)
        if member is None or name.lower() != (member.extension.lower() or USUAL):
            return self
        return replace(self._with(key, ""), fluxless=self.fluxless | {key})

    def with_flux(self, key: str, name: str) -> Estate:
        """As it will be shown: this cluster has this microsoft.flux."""
        return self._with(key, name) if key in (self.members or {}) else self

    def settled(self, doubtful: Iterable[str], gone: frozenset[str]) -> Estate:
        """Of clusters with rules of their own that are not shown, or not their Flux, those in `gone` have none; the others are
        taken to have it still, or the fleet's rules would be written for it now so, now otherwise.
        """
        made = self
        for key in doubtful:
            if key not in gone:
                made = made.with_flux(key, USUAL)
        shown = frozenset(self.members or ())
        return replace(made, gone=made.gone | (gone - shown), fluxless=made.fluxless | (gone & shown))

    def _with(self, key: str, name: str) -> Estate:
        members = dict(self.members or {})
        members[key] = replace(members[key], extension=name)
        return replace(self, members=members)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the settings say. Ids of workspaces; `actions` is the id of the action group that every alert calls; `receiver` is
    whom Fluxwatch's own one calls (None: it is somebody else's); `runbooks` is where docs/runbooks can be read.
    """

    metrics: tuple[str, ...] = ()
    logs: tuple[str, ...] = ()
    actions: str = ""
    receiver: Receiver | None = None
    runbooks: str = ""


type Rows = Iterable[Any] | None


def estate(clusters: Rows, extensions: Rows, workspaces: Rows, reading: Reading) -> Estate:
    """None for a question without an answer. Without the extensions nobody knows who has Flux: no cluster is known then."""
    if clusters is None or extensions is None:
        return Estate(None, _workspaces(workspaces, reading))
    names = {key: row.name for key, row in graph_rows.extensions(extensions, reading).items()}
    rows = graph_rows.clusters(clusters, reading)
    members = {key: Member(row.cluster, row.region, row.tags, names.get(key, "")) for key, row in rows.items()}
    return Estate(members or None, _workspaces(workspaces, reading))  # no cluster at all: the identity lost its sight


def _workspaces(rows: Rows, reading: Reading) -> Mapping[str, Workspace] | None:
    if rows is None:
        return None
    found = {}
    for row in rows:
        arm_id, location = text(get(row, "id"))[:MAX_ID], label(get(row, "location"))
        if not is_workspace(arm_id) or not location:
            reading.refuse(row)
            continue
        found[arm_id.lower()] = Workspace(arm_id, location, graph_rows.tags(get(row, "tags")))
    return found
