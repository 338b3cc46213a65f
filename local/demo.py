"""A scenario in; Fluxwatch running without Azure, its cards on a page to look at, and a short account out.

    python -m local.demo [--once] [--scenario broken-commit]

With --once it ends by itself: exit status 0 if exactly the expected cards arrived, 1 if not.
"""

from __future__ import annotations

import argparse
import hashlib
import signal
import socket
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from local.azurite import AzuriteError, start_azurite
from local.flux import deliver, encode, event
from local.host.process import HostFailed, HostProcess
from local.scenario import Act, Expected, Scenario, ScenarioError, load
from local.teams import TeamsServer
from shared.adapters.table_client import Storage, table_client
from shared.adapters.tables import TableStore

HOME = Path(__file__).parents[1]
HMAC_KEY = "demo-key-on-this-machine-only"
SETTLE = 6.0  # seconds after the last expected card, for cards that nobody expects


def say(text: str, since: float | None = None) -> None:
    """A line for the person who watches."""
    print(f"{'' if since is None else f'{time.monotonic() - since:5.1f} s  '}{text}", flush=True)


class Demo:
    """One performance: storage, channel, host; then the acts."""

    def __init__(self, scenario: Scenario, stack: ExitStack, *, port: int = 0, page_port: int = 0) -> None:
        self.scenario = scenario
        say("starting storage (Azurite)")
        storage = stack.enter_context(start_azurite()).connection_string
        self.store = TableStore(table_client(Storage(storage)))
        self.store.put_clusters(scenario.clusters)
        self.teams = stack.enter_context(TeamsServer(scenario.channels, page_port))
        say("starting the functions host")
        port = port or free_port()
        settings = {name: self._filled(value) for name, value in scenario.settings.items()}
        settings["FLUXWATCH_URL"] = f"http://127.0.0.1:{port}"
        self.host = stack.enter_context(HostProcess(HOME, {"FLUX_HMAC_KEY": HMAC_KEY, **settings}, port=port, storage=storage))
        self.answers: Counter[int] = Counter()

    def _filled(self, value: str) -> str:
        for channel in self.scenario.channels:
            value = value.replace(f"{{webhook:{channel}}}", self.teams.url(channel))
        return value

    def play(self) -> None:
        """The story and the acts, each at its time; events of one moment are sent side by side, as clusters do."""
        begin = time.monotonic()
        cues: list[tuple[float, str | Act]] = [*self.scenario.story, *((act.at, act) for act in self.scenario.acts)]
        with ThreadPoolExecutor(8) as clusters:
            for at, cue in sorted(cues, key=lambda cue: cue[0]):
                time.sleep(max(0.0, begin + at - time.monotonic()))
                if isinstance(cue, str):
                    say(cue, begin)
                else:
                    clusters.submit(self._send, cue)
        self._await(begin)

    def _send(self, act: Act) -> None:
        digits = str(int(hashlib.sha256(act.cluster.key.encode()).hexdigest()[:8], 16))
        happening = replace(act.happening, message=act.happening.message.replace("{digits}", digits))
        body = encode(event(happening, act.cluster, datetime.now(UTC)))
        try:
            answer = deliver(self.host.url, act.cluster, body, hmac_key=HMAC_KEY)
            self.answers[answer.status_code] += 1
        except requests.RequestException:
            self.answers[0] += 1

    def _await(self, begin: float) -> None:
        """Until every expected card is there, and a little longer."""
        say("waiting for the last cards", begin)
        left = begin + self.scenario.seconds - time.monotonic()
        if self.teams.wait_for(lambda _: not self.missing(), max(0.0, left)):
            time.sleep(SETTLE)

    def missing(self) -> list[str]:
        """What is expected and not as expected, in words."""
        return [wrong for one in self.scenario.expected if (wrong := self._wrong(one))]

    def _wrong(self, one: Expected) -> str:
        found = sum(one.words in first_text(post.card) for post in self.teams.posts(one.channel))
        right = found == 0 if one.count == 0 else found >= one.count
        return "" if right else f"{one.channel}: {found} instead of {one.count} cards say: {one.words}"

    def account(self) -> None:
        """What happened, in a few lines."""
        posts = self.teams.posts()
        sent = sum(self.answers.values())
        say(f"\n{sent} events from {len(self.scenario.clusters)} clusters, {self.answers[202]} accepted → {len(posts)} cards:")
        for post in posts:
            say(f"  {post.received_at:%H:%M:%S}  {post.channel:9} {first_text(post.card)}")
        failed = [run for run in self.teams.runs if run.error]
        for run in failed:
            say(f"  failed inside the flow: {run.channel}: {run.error}")


def free_port() -> int:
    """One that nothing listens on now: the app has to know its own address before it starts."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def first_text(card: Any) -> str:
    """What a notification would show of a card."""
    if isinstance(card, dict):
        if card.get("type") == "TextBlock":
            return str(card.get("text", ""))
        return next((text for value in card.values() if (text := first_text(value))), "")
    if isinstance(card, list):
        return next((text for value in card if (text := first_text(value))), "")
    return ""


def main() -> None:
    """Play; then wait to be looked at, or end."""
    arguments = _arguments()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    try:
        scenario = load(arguments.scenario)
        with ExitStack() as stack:
            say(f"{scenario.title}. {scenario.about}\n")
            demo = Demo(scenario, stack, port=0 if arguments.once else arguments.port, page_port=0 if arguments.once else 7080)
            addresses = f"\n  the Teams channel  {demo.teams.page_url}\n  the fleet as JSON  {demo.host.url}/api/fleet\n"
            say(addresses)
            demo.play()
            demo.account()
            missing = demo.missing()
            say("\nas expected" if not missing else "\n".join(["\nNOT as expected:", *missing]))
            if arguments.once:
                sys.exit(1 if missing else 0)
            say(f"{addresses}\nCtrl-C ends it.")
            stop.wait()
    except KeyboardInterrupt:
        say("\nended")
    except (ScenarioError, AzuriteError, HostFailed, OSError) as fault:
        sys.exit(str(fault))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.demo", description="Fluxwatch without Azure.")
    parser.add_argument("--once", action="store_true", help="end by itself; exit status 0 only if the expected cards arrived")
    parser.add_argument("--scenario", default="broken-commit")
    parser.add_argument("--port", type=int, default=7071, help="of the functions host")
    return parser.parse_args()


if __name__ == "__main__":
    main()
