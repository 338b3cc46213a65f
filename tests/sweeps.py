"""A simulated fleet in; the compliance sweep over it, as often as wanted, with a store in memory, out.

Law: five minutes pass between two sweeps, and the agents report before each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from local.azure.generate import BEGIN, generate
from local.azure.world import World
from shared.core.coverage import KINDS, Coverage
from shared.core.finding import Run
from shared.core.incident import Incident
from shared.jobs.sweep_compliance import SweepCompliance
from tests.azure import ArmOf, GraphOf
from tests.fakes import FakeClock, FakeStore

EVERY = timedelta(minutes=5)
WRITES = ("save_all", "put_clusters", "drop_clusters", "put_run")
GAP_OF = {kind: gap for gap, kind in KINDS.items()}


@dataclass
class Fleet:
    """A simulated fleet and its sweep."""

    world: World
    store: FakeStore = field(default_factory=FakeStore)
    coverage: Coverage = field(default_factory=Coverage)

    def __post_init__(self) -> None:
        self.clock = FakeClock(BEGIN + EVERY)
        self.graph, self.arm = GraphOf(self.world), ArmOf(self.world)

    def sweep(self) -> Run:
        """Five minutes later; the agents reported just before."""
        self.clock.at += EVERY
        self.world.report(self.clock.at - timedelta(seconds=30))
        self.store.calls.clear()
        self.store.written.clear()
        stores = (self.store,) * 3
        return SweepCompliance(self.graph, self.arm, *stores, self.clock, coverage=self.coverage)()

    @property
    def writes(self) -> list[str]:
        return [call for call in self.store.calls if call in WRITES]

    def incidents(self) -> Sequence[Incident]:
        return [row.incident for row in self.store.rows.values() if row.incident.failing]

    def open(self) -> set[tuple[str, str, str, str]]:
        """What fails of Flux itself."""
        return {one.subject.key for one in self.incidents() if one.subject.kind not in GAP_OF}

    def gaps(self) -> set[tuple[str, str]]:
        """Gap and cluster."""
        return {(GAP_OF[kind], one.subject.cluster.name) for one in self.incidents() if (kind := one.subject.kind) in GAP_OF}

    def breaks(self, some: int = 1) -> None:
        """So many Kustomizations, each on a cluster of its own."""
        for member in list(self.world.members.values())[:some]:
            one = next(one for one in member.objects if one.kind == "Kustomization")
            self.world.fail(one, "BuildFailed", "kustomize build failed: no such file", self.clock.at, silent=True)


def swept(clusters: int = 3, objects: int = 6) -> Fleet:
    """Once, and all was well."""
    fleet = Fleet(generate(clusters, objects))
    fleet.sweep()
    return fleet


def wrong(run: Run) -> dict[str, str]:
    return {one.name: one.detail for one in run.findings}
