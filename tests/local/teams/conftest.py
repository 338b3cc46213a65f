"""Nothing in; a Teams with a clock that tests turn, and a browser, out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser

from local.chromium import MISSING, browser, find_chromium
from local.teams import TeamsServer

TIMEOUT = 10
CARD_TYPE = "application/vnd.microsoft.card.adaptive"


class Clock:
    """Stands still until it is turned."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 10, 16, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def teams(clock: Clock) -> Iterator[TeamsServer]:
    channels = {"platform": "owner@contoso.com", "payments": "owner@contoso.com", "security": "guard@contoso.com"}
    with TeamsServer(channels, clock=clock) as server:
        yield server


Post = Callable[..., requests.Response]


@pytest.fixture
def post(teams: TeamsServer, clock: Clock) -> Post:
    """Posts cards (one attachment each) to a channel, a second after the post before."""

    def post(*cards: Any, channel: str = "platform") -> requests.Response:
        attachments = [{"contentType": CARD_TYPE, "contentUrl": None, "content": card} for card in cards]
        answer = requests.post(teams.url(channel), json={"type": "message", "attachments": attachments}, timeout=TIMEOUT)
        clock.turn(1)
        return answer

    return post


@pytest.fixture
def card() -> Callable[..., dict[str, Any]]:
    """A card that Teams takes, with the given elements and actions."""

    def card(*body: dict[str, Any], actions: tuple[dict[str, Any], ...] = (), **more: Any) -> dict[str, Any]:
        return {"type": "AdaptiveCard", "version": "1.4", "body": list(body), "actions": list(actions)} | more

    return card


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for a file of tests: Playwright runs once per thread, and must not stay in the way of others.

    A missing browser is a skip on a desk, and a failure where FLUXWATCH_REQUIRE_CHROMIUM=1.
    """
    if find_chromium() is None:
        (pytest.fail if os.environ.get("FLUXWATCH_REQUIRE_CHROMIUM") == "1" else pytest.skip)(MISSING)
    with browser() as running:
        yield running
