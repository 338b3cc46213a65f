"""An hour of the app in; the rows of Application Insights that it leaves, out.

Law: a line is a format that stands in the source, with values; refusals stand for three lines each, as sampling leaves them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.jobs import sweep_errors

START = datetime(2026, 11, 20, 10, tzinfo=UTC)
END = START + timedelta(hours=1)

type Row = dict[str, Any]

INFO, WARNING, ERROR = 1, 2, 3

ACTED = "%s: %s %s/%s on %s: %s"
TOLD = "%s %s: %s%s, after %d s"
SENT = ("GitRepository", "flux-system", "apps", "aks-1")
LINES: tuple[tuple[str, tuple[Any, ...], str, int, float], ...] = (
    # format, arguments, function, level, minute
    (
        "refused from %s: %s",
        ("rg/aks-1", "X-Signature does not match: the token is not this cluster's"),
        "receive_flux_event",
        WARNING,
        1,
    ),
    ("refused from %s: %s", ("nobody known", "cluster type must be one of three"), "receive_flux_event", WARNING, 2),
    (ACTED, ("opened", *SENT, "failing"), "receive_flux_event", INFO, 3),
    (ACTED, ("opened", *SENT, "failing; told if it lasts 600 s"), "receive_flux_event", INFO, 12),
    (ACTED, ("counted", *SENT, "the same cause"), "receive_flux_event", INFO, 4),
    (ACTED, ("closed", *SENT, "healthy"), "receive_flux_event", INFO, 21),
    (
        "%s: alert %s about %s %s on %s: %s",
        ("opened", "FluxSystemDown", "AlertRule", "x", "aks-1", "failing"),
        "receive_azure_alert",
        INFO,
        22,
    ),
    ("not stored: %s", ("Table storage does not answer",), "receive_flux_event", ERROR, 5),
    (TOLD, ("default", "later", "GitRepository apps is failing on aks-1", " (HTTP 503)", 30), "notify_teams", WARNING, 3.5),
    (TOLD, ("default", "told", "GitRepository apps is failing on aks-1", "", 60), "notify_teams", INFO, 4),
    (TOLD, ("team a", "told", "GitRepository apps is failing on aks-1", "", 90), "notify_teams", INFO, 5),
    (TOLD, ("team a", "broken", "apps is well again", " (WorkflowTriggerIsNotEnabled)", 61), "notify_teams", ERROR, 22),
    (TOLD, ("default", "told", "FluxSystemDown is failing on aks-1", "", 120), "notify_teams", INFO, 24),
    ("due: %d, waiting: %d, quiet: %s", (1, 3, {"held": 2}), "notify_teams", INFO, 4),
    ("due: %d, waiting: %d, quiet: %s", (0, 14, {}), "notify_teams", INFO, 4.5),
    ("%s: %s", ("visibility", "2 clusters are out of sight"), "sweep_compliance", WARNING, 10),
    ("%s: %s", ("visibility", "2 clusters are out of sight"), "sweep_compliance", WARNING, 15),
)


def _summary(counts: dict[str, int]) -> str:
    """As each sweep ends its run."""
    return ", ".join(f"{name}: {count}" for name, count in counts.items())


SUMMARIES = (
    (
        "sweep_compliance",
        10,
        _summary({"clusters": 12, "configurations": 24, "failing": 2, "bad_rows": 0, "opened": 2, "closed": 1}),
    ),
    (
        "sweep_compliance",
        15,
        _summary({"clusters": 11, "configurations": 22, "failing": 2, "bad_rows": 0, "opened": 0, "closed": 0}),
    ),
    ("sweep_errors", 10, _summary({**dict.fromkeys(sweep_errors.COUNTS, 1), "bad_rows": 0, "workspaces": 1})),
)
REQUESTS = (
    # function, minute, status, success, milliseconds
    ("receive_flux_event", 1, "401", True, 5.0),
    ("receive_flux_event", 2, "404", True, 5.0),
    ("receive_flux_event", 3, "202", True, 40.0),
    ("receive_flux_event", 4, "202", True, 60.0),
    ("receive_flux_event", 5, "503", True, 900.0),
    ("notify_teams", 55, "0", True, 300.0),
    ("sweep_errors", 10, "0", True, 9000.0),
    ("sweep_errors", 20, "0", False, 11000.0),
)


def _at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def _trace(minute: float, message: str, function: str, level: int, app: str = "fluxwatch", count: int = 1) -> dict[str, Any]:
    row = {"TimeGenerated": _at(minute), "Message": message, "OperationName": function, "SeverityLevel": level}
    return {**row, "AppRoleName": app, "ItemCount": count}


def traces() -> list[Row]:
    """AppTraces, with another app beside ours, and a line from before the hour."""
    rows = [
        _trace(minute, form % said, function, level, count=3 if form.startswith("refused") else 1)
        for form, said, function, level, minute in LINES
    ]
    rows += [_trace(minute, text, function, INFO) for function, minute, text in SUMMARIES]
    others = [{**row, "AppRoleName": "another"} for row in rows]
    return [*rows, *others, _trace(-5, "opened: before the range", "receive_flux_event", INFO)]


def requests() -> list[Row]:
    """AppRequests."""
    return [
        {"TimeGenerated": _at(minute), "Name": name, "ResultCode": code, "Success": success, "DurationMs": spent}
        | {"AppRoleName": "fluxwatch", "ItemCount": 1}
        for name, minute, code, success, spent in REQUESTS
    ]


def exceptions() -> list[Row]:
    """AppExceptions."""
    thrown = {"TimeGenerated": _at(20), "OperationName": "sweep_errors", "ExceptionType": "KeyError", "OuterMessage": "'x'"}
    return [{**thrown, "AppRoleName": "fluxwatch", "ItemCount": 1}]
