"""The text of a function_app.py in; a host process that runs it out.

One process for a test module: hosts start in about half a second, and there are many tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

Start = Callable[..., Any]


@pytest.fixture(scope="module")
def host_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts a host for an app. Other files of the app are given as name → text, the rest goes to `HostProcess`."""
    pytest.importorskip("azure_functions_runtime", reason="Microsoft's worker library exists for Python 3.13 and newer")
    from local.host.process import HostProcess

    with ExitStack() as stack:

        def start(source: str, files: dict[str, str] | None = None, **options: Any) -> HostProcess:
            folder: Path = tmp_path_factory.mktemp("app")
            for name, text in {"function_app.py": source, **(files or {})}.items():
                (folder / name).write_text(text, "utf-8")
            env = options.pop("env", {})
            return stack.enter_context(HostProcess(folder, env, **{"storage": "none", "timers": False, **options}))

        yield start
