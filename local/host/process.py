"""An app's folder and its settings in; the host in a process of its own, ready at an address, out.

For the demo and the end-to-end tests. The host stops when the process that started it ends, however it ends.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

_HOME = Path(__file__).parents[2]
_INHERITED = ("PATH", "HOME", "LANG", "TMPDIR")  # no more: what a developer has set must not change what is tested
_READY = "ready http://"
_START_LIMIT, _STOP_LIMIT = 90.0, 20.0  # seconds; it needs less than one, three with Azurite


class HostFailed(Exception):
    """The host ended, or did not get ready in time. The message is its output."""


class HostProcess:
    """A context manager; or `start`, then `stop` or `kill`. `storage` is a connection string, or None for an own Azurite."""

    def __init__(
        self,
        app_dir: Path,
        env: Mapping[str, str],
        *,
        port: int = 0,
        timers: bool = True,
        keys: Path | None = None,
        storage: str | None,
    ) -> None:
        options = ["--app", str(app_dir), "--port", str(port), "--with-parent"]
        options += [] if timers else ["--no-timers"]
        options += ["--keys", str(keys)] if keys else []
        self._command = [sys.executable, "-m", "local.host", *options]
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        self._env = {**inherited, **({"AzureWebJobsStorage": storage} if storage else {}), **env}
        self._lines: list[str] = []
        self._changed = threading.Condition()
        self._ended = False
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    @property
    def pid(self) -> int:
        """Of the host; what it started has other ids."""
        return self._running.pid

    @property
    def output(self) -> list[str]:
        """The lines that it printed so far."""
        with self._changed:
            return list(self._lines)

    def start(self) -> HostProcess:
        """Returns when the functions are indexed. Raises `HostFailed` with the output otherwise."""
        self._process = subprocess.Popen(
            self._command,
            cwd=_HOME,
            env=self._env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, name="host output", daemon=True)
        self._reader.start()
        with self._changed:
            self._changed.wait_for(lambda: self.url or self._ended, _START_LIMIT)
        if not self.url:
            self.kill()
            raise HostFailed("\n".join(["the host did not get ready:", *self._lines]))
        return self

    def stop(self) -> int:
        """SIGTERM; waits for the end and returns the exit code, 0 if all went well."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """SIGKILL: the host has no chance to tidy up."""
        return self._end(signal.SIGKILL)

    def wait_for(self, words: str, *, count: int = 1, limit: float = 20) -> str:
        """The line that holds `words` for the `count`-th time. Raises `HostFailed` if it does not come in `limit` seconds."""

        def found() -> list[str]:
            return [line for line in self._lines if words in line]

        with self._changed:
            self._changed.wait_for(lambda: self._ended or len(found()) >= count, limit)
            if len(found()) >= count:
                return found()[count - 1]
        raise HostFailed("\n".join([f"the host did not print: {words}", *self.output]))

    def __enter__(self) -> HostProcess:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            raise HostFailed("the host was not started")
        return self._process

    def _end(self, number: signal.Signals) -> int:
        process = self._running
        process.send_signal(number)  # does nothing to one that has ended
        try:
            process.wait(_STOP_LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
        code = process.wait()
        self._reader.join(_STOP_LIMIT)
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()
        return code

    def _read(self) -> None:
        for line in self._running.stdout or ():
            with self._changed:
                self._lines.append(line.rstrip("\n"))
                if line.startswith(_READY):
                    self.url = line.removeprefix("ready ").strip()
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()
