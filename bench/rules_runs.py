"""An Azure (its settings), an event and numbers of runs in; what the jobs of alert rules cost, as JSON, out.

Law: a process of its own with the product's jobs and clients; Azure is another. Only the journal of runs is a dictionary.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.request import urlopen

from bench.own_process import peak_mb, told
from shared.core.finding import Finding, Run
from shared.wiring import App


@dataclass(frozen=True, slots=True)
class Round:
    """One event, or one look at the fleet. `calls` by kind, as they arrive; `written` are rules."""

    seconds: float
    cpu: float
    calls: Mapping[str, int]
    written: int
    findings: Sequence[str]


class Memory:
    """Fits the port Journal."""

    def __init__(self) -> None:
        self._runs = dict[str, Run]()

    def runs(self) -> Mapping[str, Run]:
        """See the port."""
        return self._runs

    def put_run(self, run: Run) -> None:
        """See the port."""
        self._runs[run.job] = run


def main() -> None:
    """A first event, as many as wanted when all rules are there, and as many looks at the whole fleet."""
    event, events, fleets = (json.loads(argument) for argument in sys.argv[1:4])
    app = App(os.environ)
    app.store = Memory()  # made beforehand; the root makes the rest

    def ensure() -> tuple[int, Sequence[Finding]]:
        plan = app.ensure_alert_rules(event)
        return len(plan.writes), plan.findings

    def reconcile() -> tuple[int, Sequence[Finding]]:
        run = app.reconcile_alert_rules()
        return sum(run.counts[name] for name in ("created", "updated", "deleted")), run.findings

    first = measure(ensure)
    same, fleet = [measure(ensure) for _ in range(events)], [measure(reconcile) for _ in range(fleets)]
    told({"first": asdict(first), "events": [*map(asdict, same)], "fleets": [*map(asdict, fleet)], "peak_mb": peak_mb()})


def measure(job: Callable[[], tuple[int, Sequence[Finding]]]) -> Round:
    """What it wrote and found, and what that took."""
    before, begin, worked = calls(), time.perf_counter(), time.process_time()
    written, findings = job()
    seconds, cpu = time.perf_counter() - begin, time.process_time() - worked
    return Round(seconds, cpu, dict(calls() - before), written, [f"{one.name}: {one.detail}" for one in findings])


def calls() -> Counter[str]:
    """That Azure counted so far, by kind."""
    with urlopen(f"{os.environ['AZURE_RESOURCE_MANAGER_ENDPOINT']}/simulation", timeout=10) as answer:  # noqa: S310 - our own
        account: dict[str, Any] = json.load(answer)
    return Counter(account["calls"])


if __name__ == "__main__":
    main()
