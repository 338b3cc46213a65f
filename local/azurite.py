"""A folder for its state, or none, in; Azure storage on this machine, as a connection string, out.

Runs Azurite from node_modules. It ends when its standard input does, so it never outlives its parent, even one that is killed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
from collections import deque
from pathlib import Path

ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="  # Azurite's own, in its README
SERVICES = ("Blob", "Queue", "Table")

_ENTRY = Path(__file__).parents[1] / "node_modules/azurite/dist/src/azurite.js"
_END_WITH_PARENT = """
const end = () => { process.kill(process.pid, "SIGTERM"); setTimeout(() => process.exit(0), 2000).unref() };
process.stdin.on("end", end).resume();
require(process.argv[1]);
"""
_OPTIONS = (
    "--silent",
    "--skipApiVersionCheck",
    "--disableTelemetry",
    "--blobPort",
    "0",
    "--queuePort",
    "0",
    "--tablePort",
    "0",
)
_LISTENING = re.compile(r"Azurite (\w+) service is successfully listening at (http://\S+)")
_START_LIMIT, _STOP_LIMIT = 60.0, 5.0  # seconds; it needs one or two


class AzuriteError(Exception):
    """Azurite cannot be started; the message says what is missing, or what it said last."""


class Azurite:
    """A running Azurite. A context manager, which stops it at the end."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._endpoints: dict[str, str] = {}
        self._last: deque[str] = deque(maxlen=20)
        self._ended = False
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, name="azurite", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """Of the node process."""
        return self._process.pid

    @property
    def connection_string(self) -> str:
        """For AzureWebJobsStorage and the storage SDKs."""
        endpoints = "".join(f"{name}Endpoint={url.rstrip('/')}/{ACCOUNT};" for name, url in self._endpoints.items())
        return f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};{endpoints}"

    def wait(self) -> Azurite:
        """Until all services listen. Raises `AzuriteError` with the last lines of output if that does not happen."""
        with self._changed:
            self._changed.wait_for(lambda: self._ready or self._ended, _START_LIMIT)
        if not self._ready:
            self.stop()
            raise AzuriteError("\n".join(["Azurite did not start. Its last words:", *self._last]))
        return self

    def stop(self) -> None:
        """Ends it; with a location, its state is written first. Again: nothing."""
        if self._process.stdin and not self._process.stdin.closed:
            self._process.stdin.close()
        try:
            self._process.wait(_STOP_LIMIT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(_STOP_LIMIT)
        if self._process.stdout:
            self._process.stdout.close()

    def __enter__(self) -> Azurite:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def _ready(self) -> bool:
        return len(self._endpoints) == len(SERVICES)

    def _read(self) -> None:
        """Reads to the end, or the pipe would fill up and Azurite stand still."""
        for line in self._process.stdout or ():
            with self._changed:
                self._last.append(line.rstrip())
                if found := _LISTENING.search(line):
                    self._endpoints[found[1]] = found[2]
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()


def start_azurite(*, location: Path | None = None) -> Azurite:
    """Blob, queue and table storage on free ports: in memory, or kept in the folder `location`."""
    node = shutil.which("node")
    if node is None:
        raise AzuriteError("Node.js is not on PATH: install Node.js 20 or newer")
    if not _ENTRY.is_file():
        raise AzuriteError("node_modules/azurite is missing: run make setup")
    state = ["--location", str(location)] if location else ["--inMemoryPersistence"]
    process = subprocess.Popen(
        [node, "-e", _END_WITH_PARENT, str(_ENTRY), *_OPTIONS, *state],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # Ctrl-C is for the parent, which stops Azurite when it is done with it
    )
    azurite = Azurite(process)
    try:
        return azurite.wait()
    except BaseException:  # Ctrl-C while it starts: it must not outlive us
        azurite.stop()
        raise
