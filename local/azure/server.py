"""A world in; a running Azure to ask about it, with the settings that point Fluxwatch at it, out.

What tests, the demo and benchmarks use. It listens on 127.0.0.1 only.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from local.azure.cloud import Cloud
from local.azure.faults import Faults
from local.azure.generate import RULES_GROUP
from local.azure.resource_graph import Limits
from local.azure.rules import Rules
from local.azure.wire import Listener
from local.azure.world import World


def wall_clock() -> datetime:
    """Now, aware."""
    return datetime.now(UTC)


class AzureServer:
    """A context manager. The world may change while it runs; `faults` and `limits` too."""

    def __init__(self, world: World, port: int = 0, *, clock: Callable[[], datetime] = wall_clock) -> None:
        self.world = world
        self._cloud = Cloud(world, clock)
        self._port = port
        self._listener: Listener | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Listen, in a thread. Port 0 takes any free one."""
        self._listener = Listener(self._port, self._cloud)
        self._thread = threading.Thread(target=self._listener.serve_forever, kwargs={"poll_interval": 0.01}, name="azure")
        self._thread.daemon = True
        self._thread.start()
        return self

    def stop(self) -> None:
        """Close the socket and every connection; hanging calls end. What was counted stays readable."""
        if self._listener and self._thread:
            self._listener.shutdown()
            self._listener.hang_up()
            self._listener.server_close()
            self._thread.join()
            self._cloud.close()
            self._listener = None

    def __enter__(self) -> Self:
        return self if self._listener else self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Without a slash at the end. Raises `RuntimeError` before `start`."""
        if self._listener is None:
            raise RuntimeError("the simulated Azure is not running")
        return f"http://127.0.0.1:{self._listener.server_address[1]}"

    @property
    def settings(self) -> Mapping[str, str]:
        """App settings, and what the platform sets for a managed identity."""
        return {
            "AZURE_RESOURCE_MANAGER_ENDPOINT": self.url,
            "LOG_ANALYTICS_ENDPOINT": self.url,
            "IDENTITY_ENDPOINT": f"{self.url}/msi/token",
            "IDENTITY_HEADER": self._cloud.identity.secret,
            "FLEET_SCOPES": "*",
            "LOG_ANALYTICS_WORKSPACES": ",".join(one.id for one in self.world.workspaces.values()),
        }

    @property
    def alert_settings(self) -> Mapping[str, str]:
        """Those of `settings` that switch the alert rules on, but for what is called back."""
        return {
            "ALERT_RESOURCE_GROUP": RULES_GROUP,
            "AZURE_MONITOR_WORKSPACE": ",".join(one.id for one in self.world.metrics.values()),
        }

    @property
    def rules(self) -> Rules:
        """The service of alert rules: the length of its pages."""
        return self._cloud.rules

    @property
    def faults(self) -> Faults:
        """What goes wrong from now on: `switch_on`, `switch_off`."""
        return self._cloud.faults

    @property
    def limits(self) -> Limits:
        """Of Resource Graph; replace it as a whole."""
        return self._cloud.graph.limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        self._cloud.graph.limits = limits

    @property
    def calls(self) -> Counter[str]:
        """Requests by kind, whatever became of them: see `faults.KINDS`. `rules` are reads of alert rules."""
        return Counter(self._cloud.calls)

    @property
    def asked(self) -> Counter[str]:
        """Requests by query: the name of its file, or `other`; of alert rules the type, such as `actionGroups`."""
        return Counter(self._cloud.asked)

    def forget(self) -> None:
        """Count from zero."""
        self._cloud.calls.clear()
        self._cloud.asked.clear()

    def revoke_tokens(self) -> None:
        """No token issued so far is good any more: expired, or the identity was taken away and given back."""
        self._cloud.identity.revoke()
