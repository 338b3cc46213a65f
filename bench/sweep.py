"""A simulated fleet in; what sweep_compliance over it costs out: calls, processor time, memory, writes.

Law: Azure, storage and the sweep are three processes; what it takes to simulate Azure is in no figure but that of the time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from bench.cold_start import SETTINGS
from bench.figure import Figure, Report, figure, ratio
from bench.own_process import found_by
from bench.scale import Scale
from local.azure.process import AzureProcess
from local.azurite import start_azurite
from shared.adapters.resource_graph import PAGE

OBJECTS = 20  # Flux objects on each cluster
SECONDS, MEMORY, GROWTH = 2.0, 200.0, 1.2  # of processor; MB; times the time of an object in a smaller fleet
TAKEN = 7  # rows of clusters, and of incidents, that are taken away before the last sweep

type Sweep = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Swept:
    """`first` met an empty storage, nothing had changed for `same`, `gone` rows were missing for `changed`. Each is as
    `sweep_runs.Sweep`. `asked` are the calls of all of them by query, `world` is what Azure held.
    """

    first: Sweep
    same: Sequence[Sweep]
    changed: Sweep
    gone: int
    peak_mb: float
    asked: Mapping[str, int]
    world: Mapping[str, int]

    @property
    def sweeps(self) -> int:
        """How many there were."""
        return len(self.same) + 2


def run(scale: Scale) -> Report:
    """A fleet, and one of a tenth of it."""
    fewer = measure(scale.fewer_members, scale.failing // 10, scale.runs)
    many = measure(scale.members, scale.failing, scale.runs)
    objects = many.world["objects"]
    about = f"sweep_compliance over {many.world['clusters']:,} clusters, {objects:,} objects, {many.world['failing']:,} failing"
    growth = ratio(
        f"processor time of an object, {objects // fewer.world['objects']} times as many",
        each_object(many),
        each_object(fewer),
        target=GROWTH,
    )
    return Report(about, [*_calls(many), *_costs(many), *_writes(many), growth])


def measure(clusters: int, failing: int, runs: int) -> Swept:
    """The sweep over a fleet of that size, from an empty storage on."""
    with AzureProcess(clusters, OBJECTS, failing=failing) as azure, start_azurite() as azurite:
        return measured(azure, azurite.connection_string, runs)


def measured(azure: AzureProcess, storage: str, runs: int, *, page: int = PAGE, taken: int = TAKEN) -> Swept:
    """A first sweep, `runs` more over the same, and one over what has changed. `page`: rows that are asked for at a time."""
    found = found_by("bench.sweep_runs", runs, page, taken, **settings(azure, storage))
    account = azure.account()
    swept = Swept(**found, asked=account["asked"], world=account["world"])
    for one in (swept.first, *swept.same, swept.changed):
        seen = {name: one["counts"].get(name) for name in swept.world}
        assert seen == swept.world, f"the sweep saw {seen} of {swept.world}"
        assert not one["findings"], f"the sweep found {one['findings']}"
    return swept


def settings(azure: AzureProcess, storage: str) -> dict[str, str]:
    """Of an app that has both."""
    return {**SETTINGS, **azure.settings, "AzureWebJobsStorage": storage, "BENCH_STORAGE": storage}


def each_object(swept: Swept) -> list[float]:
    """Microseconds of processor for an object, of each sweep over the same."""
    return [one["cpu"] / swept.world["objects"] * 1e6 for one in swept.same]


def pages(rows: int, page: int = PAGE) -> int:
    """Calls that so many rows take: one also where there is none."""
    return max(1, ceil(rows / page))


def rows_written(one: Sweep) -> int:
    """Without the record of the run, which each sweep leaves."""
    return sum(rows for kind, rows in one["written"].items() if kind != "run")


def _calls(swept: Swept) -> Iterator[Figure]:
    for query, rows in sorted(swept.first["rows"].items()):
        calls = swept.asked[query] / swept.sweeps
        yield figure(f"calls of {query}, {rows:,} rows", "", [calls], target=pages(rows))


def _costs(swept: Swept) -> Sequence[Figure]:
    return [
        figure("own processor time", "s", [one["cpu"] for one in swept.same], target=SECONDS),
        figure("own processor time of a first sweep", "s", [swept.first["cpu"]]),
        figure("own processor time of one object", "us", each_object(swept)),
        figure("time", "s", [one["seconds"] for one in swept.same]),
        figure("peak memory", "MB", [swept.peak_mb], target=MEMORY),
        figure("storage requests", "", [one["requests"] for one in swept.same]),
    ]


def _writes(swept: Swept) -> Sequence[Figure]:
    """As many as changes, no fewer and no more: fewer is an error, more is over."""
    new = swept.world["clusters"] + swept.world["failing"]
    for one, changes in ((swept.first, new), (swept.changed, swept.gone)):
        assert rows_written(one) >= changes, f"{rows_written(one)} rows written for {changes} changes"
    return [
        figure("rows written, nothing changed", "", [rows_written(one) for one in swept.same], target=0),
        figure(f"rows written, {swept.gone} changes", "", [rows_written(swept.changed)], target=swept.gone),
        figure(f"rows written, {new} changes (a first sweep)", "", [rows_written(swept.first)], target=new),
        figure("records of the run", "", [one["written"]["run"] for one in swept.same], target=1),
    ]
