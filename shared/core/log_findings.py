"""What a sweep over logs could not ask, read or place in; findings with their remedies out.

Pure: values only. Workspaces are named by group and name, rows by the query and the fault: nothing of what they hold is quoted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from shared.core.finding import Finding
from shared.core.headline import duration
from shared.core.log_windows import STEADY, Window
from shared.core.trouble import Unanswered

PARTIAL = "partial"


def label(workspace: str) -> str:
    """group/name of a workspace's resource id."""
    parts = workspace.strip("/").split("/")
    return f"{parts[3]}/{parts[-1]}" if len(parts) > 4 else parts[-1]


def troubled(faults: Iterable[tuple[Window, Unanswered]]) -> list[Finding]:
    """One for each workspace and trouble, with the queries that met it."""
    met: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for window, fault in faults:
        met[label(window.workspace), fault.finding.detail, fault.finding.remedy].append(window.query)
    return [
        Finding(f"logs of {place}", False, f"{what}: {', '.join(dict.fromkeys(queries))}", remedy)
        for (place, what, remedy), queries in met.items()
    ]


def partial(windows: Iterable[tuple[Window, str]]) -> list[Finding]:
    """Answers with a code of Azure's instead of some of their rows."""
    return [
        Finding(
            f"logs of {label(window.workspace)}",
            False,
            f"{PARTIAL} ({code}): {window.query}",
            "Nothing: what came is used, and the next run asks for all of it again. If it lasts, check the workspace's health.",
        )
        for window, code in windows
    ]


def skipped(windows: Iterable[Window]) -> list[Finding]:
    """Rows that were given up for their age."""
    return [
        Finding(
            f"logs of {label(window.workspace)}",
            False,
            f"{window.query}: rows between {window.skipped:%Y-%m-%d %H:%M} and {window.start:%Y-%m-%d %H:%M} UTC were not read",
            "Look into the workspace for what happened then, if it matters. Whatever still fails is found without them.",
        )
        for window in windows
        if window.skipped is not None
    ]


def unread(bad: Mapping[tuple[str, str], int]) -> list[Finding]:
    """Rows that could not be read, by query and fault."""
    if not bad:
        return []
    detail = "; ".join(f"{query}: {fault} ({count})" for (query, fault), count in sorted(bad.items()))
    return [
        Finding(
            "rows of logs",
            False,
            f"{sum(bad.values())} could not be read: {detail}",
            "The others were read. If it lasts, compare the query in shared/queries with the workspace's table, and report it.",
        )
    ]


def outside(clusters: Collection[str]) -> list[Finding]:
    """Clusters that write to these workspaces, and that the compliance sweep does not know."""
    if not clusters:
        return []
    return [
        Finding(
            "clusters of logs",
            False,
            f"logs of {len(clusters)} clusters outside FLEET_SCOPES",
            "Add their subscriptions to FLEET_SCOPES, with the role for it. Until then only Flux events close their incidents.",
        )
    ]


def behind(marks: Mapping[tuple[str, str], datetime], end: datetime, gap: float) -> list[Finding]:
    """Watermarks, by workspace and query, that are further behind than three runs. `gap`: seconds between runs; 0: unknown."""
    late = {
        place: end - until
        for place, until in marks.items()
        if gap and place[1] in STEADY and end - until > timedelta(seconds=3 * gap)
    }
    return [
        Finding(
            f"watermark of {label(workspace)}",
            False,
            f"{query} is read only up to {duration(age)} ago",
            "Later runs catch up by themselves, six hours of logs at a time. If it grows, look at the other findings about it.",
        )
        for (workspace, query), age in late.items()
    ]
