"""A machine in; promtool, or the reason why it is not asked, out.

Law: a missing program is a skip on a desk, and a failure where FLUXWATCH_REQUIRE_PROMTOOL=1.
"""

from __future__ import annotations

import os

import pytest

from tests.rules.promtool import MISSING, find_promtool


@pytest.fixture
def promtool() -> None:
    """Tests that ask for it run promtool."""
    if not find_promtool():
        (pytest.fail if os.environ.get("FLUXWATCH_REQUIRE_PROMTOOL") == "1" else pytest.skip)(MISSING)
