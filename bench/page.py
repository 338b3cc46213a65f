"""A simulated fleet in; how long the fleet page of it takes, and how large it is, as HTML and as JSON, out.

Law: what is shown is what the sweep stored, read from real storage; the page has its process to itself, as in bench/sweep.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench import fleet, sweep
from bench.figure import Figure, Report, figure
from bench.own_process import found_by
from bench.scale import Scale
from local.azure.process import AzureProcess
from local.azurite import start_azurite
from shared.adapters.table_client import Storage, table_client
from shared.adapters.tables import TableStore
from shared.core.told import ChannelState, Ledger

SECONDS, BYTES, MEMORY = 0.3, 1_500_000.0, 200.0
NAMES = {"html": "HTML", "json": "JSON"}

type Look = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """Of each format the first look and the `later` ones, each as `page_runs.Look`; `world` is what Azure held."""

    first: Mapping[str, Look]
    later: Sequence[Mapping[str, Look]]
    peak_mb: float
    world: Mapping[str, int]


def run(scale: Scale) -> Report:
    """The whole fleet without a filter."""
    shown = measure(scale.members, scale.failing, scale.runs)
    world = shown.world
    figures = [one for form in NAMES for one in _figures(form, shown)]
    figures += [figure("peak memory", "MB", [shown.peak_mb], target=MEMORY)]
    about = f"{world['clusters']:,} clusters, {world['objects']:,} objects, {world['failing']:,} failing"
    return Report(f"the fleet page over {about}, on Azurite", figures)


def measure(clusters: int, failing: int, runs: int) -> Shown:
    """The page of a fleet of that size, which has been swept."""
    with AzureProcess(clusters, sweep.OBJECTS, failing=failing) as azure, start_azurite() as azurite:
        sweep.measured(azure, azurite.connection_string, runs=0, taken=0)
        return measured(azure, azurite.connection_string, runs)


def measured(azure: AzureProcess, storage: str, runs: int) -> Shown:
    """The function over a storage that the sweep has filled. Azure is not asked: only for what it holds."""
    tell(storage)
    found, world = found_by("bench.page_runs", runs, **sweep.settings(azure, storage)), azure.account()["world"]
    for looks in (found["first"], *found["later"]):
        seen = {name: one["clusters"] for name, one in looks.items()}
        assert seen == dict.fromkeys(NAMES, world["clusters"]), f"the pages show {seen} clusters"
    return Shown(**found, world=world)


def tell(storage: str) -> int:
    """The channel knows of all that fails: the ordinary state, as in bench/notify.py. How many there are."""
    store = TableStore(table_client(Storage(storage)))
    known = {one.key: fleet.told(one.incident) for one in store.incidents()}
    store.record(Ledger({"default": ChannelState(last_post_at=fleet.NOW)}, {}, swept_at=fleet.NOW), known)
    return len(known)


def _figures(form: str, shown: Shown) -> Sequence[Figure]:
    name, looks = NAMES[form], [one[form] for one in shown.later]
    return [
        figure(f"{name}: time", "s", [one["seconds"] for one in looks], target=SECONDS),
        figure(f"{name}: own processor time", "s", [one["cpu"] for one in looks]),
        figure(f"{name}: time of a first look", "s", [shown.first[form]["seconds"]]),
        figure(f"{name}: size", "B", [one["size"] for one in looks], target=BYTES),
    ]
