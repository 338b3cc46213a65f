"""HTTP in; the cloud's answers out, or a connection that is reset.

The only file here that knows sockets.
"""

from __future__ import annotations

import socket
import struct
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from local.azure.answers import Answer, error
from local.azure.cloud import RESET, Cloud, Request

MOST_BYTES = 4 * 1024 * 1024
ABORT = struct.pack("ii", 1, 0)  # SO_LINGER with no time: close() sends RST


class Listener(ThreadingHTTPServer):
    """One thread per connection. Knows the open ones: once stopped, it must not answer where a caller kept one alive."""

    daemon_threads = True

    def __init__(self, port: int, cloud: Cloud) -> None:
        self.cloud = cloud
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
        self.cloud.stopping.set()
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # the caller was quicker


class Handler(BaseHTTPRequestHandler):
    """Translates only: what to answer is decided by the cloud."""

    server: Listener
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Tokens and resources."""
        self._respond()

    def do_POST(self) -> None:
        """Queries."""
        self._respond()

    def do_PUT(self) -> None:
        """Alert rules."""
        self._respond()

    def do_DELETE(self) -> None:
        """Alert rules."""
        self._respond()

    def _respond(self) -> None:
        length = self.headers.get("Content-Length") or "0"
        if not length.isdecimal() or int(length) > MOST_BYTES:
            self.close_connection = True
            return self._send(error(413, "RequestEntityTooLarge", "The request is too large."))
        target = urlsplit(self.path)
        body = self.rfile.read(int(length))
        headers = {name.title(): value for name, value in self.headers.items()}
        answer = self.server.cloud.respond(Request(self.command, target.path, target.query, headers, body))
        return self._reset() if answer is RESET else self._send(answer)

    def _send(self, answer: Answer) -> None:
        body = answer.encoded
        self.send_response(answer.status)
        fixed = {"Content-Type": "application/json; charset=utf-8", "Content-Length": str(len(body))}
        for name, value in {**fixed, **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
        self.rfile.close()
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: a test reads `calls`."""
