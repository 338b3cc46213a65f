"""Bytes of a connection in; requests for the host and its answers as bytes out.

HTTP/1.1 with keep-alive, a thread for each connection. What Azure's front end refuses is refused here, before any function.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, ClassVar

from local.host.exchange import Answer, Request, text
from local.host.ledger import Ledger

MAX_BODY = 100 * 1024 * 1024  # Learn, Functions HTTP trigger: request length limit 100 MB
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE")
_OURS = frozenset({"content-length", "transfer-encoding", "connection", "keep-alive"})  # of the connection, not of the function
_BODYLESS = frozenset({204, 304})

Respond = Callable[[Request], Answer]


class Refused(Exception):
    """The request cannot be read. The connection ends with the answer: nobody knows where the next request begins."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Server(ThreadingHTTPServer):
    """Listens on the loopback interface from the start on; requests wait in the backlog until it serves."""

    request_queue_size = 128
    daemon_threads = True
    block_on_close = False
    respond: Respond

    def __init__(self, port: int, ledger: Ledger) -> None:
        super().__init__(("127.0.0.1", port), Connection)
        self.ledger = ledger

    @property
    def url(self) -> str:
        """With the port that was really taken."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def server_bind(self) -> None:
        """Without the base class's look-up of our own name, which may wait for a name server."""
        TCPServer.server_bind(self)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error of ours."""
        if not isinstance(sys.exception(), (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


class Connection(BaseHTTPRequestHandler):
    """One client's requests, one after the other."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 130  # seconds without a request; Kestrel's keep-alive limit
    server: Server
    reasons: ClassVar[dict[int, str]] = {status.value: status.phrase for status in HTTPStatus}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_") and name[3:] in METHODS:
            return self._exchange
        raise AttributeError(name)

    def log_message(self, format: str, *args: Any) -> None:
        """The target holds a query string, which may hold a key: not logged."""

    def _exchange(self) -> None:
        with self.server.ledger.busy():
            try:
                answer = self.server.respond(self._request())
            except Refused as refusal:
                answer = text(refusal.status, str(refusal))
                self.close_connection = True
            self.wfile.write(self._bytes(answer))

    def _request(self) -> Request:
        joined: dict[str, str] = {}
        for name, value in self.headers.items():
            key = name.lower()
            joined[key] = f"{joined[key]},{value}" if key in joined else value
        return Request(self.command, self.path, joined, self._body(joined))

    def _body(self, headers: dict[str, str]) -> bytes:
        """A chunked body is read and thrown away: functions in Python get it empty (azure-functions-host issue 4926)."""
        if "transfer-encoding" in headers:
            self._skip_chunks(headers)
            return b""
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()):
            raise Refused(400, "invalid Content-Length")
        if len(length) > 18 or int(length) > MAX_BODY:
            raise Refused(413, "the body is larger than 100 MB")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise ConnectionAbortedError
        return body

    def _skip_chunks(self, headers: dict[str, str]) -> None:
        """RFC 9112, 7.1. A length beside it is an attempt at smuggling."""
        if headers["transfer-encoding"].lower() != "chunked" or "content-length" in headers:
            raise Refused(400, "invalid Transfer-Encoding")
        total = 0
        while size := self._chunk_size():
            total += size
            if total > MAX_BODY:
                raise Refused(413, "the body is larger than 100 MB")
            self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():  # trailers
            pass

    def _chunk_size(self) -> int:
        try:
            return int(self.rfile.readline(1024).partition(b";")[0].strip() or b"x", 16)
        except ValueError:
            raise Refused(400, "invalid chunk") from None

    def _bytes(self, answer: Answer) -> bytes:
        """In one piece, for one packet where it fits. A header that is no header makes the answer a 500, as in Azure."""
        headers = [(name, value) for name, value in answer.headers if name.lower() not in _OURS]
        if any(not f"{name}{value}".isascii() or not f"{name}{value}".isprintable() for name, value in headers):
            return self._bytes(text(500, "the function's answer has an invalid header"))
        if answer.status not in _BODYLESS:
            headers.append(("content-length", str(len(answer.body))))
        if self.close_connection:
            headers.append(("connection", "close"))
        lines = [f"HTTP/1.1 {answer.status} {self.reasons.get(answer.status, '')}", f"date: {self.date_time_string()}"]
        head = "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers), "", ""]).encode("ascii")
        return head if answer.status in _BODYLESS or self.command == "HEAD" else head + answer.body
