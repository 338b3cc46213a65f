"""Every cause reads well in a card, says what to do, and leads to a runbook; the runbooks are complete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shared.core.causes import ALL, CAUSES, Cause
from shared.core.remedies import REMEDIES

RUNBOOKS = Path(__file__).parents[2] / "docs" / "runbooks"


def test_every_cause_has_one_row_and_one_remedy() -> None:
    assert len(ALL) == len(CAUSES)
    assert set(CAUSES) == set(REMEDIES)


@pytest.mark.parametrize("cause", ALL, ids=lambda cause: cause.id)
def test_a_cause_reads_well_in_a_card_and_leads_to_a_runbook(cause: Cause) -> None:
    assert re.fullmatch(r"\S.{3,58}[^.\s]", cause.title)
    assert 40 <= len(cause.remedy) <= 240
    assert not re.search(r"[<>*`\n]|  ", cause.remedy)  # plain text, and nothing that Teams would take for markup
    runbook = (RUNBOOKS / f"{cause.runbook}.md").read_text(encoding="utf-8")
    assert f"| {cause.title} |" in runbook  # whoever searches for the words of the card finds them


def cause_runbooks() -> list[Path]:
    """Those that begin with Flux belong to the alert of that name."""
    return [path for path in RUNBOOKS.glob("*.md") if path.stem != "README" and not path.stem.startswith("Flux")]


def test_the_list_of_runbooks_is_the_files_is_the_names_in_the_table() -> None:
    listed = re.findall(r"^\| \[(\w+)\]\(\1\.md\) \|", (RUNBOOKS / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    files = {path.stem for path in cause_runbooks()}
    assert sorted(name for name in listed if not name.startswith("Flux")) == sorted(files)
    assert files == {cause.runbook for cause in ALL}


@pytest.mark.parametrize("path", cause_runbooks(), ids=lambda path: path.stem)
def test_a_runbook_says_what_it_means_whom_it_hurts_how_to_look_and_what_to_do(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"^#+ .*", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE) == [
        f"# {path.stem}",
        "## Meaning",
        "## Impact",
        "## Diagnosis",
        "## Mitigation",
    ]
    assert "```sh" in text.partition("## Diagnosis")[2]
    assert [link for link in re.findall(r"\]\((\w+\.md)\)", text) if not (RUNBOOKS / link).exists()] == []
