"""Many failures at once in; how fast the whole takes them, from the socket to the storage, and how few cards they make, out.

Law: the local host, real storage and a channel that answers as Teams does; every event is new, signed, and its own object's.
"""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import requests

from bench import fleet
from bench.cold_start import HOME, SETTINGS
from bench.figure import Report, figure
from bench.scale import Scale
from local.azurite import start_azurite
from local.flux import address
from local.host.process import HostProcess
from local.teams import TeamsServer
from shared.core.signature import cluster_token, sign

_PATIENCE = 600  # looks, a fifth of a second apart
SENDERS = 8  # at the same time, as many as the host's connections in the facts


def run(scale: Scale) -> Report:
    """All events once, then one run of notify."""
    with start_azurite() as azurite, TeamsServer({"platform": "platform@example.com"}) as teams:
        settings = SETTINGS | {"TEAMS_WEBHOOK_URL": teams.url("platform")}
        with HostProcess(HOME, settings, timers=False, storage=azurite.connection_string) as host:
            begin = time.perf_counter()
            answers, waits = _send_all(host.url, scale.storm)
            spent = time.perf_counter() - begin
            run = _notify(host.url)
            cards = len(teams.posts())
    figures = [
        figure("answered 202", "", [answers[202]]),
        figure("answered otherwise", "", [scale.storm - answers[202]]),
        figure("events per second", "/s", [scale.storm / spent]),
        figure("answer", "ms", waits),
        figure("the first run of notify", "s", [run]),
        figure("cards that it posts", "", [cards]),
    ]
    return Report(f"a storm: {scale.storm:,} failures through the host, {SENDERS} at a time", figures)


def _send_all(url: str, count: int) -> tuple[Counter[int], list[float]]:
    at = datetime.now(UTC)
    prepared = [_prepared(url, number, at) for number in range(count)]
    with requests.Session() as session, ThreadPoolExecutor(SENDERS) as senders:

        def send(one: tuple[str, bytes, dict[str, str]]) -> tuple[int, float]:
            begin = time.perf_counter()
            status = session.post(one[0], data=one[1], headers=one[2], timeout=60).status_code
            return status, (time.perf_counter() - begin) * 1e3

        answers = list(senders.map(send, prepared))
    return Counter(status for status, _ in answers), [wait for _, wait in answers]


def _notify(url: str) -> float:
    """Seconds of one run, which the host starts and does not wait for."""
    requests.post(f"{url}/admin/functions/notify_teams", json={}, timeout=60).raise_for_status()
    for _ in range(_PATIENCE):
        time.sleep(0.2)
        ended = requests.get(f"{url}/admin/invocations", timeout=60).json()
        if runs := [one for one in ended if one["name"] == "notify_teams"]:
            return float(runs[0]["seconds"])
    raise TimeoutError("notify_teams does not end")


def _prepared(url: str, number: int, at: datetime) -> tuple[str, bytes, dict[str, str]]:
    on = fleet.cluster(number)
    body = fleet.body(fleet.failure(number), on, at)
    signature = sign(body, cluster_token(SETTINGS["FLUX_HMAC_KEY"], on))
    return address(url, on), body, {"Content-Type": "application/json", "X-Signature": signature}
