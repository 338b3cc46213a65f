"""The files of shared/queries and of shared/rules/logs in; what Microsoft's analyser and our own rules say of them out.

Law: the analyser executes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.kql import Database
from tests.analyser import Analyser, at_work
from tests.analyser import verdicts as said_by
from tests.queries.rows import ask
from tests.queries.texts import FILES, RULES, WRONG

ASKED = sorted(name for name, text in FILES.items() if "// kind: link" not in text)

TYPES = {
    "alert_workspaces": "string string string string dynamic string",
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


@pytest.fixture(scope="module", autouse=True)
def analyser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Analyser]:
    asked = FILES | RULES | {mistake: text for mistake, (text, _) in WRONG.items()}
    with at_work(asked, tmp_path_factory.mktemp("queries")) as process:
        yield process


@pytest.fixture(scope="module")
def verdicts(analyser: Analyser) -> dict[str, dict]:
    """What is said of each file, and of each mistake."""
    return said_by(analyser)


@pytest.mark.parametrize("name", ASKED)
def test_a_query_over_no_rows_answers_no_rows(logs: Database, graph: Database, name):
    assert ask(graph if "// kind: arg" in FILES[name] else logs, name, []) == []


@pytest.mark.parametrize("name", [*FILES, *RULES])
def test_a_query_is_sound_and_returns_what_its_header_promises(verdicts, name):
    assert verdicts[name]["problems"] == []


@pytest.mark.parametrize("name", ASKED)
def test_the_columns_of_a_query_have_the_types_of_the_contract(verdicts, name):
    assert " ".join(kind for _, kind in verdicts[name]["columns"]) == TYPES[name]


@pytest.mark.parametrize("name", RULES)
def test_a_rule_returns_a_time_a_cluster_an_object_or_controller_and_one_measure(verdicts, name):
    columns = verdicts[name]["columns"]
    assert [column for column, _ in columns[:-1]] == ["TimeGenerated", "_ResourceId", "Kind", "Namespace", "Name"]
    assert [kind for _, kind in columns] == ["datetime", "string", "string", "string", "string", "long"]


@pytest.mark.parametrize("mistake", WRONG)
def test_a_mistake_in_a_query_is_found(verdicts, mistake):
    said = verdicts[mistake]["problems"]
    assert any(WRONG[mistake][1] in problem for problem in said), said


def test_all_queries_of_lines_have_one_notion_of_what_failed_and_what_went_well():
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
        return [text for text in (FILES | RULES)[name].splitlines() if text.strip().startswith(words)]

    assert notions("flux_errors") == notions("flux_stalled") == notions("FluxControllerErrors")
    assert len(notions("flux_errors")) == 7


def test_every_query_of_logs_reads_the_controller_from_the_name_of_the_pod_in_the_same_way():
    ways = {
        text[text.index("coalesce(extract(") :].rstrip(",").replace(", Name), Name)", ", PodName), PodName)")
        for one in (FILES | RULES).values()
        for text in one.splitlines()
        if "6,10" in text
    }
    assert len(ways) == 1
