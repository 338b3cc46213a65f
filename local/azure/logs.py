"""What the pods of flux-system write, and what Kubernetes keeps of them, in; rows of Log Analytics out.

No clock. Shapes: the Azure Monitor table reference (ContainerLogV2, KubeEvents, KubePodInventory).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from local.azure.fleet import FluxObject, Member, Workspace
from local.azure.voices import controller_of, log_line
from shared.core.observation import Health

INGESTION = timedelta(seconds=60)  # from the line to the table
_AGE = timedelta(days=30)  # of a pod
_EVENTS_OF = frozenset({Health.FAILING})
_PODS = {
    "kustomize-controller": "7c9d8b6f54-hq2wd",
    "helm-controller": "5d9f6c8b77-m4zsr",
    "source-controller": "68b7f9c4d5-t8vkn",
    "notification-controller": "86c5d7f9b8-2xk9p",
    "fluxconfig-agent": "59c7b9d8f6-pz4lt",
}

type _Rows = dict[str, list[dict[str, Any]]]


class LogBook:
    """The tables of all workspaces. Only clusters with a workspace are in it."""

    def __init__(self) -> None:
        self.versions: defaultdict[str, int] = defaultdict(int)  # by workspace, in lower case
        self._tables: defaultdict[str, _Rows] = defaultdict(lambda: defaultdict(list))
        self._restarts: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._events: dict[tuple[str, ...], dict[str, Any]] = {}

    def rows(self, workspace: Workspace) -> _Rows:
        """By table, of those that the workspace has."""
        tables = self._tables[workspace.id.lower()]
        return {table: list(tables[table]) for table in workspace.plans}

    def line(self, member: Member, line: str | Mapping[str, Any], at: datetime, ingested_at: datetime, pod: str = "") -> None:
        """Every third object is stored as text that holds JSON, as some clusters do."""
        name = pod or pod_of("source-controller")
        own = "ContainerLogV2"
        known = len(self._tables[member.workspace.lower()][own])
        message = json.dumps(line) if known % 3 == 0 and not isinstance(line, str) else line
        agent = name.startswith("fluxconfig-agent")
        row = {
            "PodNamespace": "flux-system",
            "PodName": name,
            "ContainerName": "fluxconfig-agent" if agent else "manager",
            "LogMessage": message if isinstance(message, str) else dict(message),
            "LogSource": "stderr",
        }
        self._add(member, own, row, at, ingested_at)

    def reconciled(self, one: FluxObject, at: datetime) -> None:
        """The line of the object's controller; a failure is a Warning event too."""
        if not one.member.workspace:
            return
        self.line(one.member, log_line(one, at), at, at + INGESTION, pod_of(controller_of(one.kind)))
        if one.health in _EVENTS_OF:
            self.event(one.member, (one.kind, one.namespace, one.name, one.reason, one.message), at)

    def event(self, member: Member, about: tuple[str, str, str, str, str], at: datetime) -> None:
        """`about`: kind, namespace, name, reason, message. The count is cumulative, over all rows of one event."""
        kind, namespace, name, reason, message = about
        before = self._events.get((member.cluster.key, *about))
        row = {
            "ObjectKind": kind,
            "Namespace": namespace,
            "Name": name,
            "Reason": reason,
            "Message": message[:1024],  # Kubernetes keeps no more
            "KubeEventType": "Warning",
            "SourceComponent": controller_of(kind),
            "FirstSeen": before["FirstSeen"] if before else at,
            "LastSeen": at,
            "Count": before["Count"] + 1.0 if before else 1.0,
        }
        self._events[(member.cluster.key, *about)] = row
        self._add(member, "KubeEvents", row, at, at + INGESTION)

    def restart(self, member: Member, controller: str, at: datetime, reason: str, status: str) -> None:
        """The inventory of a minute before, and of now."""
        counted = (member.cluster.key, controller)
        if not self._restarts[counted]:
            self.pod(member, controller, at - timedelta(minutes=1), (0, "", ""))
        self._restarts[counted] += 1
        self.pod(member, controller, at, (self._restarts[counted], reason, status))

    def pod(self, member: Member, controller: str, at: datetime, what: tuple[int, str, str]) -> None:
        """One row of the inventory. `what`: restarts so far, why the container ended last, why it waits now."""
        count, reason, status = what
        row = {
            "Namespace": "flux-system",
            "Name": pod_of(controller),
            "PodUid": f"uid-{controller}",
            "PodCreationTimeStamp": at - _AGE,
            "ContainerName": f"uid-{controller}/manager",
            "ContainerRestartCount": count,
            "PodStatus": "Running",
            "ContainerStatus": "waiting" if status else "running",
            "ContainerStatusReason": status,
            "ContainerLastStatus": json.dumps({"reason": reason}) if reason else "",
        }
        self._add(member, "KubePodInventory", row, at, at + INGESTION)

    def _add(self, member: Member, table: str, row: dict[str, Any], at: datetime, ingested_at: datetime) -> None:
        """Azure does not keep the case of ids: half of the rows have them in small letters."""
        if not member.workspace:
            return
        found = self._tables[member.workspace.lower()][table]
        id_ = member.cluster.key if len(found) % 2 else member.cluster.arm_id
        own = {"TimeGenerated": at, "_IngestionTime": ingested_at, "_ResourceId": id_, "Computer": "aks-nodepool1-0"}
        found.append(own | row)
        self.versions[member.workspace.lower()] += 1


def pod_of(controller: str) -> str:
    """Its pod's name, the same on every cluster."""
    return f"{controller}-{_PODS.get(controller, '6fb4c98d79-jw7ql')}"
