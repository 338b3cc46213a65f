"""An app's folder, settings and a port in; a running host out: python -m local.host.

Prints `ready http://127.0.0.1:<port>` when the functions are indexed. Exit code: 0 after SIGTERM or Ctrl-C, 1 without a start.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

from local.azurite import AzuriteError, start_azurite
from local.host.host import Host
from local.host.http import Server
from local.host.keys import BadKeys, Keys
from local.host.ledger import Ledger
from local.host.settings import STORAGE, HostSettings, SettingsError, local_values, needs_storage
from local.host.worker import IndexingError


def main() -> int:
    """Runs until it is told to stop; returns the exit code."""
    options = _options()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        if options.with_parent:
            threading.Thread(target=_end_with_stdin, daemon=True).start()
        with ExitStack() as stack:
            _serve(options, stack)
    except KeyboardInterrupt:
        return 0
    except (AzuriteError, BadKeys, IndexingError, OSError, SettingsError) as error:
        print(f"the host cannot start: {error}", flush=True)
        return 1
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.host", description="run a function app without Azure")
    parser.add_argument(
        "--app", type=Path, default=Path(__file__).parents[2], help="folder of function_app.py (default: Fluxwatch)"
    )
    parser.add_argument(
        "--port", type=int, default=os.environ.get("HOST_PORT", "7071"), help="0: a free one (default: HOST_PORT, 7071)"
    )
    parser.add_argument("--keys", type=Path, help="JSON file of function keys; with it, or HOST_KEYS, requests need a key")
    parser.add_argument(
        "--no-timers", dest="timers", action="store_false", help="timer functions run by POST /admin/functions/NAME only"
    )
    parser.add_argument(
        "--with-parent", action="store_true", help="stop when standard input ends, as it does when the parent dies"
    )
    return parser.parse_args()


def _serve(options: argparse.Namespace, stack: ExitStack) -> None:
    app_dir = options.app.resolve()
    keys = _keys(options.keys)
    settings, values = HostSettings.of(app_dir), local_values(app_dir)
    server = _server(options.port)  # first, because a port that is taken is soon told
    _prepare_environment(values, stack)
    host = Host(app_dir, server, settings, keys)
    host.start(os.environ, timers=options.timers)
    stack.callback(host.stop)
    print(f"ready {server.url}", flush=True)
    threading.Event().wait()


def _server(port: int) -> Server:
    try:
        return Server(port, Ledger())
    except (OSError, OverflowError) as fault:
        raise SettingsError(f"port {port} cannot be used ({fault}): set HOST_PORT to another, or to 0 for any") from None


def _prepare_environment(values: dict[str, str], stack: ExitStack) -> None:
    """What the app will see: the environment wins over local.settings.json, and there is storage."""
    if needs_storage(os.environ, values):
        azurite = stack.enter_context(start_azurite())
        os.environ[STORAGE] = azurite.connection_string
        print(f"storage: Azurite, process {azurite.pid}", flush=True)
    for name, value in values.items():
        os.environ.setdefault(name, value)
    os.environ.pop("CONTAINER_NAME", None)  # the app would believe that it runs in a container of Azure


def _keys(path: Path | None) -> Keys | None:
    if path is not None:
        return Keys.parse(path.read_text("utf-8"))
    return Keys.parse(os.environ["HOST_KEYS"]) if os.environ.get("HOST_KEYS") else None


def _end_with_stdin() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # a call that ran past the limit would hold up an ordinary exit
