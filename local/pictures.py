"""A scenario and a made-up fleet in; the README's pictures out: a card, the channel page and the fleet page.

    python -m local.pictures

Needs Chromium and an emoji font (Debian: chromium, fonts-noto-color-emoji).
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Browser

from local.chromium import MISSING, browser, find_chromium
from local.demo import Demo
from local.fleet_page import FleetPage
from local.scenario import load
from local.screenshot import shoot_element, shoot_page
from local.showcase import showcase
from local.watch import say

FOLDER = Path(__file__).parents[1] / "docs/images"
CARD = "article.post:has-text('is now failing on 12 clusters') .card"


def _channel(page: str, chromium: Browser) -> None:
    shoot_element(page, CARD, FOLDER / "card.png", width=1000, running=chromium)
    shoot_page(page, FOLDER / "channel-light.png", width=1180, height=760, theme="light", running=chromium)
    shoot_page(page, FOLDER / "channel-dark.png", width=1180, height=760, theme="dark", running=chromium)


def _fleet(chromium: Browser) -> None:
    with FleetPage(showcase(500)) as served:
        shoot_page(served.url, FOLDER / "fleet-light.png", width=1180, height=960, theme="light", running=chromium)
        shoot_page(served.url, FOLDER / "fleet-dark.png", width=1180, height=960, theme="dark", running=chromium)
        alone = f"{served.url}?cluster=aks-prod-weu-000"
        shoot_page(alone, FOLDER / "fleet-phone.png", width=390, height=844, theme="dark", running=chromium)


def main() -> None:
    """Exit status 1 with one line if there is no browser."""
    if find_chromium() is None:
        sys.exit(MISSING)
    with ExitStack() as stack:
        demo = Demo(load("broken-commit"), stack)
        demo.play()
        chromium = stack.enter_context(browser())
        _channel(demo.teams.page_url, chromium)
        _fleet(chromium)
    for picture in sorted(FOLDER.glob("*.png")):
        say(f"{picture.relative_to(FOLDER.parents[1])}  {picture.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
