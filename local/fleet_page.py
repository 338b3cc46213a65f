"""What Fluxwatch would remember in; its fleet page, served on this machine for a browser to look at, out.

Law: the very job, templates and headers of production; only what they show is made up, and the clock stands still.
"""

from __future__ import annotations

import threading
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from urllib.parse import parse_qsl, urlsplit

from local.showcase import NOW, Showcase
from shared.adapters.pages import Pages
from shared.core.card_links import Links
from shared.core.fleet_summary import SWEEPS
from shared.core.routing import Routing
from shared.jobs.fleet import Fleet

CHANNELS = ("default", "fallback", "payments")
LINKS = Links(
    workspace="/subscriptions/7f0c1a52-0d7e-4c1f-9a52-000000000000/resourceGroups/rg-logs"
    "/providers/Microsoft.OperationalInsights/workspaces/log-prod-weu",
    logs_query=(Path(__file__).parents[1] / "shared/queries/object_logs.kql").read_text("utf-8"),
    runbooks="https://github.com/contoso/fluxwatch/blob/main/docs/runbooks",
)


class _Clock:
    def now(self) -> datetime:
        return NOW

    def sleep(self, seconds: float) -> None:
        raise NotImplementedError


def job(of: Showcase) -> Fleet:
    """The fleet function's job over what is made up. Both sweeps are on."""
    channels = Routing((), {name: name for name in CHANNELS})
    return Fleet(of, of, of, of, _Clock(), channels, links=LINKS, sweeps=frozenset(SWEEPS))


class FleetPage:
    """Serves the page at any path, filtered by the query. A context manager. `asked` are the requests."""

    def __init__(self, shown: Showcase) -> None:
        self.shown, self.asked = shown, list[str]()
        self._pages = Pages()
        handler = type("Handler", (_Handler,), {"page": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)

    @property
    def url(self) -> str:
        """Of the page without a filter."""
        return f"http://127.0.0.1:{self._server.server_port}/api/fleet"

    def answer(self, path: str) -> tuple[bytes, dict[str, str]]:
        """Body and headers."""
        self.asked.append(path)
        made = self._pages.render("fleet", **job(self.shown)(dict(parse_qsl(urlsplit(path).query)), page=True))
        return made.body, made.headers

    def __enter__(self) -> FleetPage:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    page: FleetPage

    def do_GET(self) -> None:
        body, headers = self.page.answer(self.path)
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""
