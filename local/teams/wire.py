"""HTTP in; the tenant's answers and the page out, or a fault acted out.

The only file here that knows sockets.
"""

from __future__ import annotations

import socket
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from local.teams.faults import Fault
from local.teams.page import HEADERS, fetch
from local.teams.tenant import Tenant
from local.teams.trigger import INVOKE, Answer

MOST_BYTES = 4 * 1024 * 1024
ABORT = struct.pack("ii", 1, 0)  # SO_LINGER with no time: close() sends RST
NO_SUCH_PAGE = Answer(404, "ResourceNotFound", "The requested resource does not exist.")
TOO_LARGE = Answer(413, "RequestEntityTooLarge", "The request is larger than a trigger takes.")


class Listener(ThreadingHTTPServer):
    """One thread per connection. Knows the open ones: once stopped, it must not answer where a caller kept one alive."""

    daemon_threads = True

    def __init__(self, port: int, tenant: Tenant) -> None:
        self.tenant = tenant
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Callers that hang up are usual here; anything else is ours to see."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def hang_up(self) -> None:
        """End all waits and close what is still open."""
        self.stopping.set()
        self.tenant.let_go()
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # the caller was quicker


class Handler(BaseHTTPRequestHandler):
    """Translates only: what to answer is decided by the tenant and the page."""

    server: Listener
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """The page and its JSON."""
        target = urlsplit(self.path)
        found = fetch(self.server.tenant, target.path, target.query)
        if found is None:
            return self._answer(NO_SUCH_PAGE)
        return self._send(200, *found)

    def do_POST(self) -> None:
        """The webhooks."""
        target = urlsplit(self.path)
        webhook = INVOKE.fullmatch(target.path)
        if webhook is None:
            return self._hang_up_with(NO_SUCH_PAGE)
        return self._invoke(webhook[1], target.query, self.server.tenant.next_fault(webhook[1]))

    def _invoke(self, flow_id: str, query: str, fault: Fault) -> None:
        tenant = self.server.tenant
        if fault.reset == "before reading":
            tenant.record(flow_id, 0, b"")
            return self._reset()
        length = self.headers.get("Content-Length") or "0"
        if not length.isdecimal() or int(length) > MOST_BYTES:
            return self._hang_up_with(TOO_LARGE)
        body = self.rfile.read(int(length))
        if fault.hang:
            tenant.hang(fault.hang, unless=self.server.stopping.is_set)
        answer = self._outcome(flow_id, query, body, fault)
        tenant.record(flow_id, answer.status if answer else 0, body)
        return self._answer(answer) if answer else self._reset()

    def _outcome(self, flow_id: str, query: str, body: bytes, fault: Fault) -> Answer | None:
        """The fault's answer, else the usual one; None is a reset. The flow may run behind either."""
        usual = None
        if fault.posts or not (fault.answer or fault.reset):
            usual = self.server.tenant.invoke(flow_id, query, self.headers.get("Authorization"), body)
        return None if fault.reset else fault.answer or usual

    def _answer(self, answer: Answer) -> None:
        extra = {"Retry-After": answer.retry_after} if answer.retry_after else {}
        self._send(answer.status, answer.body(), "application/json; charset=utf-8", extra)

    def _hang_up_with(self, answer: Answer) -> None:
        """Refuse without reading the body; what was not read would be taken for the next request."""
        self.close_connection = True
        self._answer(answer)

    def _send(self, status: int, body: bytes, kind: str, extra: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (HEADERS | {"Content-Length": str(len(body))} | (extra or {})).items():
            self.send_header(name, value)
        if body:
            self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body)

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
        self.rfile.close()
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: addresses here are credentials, and a test reads `calls`."""
