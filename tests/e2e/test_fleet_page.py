"""Fleets of three, sixty and five hundred clusters in; what a person sees and can do in a real browser out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from local.chromium import MISSING, browser, find_chromium
from local.fleet_page import FleetPage
from local.showcase import showcase

SMALL, LARGE, HUGE = showcase(3), showcase(60), showcase(500)
WORST = "aks-prod-weu-000"
CONTRAST = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgb = (colour) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data]; };
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
    if (c[3] > 250) return c; } return [255, 255, 255]; };
  const texts = [...document.querySelectorAll("main *, header *, footer *")].filter((e) => e.getClientRects().length
    && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) && !e.closest(".unseen, svg, option"));
  return texts.slice(0, 900).map((e) => { const [a, b] = [light(rgb(getComputedStyle(e).color)), light(behind(e))];
    return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), e.textContent.trim().slice(0, 40)]; })
    .filter(([ratio]) => ratio < 4.5);
}"""
"""WCAG 2.2, 1.4.3: texts with less than 4.5 to 1 against what is behind them."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A missing browser is a skip on a desk, and a failure where FLUXWATCH_REQUIRE_CHROMIUM=1."""
    if find_chromium() is None:
        (pytest.fail if os.environ.get("FLUXWATCH_REQUIRE_CHROMIUM") == "1" else pytest.skip)(MISSING)
    with browser() as running:
        yield running


@pytest.fixture(scope="module")
def context(chromium: Browser) -> Iterator[BrowserContext]:
    with chromium.new_context(locale="en-GB", timezone_id="UTC", viewport={"width": 1280, "height": 800}) as fresh:
        fresh.set_default_timeout(10_000)
        yield fresh


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    yield context.new_page()
    for tab in context.pages:
        tab.close()


@pytest.fixture(scope="module")
def site() -> Iterator[FleetPage]:
    with FleetPage(SMALL) as served:
        yield served


@pytest.fixture
def small(site: FleetPage) -> FleetPage:
    site.shown = SMALL
    site.asked.clear()
    return site


@pytest.fixture
def huge(site: FleetPage) -> FleetPage:
    site.shown = HUGE
    site.asked.clear()
    return site


@pytest.fixture
def large(site: FleetPage) -> FleetPage:
    site.shown = LARGE
    site.asked.clear()
    return site


def names(page: Page, most: int = 1_000) -> list[str]:
    return page.locator("#clusters tbody th a").all_inner_texts()[:most]


def test_one_request_is_the_whole_page_and_the_browser_has_nothing_to_complain_of(huge: FleetPage, page: Page) -> None:
    said = list[str]()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(huge.url)
    expect(page.get_by_role("heading", level=1)).to_have_text("7 things are broken on 98 of 500 clusters")
    page.locator("#clusters tbody tr").nth(300).scroll_into_view_if_needed()
    expect(page.locator("#clusters").get_by_role("columnheader", name="Subscription")).to_be_in_viewport()  # headers stay
    assert (said, len(huge.asked)) == ([], 1)


def test_the_page_has_landmarks_headings_captions_and_labels(small: FleetPage, page: Page) -> None:
    page.goto(small.url)
    for role, name in [
        ("banner", None),
        ("navigation", "Pages"),
        ("main", None),
        ("search", "Filter the fleet"),
        ("contentinfo", None),
        ("region", "What is broken"),
        ("table", "Clusters, the most pressing first"),
        ("table", "Sweeps and channels"),
    ]:
        expect(page.get_by_role(role, name=name)).to_have_count(1)
    for label in ("Text", "Subscription", "State", "Cause"):
        expect(page.get_by_label(label, exact=True)).to_have_count(1)
    expect(page.get_by_role("rowheader", name=WORST)).to_be_visible()
    levels = page.evaluate("[...document.querySelectorAll('h1, h2, h3')].map((each) => Number(each.tagName[1]))")
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_headers_sort_by_mouse_and_by_keyboard_and_say_so(large: FleetPage, page: Page) -> None:
    page.goto(large.url)
    before = names(page)
    header = page.locator("#clusters").get_by_role("columnheader", name="Cluster")
    header.get_by_role("button").click()
    assert names(page) == sorted(before)
    expect(header).to_have_attribute("aria-sort", "ascending")
    page.keyboard.press("Enter")
    assert names(page) == sorted(before, reverse=True)
    expect(header).to_have_attribute("aria-sort", "descending")
    page.locator("#clusters").get_by_role("columnheader", name="State").get_by_role("button").click()
    assert names(page) == before
    expect(page.locator("[aria-sort]")).to_have_count(1)


def test_without_scripts_everything_is_there_and_the_filter_works(chromium: Browser, large: FleetPage) -> None:
    with chromium.new_context(java_script_enabled=False) as plain:
        page = plain.new_page()
        page.goto(large.url)
        expect(page.locator("#clusters tbody tr")).to_have_count(60)
        page.get_by_label("Subscription").select_option("Contoso Stores")
        page.get_by_label("State", exact=True).select_option(label="Failing")
        page.get_by_role("button", name="Filter").click()
        assert "subscription=Contoso+Stores&state=open" in page.url
        assert 0 < page.locator("#clusters tbody tr").count() < 12
        expect(page.get_by_label("State", exact=True)).to_have_value("open")
        page.get_by_role("link", name="Show all").click()
        expect(page.locator("#clusters tbody tr")).to_have_count(60)


def test_from_a_cause_to_a_cluster_and_back(large: FleetPage, page: Page) -> None:
    page.goto(large.url)
    page.get_by_role("link", name="Git authentication failed").first.click()
    assert page.url.endswith("?cause=git-authentication")
    expect(page.locator("#clusters tbody tr")).to_have_count(4)
    page.locator("#clusters tbody th a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("failures on")
    expect(page.locator(".incident .words").first).to_be_in_viewport()
    page.get_by_role("link", name="The whole fleet").click()
    expect(page.locator("#clusters tbody tr")).to_have_count(60)


def test_a_cluster_that_nobody_knows_is_said_and_all_are_shown(small: FleetPage, page: Page) -> None:
    page.goto(f"{small.url}?cluster=nope")
    expect(page.get_by_text("There is no cluster nope: all are shown.")).to_be_visible()
    assert len(names(page)) == 3


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("query", ["", f"?cluster={WORST}"])
def test_every_text_can_be_read_in_both_themes(large: FleetPage, page: Page, theme: str, query: str) -> None:
    page.emulate_media(color_scheme=theme)
    page.goto(large.url + query)
    assert page.evaluate(CONTRAST) == []


@pytest.mark.parametrize("width", [320, 768, 1280])
@pytest.mark.parametrize("query", ["", f"?cluster={WORST}"])
def test_nothing_sticks_out_at_any_width(small: FleetPage, page: Page, width: int, query: str) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(small.url + query)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_keyboard_reaches_the_content_first(small: FleetPage, page: Page) -> None:
    page.goto(small.url)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
