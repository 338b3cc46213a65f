"""Requests in, answers out: the parts of the host put together.

The order of start and stop lives here: all functions are indexed before one is served, and calls have time to end.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from local.host import eventgrid, logs, protos
from local.host.answers import answered
from local.host.exchange import Answer, Request
from local.host.functions import HTTP, TIMER, Function, described, of_kind
from local.host.http import Server
from local.host.keys import EVENT_GRID, Keys
from local.host.routes import BadRoute, Route, Routes
from local.host.settings import HostSettings
from local.host.timers import Timers
from local.host.worker import Worker

STOP_LIMIT = 10.0  # seconds that running calls are given
log = logging.getLogger(__package__)


class Host:
    """One app, served. `start`, then `stop`."""

    def __init__(self, app_dir: Path, server: Server, settings: HostSettings, keys: Keys | None) -> None:
        self.settings = settings
        self.ledger = server.ledger
        limit = settings.function_timeout
        self.worker = Worker(app_dir, self.ledger, timeout=limit.total_seconds() if limit else None)
        self.timers = Timers(self.worker)
        self.functions: dict[str, Function] = {}
        self.url = server.url
        self._server = server
        self._keys = keys
        self._routes = Routes(())
        self._began = time.monotonic()

    def start(self, environ: Mapping[str, str], *, timers: bool) -> None:
        """Indexes the app and serves it. Raises `IndexingError`."""
        self.worker.load()
        logs.to_stdout(self.ledger, self.worker.invocation_id)
        self.functions = described(self.worker.index(), environ)
        self._routes = Routes(self._routed())
        for function in self.functions.values():
            log.info("%s", function.told(self.settings.route_prefix), extra={"function": function.name})
        self._server.respond = self.respond
        threading.Thread(target=self._server.serve_forever, args=(0.1,), name="http", daemon=True).start()
        if timers:
            self.timers.start(of_kind(self.functions, TIMER))

    def stop(self) -> None:
        """Nothing new begins; what runs has `STOP_LIMIT` seconds to end."""
        self.timers.stop()
        self._server.shutdown()
        self._server.server_close()
        if not self.ledger.idle(STOP_LIMIT):
            log.warning("stopped with calls still running")

    def uptime_ms(self) -> int:
        """Since the process began to be a host."""
        return int((time.monotonic() - self._began) * 1000)

    def respond(self, request: Request) -> Answer:
        """Key, then function; the host's own addresses before those of the app."""
        path = request.path.lower()
        if path == eventgrid.PATH:
            allowed = self._keys is None or self._keys.system(EVENT_GRID, request)
            return eventgrid.answer(request, self.functions, self.worker) if allowed else Answer(401)
        if path.startswith("/admin/"):
            from local.host import admin  # not before somebody asks

            return admin.answer(request, self) if self._keys is None or self._keys.master(request) else Answer(401)
        return self._call(request)

    def _call(self, request: Request) -> Answer:
        found = self._routes.find(request.method, request.path)
        if found is None:
            return Answer(404)
        function, params = found
        level = str(function.trigger.get("authLevel", "function"))
        if self._keys and not self._keys.function(level, function.name, request):
            return Answer(401)
        value = protos.http(
            request.method, request.url, headers=request.headers, query=request.query, params=params, body=request.body
        )
        return answered(self.worker.invoke(function, value))

    def _routed(self) -> list[Route]:
        routes = []
        for function in of_kind(self.functions, HTTP):
            try:
                routes.append(Route.of(function, self.settings.route_prefix))
            except BadRoute as error:
                function.error = str(error)
        return routes
