"""Our app and an empty one in; how long the local host takes to be ready with each out, and what the import takes of it.

Law: both hosts get the same settings and start in turn; the first start of each, which writes the .pyc files, does not count.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.figure import Report, figure, in_turn, ratio
from bench.scale import Scale
from local.host.process import HostProcess

TARGET = 1.4  # times the host with an empty app
HOME = Path(__file__).parents[1]
STORAGE = "UseDevelopmentStorage=true"  # named, and not asked: a start reads nothing
SETTINGS = {
    "FLUX_HMAC_KEY": "benchmark-key-that-signs-nothing-real",
    "TEAMS_WEBHOOK_URL": "https://example.com/webhook",
    "NOTIFY_SCHEDULE": "*/10 * * * * *",
}
EMPTY = """\
import azure.functions as func

app = func.FunctionApp()


@app.route("ping", auth_level=func.AuthLevel.ANONYMOUS)
def ping(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("pong")
"""
_IMPORT = """\
import sys, time
sys.path.insert(0, {folder!r})
begin = time.perf_counter()
import function_app
print(time.perf_counter() - begin)
"""


def run(scale: Scale) -> Report:
    """From the start of the process to `ready`; and the import alone, in an interpreter that is already up."""
    with tempfile.TemporaryDirectory() as folder:
        empty = empty_app(Path(folder))
        hosts = in_turn(scale.runs, {"ours": _ready(HOME), "empty": _ready(empty)})
        imports = in_turn(scale.runs, {"ours": _imported(HOME), "empty": _imported(empty)})
    figures = [
        figure("host ready, Fluxwatch", "ms", hosts["ours"]),
        figure("host ready, empty app", "ms", hosts["empty"]),
        ratio("host ready, to an empty app", hosts["ours"], hosts["empty"], target=TARGET),
        figure("import, Fluxwatch", "ms", imports["ours"]),
        figure("import, empty app", "ms", imports["empty"]),
        ratio("import, to an empty app", imports["ours"], imports["empty"]),
    ]
    return Report("cold start in the local host, without timers", figures)


def empty_app(folder: Path) -> Path:
    """The least that Azure Functions runs: one function, without a key."""
    (folder / "function_app.py").write_text(EMPTY, "utf-8")
    (folder / "host.json").write_text('{"version": "2.0"}', "utf-8")
    return folder


def _ready(app: Path) -> Callable[[], float]:
    def measure() -> float:
        host = HostProcess(app, SETTINGS, timers=False, storage=STORAGE)
        begin = time.perf_counter()
        host.start()
        spent = time.perf_counter() - begin
        host.stop()
        return spent * 1e3

    return measure


def _imported(app: Path) -> Callable[[], float]:
    code = _IMPORT.format(folder=str(app))

    def measure() -> float:
        done = subprocess.run([sys.executable, "-c", code], cwd=app, stdout=subprocess.PIPE, text=True, check=True)
        return float(done.stdout) * 1e3

    return measure
