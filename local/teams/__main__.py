"""A port and names of channels in; a Teams channel to look at out, until SIGTERM or Ctrl-C.

    python -m local.teams --port 7080 --channels default=owner@contoso.com payments=owner@contoso.com

Prints the page and each channel's webhook.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading

from local.teams import REAL, UNPACED, TeamsServer


def main() -> None:
    """Serve until told to stop."""
    arguments = _arguments()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    channels = dict(_channel(text) for text in arguments.channels)
    try:
        server = TeamsServer(channels, arguments.port, limits=UNPACED if arguments.unpaced else REAL).start()
    except (OSError, OverflowError) as fault:
        sys.exit(f"port {arguments.port} cannot be used ({fault}): set CHANNEL_PORT to another, or to 0 for any")
    with server as teams:
        for channel in channels:
            print(f"webhook {channel} {teams.url(channel)}", flush=True)
        print(f"ready {teams.page_url}", flush=True)
        stop.wait()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.teams", description="A Teams channel on this machine.")
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port")
    parser.add_argument("--channels", nargs="+", default=["default"], metavar="NAME[=CONNECTION]")
    parser.add_argument("--unpaced", action="store_true", help="no limits on calls and posts")
    return parser.parse_args()


def _channel(text: str) -> tuple[str, str]:
    name, _, connection = text.partition("=")
    return name, connection or "owner@contoso.com"


if __name__ == "__main__":
    main()
