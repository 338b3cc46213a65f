"""The size of a fleet in; the simulated Azure in a process of its own, ready at an address, out.

For benchmarks: what it costs to simulate is not counted as Fluxwatch's. It stops when the process that started it ends.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.request import urlopen

_HOME = Path(__file__).parents[2]
NO_FAULTS: Mapping[str, str] = MappingProxyType({})
_STOP_LIMIT = 5.0  # seconds


class AzureProcess:
    """A context manager. `settings` point Fluxwatch at it; `account()` says what was asked. `faults` befall every call: names
    of faults by kind of call, as in `faults.FAULTS` and `KINDS`.
    """

    def __init__(
        self,
        fleet: int,
        objects: int = 20,
        *,
        failing: int = 0,
        seed: int = 1,
        port: int = 0,
        faults: Mapping[str, str] = NO_FAULTS,
    ) -> None:
        sizes = {"--fleet": fleet, "--objects": objects, "--failing": failing, "--seed": seed, "--port": port}
        options = [str(part) for option in sizes.items() for part in option]
        options += [f"--fault={kind}={name}" for kind, name in faults.items()]
        self._command = [sys.executable, "-m", "local.azure", *options, "--with-parent"]
        self._process: subprocess.Popen[str] | None = None
        self.settings: Mapping[str, str] = {}
        self.url = ""

    def __enter__(self) -> AzureProcess:
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(self._command, cwd=_HOME, stdin=pipe, stdout=pipe, text=True, start_new_session=True)
        lines = list(iter(self._line, ""))
        self.settings = dict(line.split("=", 1) for line in lines if "=" in line)
        if not self.url:
            self.__exit__()
            raise RuntimeError("the simulated Azure did not start; its last words are above")
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is None:
            return
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        try:
            self._process.wait(_STOP_LIMIT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def account(self) -> dict[str, Any]:
        """`calls` by kind, `asked` by query, `world`: clusters, objects, failing."""
        with urlopen(f"{self.url}/simulation", timeout=10) as answer:  # noqa: S310 - an address of our own, on this machine
            return dict(json.load(answer))

    def _line(self) -> str:
        """Up to the one that says that it is ready; empty at the end."""
        line = (self._process.stdout.readline() if self._process and self._process.stdout else "").strip()
        if line.startswith("ready "):
            self.url = line.removeprefix("ready ")
            return ""
        return line
