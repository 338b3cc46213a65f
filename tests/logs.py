"""Fields that matter in; rows of the log queries, and workspaces that answer with them, out.

Law: a row that is not asked for twice is not answered twice: windows are on the time of ingestion, half-open, as in Azure.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shared.core.cluster import Cluster
from shared.core.trouble import Trouble, Unanswered
from shared.ports import LogRows, Parameter
from tests.examples import START, cluster

WORKSPACE = (
    "/subscriptions/00000000-0000-0000-0000-000000000009/resourceGroups/rg-logs"
    "/providers/Microsoft.OperationalInsights/workspaces/log-weu"
)
OTHER_WORKSPACE = WORKSPACE.replace("log-weu", "log-neu")

type Row = dict[str, Any]


def error_row(at: datetime = START, text: str = "kustomize build failed: no such file", **known: Any) -> Row:
    """Of flux_errors: an object's."""
    return {
        "_ResourceId": known.pop("on", cluster()).key,
        "Kind": "Kustomization",
        "Namespace": "cluster-config",
        "Name": "apps",
        "Controller": "kustomize-controller",
        "Lines": 2,
        "Reconciles": 2,
        "FirstSeen": at,
        "LastSeen": at,
        "LastOk": None,
        "SampleText": text,
        "PodName": "kustomize-controller-7c9d8b6f54-hq2wd",
        "Revision": "main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738",
    } | known


def controller_row(at: datetime = START, text: str = "leader election lost", **known: Any) -> Row:
    """Of flux_errors: about no object."""
    return error_row(at, text, **{"Kind": "", "Namespace": "", "Name": "", "Revision": ""} | known)


def event_row(at: datetime = START, text: str = "Helm install failed for release a/b: boom", **known: Any) -> Row:
    """Of flux_events."""
    return {
        "_ResourceId": known.pop("on", cluster()).key,
        "Kind": "HelmRelease",
        "Namespace": "apps",
        "Name": "shop",
        "Reason": "InstallFailed",
        "Occurrences": 3,
        "FirstSeen": at,
        "LastSeen": at,
        "SampleText": text,
    } | known


def pod_row(at: datetime = START, **known: Any) -> Row:
    """Of flux_pods: restarted twice."""
    return {
        "_ResourceId": known.pop("on", cluster()).key,
        "Controller": "source-controller",
        "PodName": "source-controller-7c9d8b6f54-hq2wd",
        "Container": "manager",
        "Restarts": 2,
        "TotalRestarts": 7,
        "PodStatus": "Running",
        "StatusReason": "",
        "LastTermination": "Error",
        "LastSeen": at,
    } | known


def stalled_row(at: datetime = START, state: str = "failing", **known: Any) -> Row:
    """Of flux_stalled."""
    return {
        "_ResourceId": known.pop("on", cluster()).key,
        "Kind": "Kustomization",
        "Namespace": "cluster-config",
        "Name": "apps",
        "Controller": "kustomize-controller",
        "LastOk": None,
        "LastError": at if state == "failing" else None,
        "LastLine": at,
        "Errors": 4,
        "State": state,
        "SampleText": "kustomize build failed: no such file",
    } | known


def life_row(at: datetime = START, name: str = "kustomize-controller", on: Cluster | None = None, **known: Any) -> Row:
    """Of flux_controllers."""
    return {"_ResourceId": (on or cluster()).key, "Controller": name, "Lines": 12, "LastSeen": at} | known


@dataclass(slots=True)
class FakeLogs:
    """Fits Logs. Rows by workspace and query, each with the time of its ingestion, or a callable that is asked with the window.

    `script` says for a query what its next answers are instead: a trouble, a code that makes it partial, or None to work.
    """

    rows: defaultdict[tuple[str, str], list[tuple[datetime, Row]]] = field(default_factory=lambda: defaultdict(list))
    script: defaultdict[str, deque[Trouble | str | None]] = field(default_factory=lambda: defaultdict(deque))
    always: dict[tuple[str, str], Trouble] = field(default_factory=dict)
    plans: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str, Mapping[str, Parameter]]] = field(default_factory=list)
    meanwhile: Callable[[], object] | None = None  # happens once, while the first question is answered

    def add(self, query: str, row: Row, *, ingested: datetime | None = None, workspace: str = WORKSPACE) -> None:
        """Ingested a minute after it was last seen, unless it is said."""
        at = ingested or row.get("LastSeen") or row["LastLine"]
        self.rows[workspace, query].append((ingested or at + timedelta(minutes=1), row))

    def ask(self, workspace: str, query: str, parameters: Mapping[str, Parameter]) -> LogRows:
        self.asked.append((workspace, query, parameters))
        if self.meanwhile:
            happens, self.meanwhile = self.meanwhile, None
            happens()
        said = self.always.get((workspace, query)) or (self.script[query].popleft() if self.script[query] else None)
        if isinstance(said, Trouble):
            raise Unanswered(said, f"workspace {workspace.rpartition('/')[2]} ({query})")
        start, end = parameters["_start"], parameters["_end"]
        assert isinstance(start, datetime)
        assert isinstance(end, datetime)
        found = [row for at, row in self.rows[workspace, query] if start < at <= end]
        return LogRows(found[: len(found) // 2] if said else found, said or "")

    def plan(self, workspace: str, table: str) -> str:
        assert table == "ContainerLogV2"
        if (plan := self.plans.get(workspace, "Analytics")) in Trouble:
            raise Unanswered(Trouble(plan), table)
        return plan

    def windows(self, query: str, workspace: str = WORKSPACE) -> list[tuple[Any, Any]]:
        """From when to when a query was asked."""
        return [
            (parameters["_start"], parameters["_end"])
            for place, name, parameters in self.asked
            if (place, name) == (workspace, query)
        ]
