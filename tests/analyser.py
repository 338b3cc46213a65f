"""KQL by name in; what Microsoft's analyser says of each query (tests/queries/validate.mjs) out.

Law: it executes nothing; where it is not installed, the test that asks is skipped and says so.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

HOME = Path(__file__).parents[1]

type Analyser = subprocess.Popen[str] | None
"""At work; None where it is not installed."""


@contextmanager
def at_work(queries: Mapping[str, str], folder: Path) -> Iterator[Analyser]:
    """On all of the queries while other tests run, for it takes seconds. The folder takes what it is asked."""
    node = shutil.which("node")
    if not (node and (HOME / "node_modules/@kusto/language-service-next").is_dir()):
        yield None
        return
    asked = folder / "queries.json"
    asked.write_text(json.dumps(queries), "utf-8")
    command = [node, "tests/queries/validate.mjs"]
    pipe = subprocess.PIPE
    with (
        asked.open() as questions,
        subprocess.Popen(command, stdin=questions, stdout=pipe, stderr=pipe, text=True, cwd=HOME) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def verdicts(analyser: Analyser) -> dict[str, dict[str, Any]]:
    """{"<name>": {"columns": [[name, type]], "problems": []}}. Waits until the analyser is done."""
    if analyser is None:
        pytest.skip("QUERIES ARE NOT ANALYSED: the analyser is not installed (make setup, with Node.js 20 or newer)")
    answer, complaint = analyser.communicate()
    assert analyser.returncode == 0, complaint
    said: dict[str, dict[str, Any]] = json.loads(answer)
    return said
