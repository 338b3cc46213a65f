"""What the documents list is what there is."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from shared.settings import Settings

HOME = Path(__file__).parents[1]
HOSTS_OWN = {"FUNCTIONS_WORKER_RUNTIME", "PYTHON_THREADPOOL_THREAD_COUNT"}  # read by the Functions host and worker


def sample() -> dict[str, str]:
    return json.loads((HOME / "local.settings.sample.json").read_text("utf-8"))["Values"]


def read_by_settings() -> set[str]:
    """Every name that a module of the settings passes to the reader."""
    trees = [ast.parse(path.read_text("utf-8")) for path in (HOME / "shared").glob("setting*.py")]
    nodes = (node for tree in trees for node in ast.walk(tree))
    words = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {word.split("__")[0] for word in words if re.fullmatch(r"[A-Z][A-Z0-9_]{5,}|AzureWebJobsStorage", word)}


def in_readme() -> set[str]:
    text = (HOME / "README.md").read_text("utf-8").split("## Settings")[1].split("\n## ")[0]
    rows = [row.split("|")[1] for row in text.splitlines() if row.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


def test_every_setting_is_in_the_sample() -> None:
    assert sample().keys() - HOSTS_OWN == read_by_settings()


def test_every_setting_is_in_the_readme() -> None:
    assert in_readme() == read_by_settings()


def test_the_sample_is_a_right_configuration() -> None:
    settings = Settings.from_env(sample())
    assert settings == Settings.from_env({name: value for name, value in sample().items() if value})


def test_the_defaults_in_the_sample_are_the_defaults() -> None:
    needed = ("AzureWebJobsStorage", "FLUX_HMAC_KEY", "TEAMS_WEBHOOK_URL", "FLUXWATCH_URL")
    required = {name: text for name, text in sample().items() if name in needed or name.endswith("_SCHEDULE")}
    assert Settings.from_env(required) == Settings.from_env(sample())


def test_the_readme_lists_every_function() -> None:
    tree = ast.parse((HOME / "function_app.py").read_text("utf-8"))
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.decorator_list}
    text = (HOME / "README.md").read_text("utf-8")
    assert functions == set(re.findall(r"^\| `([a-z_]+)` \|", text, re.MULTILINE))


@pytest.mark.parametrize(
    "document", sorted([*HOME.glob("*.md"), *(HOME / "docs").rglob("*.md")]), ids=lambda path: str(path.relative_to(HOME))
)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", document.read_text("utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_every_make_target_that_documents_name_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (HOME / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {
        target
        for document in [*HOME.glob("*.md"), *(HOME / "docs").rglob("*.md")]
        for target in re.findall(r"(?:^|`)make (?:-s )?([a-z-]+)", document.read_text("utf-8"), re.MULTILINE)
    }
    assert named <= targets


def test_every_scenario_that_documents_name_exists() -> None:
    scenarios = {path.stem for path in (HOME / "local/scenarios").glob("*.yaml")}
    documents = [*HOME.glob("*.md"), *(HOME / "docs").rglob("*.md")]
    named = {one for document in documents for one in re.findall(r"SCENARIO=([a-z-]+)", document.read_text("utf-8"))}
    assert named <= scenarios


def test_links_to_headings_lead_to_one() -> None:
    broken = []
    for document in [*HOME.glob("*.md"), *(HOME / "docs").rglob("*.md")]:
        for file, anchor in re.findall(r"\]\((?!https?://)([^)#]*)#([^)]+)\)", document.read_text("utf-8")):
            heads = re.findall(r"^#+ (.+)$", (document.parent / file if file else document).read_text("utf-8"), re.MULTILINE)
            if anchor not in {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}:
                broken.append(f"{document.name}: {file}#{anchor}")
    assert broken == []


def test_decisions_are_listed() -> None:
    folder = HOME / "docs/decisions"
    listed = set(re.findall(r"\((\d{4}-[^)]+)\)", (folder / "README.md").read_text("utf-8")))
    assert listed == {path.name for path in folder.glob("0*.md")}
