"""A performance that is under way in; a line for each thing that comes of it, as it comes, out.

Law: it looks at what anybody could see: the channel, what the host writes, the rules in the simulated Azure.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count

from local import alert_lines, sweep_lines
from local.alert_lines import Heard, Upkeep, rules_in
from local.azure import World
from local.sweep_lines import Found, Run
from local.teams import TeamsServer
from local.verdict import first_text

LOOK = 0.5  # seconds between looks at what the host wrote


def say(text: str, since: float | None = None) -> None:
    """A line for the person who watches."""
    print(f"{'' if since is None else f'{time.monotonic() - since:5.1f} s  '}{text}", flush=True)


class Watch:
    """`lines` gives what the host wrote so far; `ended` ends it."""

    def __init__(self, teams: TeamsServer, world: World, lines: Callable[[], Sequence[str]], ended: threading.Event) -> None:
        self._teams, self._world, self._lines, self._ended = teams, world, lines, ended
        self._known = set[Found]()

    def begin(self, since: float) -> None:
        """In threads of their own."""
        for watch in (self._cards, self._host):
            threading.Thread(target=watch, args=(since,), daemon=True).start()

    def _cards(self, since: float) -> None:
        """Each card as it arrives, for as long as the channel is there."""
        for number in count():
            while not self._teams.wait_for(lambda teams, number=number: len(teams.posts()) > number, timeout=60):
                pass
            post = self._teams.posts()[number]
            say(f"        {post.channel}: {first_text(post.card)}", since)

    def _host(self, since: float) -> None:
        done = 0
        while not self._ended.wait(LOOK):
            lines = self._lines()
            alerts = lines[done:] if done else ()  # how it was with the rules before the beginning, has been said
            for said in (*self._sweeps(lines[done:]), *self._alerts(alerts)):
                say(f"        ({said})", since)
            done = len(lines)

    def _sweeps(self, lines: Sequence[str]) -> Iterator[str]:
        """What they open and close, and each new finding once."""
        for one in sweep_lines.read(lines):
            if isinstance(one, Run) and one.words:
                yield one.words
            elif isinstance(one, Found) and one not in self._known:
                self._known.add(one)
                yield f"{one.job} finds: {one.name}: {one.detail}"

    def _alerts(self, lines: Sequence[str]) -> Iterator[str]:
        """What is done with rules, how many there are then, and what becomes of alerts."""
        for one in alert_lines.read(lines):
            if isinstance(one, Heard):
                yield one.words
            elif isinstance(one, Upkeep) and one.words:
                yield f"{one.words}; now there are {rules_in(self._world)}"
