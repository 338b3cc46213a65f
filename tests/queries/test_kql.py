"""Rows and KQL in; what local/kql.py answers out: that it is Kusto's meaning, as far as our queries need it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from local.kql import BadQuery, Database, dicts, parameters
from tests.queries.rows import END, START, after, failed, finished, line

OBJECT_LOGS = (Path(__file__).parents[2] / "shared/queries/object_logs.kql").read_text("utf-8")


def test_values_come_as_python_has_them(logs: Database):
    logs.replace(
        "ContainerLogV2", [line({"a": [1, None]}, 1, TimeGenerated="2026-11-20T11:00:00.1234567+01:00", _BilledSize=1.5)]
    )
    found = logs.run(
        "ContainerLogV2 | project TimeGenerated, LogMessage, _BilledSize, PodName, n = 1, span = 90m, yes = 1 == 1"
    )
    assert found.columns == (
        ("TimeGenerated", "datetime"),
        ("LogMessage", "dynamic"),
        ("_BilledSize", "real"),
        ("PodName", "string"),
        ("n", "long"),
        ("span", "timespan"),
        ("yes", "bool"),
    )
    at = datetime(2026, 11, 20, 10, 0, 0, 123456, UTC)
    assert found.rows == [(at, {"a": [1, None]}, 1.5, "kustomize-controller-7c9d8b6f54-hq2wd", 1, timedelta(minutes=90), True)]


def test_a_text_is_never_null_and_everything_else_may_be(logs: Database):
    logs.replace("KubePodInventory", [{"TimeGenerated": START, "Name": None}])
    (row,) = dicts(
        logs.run("KubePodInventory | project Name, PodUid, ContainerRestartCount, PodStartTime, empty = isempty(PodUid)")
    )
    assert row == {"Name": "", "PodUid": "", "ContainerRestartCount": None, "PodStartTime": None, "empty": True}


def test_the_row_with_the_largest_value_is_never_one_without_a_value(logs: Database):
    rows = [line("new", 30, PodName="a"), line("old", 10, PodName="b"), line("none", 20, TimeGenerated=None, PodName="c")]
    logs.replace("ContainerLogV2", rows)
    newest = "| extend At = iff(PodName == 'a', datetime(null), TimeGenerated) | summarize arg_max(At, PodName, LogMessage)"
    assert dicts(logs.run(f"ContainerLogV2 {newest}")) == [{"At": after(10), "PodName": "b", "LogMessage": "old"}]


def test_a_table_has_the_rows_that_it_was_given_last(graph: Database):
    graph.replace("resources", [{"id": "a"}, {"id": "b"}])
    graph.replace("resources", [{"id": "c"}])
    assert graph.run("Resources | project id").rows == [("c",)]


def test_ingestion_time_is_a_column_of_the_rows_or_when_they_were_written(logs: Database):
    logs.replace(
        "KubeEvents", [{"TimeGenerated": START, "Name": "a"}, {"TimeGenerated": START, "Name": "b", "_IngestionTime": END}]
    )
    assert logs.run("KubeEvents | project Name, at = ingestion_time() | order by Name asc").rows == [("a", START), ("b", END)]


def test_the_lets_in_front_are_parameters_whatever_they_say(logs: Database):
    logs.replace("KubeEvents", [{"TimeGenerated": after(at), "Name": f"at {at}"} for at in range(5)])
    query = "KubeEvents | where TimeGenerated > _from - _span and Name != _name | order by Name asc | project Name"
    for seconds in (1, 2):
        given = f'let _from = datetime({after(2).isoformat()});\n// why\nlet _span = {seconds}s;\nlet _name = "at 3";\n'
        assert [name for (name,) in logs.run(f"// profile: x\n{given}{query}").rows] == [
            f"at {at}" for at in range(3 - seconds, 5) if at != 3
        ]


@pytest.mark.parametrize(
    ("literal", "wanted"),
    [
        ("datetime(2026-11-20T10:00:00.000000Z)", ("datetime", "2026-11-20T10:00:00.000000Z")),
        ("86400s", ("timespan", "86400s")),
        ("1500000microsecond", ("timespan", "1500000microsecond")),
        ("timespan(1.02:03:04)", ("timespan", "1.02:03:04")),
        ('"a b"', ("string", "a b")),
    ],
)
def test_every_literal_that_production_writes_is_a_parameter(literal, wanted):
    assert parameters(f"let _x = {literal};\nT | take 1") == ({"_x": wanted}, "\nT | take 1")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ContainerLogV2 | wherever",
        "Nowhere | take 1",
        "ContainerLogV2 | project nothing",
        "let _x = datetime(soon); KubeEvents",
    ],
)
def test_what_cannot_be_executed_is_refused(logs: Database, text):
    with pytest.raises(BadQuery):
        logs.run(text)


def test_a_row_with_a_column_that_the_table_lacks_is_a_mistake(logs: Database):
    with pytest.raises(KeyError):
        logs.replace("KubeEvents", [{"Nmae": "a"}])


def test_several_threads_ask_at_once(logs: Database):
    logs.replace("KubeEvents", [{"TimeGenerated": START, "Name": "a"}])
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda number: logs.run(f"KubeEvents | extend n = {number % 3} | project n").rows, range(12)))
    assert found == [[(number % 3,)] for number in range(12)]


def test_the_query_behind_the_logs_button_finds_an_objects_lines(logs: Database):
    logs.replace("ContainerLogV2", [line(failed("broken"), 1), line(finished(), 2), line(finished("other"), 3)])
    given = {
        "_kind": "Kustomization",
        "_namespace": "flux-system",
        "_name": "apps",
        "_cluster": line("")["_ResourceId"].lower(),
    }
    lets = "".join(f'let {name} = "{value}";\n' for name, value in given.items())
    assert [(row["Level"], row["Text"][:24]) for row in dicts(logs.run(lets + OBJECT_LOGS))] == [
        ("info", "Reconciliation finished "),
        ("error", "Reconciler error: broken"),
    ]
