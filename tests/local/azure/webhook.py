"""Statuses in; a webhook that answers with them, in turn, and what it was sent, out. A real server, on this machine only."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Sent:
    """Names of `headers` are in lower case."""

    path: str
    headers: Mapping[str, str]
    body: Any


@dataclass
class Webhook:
    """`answers` come in turn, then 202. A handshake is answered with its code, unless `handshake` says otherwise."""

    url: str = ""
    answers: deque[int] = field(default_factory=deque)
    handshake: tuple[int, Any] | None = None
    sent: list[Sent] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def events(self) -> list[Sent]:
        """Without the handshake."""
        return [one for one in self.sent if one.headers.get("aeg-event-type") == "Notification"]

    def answer(self, sent: Sent) -> tuple[int, Any]:
        with self.lock:
            self.sent.append(sent)
            if sent.headers.get("aeg-event-type") == "SubscriptionValidation":
                return self.handshake or (200, {"validationResponse": sent.body[0]["data"]["validationCode"]})
            return (self.answers.popleft() if self.answers else 202), None


@contextmanager
def webhook(answers: Iterable[int] = ()) -> Iterator[Webhook]:
    """Until the end of the block."""
    hook = Webhook(answers=deque(answers))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, said = hook.answer(Sent(self.path, headers, body))
            text = b"" if said is None else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        hook.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield hook
        finally:
            server.shutdown()
            thread.join()
