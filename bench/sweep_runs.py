"""A storage (BENCH_STORAGE), an Azure (its settings) and a number of runs in; what each sweep_compliance cost, as JSON, out.

Law: a process of its own with the product's job, clients and store; Azure and storage are others. Before the last run some rows
are taken away, which it has to write again: that is what has changed.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench.counted_table import CountedTable, Counting, counted_table
from bench.own_process import peak_mb, told
from shared.adapters.resource_graph import GraphClient
from shared.adapters.tables import PARTITION, TableStore
from shared.core.finding import Run
from shared.wiring import App


@dataclass(frozen=True, slots=True)
class Sweep:
    """One run. `written` are rows by kind, `rows` what Resource Graph gave by query, `counts` what the run says of itself."""

    seconds: float
    cpu: float
    requests: int  # to storage
    written: Mapping[str, int]
    rows: Mapping[str, int]
    counts: Mapping[str, int]
    findings: Sequence[str]


class Counted:
    """Fits the port ResourceGraph; counts the rows that come."""

    def __init__(self, graph: GraphClient) -> None:
        self._graph, self.rows = graph, Counter[str]()

    def ask(self, query: str) -> Sequence[Mapping[str, Any]]:
        """See the port."""
        found = self._graph.ask(query)
        self.rows[query] += len(found)
        return found


def main() -> None:
    """A first run, as many as wanted over what has not changed, and one over what has."""
    runs, page, taken = (int(argument) for argument in sys.argv[1:4])
    app = App(os.environ)
    table, transport = counted_table(os.environ["BENCH_STORAGE"])
    graph = Counted(GraphClient(app.azure, app.settings.azure.scope, app.clock, page=page))
    app.graph, app.store = graph, TableStore(table)  # made beforehand, so that they can be read; the root makes the rest
    measure = _Measure(app.sweep_compliance, graph, table, transport)
    first, same = measure(), [measure() for _ in range(runs)]
    gone = take_away(table, taken)
    changed = measure()
    told(
        {"first": asdict(first), "same": [asdict(one) for one in same], "changed": asdict(changed)}
        | {"gone": gone, "peak_mb": peak_mb()}
    )


@dataclass(frozen=True, slots=True)
class _Measure:
    """The job with everything that counts what it does."""

    job: Callable[[], Run]
    graph: Counted
    table: CountedTable
    transport: Counting

    def __call__(self) -> Sweep:
        self.graph.rows.clear()
        self.table.written.clear()
        sent, begin, worked = self.transport.sent, time.perf_counter(), time.process_time()
        run = self.job()
        seconds, cpu = time.perf_counter() - begin, time.process_time() - worked
        written, rows = dict(self.table.written), dict(self.graph.rows)
        said = [f"{one.name}: {one.detail}" for one in run.findings]
        return Sweep(seconds, cpu, self.transport.sent - sent, written, rows, dict(run.counts), said)


def take_away(table: CountedTable, count: int) -> int:
    """Up to so many rows of clusters, and as many of incidents; how many there were."""
    wanted = f"PartitionKey eq '{PARTITION}' and RowKey lt 'run:'"
    keys = sorted(row["RowKey"] for row in table.query_entities(wanted, select=["RowKey"]))
    kinds = ([key for key in keys if key.startswith(kind)][:count] for kind in ("cluster:", "incident:"))
    chosen = [key for some in kinds for key in some]
    for key in chosen:
        table.delete_entity(PARTITION, key)
    return len(chosen)


if __name__ == "__main__":
    main()
