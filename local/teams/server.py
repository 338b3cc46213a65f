"""Names of channels in; a running Teams to post to, and to look at, out.

What tests and the demo use. It listens on 127.0.0.1 only.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from local.teams.faults import Fault, Script, script
from local.teams.flow import Post, Run
from local.teams.pacing import REAL, Limits
from local.teams.tenant import Call, Tenant
from local.teams.wire import Listener


def wall_clock() -> datetime:
    """Now, aware."""
    return datetime.now(UTC)


class TeamsServer:
    """Channels by name, each with the connection (a person's account) that its flow posts with. Also a context manager."""

    def __init__(
        self,
        channels: Mapping[str, str],
        port: int = 0,
        *,
        limits: Limits = REAL,
        clock: Callable[[], datetime] = wall_clock,
    ) -> None:
        self._tenant = Tenant(channels, limits, clock)
        self._port = port
        self._listener: Listener | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Listen, in a thread. Port 0 takes any free one."""
        self._listener = Listener(self._port, self._tenant)
        self._thread = threading.Thread(target=self._listener.serve_forever, kwargs={"poll_interval": 0.01}, name="teams")
        self._thread.daemon = True
        self._thread.start()
        return self

    def stop(self) -> None:
        """Close the socket and every connection; hanging calls end. Posts and runs stay readable."""
        if self._listener and self._thread:
            self._listener.shutdown()
            self._listener.hang_up()
            self._listener.server_close()
            self._thread.join()
            self._listener = None

    def __enter__(self) -> Self:
        return self if self._listener else self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    @property
    def page_url(self) -> str:
        """The page. Raises `RuntimeError` before `start`."""
        if self._listener is None:
            raise RuntimeError("the Teams server is not running")
        return f"http://127.0.0.1:{self._listener.server_address[1]}/"

    def url(self, channel: str) -> str:
        """The webhook of a channel, shaped as Power Automate shapes it. The whole of it is the credential."""
        flow = self._tenant.by_channel[channel]
        return (
            f"{self.page_url}workflows/{flow.id}/triggers/manual/paths/invoke"
            f"?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig={flow.signature}"
        )

    @property
    def runs(self) -> list[Run]:
        """Every run, posted and failed, in order."""
        with self._tenant.changed:
            return list(self._tenant.runs)

    @property
    def calls(self) -> list[Call]:
        """Every request to a webhook, whatever became of it."""
        with self._tenant.changed:
            return list(self._tenant.calls)

    def posts(self, channel: str | None = None) -> list[Post]:
        """What people see: in one channel, or in all."""
        return [
            Post(run.channel, run.received_at, run.card)
            for run in self.runs
            if not run.error and channel in {None, run.channel}
        ]

    def fail(self, channel: str, faults: Sequence[Fault | None] | Script) -> None:
        """The next calls go wrong: one fault per call, None for a good one; or a function of the call's number, from 1."""
        with self._tenant.changed:
            flow = self._tenant.by_channel[channel]
            flow.script = script(faults, after=flow.called)

    @property
    def hanging(self) -> int:
        """Calls that a fault keeps waiting: each has been read to its end, so its caller may die."""
        return self._tenant.hanging

    def let_go(self) -> None:
        """Calls that hang go on at once."""
        self._tenant.let_go()

    def wait_for(self, happened: Callable[[TeamsServer], object], timeout: float = 10) -> bool:
        """Sleep until `happened(self)`, looking again after every call and run; False if `timeout` seconds went by."""
        with self._tenant.changed:
            return bool(self._tenant.changed.wait_for(lambda: happened(self), timeout))
