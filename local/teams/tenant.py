"""Calls in; answers, posts and run history out: the flows of one tenant, and the connections that they share.

No sockets. Safe for several threads; time comes from the clock that is passed in.
"""

from __future__ import annotations

import base64
import hashlib
import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from local.teams.faults import Fault, Script
from local.teams.flow import Run, failure
from local.teams.pacing import Limits, Window
from local.teams.trigger import QUEUED, Answer, attachments, not_found, refusal, too_many


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it came. Status 0: the connection was reset instead of an answer."""

    channel: str
    at: datetime
    status: int
    body: bytes = field(repr=False)


class Flow:
    """One webhook. Its id and signature follow from its name, so that settings written down once stay right."""

    def __init__(self, channel: str, connection: str, limits: Limits) -> None:
        digest = hashlib.sha256(f"flow/{channel}".encode()).digest()
        self.channel = channel
        self.connection = connection
        self.id = digest.hex()[:32]
        self.signature = base64.urlsafe_b64encode(hashlib.sha256(digest).digest()).decode().rstrip("=")
        self.calls = Window(limits.calls)
        self.called = 0
        self.script: Script = lambda number: None


class Tenant:
    """All flows by id, and what became of every call."""

    def __init__(self, channels: Mapping[str, str], limits: Limits, clock: Callable[[], datetime]) -> None:
        flows = [Flow(channel, connection, limits) for channel, connection in channels.items()]
        self.flows = {flow.id: flow for flow in flows}
        self.by_channel = {flow.channel: flow for flow in flows}
        self.connections = {flow.connection: Window(limits.posts) for flow in flows}
        self.limits = limits
        self.runs: list[Run] = []
        self.calls: list[Call] = []
        self.changed = threading.Condition()
        self.hanging = 0  # calls that have been read whole and are kept waiting
        self._gate = threading.Event()
        self._clock = clock

    def next_fault(self, flow_id: str) -> Fault:
        """What the test wants of this call. Counts the call."""
        with self.changed:
            if (flow := self.flows.get(flow_id)) is None:
                return Fault()
            flow.called += 1
            return flow.script(flow.called) or Fault()

    def hang(self, seconds: float, *, unless: Callable[[], bool]) -> None:
        """Keep a call waiting, until all are let go at the latest."""
        with self.changed:
            gate = self._gate
            self.hanging += 1
            self.changed.notify_all()
        if not unless():  # asked after the gate was taken: who lets go and never again is not missed
            gate.wait(seconds)
        with self.changed:
            self.hanging -= 1

    def let_go(self) -> None:
        """Calls that hang go on; later ones hang again."""
        with self.changed:
            gate, self._gate = self._gate, threading.Event()
        gate.set()

    def invoke(self, flow_id: str, query: str, authorization: str | None, body: bytes) -> Answer:
        """The trigger's answer. Runs follow at once, where in life they follow soon."""
        with self.changed:
            if (flow := self.flows.get(flow_id)) is None:
                return not_found(flow_id)
            now = self._clock()
            if (answer := refusal(flow.signature, query, authorization)) is not None:
                return answer
            if (wait := flow.calls.take(now)) is not None:
                return too_many(math.ceil(wait.total_seconds()))
            cards = attachments(body)
            if isinstance(cards, Answer):
                return cards
            for attachment in cards:
                self._run(flow, attachment, now)
            return QUEUED

    def record(self, flow_id: str, status: int, body: bytes) -> None:
        """Keep the call for the test to read; calls to unknown flows are kept under no name."""
        with self.changed:
            flow = self.flows.get(flow_id)
            self.calls.append(Call(flow.channel if flow else "", self._clock(), status, body))
            self.changed.notify_all()

    def spent(self) -> dict[str, int]:
        """Posts within the window, per connection."""
        with self.changed:
            now = self._clock()
            return {connection: window.used(now) for connection, window in self.connections.items()}

    def _run(self, flow: Flow, attachment: object, now: datetime) -> None:
        error = failure(attachment, now, self.connections[flow.connection], self.limits.message_bytes)
        card = attachment.get("content") if isinstance(attachment, dict) else attachment
        self.runs.append(Run(len(self.runs) + 1, flow.channel, now, card, error))
        self.changed.notify_all()
