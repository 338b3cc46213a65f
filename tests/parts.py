"""Nothing in; the real parts that tests put Fluxwatch on out: storage, tables, a network that can be cut, scripted servers.

Law: everything listens on 127.0.0.1 and on a port of its own, and nothing outlives the test that started it.
"""

from __future__ import annotations

import atexit
import itertools
import shutil
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from azure.data.tables import TableClient

from local.azurite import ACCOUNT, KEY, Azurite, start_azurite

HOME = Path(__file__).parents[1]
_names = itertools.count(1)


def app_folder(parent: Path) -> Path:
    """The app without the local.settings.json of whoever runs the tests."""
    folder = parent / "app"
    folder.mkdir()
    for part in ("function_app.py", "host.json", "shared"):
        (folder / part).symlink_to(HOME / part)
    return folder


@cache
def azurite() -> Azurite:
    """Storage in memory, one for all tests of a run; a skip with the reason where it is not installed."""
    if not (shutil.which("node") and (HOME / "node_modules/azurite").is_dir()):
        pytest.skip("Azurite is not installed: make setup")
    storage = start_azurite()
    atexit.register(storage.stop)
    return storage


@contextmanager
def fresh_table(storage: Azurite, **options: Any) -> Iterator[TableClient]:
    """A client of a table that nobody else uses, and that is not there yet."""
    with TableClient.from_connection_string(storage.connection_string, f"test{next(_names)}", **options) as client:
        yield client


def connection_string(endpoint: str, *, key: str = KEY) -> str:
    """Of table storage at an address, such as a relay's."""
    return f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={key};TableEndpoint={endpoint}/{ACCOUNT};"


class Requests:
    """What a client of Azure's asked: give `saw` to it as `raw_request_hook`."""

    def __init__(self) -> None:
        self.methods: list[str] = []

    def saw(self, request: Any) -> None:
        """One request, before it is sent."""
        self.methods.append(request.http_request.method)

    def during(self, act: Callable[[], object]) -> Counter[str]:
        """By method, what was asked while `act` ran."""
        before = len(self.methods)
        act()
        return Counter(self.methods[before:])


class Relay:
    """An address that stays the same while what is behind it goes and comes back. A context manager."""

    def __init__(self, target: str) -> None:
        self.target = target  # http://127.0.0.1:port of who answers; may be set anew
        self.watch: Callable[[bytes], object] = lambda _: None  # sees all; may hold it up, or cut it by an OSError
        self._listener: socket.socket | None = None
        self._open: set[socket.socket] = set()
        self._port = 0

    @property
    def url(self) -> str:
        """Where to call."""
        return f"http://127.0.0.1:{self._port}"

    def up(self) -> None:
        """Listen, at the same port as before."""
        self._listener = socket.create_server(("127.0.0.1", self._port))
        self._port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def down(self) -> None:
        """Refuse calls, and cut those that are on the line."""
        if self._listener:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
            self._listener.close()
            self._listener = None
        for line in list(self._open):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Relay:
        self.up()
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                caller, _ = listener.accept()
                host, port = self.target.removeprefix("http://").split(":")
                with suppress(OSError):
                    answerer = socket.create_connection((host, int(port)))
                    for line in ((caller, answerer), (answerer, caller)):
                        self._open.update(line)
                        threading.Thread(target=self._carry, args=line, daemon=True).start()
                    continue
                caller.close()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while some := one.recv(65_536):
                self.watch(some)
                other.sendall(some)
        for line in (one, other):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        self._open.discard(one)
        one.close()


class Answering:
    """A server that says the given bytes to every request, whatever it was. `heard` are the requests. A context manager."""

    def __init__(self, answer: bytes, *, then: Callable[[socket.socket], None] | None = None) -> None:
        self.answer, self._then = answer, then  # `answer` may be set anew
        self.heard: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.released = threading.Event()

    def __enter__(self) -> Answering:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self._listener.accept()
                threading.Thread(target=self._say, args=(caller,), daemon=True).start()

    def _say(self, caller: socket.socket) -> None:
        with caller, suppress(OSError):
            self.heard.append(_request(caller))
            caller.sendall(self.answer)
            if self._then:
                self._then(caller)


def _request(caller: socket.socket) -> bytes:
    """Head and body, by Content-Length."""
    received = b""
    while b"\r\n\r\n" not in received:
        if not (some := caller.recv(65_536)):
            return received
        received += some
    head, _, body = received.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    while len(body) < int(lengths[0] if lengths else 0) and (some := caller.recv(65_536)):
        body += some
    return head + b"\r\n\r\n" + body


def before(limit: float, happened: Callable[[], object]) -> bool:
    """Whether it is so before `limit` seconds have gone by. The limit is for what never happens: it measures nothing."""
    end = time.monotonic() + limit
    while not happened():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
