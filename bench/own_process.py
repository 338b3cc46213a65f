"""A module, its arguments and its settings in; what it found in a process of its own, which it prints as JSON, out.

Law: what is measured has its process to itself: its processor time and its memory are nobody else's.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_HOME = Path(__file__).parents[1]


def found_by(module: str, *arguments: object, **settings: str) -> Any:
    """`settings` are added to the environment. Raises `subprocess.CalledProcessError` if it fails."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(command, cwd=_HOME, env={**os.environ, **settings}, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def told(found: Mapping[str, Any]) -> None:
    """The other side of `found_by`."""
    print(json.dumps(found))


def peak_mb() -> float:
    """The most memory that this process ever had, in MB. getrusage would tell of the parent as well: Linux hands its peak on
    to a child.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # bytes, on macOS
