"""Everything that is known and what is asked for in; the fleet as one JSON value, which the page shows as well, out.

Pure: no I/O.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from shared.core.card_links import Links
from shared.core.fleet_causes import causes
from shared.core.fleet_filter import FIELDS, Asked
from shared.core.fleet_known import Known, Seen
from shared.core.fleet_rows import Json, cluster_row, incident_row, instructions, iso, order
from shared.core.fleet_summary import Sweeps, summary
from shared.core.incident import State

_EVER = datetime.min.replace(tzinfo=UTC)


def view(
    known: Known, query: Mapping[str, str], sweeps: Sweeps, channels: Sequence[Json], to: Links, over: int | None = None
) -> Json:
    """`summary`, `sweeps` and `channels` are of the whole fleet, the rest is what is asked for.

    `over` is how many of the incidents that are over are wanted, the latest ones; None: all. Incidents are the gravest first;
    those of one cluster that is asked for have `remedy`, `runbook_url` and `logs_url` besides.
    """
    asked = Asked.of(query, known)
    chosen, shown = asked.clusters(known), asked.incidents(known)
    past = sum(one.state is State.RESOLVED for one in shown)
    swept = sweeps.rows(known.now)
    alone = "cluster" in asked.values
    return {
        "generated_at": iso(known.now),
        "summary": summary(known, asked, swept, channels),
        "filters": {name: asked.values.get(name, "") for name in FIELDS} | {"choices": _choices(known)},
        "causes": causes(shown, known, to, muted=asked.values.get("state") == State.MUTED),
        "clusters": sorted((cluster_row(key, info, known, to) for key, info in chosen.items()), key=order),
        "incidents": [
            incident_row(one, known, to) | (instructions(one, to) if alone and one.state is not State.RESOLVED else {})
            for one in _latest(shown, over)
        ],
        "over": past,
        "sweeps": swept,
        "channels": list(channels),
    }


def _latest(shown: Sequence[Seen], over: int | None) -> Sequence[Seen]:
    """With only so many of those that are over."""
    if over is None:
        return shown
    past = [one for one in shown if one.state is State.RESOLVED]
    latest = heapq.nlargest(over, past, key=lambda one: (one.one.incident.resolved_at or _EVER, one.one.key))
    return [*(one for one in shown if one.state is not State.RESOLVED), *latest]


def _choices(known: Known) -> Json:
    """What the filters of the page offer: subscriptions by name, and the causes that something fails for."""
    subscriptions = {info.subscription_name or info.cluster.subscription for info in known.clusters.values()}
    failing = {one.cause.id: one.cause.title for some in known.failing.values() for one in some}
    by_title = sorted(failing.items(), key=lambda item: item[1])
    return {
        "subscription": sorted(subscriptions, key=str.lower),
        "cause": [{"id": id_, "title": title} for id_, title in by_title],
    }
