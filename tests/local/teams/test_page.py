"""Posts in; what a person sees in a real browser, and what hostile cards cannot do there, out."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from local.teams import TeamsServer

HOSTILE = [
    "<script>document.title = 'taken'</script>",
    "<img src=x onerror=\"document.title = 'taken'\">",
    "<at>Everybody</at>",
    "# no heading, `no code`, ~~no strike~~, | no | table |",
]
JAVASCRIPT = "javascript:document.title='taken'"


@pytest.fixture(scope="module")
def context(chromium: Browser) -> Iterator[BrowserContext]:
    with chromium.new_context(locale="en-GB", timezone_id="UTC", viewport={"width": 1100, "height": 700}) as fresh:
        fresh.set_default_timeout(5_000)
        yield fresh


@pytest.fixture
def page(context: BrowserContext, teams: TeamsServer) -> Iterator[Page]:
    """A tab of its own; the server of each test has a port, and so an origin, of its own."""
    yield context.new_page()
    for tab in context.pages:
        tab.close()


def opened(page: Page, teams: TeamsServer, query: str = "") -> Page:
    page.goto(teams.page_url + query)
    expect(page.locator("html")).to_have_attribute("data-ready", "yes")
    return page


def text(value: str, **more: object) -> dict[str, object]:
    return {"type": "TextBlock", "text": value, "wrap": True} | more


def runs(value: str, **more: object) -> dict[str, object]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": value} | more]}


def button(title: str, url: str) -> dict[str, str]:
    return {"type": "Action.OpenUrl", "title": title, "url": url}


def backgrounds(page: Page) -> list[str]:
    """Of the page, of the card, and of the container in it."""
    colours = "each => getComputedStyle(each).backgroundColor"
    return [page.locator(each).first.evaluate(colours) for each in ("body", ".card", ".card .ac-container .ac-container")]


def test_a_card_is_drawn_with_its_texts_and_buttons_and_without_a_complaint(teams, post, card, page):
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    facts = {"type": "FactSet", "facts": [{"title": "Revision", "value": "main@sha1:5394cb7"}]}
    post(card(text("**apps** fails"), facts, runs("exit _1_"), actions=(button("Runbook", "https://example.org/r"),)))
    post_ = opened(page, teams).get_by_role("article", name="Workflows")
    expect(post_.get_by_role("link", name="Runbook")).to_be_visible()
    expect(post_.locator("strong")).to_have_text("apps")
    expect(post_.locator(".ac-factset")).to_contain_text("main@sha1:5394cb7")
    expect(post_.get_by_text("exit _1_")).to_be_visible()
    expect(post_.locator("time")).to_have_text("10:16")
    assert said == []


def test_the_newest_post_is_last_and_in_view(teams, post, card, page):
    for number in range(4):
        post(card(*[text(f"post {number}")] * 9))
    last = opened(page, teams).get_by_role("article").last
    expect(last).to_contain_text("post 3")
    expect(last.get_by_text("post 3").last).to_be_in_viewport()


def test_a_post_appears_without_loading_the_page_again(teams, post, card, page):
    opened(page, teams)
    expect(page.get_by_text("Nothing has been posted here yet.")).to_be_visible()
    post(card(text("here I am")))
    expect(page.get_by_text("here I am")).to_be_visible()
    expect(page.get_by_text("Nothing has been posted here yet.")).to_be_hidden()


def test_a_channel_shows_its_own_posts_and_counts_those_of_the_others(teams, post, card, page):
    post(card(text("for payments")), channel="payments")
    opened(page, teams)
    expect(page.get_by_role("article")).to_have_count(0)
    page.get_by_role("link", name="payments").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("payments")
    expect(page.get_by_text("for payments")).to_be_visible()


def test_a_failed_run_is_shown_struck_out_with_its_error(teams, post, card, page):
    post(card(text("too long"), text("x" * 30_000)))
    failed = opened(page, teams).get_by_role("article", name="Flow run failed: nothing was posted")
    expect(failed.locator("del")).to_have_text("too long")
    expect(failed).to_contain_text("MessageSizeExceeded")
    expect(page.get_by_role("status")).to_have_text("0 posts, 1 failed run")


def test_the_meter_says_how_much_of_the_budget_is_spent(teams, post, card, page):
    post(card(), card())
    post(card(), channel="payments")
    footer = opened(page, teams).get_by_role("contentinfo")
    expect(footer).to_contain_text("owner@contoso.com")
    expect(footer).to_contain_text("3 of 25 in 5 min")


def test_hostile_texts_are_shown_as_they_are(teams, post, card, page):
    facts = {"type": "FactSet", "facts": [{"title": value, "value": value} for value in HOSTILE]}
    post(card(*map(text, HOSTILE)), card(*map(runs, HOSTILE)), card(facts))
    opened(page, teams)
    for drawn in page.locator(".card").all():
        for value in HOSTILE:
            expect(drawn).to_contain_text(value)
        assert drawn.locator("script, img, at, h1, code, s").count() == 0
    assert page.title() == "platform · Teams channel"


def test_hostile_texts_of_a_failed_run_are_shown_as_they_are(teams, post, card, page):
    post(card(text(HOSTILE[1]), version="<b>9</b>"))
    failed = opened(page, teams).locator(".failure")
    expect(failed).to_contain_text(HOSTILE[1])
    expect(failed).to_contain_text("<b>9</b>")
    assert failed.locator("img, b").count() == 0


def test_an_address_that_is_a_script_goes_nowhere(teams, post, card, page):
    select = {"selectAction": {"type": "Action.OpenUrl", "url": JAVASCRIPT}}
    post(card(text(f"[markdown]({JAVASCRIPT})"), runs("select", **select), actions=(button("press", JAVASCRIPT),)))
    opened(page, teams)
    page.get_by_role("link", name="press").click()
    page.get_by_text("select", exact=True).click()
    page.get_by_text("markdown").click()
    assert page.locator('[href^="javascript" i]').count() == 0
    assert (page.title(), len(page.context.pages)) == ("platform · Teams channel", 1)


def test_huge_texts_stay_within_the_page(teams, post, card, page):
    post(card(text("w" * 5_000), runs("m" * 5_000), msteams={"width": "Full"}))
    opened(page, teams)
    assert page.evaluate(
        "[...document.querySelectorAll('html, .feed, .card')].every(each => each.scrollWidth <= each.clientWidth)"
    )


def test_a_card_that_cannot_be_drawn_says_so_and_spares_the_others(teams, post, card, page):
    post(card() | {"body": {"items": "none"}, "actions": 7}, card(text("unharmed")))
    opened(page, teams)
    expect(page.get_by_text("This card cannot be shown.")).to_be_visible()
    expect(page.get_by_text("unharmed")).to_be_visible()


def test_nothing_is_asked_of_another_host(teams, post, card, page):
    asked, refused = [], []
    page.on("request", lambda request: asked.append(request))
    page.on("requestfailed", lambda request: refused.append((request.url, request.failure)))
    picture = {"type": "Image", "url": "https://example.org/x.png"}
    post(card(text("done"), picture, backgroundImage="https://example.org/y.png"))
    expect(opened(page, teams).get_by_text("done")).to_be_visible()
    strangers = {request.url for request in asked if urlsplit(request.url).netloc != urlsplit(teams.page_url).netloc}
    assert {(url, "csp") for url in strangers} == set(refused)


def test_a_button_and_a_link_open_a_new_tab_that_cannot_reach_back(teams, post, card, context, page):
    target = teams.page_url + "icon.svg"
    post(card(text(f"[link]({target})"), actions=(button("press", target),)))
    opened(page, teams)
    for control in (page.get_by_role("link", name="press"), page.get_by_role("link", name="link")):
        with context.expect_page() as tab:
            control.click()
        tab.value.wait_for_load_state()
        assert (tab.value.url, tab.value.evaluate("window.opener")) == (target, None)
    expect(page.get_by_role("link", name="link")).to_have_attribute("rel", "noopener noreferrer")


def test_a_card_is_narrow_unless_it_asks_for_the_full_width(teams, post, card, page):
    post(card(text("narrow")), card(text("wide"), msteams={"width": "full"}))
    narrow, wide = [box.bounding_box()["width"] for box in opened(page, teams).locator(".card").all()]
    assert narrow == 480 < wide


def test_light_and_dark_differ_and_follow_system_address_and_switch(teams, post, card, page):
    post(card({"type": "Container", "style": "attention", "items": [text("red")]}))
    page.emulate_media(color_scheme="light")
    opened(page, teams)
    light = backgrounds(page)
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    dark = backgrounds(page)
    assert all(one != other for one, other in zip(light, dark, strict=True))
    opened(page, teams, "?theme=light")
    assert backgrounds(page) == light
    page.get_by_role("button", name="Dark theme", pressed=False).click()
    expect(page.get_by_role("button", name="Dark theme", pressed=True)).to_be_visible()
    assert backgrounds(page) == dark
    assert page.url.endswith("?theme=dark")


def test_the_page_has_landmarks_headings_and_labels(teams, post, card, page):
    post(card(text("Title", style="heading")))
    opened(page, teams)
    for role, name in [
        ("banner", None),
        ("navigation", "Channels"),
        ("main", None),
        ("region", "Posts"),
        ("contentinfo", None),
    ]:
        expect(page.get_by_role(role, name=name)).to_have_count(1)
    expect(page.get_by_role("heading", level=1)).to_have_text("platform")
    expect(page.get_by_role("heading", level=4, name="Title")).to_be_visible()
    expect(page.get_by_role("link", name="platform")).to_have_attribute("aria-current", "page")
    assert page.get_by_label("owner@contoso.com").count() == 1
