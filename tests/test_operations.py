"""What docs/operations.md says of gaps, findings and log lines is what the code does."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import chain
from pathlib import Path

import pytest

from shared.core.causes import CAUSES
from shared.core.coverage import EXPECT_TAG, KINDS, MUTE_TAG, NEWEST, Gap
from shared.core.gaps import GAPS as JUDGES
from shared.core.trouble import Trouble

HOME = Path(__file__).parents[1]
SWEEPS = ("jobs/sweep_compliance.py", "core/compliance_findings.py", "core/log_findings.py")
ADAPTERS = ("adapters/resource_graph.py", "adapters/resource_manager.py")
WRITES = frozenset({"debug", "info", "warning", "error", "exception", "log"})
LIMITS = {"CONFIGURATION_LIMIT": "24 h", "SYNC_LIMIT": "6 h", "AGENT_LIMIT": "1 h"}


def section(heading: str) -> str:
    """From the heading to the next one of its level, or of a higher one."""
    level = heading.partition(" ")[0]
    text = (HOME / "docs/operations.md").read_text("utf-8").split(f"\n{heading}\n")[1]
    return re.split(rf"\n#{{1,{len(level)}}} ", text)[0]


def rows(text: str) -> Iterator[list[str]]:
    """The cells of each row of its tables, without heads."""
    for line in text.splitlines():
        if line.startswith("| `"):
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


def names(text: str) -> list[str]:
    return [name for row in rows(text) for name in re.findall(r"`([^`]+)`", row[0])]


GAPS: Mapping[str, list[str]] = {row[0].strip("`"): row for row in rows(section("## Coverage")) if len(row) == 5}


def calls(paths: tuple[str, ...]) -> Iterator[ast.Call]:
    trees = (ast.parse((HOME / "shared" / path).read_text("utf-8")) for path in paths)
    return (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call))


def beginning(text: ast.expr) -> str:
    """The text, or that of an f-string up to its first value."""
    if isinstance(text, ast.JoinedStr):
        text = text.values[0]
    return text.value if isinstance(text, ast.Constant) and isinstance(text.value, str) else ""


def found_by_sweeps() -> set[str]:
    """What findings of the sweeps are called, up to what differs between them."""
    named = (call.args[0] for call in calls(SWEEPS) if isinstance(call.func, ast.Name) and call.func.id == "Finding")
    return {beginning(name) for name in named}


def log_texts() -> Iterator[str]:
    """Every text that is written to the log, with its marks for values."""
    for path in chain((HOME / "shared").rglob("*.py"), [HOME / "function_app.py"]):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and _writes(node.func):
                yield from (text for arg in node.args if (text := beginning(arg)))


def _writes(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and function.attr in WRITES and ast.unparse(function.value) in ("log", "logging")


def test_every_gap_is_looked_for_and_in_the_table() -> None:
    assert JUDGES.keys() == GAPS.keys() == KINDS.keys() == {*Gap}


@pytest.mark.parametrize("gap", Gap)
def test_a_gap_is_told_as_the_table_says(gap: Gap) -> None:
    _, kind, severity, when, what_to_do = GAPS[gap]
    assert (kind, severity) == (KINDS[gap], CAUSES[gap].severity)
    assert ("10 min" in when) == (CAUSES[gap].hold_off == timedelta(minutes=10))
    assert CAUSES[gap].hold_off in (timedelta(), timedelta(minutes=10))
    assert what_to_do


def test_limits_of_gaps_are_the_defaults() -> None:
    readme = (HOME / "README.md").read_text("utf-8")
    text = section("## Coverage")
    for setting, limit in LIMITS.items():
        assert f"| `{setting}` | `{limit.replace(' ', '')}` |" in readme
        assert set(re.findall(rf"`{setting}` \(([^)]+)\)", text)) == {limit}
    assert f"or {NEWEST[0]}.{NEWEST[1]} |" in text


def test_the_tags_are_in_their_table() -> None:
    assert [row[0].strip("`") for row in rows(section("## Coverage")) if len(row) == 3] == [EXPECT_TAG, MUTE_TAG]


def test_everything_that_a_sweep_reports_is_in_the_table() -> None:
    assert {"clusters", "visibility", "rows of logs", "logs of "} <= found_by_sweeps()  # it finds them at all
    said = names(section("### What a sweep reports"))
    assert [name for name in found_by_sweeps() if not any(one.startswith(name) for one in said)] == []


def test_what_was_asked_in_vain_is_named_as_in_the_table() -> None:
    text = section("### What a sweep reports")
    source = "".join((HOME / "shared" / path).read_text("utf-8") for path in ADAPTERS)
    for name in ("Resource Graph (", "Azure Resource Manager ("):
        assert f'f"{name}' in source
        assert f"`{name}" in text


def test_every_trouble_is_in_the_table() -> None:
    after = section("### What a sweep reports").split("Why a question was not answered:")[1]
    assert sorted(names(after)) == sorted(Trouble)


@pytest.mark.parametrize("text", sorted(set(log_texts())))
def test_every_log_line_is_explained(text: str) -> None:
    longest = max(re.split(r"%(?:\.\d+)?[sdf]", text), key=len).strip(" ,:(")
    assert longest in section("## Log lines")
