"""The files of shared/queries in; what Microsoft's analyser and our own rules say of them out. Nothing is executed."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from local.kql import Database
from tests.queries.rows import ask

HOME = Path(__file__).parents[2]
FILES = {path.stem: path.read_text("utf-8") for path in sorted((HOME / "shared/queries").glob("*.kql"))}
ASKED = sorted(name for name, text in FILES.items() if "// kind: link" not in text)
GRAPH, LOGS = FILES["subscriptions"], FILES["flux_controllers"]

TYPES = {
    "clusters": "string string string string string string string string datetime dynamic",
    "flux_configurations": "string string string string string string string string string datetime datetime"
    " string string bool string dynamic",
    "flux_controllers": "string string long datetime",
    "flux_errors": "string string string string string long long datetime datetime datetime string string string",
    "flux_events": "string string string string string long datetime datetime string",
    "flux_extensions": "string string string string bool string string string string",
    "flux_pods": "string string string string long long string string string datetime",
    "flux_stalled": "string string string string string datetime datetime datetime long string string",
    "subscriptions": "string string string string",
}
"""What the columns of a header are made of: the other half of the contract with Python."""

WRONG = {
    "an unknown column": (LOGS.replace("PodNamespace", "Namespace"), "KS142"),
    "an unknown table": (LOGS.replace("\nContainerLogV2", "\nContainerLog"), "KS204"),
    "an unknown function": (LOGS.replace("tolower(", "lower("), "KS211"),
    "a wrong type": (LOGS.replace("max(TimeGenerated)", "sum(_ResourceId)"), "KS138"),
    "a parameter that is not declared": (LOGS.replace("// param: _end:datetime\n", ""), "KS142"),
    "a parameter that is not used": (
        LOGS.replace("// param: _end", "// param: _lookback:timespan\n// param: _end"),
        "_lookback",
    ),
    "a parameter of an unknown type": (LOGS.replace("_end:datetime", "_end:date"), "_end is a date"),
    "a mistake in writing": (LOGS.replace("| where", "| were", 1), "KS"),
    "other columns than promised": (LOGS.replace("Lines,LastSeen", "LastSeen,Lines"), "columns: the query returns"),
    "another table than promised": (LOGS.replace("table: ContainerLogV2", "table: KubeEvents"), "table: the query reads"),
    "another profile": (LOGS.replace("profile: loganalytics", "profile: kusto"), "profile: kusto"),
    "another kind": (LOGS.replace("kind: sweep", "kind: arg"), "kind: arg"),
    "a let in Resource Graph": (
        GRAPH.replace("\nresourcecontainers", "\nlet unused = 1;\nresourcecontainers"),
        "let is not part",
    ),
    "an operator that Resource Graph lacks": (GRAPH.replace("| order", "| serialize | order"), "operator is not part"),
    "a function that Resource Graph lacks": (GRAPH.replace("name,", "name, at = ingestion_time(),"), "function is not part"),
    "a take in Resource Graph": (GRAPH.replace("| order", "| take 5 | order"), "take: Resource Graph gives no"),
    "a Resource Graph query without id": (
        GRAPH.replace("project id,", "project row = id,").replace("by id", "by row"),
        "without id",
    ),
    "a Resource Graph query without order": (GRAPH.replace("| order by id asc", ""), "pages need an order"),
}
"""A query with one mistake, and a word of what is said of it."""


@pytest.fixture(scope="module")
def verdicts() -> dict[str, dict]:
    """Of all files and of all mistakes, in one run: the analyser takes seconds to start."""
    node = shutil.which("node")
    if not (node and (HOME / "node_modules/@kusto/language-service-next").is_dir()):
        pytest.skip("QUERIES ARE NOT ANALYSED: the analyser is not installed (make setup, with Node.js 20 or newer)")
    asked = FILES | {mistake: text for mistake, (text, _) in WRONG.items()}
    done = subprocess.run(
        [node, "tests/queries/validate.mjs"], input=json.dumps(asked), capture_output=True, text=True, cwd=HOME, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", FILES)
def test_a_query_is_sound_and_returns_what_its_header_promises(verdicts, name):
    assert verdicts[name]["problems"] == []


@pytest.mark.parametrize("name", ASKED)
def test_the_columns_of_a_query_have_the_types_of_the_contract(verdicts, name):
    assert " ".join(kind for _, kind in verdicts[name]["columns"]) == TYPES[name]


@pytest.mark.parametrize("mistake", WRONG)
def test_a_mistake_in_a_query_is_found(verdicts, mistake):
    said = verdicts[mistake]["problems"]
    assert any(WRONG[mistake][1] in problem for problem in said), said


@pytest.mark.parametrize("name", ASKED)
def test_a_query_over_no_rows_answers_no_rows(logs: Database, graph: Database, name):
    assert ask(graph if "// kind: arg" in FILES[name] else logs, name, []) == []


def test_both_queries_of_lines_have_one_notion_of_what_failed_and_what_went_well():
    def notions(name: str) -> list[str]:
        words = (
            "| extend Hidden",
            "and Msg has_any",
            "| extend Text",
            "Msg == ",
            "| extend IsError",
            "and not(Text",
            "IsOk = Level",
        )
        return [text for text in FILES[name].splitlines() if text.strip().startswith(words)]

    assert notions("flux_errors") == notions("flux_stalled")
    assert len(notions("flux_errors")) == 7


def test_every_query_of_logs_reads_the_controller_from_the_name_of_the_pod_in_the_same_way():
    ways = {
        text[text.index("coalesce(extract(") :].rstrip(",")
        for one in FILES.values()
        for text in one.splitlines()
        if "6,10" in text
    }
    assert len(ways) == 1
