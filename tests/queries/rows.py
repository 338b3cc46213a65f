"""What a test is about in; rows of the tables that the queries read, and what a query answers over them, out.

Law: a query is loaded and given its parameters as in production.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from local.kql import Database, dicts
from shared.adapters.queries import load, prelude

START = datetime(2026, 11, 20, 10, tzinfo=UTC)
END = START + timedelta(minutes=10)
AKS = "/subscriptions/0A/resourceGroups/RG-Shop/providers/Microsoft.ContainerService/managedClusters/aks-Shop"
ARC = "/subscriptions/0A/resourceGroups/rg-edge/providers/Microsoft.Kubernetes/connectedClusters/arc-edge"
PODS = {
    "Kustomization": "kustomize-controller-7c9d8b6f54-hq2wd",
    "HelmRelease": "helm-controller-5d9f6c8b77-m4zsr",
    "GitRepository": "source-controller-68b7f9c4d5-t8vkn",
}

type Row = dict[str, Any]


def after(seconds: float) -> datetime:
    """So long after the beginning of the window."""
    return START + timedelta(seconds=seconds)


def line(message: Any, at: float = 1, *, cluster: str = AKS, late: float = 0, **columns: Any) -> Row:
    """A row of ContainerLogV2 that was written at that second of the window, and received so much later."""
    own = {"PodNamespace": "flux-system", "PodName": PODS["Kustomization"], "ContainerName": "manager", "_ResourceId": cluster}
    return {**own, "TimeGenerated": after(at), "_IngestionTime": after(at + late), "LogMessage": message, **columns}


def said(msg: str, *, level: str = "info", kind: str = "Kustomization", name: str = "apps", **fields: Any) -> Row:
    """What a controller writes about one of its objects, as JSON."""
    return {"level": level, "msg": msg, "controllerKind": kind, "namespace": "flux-system", "name": name, **fields}


def failed(error: str, *, name: str = "apps", **fields: Any) -> Row:
    """The line of kustomize-controller, or of another, about a reconciliation that failed."""
    return said("Reconciler error", level="error", name=name, error=error, **fields)


def finished(name: str = "apps") -> Row:
    """The line of kustomize-controller about one that went well."""
    return said("Reconciliation finished in 904.3ms, next run in 10m0s", name=name)


def event(reason: str, message: str, at: float = 1, *, late: float = 0, **columns: Any) -> Row:
    """A row of KubeEvents."""
    own = {"ObjectKind": "HelmRelease", "Namespace": "media", "Name": "transcoder", "KubeEventType": "Warning", "Count": 1.0}
    times = {"TimeGenerated": after(at), "_IngestionTime": after(at + late), "FirstSeen": after(at), "LastSeen": after(at)}
    return {
        "_ResourceId": AKS,
        "SourceComponent": "helm-controller",
        "Reason": reason,
        "Message": message,
        **own,
        **times,
        **columns,
    }


def pod(restarts: int | None, at: float = 1, *, late: float = 0, reason: str = "", **columns: Any) -> Row:
    """A row of KubePodInventory. `reason`: why the container ended the last time."""
    last = json.dumps({"lastState": "terminated", "reason": reason}) if reason else ""
    own = {
        "_ResourceId": AKS,
        "Namespace": "flux-system",
        "Name": PODS["Kustomization"],
        "PodUid": "u1",
        "ContainerName": "u1/manager",
    }
    state = {"ContainerRestartCount": restarts, "PodStatus": "Running", "ContainerLastStatus": last}
    return {**own, **state, "TimeGenerated": after(at), "_IngestionTime": after(at + late), **columns}


def ask(
    database: Database, name: str, rows: Iterable[Mapping[str, Any]], *, start: datetime = START, end: datetime = END
) -> list[Row]:
    """The rows that the query answers over these, the only ones of its table."""
    query = load(name)
    database.replace(query.table, rows)
    given = {"_start": start, "_end": end, "_lookback": timedelta(days=1), "_stale": timedelta(hours=6)}
    return dicts(database.run(prelude(query, {each: given[each] for each in query.parameters}) + query.text))
