"""Nothing in; Fluxwatch from end to end out: one storage for all tests, and a host for each file of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from local.azurite import Azurite
from tests import parts


@pytest.fixture(scope="session")
def storage() -> Azurite:
    pytest.importorskip("azure_functions_runtime", reason="Microsoft's worker library exists for Python 3.13 and newer")
    return parts.azurite()


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the app."""
    return parts.app_folder(tmp_path_factory.mktemp("e2e"))


@pytest.fixture(scope="module")
def stage_of(storage: Azurite, app: Path) -> Iterator[Callable[..., Any]]:
    """Sets a stage with the given settings; it stays until the file's last test."""
    from tests.stage import stage

    with ExitStack() as stack:
        yield lambda *settings, **options: stack.enter_context(stage(app, storage.connection_string, *settings, **options))


@pytest.fixture(scope="module")
def fluxwatch(stage_of: Callable[..., Any]) -> Any:
    """With the usual settings."""
    return stage_of()
