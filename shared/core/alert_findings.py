"""An alert whose cluster nobody can tell in; what health is to show of it out.

Pure: no I/O; time is an argument. One finding for each name of a cluster, the latest last.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.core.alert_cluster import NoCluster
from shared.core.azure_values import label
from shared.core.finding import Finding, Run
from shared.core.headline import moment

JOB = "receive_azure_alert"
REMEMBERED = timedelta(days=1)  # after so long without another one
AGAIN = timedelta(hours=1)  # the same is not written more often
MOST = 20
MAX_NAME = 63

_UNKNOWN = "Add the cluster to FLEET_SCOPES, or correct its cluster_alias in the metrics settings."
_AMBIGUOUS = "Give one of them a cluster_alias of its own in its metrics settings: a name alone does not tell them apart."
_NAMELESS = "Have the rule keep the label cluster (Prometheus), or set _ResourceId as its resource id column (logs)."


def noted(before: Run | None, rule: str, unknown: NoCluster, now: datetime) -> Run:
    """The run to be written; the very one that was given if it says so already."""
    findings = _recent(before, now)
    new = _finding(rule, unknown, now)
    if before is not None and any(one.name == new.name and now - _at(one, before) < AGAIN for one in findings):
        return before
    kept = [one for one in findings if one.name != new.name]
    return Run(JOB, now, counts={"unplaced": len(kept) + 1}, findings=(*kept, new)[-MOST:])


def lately(run: Run | None, now: datetime) -> tuple[Finding, ...]:
    """What is recent enough to be shown, under the job's name."""
    return tuple(Finding(f"{JOB}: {one.name}", one.ok, one.detail, one.remedy) for one in _recent(run, now))


def _recent(run: Run | None, now: datetime) -> tuple[Finding, ...]:
    """Each has a time of its own: what was mended is forgotten, whatever else goes on."""
    return tuple(one for one in run.findings if now - _at(one, run) < REMEMBERED) if run else ()


def _at(finding: Finding, run: Run) -> datetime:
    return finding.at or run.at


def _finding(rule: str, unknown: NoCluster, now: datetime) -> Finding:
    name = label(unknown.named, MAX_NAME)
    remedy = _AMBIGUOUS if unknown.clusters else _UNKNOWN if name else _NAMELESS
    about = f"cluster {name}" if name else "alerts without a cluster"
    return Finding(about, False, f"{label(rule, MAX_NAME)}, {moment(now)}: {unknown}", remedy, now)
