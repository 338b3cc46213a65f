"""Every type of channel in; the one contract that notify relies on, kept by each of them, out.

The next type goes into `CHANNELS`. What a type makes of its own service's answers is tested beside it.
"""

from __future__ import annotations

import importlib
import logging
import pkgutil
import socket
from collections.abc import Callable, Mapping

import pytest

import shared.adapters
from shared.adapters.teams import TeamsChannel
from shared.core.card_elements import adaptive_card, message, title
from shared.core.delivery import Answer
from shared.ports import Channel
from tests.examples import START
from tests.parts import Answering

SECRET = "kR3vX0c8yJ-the-secret-part-of-an-address"
MESSAGE = message(adaptive_card([title("Kustomization apps is failing")], {}, "spoken"))

CHANNELS: Mapping[type, Callable[[str], Channel]] = {
    TeamsChannel: lambda url: TeamsChannel("platform", url, lambda: START, timeout=(2.0, 0.2)),
}
"""Type of channel → one of that type that posts to an address."""

SITUATIONS: Mapping[str, tuple[bytes, Answer]] = {
    "taken": (b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n", Answer.TOLD),
    "refused": (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", Answer.BROKEN),
    "gone": (b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n", Answer.BROKEN),
    "moved": (b"HTTP/1.1 308 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", Answer.BROKEN),
    "throttled": (b"HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n", Answer.LATER),
    "failed": (b"HTTP/1.1 502 Bad\r\nContent-Length: 0\r\n\r\n", Answer.LATER),
    "hung-up": (b"", Answer.LATER),
    "nonsense": (b"220 mail.contoso.com ESMTP\r\n", Answer.LATER),
}


def test_every_channel_among_the_adapters_is_in_the_table() -> None:
    modules = [
        importlib.import_module(f"shared.adapters.{found.name}") for found in pkgutil.iter_modules(shared.adapters.__path__)
    ]
    own = {value for module in modules for value in vars(module).values() if isinstance(value, type)}
    assert {one for one in own if one.__module__.startswith("shared.adapters.") and hasattr(one, "post")} == set(CHANNELS)


@pytest.fixture(params=CHANNELS, ids=lambda channel: channel.__name__)
def channel(request: pytest.FixtureRequest) -> Callable[[str], Channel]:
    return CHANNELS[request.param]


@pytest.mark.parametrize(("said", "answer"), SITUATIONS.values(), ids=SITUATIONS)
def test_whatever_the_other_side_does_is_a_verdict_and_one_request(
    channel: Callable[[str], Channel], said: bytes, answer: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "urllib3")
    with Answering(said) as server:
        one = channel(f"http://127.0.0.1:{server.port}/hook?sig={SECRET}")
        verdict = one.post(MESSAGE)
    assert verdict.answer is answer
    assert bool(verdict.code) is (answer is not Answer.TOLD)  # health shows it, so a fault has a name
    assert len(server.heard) == 1
    assert SECRET in server.heard[0].decode()
    assert SECRET not in f"{verdict!r} {one!r} {caplog.text}"


def test_who_is_asked_to_wait_passes_the_wait_on(channel: Callable[[str], Channel]) -> None:
    with Answering(SITUATIONS["throttled"][0]) as server:
        verdict = channel(f"http://127.0.0.1:{server.port}/hook").post(MESSAGE)
    assert verdict.wait is not None
    assert verdict.wait.total_seconds() == 7


def test_silence_ends_with_a_verdict(channel: Callable[[str], Channel]) -> None:
    with Answering(b"", then=lambda _: server.released.wait()) as server:
        assert channel(f"http://127.0.0.1:{server.port}/hook").post(MESSAGE).answer is Answer.LATER


def test_nobody_there_is_a_verdict(channel: Callable[[str], Channel]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    assert channel(f"http://127.0.0.1:{port}/hook").post(MESSAGE).answer is Answer.LATER


def test_no_address_is_a_broken_channel(channel: Callable[[str], Channel]) -> None:
    assert channel("no address").post(MESSAGE).answer is Answer.BROKEN


def test_a_channel_is_used_again_after_a_fault(channel: Callable[[str], Channel]) -> None:
    with Answering(b"") as server:
        one = channel(f"http://127.0.0.1:{server.port}/hook")
        assert one.post(MESSAGE).answer is Answer.LATER
        server.answer = SITUATIONS["taken"][0]
        assert one.post(MESSAGE).answer is Answer.TOLD
