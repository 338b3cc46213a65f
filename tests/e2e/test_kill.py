"""A host that is killed again and again while objects fail and recover, and a Teams that refuses every third card, in;
channels that in the end believe what is true, and were told hardly anything twice, out.

Law: when the kills come is drawn from a seed, and what counts is the end: it does not depend on who was quicker.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
import requests

pytest.importorskip("azure_functions_runtime", reason="Microsoft's worker library exists for Python 3.13 and newer")

from local.azurite import Azurite
from local.demo import free_port
from local.flux import deliver
from local.teams import Fault
from local.verdict import first_text
from shared.core.cluster import Cluster
from tests import senders
from tests.examples import cluster

KILLS = 5
CLUSTERS = [cluster(f"aks-kill-{number}") for number in range(5)]
NAMES = [f"app-{number}" for number in range(12)]  # as many as a card names
ROUNDS = 3
SETTINGS = {"NOTIFY_SCHEDULE": "* * * * * *", "GROUP_WAITS": "1s"}
LIMIT = 90.0  # seconds until all is told; it needs ten

type Object = tuple[str, str]  # cluster, name

_BUSY, _BROKEN = Fault.throttled(1), Fault.status(500, retry_after="1")
_RESET, _HANG = Fault(reset="before reading"), Fault(Fault.status(503, retry_after="1").answer, hang=3)
_RARE = {2: _RESET, 6: _HANG}


def weather(call: int) -> Fault | None:
    """Three calls of ten go wrong, and two besides; none of those shows a card."""
    return _RARE.get(call) or {3: _BUSY, 5: _BROKEN, 9: _BUSY}.get(call % 10)


def story(random: Random) -> dict[Object, list[bool]]:
    """For each object whether it fails, round by round; the first time all of them do."""
    everyone = [(on.name, name) for on in CLUSTERS for name in NAMES]
    return {one: [True, *(random.random() < 0.5 for _ in range(ROUNDS - 1))] for one in everyone}


def send(url: str, on: Cluster, name: str, at: datetime, *, fails: bool) -> None:
    """Until it is taken, as notification-controller does: again after no answer, 429 and 5xx, and after nothing else."""
    body = senders.body(senders.failure(name) if fails else senders.recovery(name), at, on)
    for attempt in range(200):
        try:
            status = deliver(url, on, body, hmac_key=senders.KEY).status_code
        except requests.RequestException:  # killed before it answered, or while it did
            status = 0
        if status == 202:
            return
        assert status in (0, 429) or status >= 500, status
        time.sleep(min(0.4, 0.1 * 2**attempt))
    raise AssertionError(f"{name} on {on.name} was never taken")


def play(fluxwatch: Any, url: str, on: Cluster, states: dict[Object, list[bool]], random: Random) -> None:
    """What happens on one cluster, an event after the other."""
    moments = [fluxwatch.moment() + timedelta(seconds=10 * number) for number in range(ROUNDS)]
    for number, at in enumerate(moments):
        for name in NAMES:
            send(url, on, name, at, fails=states[on.name, name][number])
            time.sleep(random.uniform(0, 0.2))


def told(card: dict[str, Any]) -> tuple[bool, list[Object]]:
    """Whether the card says that something fails, and of which objects."""
    text = str(card["body"])
    [on] = set(re.findall(r"aks-kill-\d", text))
    return "well again" not in first_text(card), [(on, name) for name in sorted(set(re.findall(r"\bapp-\d+\b", text)))]


def believed(fluxwatch: Any) -> tuple[dict[Object, bool], int]:
    """What people last read of each object, and how many cards told them something that they knew."""
    last: dict[Object, bool] = {}
    repeated = 0
    for post in fluxwatch.teams.posts("default"):
        fails, objects = told(post.card)
        repeated += any(last.get(one) is fails for one in objects)
        last |= dict.fromkeys(objects, fails)
    return last, repeated


def wrong(fluxwatch: Any, truth: dict[Object, bool]) -> dict[Object, bool]:
    """What people believe and is not so. What recovered before anybody heard of it is not told at all, and need not be."""
    last, _ = believed(fluxwatch)
    return {one: last.get(one, False) for one, fails in truth.items() if last.get(one, False) is not fails}


@pytest.fixture
def fluxwatch(storage: Azurite, app: Path) -> Iterator[Any]:
    from tests.stage import stage

    with stage(app, storage.connection_string, SETTINGS, timers=True, port=free_port()) as found:
        yield found


def test_a_host_that_is_killed_at_any_moment_loses_nothing_and_repeats_hardly_anything(fluxwatch: Any) -> None:
    random = Random(20_261_120)
    states, url = story(random), fluxwatch.host.url
    truth = {one: rounds[-1] for one, rounds in states.items()}
    fluxwatch.teams.fail("default", weather)
    with ThreadPoolExecutor(len(CLUSTERS)) as senders_:
        playing = [senders_.submit(play, fluxwatch, url, on, states, Random(on.name)) for on in CLUSTERS]
        for _ in range(KILLS):
            time.sleep(random.uniform(0.2, 1.2))
            fluxwatch.kill()
        for one in playing:
            one.result()
    fluxwatch.teams.wait_for(lambda _: not wrong(fluxwatch, truth), LIMIT)
    assert wrong(fluxwatch, truth) == {}

    fleet = fluxwatch.get("fleet").json()["incidents"]
    assert {(row["cluster"], row["name"]): row["state"] == "open" for row in fleet} == truth
    assert believed(fluxwatch)[1] <= KILLS
    refused = [call for call in fluxwatch.teams.calls if call.status != 202]
    assert len(refused) > len(fluxwatch.teams.calls) / 5  # Teams did fail
