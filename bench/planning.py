"""All incidents of a fleet in; the processor time of reading them from their rows, and of deciding what to post, out."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from bench import fleet
from bench.figure import Report, figure, in_turn
from bench.scale import Scale
from shared.adapters.incident_json import decode_incident, encode_incident
from shared.core.plan import Policy, plan
from shared.core.routing import Routing
from shared.core.told import Ledger, Tracked


def run(scale: Scale) -> Report:
    """Nothing to tell, the ordinary run; everything to tell, the worst one."""
    incidents = fleet.incidents(scale.incidents)
    rows = [encode_incident(one) for one in incidents]
    known = [Tracked(one.key, one.incident, fleet.told(one.incident)) for one in fleet.untold(incidents)]
    measures = {
        "plan, nothing to tell": _timed(lambda: posts(known), 0),
        "plan, nobody was told of anything": _timed(lambda: posts(fleet.untold(incidents)), min(fleet.OBJECTS, len(incidents))),
        "decode every row": _timed(lambda: len(list(map(decode_incident, rows))), len(rows)),
    }
    samples = in_turn(scale.runs, measures)
    return Report(
        f"{scale.incidents:,} incidents: processor time", [figure(name, "ms", some) for name, some in samples.items()]
    )


def posts(tracked: Sequence[Tracked]) -> int:
    """How many posts there are to make."""
    return len(plan(tracked, Routing(), Ledger(), {}, fleet.NOW, Policy()).posts)


def _timed(work: Callable[[], int], expected: int) -> Callable[[], float]:
    def measure() -> float:
        begin = time.process_time()
        result = work()
        spent = time.process_time() - begin
        assert result == expected, f"{result} instead of {expected}"
        return spent * 1e3

    return measure
