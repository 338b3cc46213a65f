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
import textwrap
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import requests

from local.azurite import AzuriteError, start_azurite
from local.flux import deliver, encode, event
from local.host.process import HostFailed, HostProcess
from local.scenario import Act, Scenario, ScenarioError, load
from local.teams import TeamsServer
from shared.adapters.table_client import Storage, table_client
from shared.adapters.tables import TableStore

HOME = Path(__file__).parents[1]
HMAC_KEY = "demo-key-on-this-machine-only"
HOST_PORT, PAGE_PORT = 7071, 7080  # to be looked at; others where these are taken
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
        port = free_port(port)
        self.teams = stack.enter_context(TeamsServer(scenario.channels, free_port(page_port)))
        say("starting the functions host")
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
        threading.Thread(target=self._watch, args=(begin,), daemon=True).start()
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

    def _watch(self, begin: float) -> None:
        """Says each card as it arrives, for as long as the channel is there."""
        for number in count():
            while not self.teams.wait_for(lambda teams, number=number: len(teams.posts()) > number, timeout=60):
                pass
            post = self.teams.posts()[number]
            say(f"        {post.channel}: {first_text(post.card)}", begin)

    def _await(self, begin: float) -> None:
        """Until every expected card is there, and a little longer."""
        say("waiting for the last cards", begin)
        left = begin + self.scenario.seconds - time.monotonic()
        if self.teams.wait_for(lambda _: not self.missing(), max(0.0, left)):
            time.sleep(SETTLE)

    def missing(self) -> list[str]:
        """What is not as expected, in words."""
        cards = [(post.channel, first_text(post.card)) for post in self.teams.posts()]
        return [wrong for one in self.scenario.expected if (wrong := one.wrong(cards))]

    def unexpected(self) -> list[str]:
        """Cards that nobody expects, in words."""
        cards = [(post.channel, first_text(post.card)) for post in self.teams.posts()]
        strange = [card for card in cards if not any(one.means(*card) for one in self.scenario.expected)]
        return [f"{channel}: nobody expects: {text}" for channel, text in strange]

    def account(self) -> None:
        """What happened, in a line; another for each card that Teams took and did not show."""
        sent, clusters, cards = sum(self.answers.values()), len(self.scenario.clusters), len(self.teams.posts())
        say(f"\n{sent} events from {clusters} clusters, {self.answers[202]} accepted → {cards} cards")
        failed = [run for run in self.teams.runs if run.error]
        for run in failed:
            say(f"  failed inside the flow: {run.channel}: {run.error}")


def free_port(wanted: int = 0) -> int:
    """The wanted one if nothing listens there, else any: the app has to know its own address before it starts."""
    try:
        with socket.create_server(("127.0.0.1", wanted)) as probe:
            return int(probe.getsockname()[1])
    except OSError:
        return free_port()


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
            say(f"{scenario.title}\n{textwrap.fill(scenario.about, 110)}\n")
            demo = Demo(scenario, stack) if arguments.once else Demo(scenario, stack, port=HOST_PORT, page_port=PAGE_PORT)
            addresses = f"\n  the Teams channel  {demo.teams.page_url}\n  the fleet          {demo.host.url}/api/fleet\n"
            say(addresses)
            demo.play()
            demo.account()
            wrong = [*demo.missing(), *demo.unexpected()]
            say("\n".join(["\nNOT as expected:", *wrong]) if wrong else "\nas expected")
            if arguments.once:
                sys.exit(1 if wrong else 0)
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
    return parser.parse_args()


if __name__ == "__main__":
    main()
