"""This machine in; its Chromium, driven by Playwright, out.

Playwright's own browsers are not downloaded: the distribution's is smaller, patched, and already there on most machines.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = "Chromium is missing: apt-get install chromium"
QUIET = (
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The file in `CHROMIUM`, else the first known name on `PATH`."""
    for name in (environment.get("CHROMIUM", ""), *NAMES):
        if name and (found := shutil.which(name, path=environment.get("PATH"))):
            return Path(found)
    return None


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless browser. Raises `FileNotFoundError` if there is none.

    The sandbox is off only for root, for whom Chromium refuses to start with it.
    """
    executable = find_chromium()
    if executable is None:
        raise FileNotFoundError(MISSING)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=list(QUIET), chromium_sandbox=os.geteuid() != 0)
        try:
            yield chromium
        finally:
            chromium.close()
