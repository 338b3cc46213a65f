"""The address of a page in; a PNG of it, or of one element, out.

Deterministic: size, theme, locale, time zone and scale are given, nothing moves; `data-ready="no"` is waited for.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page

from local.chromium import browser

Theme = Literal["light", "dark"]
WAIT = 10_000  # milliseconds, for a page that is not ready


@contextmanager
def opened(url: str, *, width: int, height: int, theme: Theme, running: Browser | None = None) -> Iterator[Page]:
    """The page, drawn twice as sharp as its CSS pixels, in a browser that runs already or in one of its own."""
    with nullcontext(running) if running else browser() as chromium:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            device_scale_factor=2,
            color_scheme=theme,
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="UTC",
        )
        page = context.new_page()
        page.goto(url)
        page.wait_for_selector('html:not([data-ready="no"])', timeout=WAIT)
        page.evaluate("document.fonts.ready.then(() => null)")
        yield page
        context.close()


def shoot_page(
    url: str,
    path: Path,
    *,
    width: int = 1280,
    height: int | None = None,
    theme: Theme = "light",
    running: Browser | None = None,
) -> None:
    """The window, or without a height the whole page however long it is, also where its posts scroll inside it."""
    with opened(url, width=width, height=height or 800, theme=theme, running=running) as page:
        if height is None:
            page.set_viewport_size({"width": width, "height": _whole_height(page)})
        _save(path, page.screenshot(animations="disabled", caret="hide"))


def shoot_element(
    url: str,
    selector: str,
    path: Path,
    *,
    width: int = 1280,
    theme: Theme = "light",
    running: Browser | None = None,
) -> None:
    """The first element that matches. The window is as tall as the page, so that nothing is cut."""
    with opened(url, width=width, height=800, theme=theme, running=running) as page:
        page.set_viewport_size({"width": width, "height": _whole_height(page)})
        _save(path, page.locator(selector).first.screenshot(animations="disabled", caret="hide"))


def _whole_height(page: Page) -> int:
    """The height at which nothing scrolls, neither the page nor anything in it."""
    return int(
        page.evaluate(
            """() => innerHeight + Math.max(0, ...[...document.querySelectorAll("html, body *")]
                .filter((each) => each === document.documentElement || /auto|scroll/.test(getComputedStyle(each).overflowY))
                .map((each) => each.scrollHeight - each.clientHeight))"""
        )
    )


def _save(path: Path, picture: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(picture)


def main() -> None:
    """One picture of a page that is already being served."""
    parser = argparse.ArgumentParser(prog="python -m local.screenshot", description="A picture of a page.")
    parser.add_argument("--url", required=True)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--selector", help="only the first element that matches")
    parser.add_argument("--theme", choices=["light", "dark"], default="light")
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, help="without it, the whole page")
    given = parser.parse_args()
    if given.selector:
        shoot_element(given.url, given.selector, given.out, width=given.width, theme=given.theme)
    else:
        shoot_page(given.url, given.out, width=given.width, height=given.height, theme=given.theme)
    print(given.out)


if __name__ == "__main__":
    main()
