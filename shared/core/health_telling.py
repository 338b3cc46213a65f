"""What the channels did, and what is true beside what was told, in; whether everybody hears what there is to hear, out.

Pure: time is an argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from shared.core.finding import Finding
from shared.core.headline import count
from shared.core.incident import Incident
from shared.core.plan import Policy, plan
from shared.core.routing import Routing
from shared.core.told import ChannelState, Ledger, Tracked

LATE = timedelta(minutes=5)  # something due is told within seconds, with the longest usual schedule within a minute

REMEDIES: Mapping[str, str] = {
    "WorkflowTriggerIsNotEnabled": "Turn the flow on again in Teams (Workflows), or make a new one and set its URL.",
    "WorkflowNotFound": "The flow was deleted or moved: make a new one and set its URL.",
    "MissingApiVersionParameter": "The webhook URL lost its query: set the whole URL, with sig= and api-version=.",
    "DirectApiRequestHasMoreThanOneAuthorization": "Set the flow's trigger to Anyone, or use a URL without sig=.",
    "TriggerInputSchemaMismatch": "The flow does not take Teams messages: use the template for webhook alerts.",
    "InvalidWebhookUrl": "The setting of this channel holds no address: set the whole URL of the flow.",
}
_WAIT = (
    "Nothing: it is tried again by itself. If it lasts, look at the way out of the app, and at Microsoft 365's service health."
)
_REMEDY = "Open the flow in Teams (Workflows) and look at its latest runs; if its owner has left, make a new one."
_NEVER = datetime.min.replace(tzinfo=UTC)
_RUN = "Look for notify_teams in the log: it does not run, or each run ends in an error."


def channels(names: Iterable[str], ledger: Ledger) -> list[Finding]:
    """One for each channel, by what its webhook last answered."""
    return [_channel(name, ledger.channels.get(name, ChannelState())) for name in sorted(names)]


def _channel(name: str, state: ChannelState) -> Finding:
    if not state.failures:
        return Finding(f"channel {name}", True)
    word = "broken" if state.broken else "retrying"
    remedy = REMEDIES.get(state.error, _REMEDY if state.broken else _WAIT)
    return Finding(f"channel {name}", False, f"{word}: {state.error}", remedy)


def telling(
    tracked: Sequence[Tracked],
    routing: Routing,
    ledger: Ledger,
    muted: Mapping[str, datetime],
    now: datetime,
    policy: Policy,
) -> Finding:
    """Late: what is due now was due `LATE` ago as well, and its channel is well. What waits its turn is not late."""
    earlier = now - LATE
    settled = [one for one in tracked if _changed(one.incident) <= earlier]
    late = _due(tracked, routing, ledger, muted, now, policy) & _due(settled, routing, ledger, muted, earlier, policy)
    if not late:
        return Finding("telling", True, "nothing is late")
    names = ", ".join(sorted({channel for channel, _ in late}))
    many = count(len({key for _, key in late}), "incident")
    return Finding("telling", False, f"late: {many} due for more than 5 min, and not told to {names}", _RUN)


def _due(
    tracked: Sequence[Tracked],
    routing: Routing,
    ledger: Ledger,
    muted: Mapping[str, datetime],
    now: datetime,
    policy: Policy,
) -> set[tuple[str, str]]:
    """(channel, key of the incident) of all that may be posted at that moment."""
    well = {name for name in routing.connections if not ledger.channels.get(name, ChannelState()).failures}
    posts = plan(tracked, routing, ledger, muted, now, policy).posts
    return {(post.channel, key) for post in posts if post.channel in well for key in post.told}


def _changed(incident: Incident) -> datetime:
    """When there was last something new to tell of it."""
    moments = (incident.opened_at, incident.turned_at, incident.cause_at, incident.due_at)
    return max((at for at in moments if at is not None), default=_NEVER)
