"""A script in; a server on this machine that speaks HTTP like Azure's APIs and its identity endpoint out.

Law: it says what the script says, and keeps what it heard; what is not scripted is refused with 418.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from shared.adapters.azure_client import AzureClient
from shared.ports import Clock
from tests.fakes import FakeClock

TOKEN = "eyJ0.a-token-that-nobody-may-see.sig"
QUOTA = {"x-ms-user-quota-remaining": "14", "x-ms-user-quota-resets-after": "00:00:05"}


@dataclass(frozen=True, slots=True)
class Said:
    """One answer. `body` is JSON, or bytes as they are; `cut`: the connection breaks off before they are all there."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass(frozen=True, slots=True)
class Heard:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


def error(status: int, *codes: str, text: str = "see https://contoso.com/?sig=secret", **headers: str) -> Said:
    """As ARM and Log Analytics write it, from the outermost code to the innermost."""
    made: dict[str, Any] = {}
    for code in reversed(codes):
        made = {"code": code, "message": text} | ({"innererror": made} if made else {})
    return Said(status, {"error": made}, {name.replace("_", "-"): value for name, value in headers.items()})


class ScriptedAzure:
    """A context manager. `on` gives the answers to requests whose path ends so; the last of them is said for ever."""

    def __init__(self) -> None:
        self.rewind()
        self._shared: AzureClient | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def rewind(self) -> None:
        """An empty script; nothing heard."""
        self.clock = FakeClock()
        self.heard: list[Heard] = []
        self.tokens: list[Heard] = []
        self._script: dict[str, deque[Said]] = {}
        self.on("/msi/token", Said(200, {"access_token": TOKEN, "expires_on": "4102444800", "token_type": "Bearer"}))

    def on(self, end: str, *answers: Said) -> None:
        self._script[end.lower()] = deque(answers)

    def answer(self, heard: Heard) -> Said:
        (self.tokens if heard.path == "/msi/token" else self.heard).append(heard)
        answers = next((said for end, said in self._script.items() if heard.path.lower().endswith(end)), None)
        if not answers:
            return Said(418)
        return answers.popleft() if len(answers) > 1 else answers[0]

    def client(self, clock: Clock | None = None, **other: Any) -> AzureClient:
        """As the wiring makes it. Without a clock it is the same one for all tests, with its token, and sleeps by `clock`."""
        shared = clock is None and not other
        if shared and self._shared:
            return self._shared
        made = {"management": self.url, "logs": self.url, "client_id": "", "managed": True, "clock": clock or self} | other
        client = AzureClient(**made)
        self._shared = client if shared else self._shared
        return client

    def now(self) -> datetime:
        return self.clock.now()

    def sleep(self, seconds: float) -> None:
        self.clock.sleep(seconds)

    def __enter__(self) -> ScriptedAzure:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(azure: ScriptedAzure) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = 65_536

            def _answer(self) -> None:
                url, length = urlsplit(self.path), int(self.headers.get("Content-Length") or 0)
                text = self.rfile.read(length)
                query = {name: values[0] for name, values in parse_qs(url.query).items()}
                said = azure.answer(
                    Heard(self.command, url.path, query, dict(self.headers.items()), json.loads(text) if text else None)
                )
                self.send_response(said.status)
                content = said.content
                kind = {} if isinstance(said.body, bytes) else {"Content-Type": "application/json"}
                for name, value in ({"Content-Length": str(len(content) + 9 * said.cut)} | kind | dict(said.headers)).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)
                self.close_connection = said.cut

            do_GET = do_POST = do_PUT = do_DELETE = _answer

            def log_message(self, *_: object) -> None:
                pass

        return Handler
