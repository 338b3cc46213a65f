"""A scenario in; Fluxwatch running without Azure, its cards on a page to look at, and a short account out.

    python -m local.demo [--once] [--scenario broken-commit]

With --once it ends by itself: exit status 0 if exactly the expected cards arrived, 1 if not.
"""

from __future__ import annotations

import argparse
import signal
import socket
import sys
import textwrap
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import requests

from local import alert_lines, sweep_lines
from local.alert_lines import RECONCILE, Upkeep, rules_in
from local.azure import AzureServer
from local.azure.alerting import Alerting, NoAlert
from local.azure.event_grid import EventGrid, NotValidated
from local.azure.fleet import Alarm
from local.azure.voices import Sent
from local.azurite import AzuriteError, start_azurite
from local.flux import deliver, encode, event
from local.host.process import HostFailed, HostProcess
from local.scenario import Scenario, ScenarioError, load
from local.scene import Scene
from local.sweep_lines import SWEEPS, Run
from local.teams import TeamsServer
from local.timeline import Act
from local.verdict import Verdict
from local.watch import LOOK, Watch, say
from shared.adapters.table_client import Storage, table_client
from shared.adapters.tables import TableStore
from shared.ports import StoreUnavailable

HOME = Path(__file__).parents[1]
HMAC_KEY = "demo-key-on-this-machine-only"
ALERT_KEY = "demo-key-of-the-action-group"  # locally, the host asks nobody for a key
HOST_PORT, PAGE_PORT = 7071, 7080  # to be looked at; others where these are taken
SETTLE = 6.0  # seconds after the last expected card, for cards that nobody expects
FIRST_SWEEP = 120.0  # seconds at the most, before the story begins
SCHEDULES = {
    "COMPLIANCE_SCHEDULE": "*/5 * * * * *",
    "ERRORS_SCHEDULE": "*/10 * * * * *",
    "RULES_SCHEDULE": "*/10 * * * * *",
    "LOG_LAG": "1s",
}
"""Shortened, so that the story takes a minute; a scenario may have others."""


class Demo:
    """One performance: storage, channel, a simulated Azure, host; a first look of all timers; then the acts."""

    def __init__(self, scenario: Scenario, stack: ExitStack, *, port: int = 0, page_port: int = 0) -> None:
        self.scenario = scenario
        say("starting storage (Azurite)")
        storage = stack.enter_context(start_azurite()).connection_string
        self.store = TableStore(table_client(Storage(storage)))
        port = free_port(port)
        self.teams = stack.enter_context(TeamsServer(scenario.channels, free_port(page_port)))
        say(f"simulating Azure: {len(scenario.clusters)} clusters")
        self.scene = Scene(scenario, datetime.now(UTC))
        self.azure = stack.enter_context(AzureServer(self.scene.world))
        self._ended = threading.Event()
        stack.callback(self._ended.set)
        threading.Thread(target=self._report, daemon=True).start()
        say("starting the functions host")
        self.host = stack.enter_context(HostProcess(HOME, self._settings(port), port=port, storage=storage))
        stack.enter_context(EventGrid(self.scene.world, self.host.url))
        self.alerting = Alerting(self.scene.world)
        stack.callback(self.alerting.close)
        self.answers: Counter[int] = Counter()
        self.watch = Watch(self.teams, self.scene.world, lambda: self.host.output, self._ended)
        self.verdict = Verdict(scenario, self.scene.world, self.teams, self.store, lambda: self.host.output)

    def _settings(self, port: int) -> dict[str, str]:
        settings = {name: self._filled(value) for name, value in self.scenario.settings.items()}
        own = {"FLUX_HMAC_KEY": HMAC_KEY, "FLUXWATCH_URL": f"http://127.0.0.1:{port}", "ALERT_KEY": ALERT_KEY}
        return {**SCHEDULES, **self.azure.settings, **self.azure.alert_settings, **settings, **own}

    def _filled(self, value: str) -> str:
        for channel in self.scenario.channels:
            value = value.replace(f"{{webhook:{channel}}}", self.teams.url(channel))
        return value

    def _report(self) -> None:
        """The agents of the clusters, each time a little before the next sweep."""
        while not self._ended.wait(self.scenario.report):
            self.scene.world.report(datetime.now(UTC))

    # ------------------------------------------------------------------------------------------------------------ playing

    def play(self) -> None:
        """The story and the acts, each at its time; events of one moment are sent side by side, as clusters do."""
        self._look_first()
        begin = time.monotonic()
        self.watch.begin(begin)
        acts = groupby((act for act in self.scenario.acts if act.at >= 0), key=lambda act: act.at)
        cues: list[tuple[float, str | list[Act]]] = [*self.scenario.story, *((at, list(some)) for at, some in acts)]
        with ThreadPoolExecutor(8) as clusters:
            for at, cue in sorted(cues, key=lambda cue: cue[0]):
                time.sleep(max(0.0, begin + at - time.monotonic()))
                if isinstance(cue, str):
                    say(cue, begin)
                    continue
                for sent in self.scene.play(cue, datetime.now(UTC), self.azure):
                    clusters.submit(self._send, sent)
                for alarm in self.scene.alarms():
                    clusters.submit(self._call, alarm)
        self._await(begin)

    def _look_first(self) -> None:
        """Cards say what the inventory knows, so the sweeps come first, and the rules. Raises `HostFailed` without them."""
        say("waiting for the first sweeps")
        end = time.monotonic() + FIRST_SWEEP
        wanted = sum(self.scene.world.sees(cluster.key) for cluster in self.scenario.clusters)
        while not self._looked() or (known := len(self.store.inventory())) < wanted:
            if time.monotonic() > end:
                raise HostFailed("\n".join(["the sweeps did not see the fleet:", *self.host.output]))
            time.sleep(LOOK)
        say(f"the inventory knows {known} clusters; alert rules: {rules_in(self.scene.world) or 'none yet'}\n")

    def _looked(self) -> bool:
        """A scenario with a schedule of its own for the rules does not wait for them."""
        lines = self.host.output
        wanted = {*SWEEPS, *([] if "RULES_SCHEDULE" in self.scenario.settings else [RECONCILE])}
        return wanted <= {
            one.job for one in (*sweep_lines.read(lines), *alert_lines.read(lines)) if isinstance(one, Run | Upkeep)
        }

    def _send(self, sent: Sent) -> None:
        body = encode(event(sent.happening, sent.cluster, sent.at))
        try:
            answer = deliver(self.host.url, sent.cluster, body, hmac_key=HMAC_KEY)
            self.answers[answer.status_code] += 1
        except requests.RequestException:
            self.answers[0] += 1

    def _call(self, alarm: Alarm) -> None:
        """An alert that nobody can be called about is said, not hidden: what is expected of it will be missing."""
        try:
            self.alerting.call(alarm)
        except NoAlert as why:
            say(f"        (Azure calls nobody: {why})")

    def _await(self, begin: float) -> None:
        """Until everything expected is there, and a little longer."""
        say("waiting for the last cards", begin)
        end = begin + self.scenario.seconds
        while self.verdict.missing() and not self._ended.wait(LOOK) and time.monotonic() < end:
            pass
        if not self.verdict.missing():
            time.sleep(SETTLE)

    def account(self) -> list[str]:
        """What happened, in a few lines."""
        sent, clusters, cards = sum(self.answers.values()), len(self.scenario.clusters), len(self.teams.posts())
        lost = sum(act.lost and act.happening is not None for act in self.scenario.acts)
        said = f" ({lost} more were lost)" if lost else ""
        asked = ", ".join(f"{number} {kind}" for kind, number in sorted(self.azure.calls.items()))
        first = f"{sent} events from {clusters} clusters{said}, {self.answers[202]} accepted → {cards} cards"
        return [first, *self.verdict.account(), f"requests to Azure: {asked}"]


def free_port(wanted: int = 0) -> int:
    """The wanted one if nothing listens there, else any: the app has to know its own address before it starts."""
    try:
        with socket.create_server(("127.0.0.1", wanted)) as probe:
            return int(probe.getsockname()[1])
    except OSError:
        return free_port()


def main() -> None:
    """Play; then wait to be looked at, or end."""
    arguments = _arguments()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    try:
        scenario = load(arguments.scenario)
        with ExitStack() as stack:
            say(f"{scenario.title}\n{textwrap.fill(scenario.about, 110)}\n")
            demo = Demo(scenario, stack) if arguments.once else Demo(scenario, stack, port=HOST_PORT, page_port=PAGE_PORT)
            addresses = f"\n  the Teams channel  {demo.teams.page_url}\n  the fleet          {demo.host.url}/api/fleet\n"
            say(addresses)
            demo.play()
            say("\n".join(["", *demo.account()]))
            wrong = [*demo.verdict.missing(), *demo.verdict.unexpected()]
            say("\n".join(["\nNOT as expected:", *wrong]) if wrong else "\nas expected")
            if arguments.once:
                sys.exit(1 if wrong else 0)
            say(f"{addresses}\nCtrl-C ends it.")
            stop.wait()
    except KeyboardInterrupt:
        say("\nended")
    except (ScenarioError, AzuriteError, HostFailed, NotValidated, StoreUnavailable, OSError) as fault:
        sys.exit(str(fault))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.demo", description="Fluxwatch without Azure.")
    parser.add_argument("--once", action="store_true", help="end by itself; exit status 0 only if the expected cards arrived")
    parser.add_argument("--scenario", default="broken-commit")
    return parser.parse_args()


if __name__ == "__main__":
    main()
