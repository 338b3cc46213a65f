"""A card in; its text, and the text that was agreed for it, out.

Law: nothing is agreed unseen: UPDATE_CARDS=1 writes the card into its file, and the test fails all the same.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from shared.core.card_elements import Element


def text(made: Element) -> str:
    """As it stands in a file of agreed cards."""
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def agreed(file: Path, made: str) -> str:
    """The text of the file, which `made` replaces first where the environment asks for that."""
    if os.environ.get("UPDATE_CARDS"):
        file.write_text(made, "utf-8")
        pytest.fail("rewritten: read the difference, then run again without UPDATE_CARDS")
    return file.read_text("utf-8")
