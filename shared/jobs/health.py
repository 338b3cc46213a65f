"""Settings, store and channels in; whether all is well, and what to do where it is not, out.

Law: it always answers, above all when everything else does not work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.core.finding import Finding
from shared.core.routing import Routing
from shared.core.told import ChannelState
from shared.ports import Board, Clock, StoreUnavailable

type Json = dict[str, Any]

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


@dataclass(frozen=True, slots=True)
class Health:
    """The job. `faults` are those of the settings; with any, there may be no board. `scheduled`: notify_teams can run."""

    clock: Clock
    routing: Routing
    board: Callable[[], Board]
    faults: Sequence[str] = ()
    scheduled: bool = True

    def __call__(self) -> Json:
        """`status` is ok, degraded (a channel) or failing (settings or store)."""
        settings = [Finding("settings", False, fault, "Correct the app setting.") for fault in self.faults]
        found = settings or [Finding("settings", True), *self._schedule(), *self._storage()]
        fatal = any(not one.ok for one in found if not one.name.startswith("channel"))
        status = "failing" if fatal else "ok" if all(one.ok for one in found) else "degraded"
        return {"status": status, "checks": [one.as_json() for one in found]}

    def _schedule(self) -> list[Finding]:
        remedy = "Set it, for example to */10 * * * * *: without it the host does not run notify_teams, and nothing is told."
        return [] if self.scheduled else [Finding("schedule", False, "NOTIFY_SCHEDULE is missing", remedy)]

    def _storage(self) -> list[Finding]:
        try:
            ledger, _ = self.board().ledger(self.clock.now())
        except StoreUnavailable as fault:
            remedy = "Check AzureWebJobsStorage; the identity needs Storage Table Data Contributor on the account."
            return [Finding("store", False, str(fault), remedy)]
        channels = [_channel(name, ledger.channels.get(name, ChannelState())) for name in sorted(self.routing.connections)]
        return [Finding("store", True), *channels]


def _channel(name: str, state: ChannelState) -> Finding:
    if not state.failures:
        return Finding(f"channel {name}", True)
    word = "broken" if state.broken else "retrying"
    return Finding(
        f"channel {name}", False, f"{word}: {state.error}", REMEDIES.get(state.error, _REMEDY if state.broken else _WAIT)
    )
