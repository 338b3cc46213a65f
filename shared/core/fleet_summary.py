"""Everything that is known in; the one sentence that says how the fleet is, its figures, and what may make them wrong, out.

Pure: no I/O. Never "all is well" where nobody has looked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.core.card_elements import cut
from shared.core.causes import Severity
from shared.core.finding import Run
from shared.core.fleet_filter import Asked
from shared.core.fleet_known import Known, Seen, Standing
from shared.core.fleet_rows import Json, compliance, iso
from shared.core.headline import count, duration, some
from shared.core.incident import State

COMPLIANCE = "sweep_compliance"
SWEEPS: Mapping[str, str] = {COMPLIANCE: "compliance sweep", "sweep_errors": "error sweep"}


@dataclass(frozen=True, slots=True)
class Sweeps:
    """The latest runs by job, and which jobs are to run at all."""

    runs: Mapping[str, Run]
    wanted: frozenset[str] = frozenset()

    def rows(self, now: datetime) -> list[Json]:
        """`state` is off, never (ran), late, troubled (it could not see everything) or ok."""
        return [_sweep(job, self.runs.get(job), job in self.wanted, now) for job in SWEEPS]


def _sweep(job: str, run: Run | None, wanted: bool, now: datetime) -> Json:
    row: Json = {"job": job, "state": "never" if wanted else "off", "at": None, "seconds": None, "gap": None}
    if run is None:
        return row | {"counts": {}, "before": {}, "findings": []}
    if wanted:
        row["state"] = "late" if now - run.at > run.late_after else "troubled" if run.findings else "ok"
    row |= {"at": iso(run.at), "seconds": run.seconds, "gap": run.gap, "counts": dict(run.counts), "before": dict(run.before)}
    return row | {"findings": [finding.as_json() for finding in run.findings]}


def summary(known: Known, asked: Asked, sweeps: Sequence[Json], channels: Sequence[Json]) -> Json:
    """Of the whole fleet, whatever is asked for. `trend`: by how much the figures of the compliance sweep changed."""
    broken, states = known.broken, Counter(one.state for one in known.seen)
    clusters = {one.where for one in broken}
    there = {one.one.key for one in broken}
    things = {one.cause.id for one in broken if one.parent not in there}
    doubts = _doubts(known, sweeps)
    doubtful = any(note["level"] != "info" for note in doubts)
    return {
        "sentence": _sentence(len(things), len(clusters), known, states, doubtful=doubtful),
        "level": _level(broken, states, known, doubtful=doubtful),
        "things": len(things),
        "clusters": len(known.clusters),
        "clusters_broken": len(clusters),
        "objects_broken": len(broken),
        "severities": {severity: sum(one.severity is severity for one in broken) for severity in Severity},
        "states": {state: states[state] for state in State},
        "standings": dict(Counter(known.standings.values())),
        "compliance": compliance(one for info in known.clusters.values() for one in info.configurations),
        "trend": _trend(sweeps),
        "notes": sorted([*_ignored(asked), *doubts, *_deaf(channels)], key=lambda note: Severity(note["level"]).rank),
    }


def _sentence(things: int, clusters: int, known: Known, states: Mapping[State, int], *, doubtful: bool) -> str:
    if things:
        verb = "thing is" if things == 1 else "things are"
        return f"{things} {verb} broken {_on(clusters, known)}"
    if not known.clusters:
        return "No cluster is known yet"
    all_of_them = count(len(known.clusters), "cluster")
    if quiet := states[State.HELD] + states[State.MUTED]:
        return f"Nothing is broken, but {count(quiet, 'failure')} {'is' if quiet == 1 else 'are'} held back or muted"
    return f"Nothing is known to be broken on {all_of_them}" if doubtful else f"All is well on {all_of_them}"


def _on(clusters: int, known: Known) -> str:
    everywhere = len(known.clusters)
    if not known.inventoried or everywhere == 1:
        return f"on {count(clusters, 'cluster')}"
    return f"on all {everywhere} clusters" if clusters == everywhere else f"on {clusters} of {everywhere} clusters"


def _level(broken: Iterable[Seen], states: Mapping[State, int], known: Known, *, doubtful: bool) -> str:
    """The gravest severity; else held, unknown or ok."""
    gravest = min((one.severity for one in broken), key=lambda severity: severity.rank, default=None)
    if gravest is not None:
        return gravest
    if doubtful or not known.clusters:
        return "unknown"
    return "held" if states[State.HELD] or states[State.MUTED] else "ok"


def _trend(sweeps: Iterable[Json]) -> dict[str, int]:
    (row,) = (row for row in sweeps if row["job"] == COMPLIANCE)
    return {name: row["counts"][name] - was for name, was in row["before"].items() if name in row["counts"]}


# ------------------------------------------------------------------------------------------------ what may make it wrong

_IGNORED = {
    "cluster": "There is no cluster {value}: all are shown.",
    "subscription": "There is no subscription {value}: all are shown.",
    "state": "There is no state {value}: all are shown.",
    "cause": "There is no cause {value}: all are shown.",
}
_OFF = {
    COMPLIANCE: "The compliance sweep is off (FLEET_SCOPES is empty): only clusters that sent events are known.",
    "sweep_errors": "The error sweep is off (LOG_ANALYTICS_WORKSPACES is empty): logs are not looked at.",
}


def _ignored(asked: Asked) -> list[Json]:
    return [_note("info", _IGNORED[name].format(value=value)) for name, value in asked.unknown.items()]


def _doubts(known: Known, sweeps: Iterable[Json]) -> list[Json]:
    notes = [note for row in sweeps for note in _of_sweep(row, known.now)]
    hidden = sum(standing is Standing.HIDDEN for standing in known.standings.values())
    unseen = [_note("warning", f"{count(hidden, 'cluster')} can no longer be seen in Azure.")] if hidden else []
    odd = sum(standing is Standing.NOT_COMPLIANT for standing in known.standings.values())
    untold = (
        [_note("warning", f"Azure calls {count(odd, 'cluster')} not compliant where nothing is known to fail.")] if odd else []
    )
    return notes + unseen + untold


def _of_sweep(row: Json, now: datetime) -> list[Json]:
    name = SWEEPS[row["job"]]
    said = {
        "off": ("info", _OFF[row["job"]]),
        "never": ("warning", f"The {name} has not run yet: what is shown comes from events alone."),
        "late": ("warning", f"The {name} is late: its last run was {_before(row['at'], now)} ago."),
        "troubled": ("warning", f"The {name} could not see everything: {_first(row['findings'])}."),
    }.get(row["state"])
    return [_note(*said)] if said else []


def _first(findings: Sequence[Json]) -> str:
    """The first finding, and how many there are besides."""
    texts = [f"{one['name']} ({one['detail']})" if one.get("detail") else one["name"] for one in findings]
    return some((cut(text, 160) for text in texts), 1)


def _before(at: str | None, now: datetime) -> str:
    return duration(now - datetime.fromisoformat(at)) if at else ""


def _deaf(channels: Iterable[Json]) -> list[Json]:
    return [
        _note("critical" if row["state"] == "broken" else "warning", _words(row)) for row in channels if row["state"] != "ok"
    ]


def _words(row: Json) -> str:
    what = "is broken" if row["state"] == "broken" else "does not answer and is tried again"
    waiting = f"; {count(row['waiting'], 'incident')} wait to be told" if row["waiting"] else ""
    return f"The channel {row['name']} {what} ({row['error'] or 'no reason given'}){waiting}."


def _note(level: str, text: str) -> Json:
    return {"level": level, "text": text}
