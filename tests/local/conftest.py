"""A text in; the scenario that it is, or the fault that is told, out.

Law: it is loaded as the files among the scenarios are.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import local.scenario
from local.scenario import Scenario, load


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Scenario]:
    """Loads a text as if it were a file among the scenarios."""
    monkeypatch.setattr(local.scenario, "FOLDER", tmp_path)

    def written(text: str) -> Scenario:
        (tmp_path / "own.yaml").write_text(text, "utf-8")
        return load("own")

    return written
