"""Open incidents that everybody knows of in; what a run of notify_teams over them costs out: requests, time, memory.

Law: real storage (Azurite) and the product's own rows; every run in a process of its own kind, so that its memory is its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import batched
from typing import Any

from bench import fleet
from bench.figure import Figure, Report, figure, ratio
from bench.own_process import found_by
from bench.scale import Scale
from local.azurite import start_azurite
from shared.adapters.table_client import Storage, table_client
from shared.adapters.tables import TRANSACTION, TableStore, incident_key
from shared.core.told import ChannelState, Ledger

REQUESTS, SECONDS = 6.0, 0.5


@dataclass(frozen=True, slots=True)
class Cost:
    """Of the runs in one process: of each but the first, of the `first`, and of all together."""

    seconds: list[float]
    cpu: list[float]
    requests: list[int]
    first: float
    posts: int
    peak_mb: float


def run(scale: Scale) -> Report:
    """The same for many incidents, for fewer and for none."""
    none, fewer, many = (measure(count, scale.runs) for count in (0, scale.fewer, scale.incidents))
    each = f"{scale.incidents:,} incidents"
    figures = [
        figure(f"{each}: storage requests", "", many.requests, target=REQUESTS),
        figure(f"{each}: time", "s", many.seconds, target=SECONDS),
        figure(f"{each}: time of a first run", "s", [many.first]),
        figure(f"{each}: own processor time", "s", many.cpu),
        figure(f"{each}: posts", "", [many.posts]),
        figure(f"{each}: peak memory", "MB", [many.peak_mb]),
        figure(f"{scale.fewer:,} incidents: storage requests", "", fewer.requests),
        figure(f"{scale.fewer:,} incidents: time", "s", fewer.seconds),
        figure(f"{scale.fewer:,} incidents: peak memory", "MB", [fewer.peak_mb]),
        figure("no incident: time", "s", none.seconds),
        figure("no incident: peak memory", "MB", [none.peak_mb]),
        _growth("time", many.seconds, fewer.seconds, scale),
    ]
    return Report("notify_teams with nothing to tell, on Azurite", figures)


def _growth(what: str, many: list[float], fewer: list[float], scale: Scale) -> Figure:
    return ratio(f"{what}, {scale.incidents // scale.fewer} times the incidents", many, fewer)


def measure(count: int, runs: int) -> Cost:
    """A storage with `count` incidents in it, and the job over it in another process."""
    with start_azurite() as azurite:
        seed(azurite.connection_string, count)
        found = found_by("bench.notify_runs", runs, fleet.NOW.isoformat(), BENCH_STORAGE=azurite.connection_string)
    return Cost(**found)


def seed(storage: str, count: int) -> None:
    """Failing incidents with their messages, as the receiver writes them, and that the channel knows of all."""
    table = table_client(Storage(storage))
    store = TableStore(table)
    store.create()
    incidents = fleet.incidents(count)
    rows = _Rows()
    for one in incidents:
        TableStore(rows).save(one, None)  # type: ignore[arg-type]  # a table that keeps what it is given
    for some in batched(rows.kept, TRANSACTION):
        table.submit_transaction([("create", row) for row in some])
    told = {incident_key(one.subject): fleet.told(one) for one in incidents}
    store.record(Ledger({"default": ChannelState(last_post_at=fleet.NOW)}, {}, swept_at=fleet.NOW), told)


class _Rows:
    """A table that only keeps, so that rows are the product's own and yet go to the storage by the hundred."""

    def __init__(self) -> None:
        self.kept: list[Mapping[str, Any]] = []

    def create_entity(self, row: Mapping[str, Any]) -> None:
        self.kept.append(row)
