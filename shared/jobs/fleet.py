"""Everything that is remembered in; the fleet as one JSON value out.

Law: what is shown is what notify decides by: the same states, at the same moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shared.core.card_links import Links
from shared.core.fleet_known import know
from shared.core.fleet_summary import Sweeps
from shared.core.fleet_view import view
from shared.core.plan import Plan, Policy, plan
from shared.core.routing import Routing
from shared.core.told import ChannelState, Ledger, Tracked
from shared.ports import Archive, Board, Clock, FleetBook, Journal

type Json = dict[str, Any]

LATEST = 30  # incidents that are over, on a page
RECENT = timedelta(hours=1)  # longer than flapping and folding look back


@dataclass(frozen=True, slots=True)
class Fleet:
    """The job. `sweeps` are the jobs that are switched on."""

    archive: Archive
    board: Board
    book: FleetBook
    journal: Journal
    clock: Clock
    routing: Routing = field(default_factory=Routing)
    policy: Policy = field(default_factory=Policy)
    links: Links = field(default_factory=Links)
    sweeps: frozenset[str] = frozenset()

    def __call__(self, query: Mapping[str, str] | None = None, *, page: bool = False) -> Json:
        """`query` is the request's: q, subscription, state, cluster, cause. Times are ISO 8601 in UTC, null for none.

        A `page` shows only the latest of what is over. Raises `StoreUnavailable`.
        """
        now = self.clock.now()
        ledger, mutes = self.board.ledger(now)
        tracked = self.archive.incidents()
        known = know(tracked, self.book.inventory(), mutes, now, self.policy)
        lively = [one for one in tracked if _lively(one, now)]
        todo = plan(lively, self.routing, ledger, mutes, now, self.policy)
        channels = [_channel(name, ledger, todo) for name in sorted(self.routing.connections)]
        sweeps = Sweeps(self.journal.runs(), self.sweeps)
        return view(known, query or {}, sweeps, channels, self.links, over=LATEST if page else None)


def _lively(one: Tracked, now: datetime) -> bool:
    """What notify looks at as well: see the port Board."""
    turned = one.incident.turned_at
    return one.incident.failing or one.told_open or (turned is not None and now - turned < RECENT)


def _channel(name: str, ledger: Ledger, todo: Plan) -> Json:
    state = ledger.channels.get(name, ChannelState())
    due = sum(len(post.told) for post in todo.posts if post.channel == name)
    return {
        "name": name,
        "state": "broken" if state.broken else "retrying" if state.failures else "ok",
        "last_post_at": state.last_post_at.isoformat() if state.last_post_at else None,
        "waiting": due + todo.waiting.get(name, 0),
        "error": state.error,
    }
