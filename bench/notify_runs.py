"""A seeded storage (BENCH_STORAGE), a number of runs and their moment in; what each run of notify_teams cost, as JSON, out.

Law: a process of its own, with the product's store and job and nothing else of weight, so that its memory can be read.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import datetime

from bench.counted_table import counted_table
from bench.own_process import peak_mb, told
from shared.adapters.tables import TableStore
from shared.core.card_elements import Element
from shared.core.delivery import Answer, Verdict
from shared.jobs.notify_teams import NotifyTeams
from shared.wiring_outside import SystemClock


class Ear:
    """Fits the port Channel; counts what it is told."""

    heard = 0

    def post(self, message: Element) -> Verdict:
        """See the port."""
        self.heard += 1
        return Verdict(Answer.TOLD)


class At(SystemClock):
    """Stands still at one moment."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        """See the port."""
        return self._moment


def main() -> None:
    """The first run of the process by itself, then as many as wanted."""
    runs, now = int(sys.argv[1]), datetime.fromisoformat(sys.argv[2])
    ear = Ear()
    table, transport = counted_table(os.environ["BENCH_STORAGE"])
    store = TableStore(table)
    notify = NotifyTeams(store, store, {"default": ear}, At(now))
    seconds, cpu, requests = list[float](), list[float](), list[int]()
    for _ in range(runs + 1):
        sent, begin, worked = transport.sent, time.perf_counter(), time.process_time()
        notify()
        seconds.append(time.perf_counter() - begin)
        cpu.append(time.process_time() - worked)
        requests.append(transport.sent - sent)
    warm = {"seconds": seconds[1:], "cpu": cpu[1:], "requests": requests[1:]}
    told(warm | {"first": seconds[0], "posts": ear.heard, "peak_mb": peak_mb()})


if __name__ == "__main__":
    main()
