"""What holds for every test: Hypothesis tries the same examples on every machine and every run; what takes long goes first.

Law: a test that is red is red for everybody, and again tomorrow.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

HOME = Path(__file__).parent
LONGEST_FIRST = ("e2e/test_kill.py", "e2e", "local/teams", "local", "adapters", "queries")
"""Files and folders: a worker takes a file whole, and a long one that is taken last keeps the other waiting. Then the rest."""

settings.register_profile(
    "steady",
    derandomize=True,
    deadline=None,  # a busy machine is no fault of the code
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Within a file, and between files of one folder, the order stays."""
    items.sort(key=lambda item: _turn(item.path.relative_to(HOME).as_posix()))


def _turn(path: str) -> int:
    return next((turn for turn, begin in enumerate(LONGEST_FIRST) if path.startswith(begin)), len(LONGEST_FIRST))
