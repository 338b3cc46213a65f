"""A simulated fleet in; what the keeping of its alert rules costs out: calls, time when Azure is slow, processor time, memory.

Law: Azure and the jobs are two processes; a slow Azure takes a second for each call, whatever the call is for.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from bench.cold_start import SETTINGS
from bench.figure import Figure, Report, figure, in_turn, ratio
from bench.own_process import found_by
from bench.scale import Scale
from local.azure import generate
from local.azure.event_schema import Change, Schema, encoded
from local.azure.generate import METRICS, RULES_GROUP, WORKSPACE
from local.azure.process import NO_FAULTS, AzureProcess
from shared.adapters.rule_files import shipped
from shared.core.action_group import Receiver, id_of
from shared.core.cluster import Cluster
from shared.core.desired_rules import desired
from shared.core.rule_estate import Estate, Member, Wanted, Workspace
from shared.core.rule_plan import plan

OBJECTS = 1  # Flux objects on each cluster: nobody here asks for them
CALLS, READS, SECONDS, MEMORY, GROWTH = 6, 3, 30.0, 200.0, 1.2
SLOW: Mapping[str, str] = MappingProxyType(dict.fromkeys(("graph", "arm", "rules", "rule-writes"), "a-second-late"))
SLOW_RUNS = 2
OWN = 10  # every so many clusters one has rules of its own, in the plans that are timed
CALLED = Wanted((METRICS,), (WORKSPACE,), id_of(RULES_GROUP), Receiver("https://fluxwatch.example", "the-key-of-a-benchmark"))

type Round = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """`first` met no rule, nothing had changed for the others. Each is as `rules_runs.Round`. `clusters` are those of Azure."""

    first: Round
    events: Sequence[Round]
    fleets: Sequence[Round]
    peak_mb: float
    clusters: int


def run(scale: Scale) -> Report:
    """A quick Azure for calls, processor time and memory, a slow one for time; the plan by itself."""
    quick = measure(scale.members, scale.runs, scale.runs)
    slow = measure(scale.members, min(scale.runs, SLOW_RUNS), 1, faults=SLOW)
    figures = [*_calls(quick), *_times(slow), *_costs(quick), *plans(scale)]
    return Report(f"keeping the {quick.first['written']} alert rules of {quick.clusters:,} clusters", figures)


def measure(clusters: int, events: int, fleets: int, *, faults: Mapping[str, str] = NO_FAULTS) -> Kept:
    """A first event, and so many more events and looks at the fleet."""
    with AzureProcess(clusters, OBJECTS, faults=faults) as azure:
        settings = {**SETTINGS, **azure.settings, "AzureWebJobsStorage": "UseDevelopmentStorage=true"}
        found = found_by("bench.rules_runs", json.dumps(event(clusters)), events, fleets, **settings)
        kept = Kept(**found, clusters=azure.account()["world"]["clusters"])
    assert kept.first["written"] > 0, "a first event wrote nothing"
    for one in (kept.first, *kept.events, *kept.fleets):
        assert not one["findings"], f"found {one['findings']}"
    return kept


def event(clusters: int) -> dict[str, Any]:
    """That the extension of some cluster of that fleet was written. The same numbers make the same fleet."""
    member = next(iter(generate(clusters, OBJECTS).members.values()))
    return encoded([Change(member.extension_id, False, datetime(2026, 11, 20, 8, 0, tzinfo=UTC), 1)], Schema.EVENT_GRID)[0]


def plans(scale: Scale) -> list[Figure]:
    """Of a fleet as it shall be, and of one of a tenth: what shall be, what is in, and that there is nothing to do."""
    sizes = {"few": scale.fewer_members, "many": scale.members}
    samples = in_turn(scale.runs, {name: _planned(size) for name, size in sizes.items()})
    growth = f"the same, {scale.members // scale.fewer_members} times as many clusters"
    return [
        figure("processor time of a cluster's plan", "us", samples["many"]),
        ratio(growth, samples["many"], samples["few"], target=GROWTH),
    ]


def estate(clusters: int) -> Estate:
    """As Azure shows it: one workspace of each sort, and some clusters with rules of their own."""
    subscription = RULES_GROUP.split("/")[2]
    fleet = [Cluster.of(subscription, "rg-fleet", "managedClusters", f"aks-{number:04}") for number in range(clusters)]
    tags = [{"fluxwatch-alert-rules": "own"} if number % OWN == 0 else {} for number in range(clusters)]
    members = {one.key: Member(one, "westeurope", some, "flux") for one, some in zip(fleet, tags, strict=True)}
    return Estate(members, {id_.lower(): Workspace(id_, "westeurope") for id_ in (METRICS, WORKSPACE)})


def _planned(clusters: int) -> Callable[[], float]:
    known, shown = shipped(), estate(clusters)
    actual = desired(known, CALLED, shown).rules

    def measured() -> float:
        begin = time.process_time()
        want = desired(known, CALLED, shown)
        made = plan(want.rules, actual, want.spares)
        spent = time.process_time() - begin
        assert not made.writes, f"{len(made.writes)} writes where all is as it shall be"
        assert len(made.steps) > clusters / OWN, f"only {len(made.steps)} rules for {clusters} clusters"
        return spent / clusters * 1e6

    return measured


def reads(one: Round) -> int:
    """Of Resource Manager; Resource Graph is another."""
    return int(one["calls"].get("arm", 0) + one["calls"].get("rules", 0))


def writes(one: Round) -> int:
    """That arrived, whatever became of them."""
    return int(one["calls"].get("rule-writes", 0))


def asked(one: Round) -> int:
    """Of Resource Manager and Resource Graph together: all but tokens."""
    return sum(count for kind, count in one["calls"].items() if kind != "token")


def _calls(quick: Kept) -> Iterator[Figure]:
    yield figure("calls for the fleet, nothing changed", "", map(asked, quick.fleets), target=CALLS)
    yield figure("writes for the fleet, nothing changed", "", map(writes, quick.fleets), target=0)
    yield figure("reads for an event, nothing changed", "", map(reads, quick.events), target=READS)
    graph = [one["calls"].get("graph", 0) for one in quick.events]
    yield figure("questions to Resource Graph for an event", "", graph)
    yield figure("writes for an event, nothing changed", "", map(writes, quick.events), target=0)
    yield figure("writes for a first event", "", [writes(quick.first)], target=quick.first["written"])


def _times(slow: Kept) -> Iterator[Figure]:
    seconds = [one["seconds"] for one in slow.events]
    yield figure("a first event, 1 s a call", "s", [slow.first["seconds"]], target=SECONDS)
    yield figure("an event, nothing changed, 1 s a call", "s", seconds, target=SECONDS)
    yield figure("the fleet, nothing changed, 1 s a call", "s", [one["seconds"] for one in slow.fleets])


def _costs(quick: Kept) -> Iterator[Figure]:
    yield figure("own processor time of a first event", "s", [quick.first["cpu"]])
    yield figure("own processor time of an event", "s", [one["cpu"] for one in quick.events])
    yield figure("own processor time for the fleet", "s", [one["cpu"] for one in quick.fleets])
    yield figure("time of an event, nothing changed", "s", [one["seconds"] for one in quick.events])
    yield figure("peak memory", "MB", [quick.peak_mb], target=MEMORY)
