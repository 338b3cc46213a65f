"""Nothing in; the tables of Log Analytics and of Resource Graph, and what the analyser says of all queries, out."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from local.kql import Database
from tests.queries.texts import FILES, HOME, WRONG


@pytest.fixture(scope="session")
def logs() -> Database:
    return Database("loganalytics")


@pytest.fixture(scope="session")
def graph() -> Database:
    return Database("resourcegraph")


@pytest.fixture(scope="session", autouse=True)
def analyser(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[subprocess.Popen[str] | None]:
    """At work on all queries while other tests run, for it takes seconds. None where nobody wants it or it is not installed."""
    node = shutil.which("node")
    wanted = any(item.path.name == "test_validation.py" for item in request.session.items)
    if not (wanted and node and (HOME / "node_modules/@kusto/language-service-next").is_dir()):
        yield None
        return
    asked = tmp_path_factory.mktemp("queries") / "queries.json"
    asked.write_text(json.dumps(FILES | {mistake: text for mistake, (text, _) in WRONG.items()}), "utf-8")
    with (
        asked.open() as questions,
        subprocess.Popen(
            [node, "tests/queries/validate.mjs"],
            stdin=questions,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=HOME,
        ) as process,
    ):
        yield process
        process.kill()


@pytest.fixture(scope="session")
def verdicts(analyser: subprocess.Popen[str] | None) -> dict[str, dict]:
    """What is said of each file, and of each mistake."""
    if analyser is None:
        pytest.skip("QUERIES ARE NOT ANALYSED: the analyser is not installed (make setup, with Node.js 20 or newer)")
    answer, complaint = analyser.communicate()
    assert analyser.returncode == 0, complaint
    return json.loads(answer)
