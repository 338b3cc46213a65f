"""Everything that is remembered in; the fleet as one JSON value out.

Law: what is shown is what notify decides by: the same states, at the same moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.core.incident import Flap, State, state_of
from shared.core.plan import Plan, Policy, plan
from shared.core.routing import Routing
from shared.core.told import ChannelState, Ledger, Tracked
from shared.ports import Archive, Board, Clock

type Json = dict[str, Any]

_ORDER = {State.OPEN: 0, State.FLAPPING: 1, State.HELD: 2, State.MUTED: 3, State.RESOLVED: 4}


@dataclass(frozen=True, slots=True)
class Fleet:
    """The job."""

    archive: Archive
    board: Board
    clock: Clock
    routing: Routing = field(default_factory=Routing)
    policy: Policy = field(default_factory=Policy)

    def __call__(self, asked: Mapping[str, str] | None = None) -> Json:
        """Times are ISO 8601 in UTC, null where there is none. Raises `StoreUnavailable`."""
        now = self.clock.now()
        ledger, muted = self.board.ledger(now)
        known = self.archive.incidents()
        todo = plan(known, self.routing, ledger, muted, now, self.policy)
        rows = [_incident(one, now, muted, self.policy.flap) for one in known]
        rows.sort(key=lambda row: (_ORDER[row["state"]], row["cluster_id"], row["kind"], row["namespace"], row["name"]))
        channels = [_channel(name, ledger, todo) for name in sorted(self.routing.connections)]
        return {"generated_at": _iso(now), "incidents": rows, "channels": channels}


def _incident(one: Tracked, now: datetime, muted: Mapping[str, datetime], flap: Flap) -> Json:
    incident, subject = one.incident, one.incident.subject
    until = muted.get(subject.cluster.key)
    return {
        "cluster": subject.cluster.name,
        "cluster_id": subject.cluster.arm_id,
        "kind": subject.kind,
        "namespace": subject.namespace,
        "name": subject.name,
        "state": state_of(incident, now, muted=until is not None and now < until, flap=flap),
        "severity": incident.severity,
        "reason": incident.reason,
        "cause": incident.cause,
        "fingerprint": incident.fingerprint,
        "message": incident.message,
        "revision": incident.revision,
        "count": incident.count,
        "opened_at": _iso(incident.opened_at),
        "last_seen_at": _iso(incident.last_seen_at),
        "resolved_at": _iso(incident.resolved_at),
        "told_at": _iso(max((told.at for told in one.told.values()), default=None)),
    }


def _channel(name: str, ledger: Ledger, todo: Plan) -> Json:
    state = ledger.channels.get(name, ChannelState())
    due = sum(len(post.told) for post in todo.posts if post.channel == name)
    return {
        "name": name,
        "state": "broken" if state.broken else "retrying" if state.failures else "ok",
        "last_post_at": _iso(state.last_post_at),
        "waiting": due + todo.waiting.get(name, 0),
        "error": state.error,
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
