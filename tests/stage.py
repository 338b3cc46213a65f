"""Settings in; Fluxwatch as it runs in Azure out: host, storage, Teams and Azure as processes and servers of their own.

Law: a test says when a timer's function runs, and events carry times of their own: nothing waits for a clock.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from local.azure import AzureServer, World
from local.demo import free_port
from local.flux import Happening, deliver, encode, event
from local.host.process import HostProcess
from local.teams import UNPACED, TeamsServer
from local.verdict import first_text
from shared.adapters.table_client import Storage, table_client
from shared.adapters.tables import TableStore
from shared.core.cluster import Cluster
from tests.examples import cluster
from tests.parts import before
from tests.senders import KEY

TIMEOUT = 60
NEVER = "0 0 0 1 1 *"
SETTINGS = {
    "FLUX_HMAC_KEY": KEY,
    "NOTIFY_SCHEDULE": NEVER,
    "COMPLIANCE_SCHEDULE": NEVER,
    "ERRORS_SCHEDULE": NEVER,
    "RULES_SCHEDULE": NEVER,
    "TEAMS_POSTS_PER_5_MIN": "10000",
    "FLAP_COUNT": "100",
}
ALERT_KEY = "the-key-of-receive-azure-alert"
CHANNELS = {"default": "platform@contoso.com", "fallback": "on-call@contoso.com"}


@dataclass
class Stage:
    """A running Fluxwatch. `store` is another client of its storage, `azure` is there where a world was given."""

    host: HostProcess
    host_of: Callable[[], HostProcess]  # one more like it, not yet started
    teams: TeamsServer
    store: TableStore
    azure: AzureServer | None = None
    key: str = ""  # of the functions, where they want one
    _seconds: Iterator[int] = field(default_factory=lambda: itertools.count())
    _began: datetime = field(default_factory=lambda: datetime.now(UTC) - timedelta(minutes=5))

    def kill(self) -> None:
        """As the power goes: the host has no chance to tidy up; then another one, ready."""
        self.host.kill()
        self.host = self.host_of().start()

    def moment(self) -> datetime:
        """A second after the one before: events of one second would compete."""
        return self._began + timedelta(seconds=next(self._seconds))

    def send(self, happening: Happening, on: Cluster | None = None, at: datetime | None = None) -> requests.Response:
        """As notification-controller sends it, once."""
        return self.send_bytes(encode(event(happening, on or cluster(), at or self.moment())), on)

    def send_bytes(self, body: bytes, on: Cluster | None = None) -> requests.Response:
        """Signed with the cluster's own token."""
        return deliver(self.host.url, on or cluster(), body, hmac_key=KEY, function_key=self.key)

    def outcome(self, happening: Happening, on: Cluster | None = None) -> str:
        """What an event that is accepted does to its incident."""
        answer = self.send(happening, on)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["outcome"])

    def notify(self) -> None:
        """One run, to its end."""
        self.run("notify_teams")

    def run(self, name: str) -> list[str]:
        """One run of a timer's function, to its end, which is a good one; what it wrote to the log meanwhile."""
        ran, lines = len(self._runs(name)), len(self.host.output)
        self.begin(name)
        assert before(TIMEOUT, lambda: len(self._runs(name)) > ran)
        assert self._runs(name)[-1]["ok"], self._runs(name)[-1]
        assert before(TIMEOUT, lambda: any(f"[{name}] ok " in line for line in self.host.output[lines:]))
        return [line for line in self.host.output[lines:] if f"[{name}]" in line]

    def begin(self, name: str) -> None:
        """A run that nobody waits for."""
        to = f"{self.host.url}/admin/functions/{name}"
        answer = requests.post(to, json={"input": ""}, headers=self._headers, timeout=TIMEOUT)
        assert answer.status_code == 202

    def _runs(self, name: str) -> list[dict[str, Any]]:
        found = requests.get(f"{self.host.url}/admin/invocations", headers=self._headers, timeout=TIMEOUT).json()
        return [run for run in found if run["name"] == name]

    @property
    def _headers(self) -> dict[str, str]:
        return {"x-functions-key": self.key} if self.key else {}

    def told(self, channel: str = "default") -> list[str]:
        """The first text of each card of a channel, in order."""
        return [first_text(post.card).partition(" ")[2] for post in self.teams.posts(channel)]

    def get(self, path: str) -> requests.Response:
        """From /api."""
        return requests.get(f"{self.host.url}/api/{path}", headers=self._headers, timeout=TIMEOUT)

    def pass_time(self, channel: str = "default") -> None:
        """As if the wait before the next try of a channel had gone by."""
        ledger, _ = self.store.ledger(datetime.now(UTC))
        rested = replace(ledger.channels[channel], retry_at=datetime.now(UTC))
        self.store.record(replace(ledger, channels={**ledger.channels, channel: rested}), {})


@contextmanager
def stage(
    folder: Path,
    storage: str,
    settings: Mapping[str, str] | None = None,
    *,
    world: World | None = None,
    alerts: bool = False,
    key: str = "",
    **options: Any,
) -> Iterator[Stage]:
    """A host in `folder` on empty storage. `settings` replace what is usual; the sweeps look at `world`, if there is one;
    with `alerts` its alert rules are kept, and call back with `ALERT_KEY`; `key` is what this stage calls with; `options` go to
    `HostProcess`.
    """
    with ExitStack() as stack:
        table = stack.enter_context(table_client(Storage(storage)))
        teams = stack.enter_context(TeamsServer(CHANNELS, limits=UNPACED))
        azure = stack.enter_context(AzureServer(world)) if world else None
        table.delete_table()
        usual = {**SETTINGS, "TEAMS_WEBHOOK_URL": teams.url("default"), "TEAMS_FALLBACK_WEBHOOK_URL": teams.url("fallback")}
        env = {**usual, **(azure.settings if azure else {}), **(settings or {})}
        if azure and alerts:
            options["port"] = free_port()  # an action group has to know the address before there is one
            env |= {"FLUXWATCH_URL": f"http://127.0.0.1:{options['port']}", "ALERT_KEY": ALERT_KEY, **azure.alert_settings}
        options = {"timers": False, "storage": storage, **options}

        def host_of() -> HostProcess:
            return HostProcess(folder, env, **options)

        found = Stage(host_of().start(), host_of, teams, TableStore(table), azure, key)
        try:
            yield found
        finally:
            found.host.stop()
