"""A port and the size of a fleet in; a simulated Azure to ask about it out, until SIGTERM or Ctrl-C.

    python -m local.azure --port 7090 --fleet 500 --failing 20 --fault graph=throttled --fault rules=a-second-late

Prints the settings that point Fluxwatch at it, with those of alert rules that call back where `make host` listens, and then
`ready http://127.0.0.1:<port>`. Its agents report every minute.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from random import Random

from local.azure import AzureServer, World, failure_of, generate
from local.azure.faults import FAULTS, KINDS
from local.azure.server import wall_clock

REPORT = 60.0  # seconds
CALLED_BACK = {"FLUXWATCH_URL": "http://127.0.0.1:7071", "ALERT_KEY": "the-key-of-a-simulated-action-group"}


def main() -> None:
    """Serve until told to stop."""
    arguments = _arguments()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if arguments.with_parent:
        threading.Thread(target=_end_with_stdin, args=(stop,), daemon=True).start()
    world = generate(arguments.fleet, arguments.objects, arguments.seed, at=wall_clock())
    break_some(world, arguments.failing, arguments.seed)
    try:
        server = AzureServer(world, arguments.port).start()
    except (OSError, OverflowError) as fault:
        sys.exit(f"port {arguments.port} cannot be used ({fault}): set AZURE_PORT to another, or to 0 for any")
    with server as azure:
        for kind, fault in arguments.fault:
            azure.faults.switch_on(kind, fault)
        for name, value in {**azure.settings, **azure.alert_settings, **CALLED_BACK}.items():
            print(f"{name}={value}", flush=True)
        print(f"ready {azure.url}", flush=True)
        while not stop.wait(REPORT):
            world.report(wall_clock())


def break_some(world: World, count: int, seed: int) -> None:
    """So many objects fail now, and their agents say so."""
    now, objects = wall_clock(), list(world.objects())
    chosen = Random(seed).sample(objects, min(count, len(objects)))  # noqa: S311 - which ones is no secret
    for number, one in enumerate(chosen):
        world.fail(one, *failure_of(one, number), now)
    world.report(now)


def _fault(text: str) -> tuple[str, str]:
    kind, _, name = text.partition("=")
    if kind not in KINDS or name not in FAULTS:
        raise argparse.ArgumentTypeError(f"kinds: {', '.join(KINDS)}; names: {', '.join(FAULTS)}")
    return kind, name


def _end_with_stdin(stop: threading.Event) -> None:
    while os.read(0, 1024):
        pass
    stop.set()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.azure", description="An Azure on this machine.")
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port")
    parser.add_argument("--fleet", type=int, default=12, metavar="CLUSTERS")
    parser.add_argument("--objects", type=int, default=20, help="Flux objects on each cluster")
    parser.add_argument("--failing", type=int, default=0, help="so many of them fail")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same fleet")
    parser.add_argument(
        "--fault", type=_fault, action="append", default=[], metavar="KIND=NAME", help="befalls every such call"
    )
    parser.add_argument("--with-parent", action="store_true", help="stop when standard input ends, as when the parent dies")
    return parser.parse_args()


if __name__ == "__main__":
    main()
