"""Rows of logs in; the sweep over them, as often as wanted, with a store in memory and a clock that stands still, out.

Law: the sweep is the real one; time passes only where a test says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shared.core.finding import Run
from shared.core.incident import Flap, Incident
from shared.core.log_windows import QUERIES
from shared.jobs.sweep_errors import SweepErrors
from shared.ports import Mark
from tests.examples import START, after
from tests.fakes import FakeClock, FakeStore
from tests.logs import WORKSPACE, FakeLogs, controller_row, error_row, event_row, pod_row, stalled_row

LAG = timedelta(minutes=5)
END = START - LAG


@dataclass
class Stage:
    """Workspaces, a store, a clock, and the sweep between them."""

    logs: FakeLogs = field(default_factory=FakeLogs)
    store: FakeStore = field(default_factory=FakeStore)
    clock: FakeClock = field(default_factory=FakeClock)
    workspaces: tuple[str, ...] = (WORKSPACE,)

    @property
    def sweep(self) -> SweepErrors:
        store = self.store
        return SweepErrors(self.logs, store, store, store, store, self.clock, self.workspaces, LAG, Flap())

    def run(self, **later: float) -> Run:
        self.clock.passes(**later)
        return self.sweep()

    def add(self, query: str, row: dict[str, Any], **known: Any) -> None:
        self.logs.add(query, row, **known)

    def read_until(self, at: datetime, *queries: str, workspace: str = WORKSPACE) -> None:
        """As if runs before had come so far, with these queries or with all."""
        for query in queries or QUERIES:
            self.store.watermarks[workspace.lower(), query] = Mark(workspace, query, at, "1")

    @property
    def marks(self) -> Mapping[str, datetime | None]:
        return {mark.query: mark.until for mark in self.store.watermarks.values()}

    @property
    def all(self) -> Mapping[str, Incident]:
        return {key: row.incident for key, row in self.store.rows.items()}

    @property
    def open(self) -> dict[str, str]:
        """Name of the subject → cause."""
        return {one.subject.name: one.cause for one in self.all.values() if one.failing}


def troubles(run: Run) -> list[tuple[str, str]]:
    """Name and detail of each finding; none of them is well, and each says what to do."""
    assert all(one.remedy and not one.ok for one in run.findings)
    return [(one.name, one.detail) for one in run.findings]


def storm(stage: Stage) -> Stage:
    """Something of everything, in the last hour."""
    at = after(minutes=-20)
    stage.add("flux_errors", error_row(at))
    stage.add("flux_errors", controller_row(at, "panic: runtime error"))
    stage.add(
        "flux_errors",
        error_row(at, "terminal error: exceeded maximum retries", Kind="HelmRelease", Namespace="apps", Name="shop"),
    )
    stage.add("flux_events", event_row(at))
    stage.add("flux_pods", pod_row(at))
    stage.add("flux_pods", pod_row(at, Container="b", LastTermination="OOMKilled"))
    stage.add("flux_stalled", stalled_row(after(hours=-3), Name="old"))
    return stage


STORM = {
    "apps": "build-failed",
    "kustomize-controller": "log-errors",
    "shop": "helm-install-failed",
    "source-controller": "out-of-memory",
    "old": "build-failed",
}
"""Name of the subject → cause: what a run opens of a storm."""
