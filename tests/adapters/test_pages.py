"""What pages show in, hostile texts above all; HTML that can do nothing but be read out."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from markupsafe import escape

from local.fleet_page import job
from local.showcase import Showcase, showcase
from shared.adapters.pages import FOLDER, Page, Pages
from shared.core.finding import Finding
from shared.core.redact import clean
from tests.fleets import RUNS, Given, broken, swept

PAGES = Pages()
NAMES = sorted(path.stem for path in FOLDER.glob("*.html") if 'extends "base.html"' in path.read_text("utf-8"))
HOSTILE = (
    "<script>document.title='taken'</script>",
    '"><img src=x onerror="document.title=1">',
    "' onmouseover='x",
    "{{ 7*7 }} {% raw %}",
    "</pre></textarea><svg onload=x>",
    "safe\u202egnp.exe\u2066 \x1b[31mred\x00",
    "]]><!--",
)


class Elements(HTMLParser):
    """Names of elements with their attributes."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page.body.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def fleet(of: Showcase, **query: str) -> Page:
    return PAGES.render("fleet", **job(of)(query, page=True))


def notice(reason: str, outcome: str = "refused") -> Page:
    return PAGES.render("notice", outcome=outcome, reason=reason)


def shown(text: str, **query: str) -> Page:
    """The fleet with the text wherever a text from outside can be."""
    one = broken("aks-1", message=text, reason=text, revision=text, origin=text, note=text, named=text)
    infos = swept("aks-1", region=text, subscription_name=text, state=text, kubernetes=text)
    return PAGES.render("fleet", **Given([replace(one, detail=text)], infos).shown(**query))


def test_the_policy_names_the_hashes_of_what_is_inline_and_allows_nothing_else() -> None:
    page = fleet(showcase(3))
    html = page.body.decode()
    for element, rule in (("style", "style-src"), ("script", "script-src")):
        (text,) = re.findall(rf"<{element}>(.*?)</{element}>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{rule} 'sha256-{digest}'" in page.headers["Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in page.headers["Content-Security-Policy"].split("; "))
    assert {name: value for name, value in rules.items() if "sha256" not in value} == {
        "default-src": "'none'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }


def test_a_page_is_not_kept_not_guessed_at_and_tells_nobody_where_its_reader_came_from() -> None:
    headers = fleet(showcase(3)).headers
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("no-store", "nosniff")
    assert headers["Referrer-Policy"] == "no-referrer"


def test_a_page_without_a_script_allows_none() -> None:
    assert "script-src 'none'" in notice("x").headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", sorted([*FOLDER.glob("*.css"), *FOLDER.glob("*.js")]), ids=lambda path: path.name)
def test_what_is_inline_cannot_end_its_element(path: Path) -> None:
    assert "</" not in path.read_text("utf-8")


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_nothing_is_marked_as_safe_or_loaded_from_elsewhere(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"\|\s*safe|autoescape|Markup|@import|url\(|\bfetch\(|innerHTML|style=\"|\son\w+=", text)
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", text)


@pytest.mark.parametrize("query", [{}, {"cluster": "aks-1"}, {"q": "aks"}], ids=str)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_are_shown_and_do_nothing(text: str, query: dict[str, str]) -> None:
    page, plain = shown(text, **query), shown("plain", **query)
    assert Elements(page).found[:20] == Elements(plain).found[:20]
    assert [tag for tag, _ in Elements(page).found] == [tag for tag, _ in Elements(plain).found]
    assert not {name for _, given in Elements(page).found for name in given if name.startswith("on") or name == "style"}
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00\x1b]", page.body.decode())


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_queries_are_shown_and_do_nothing(text: str) -> None:
    query = dict.fromkeys(("q", "subscription", "state", "cluster", "cause"), text)
    page, plain = (
        PAGES.render("fleet", **Given((), swept("aks-1")).shown(**one)) for one in (query, dict.fromkeys(query, "no"))
    )
    assert [tag for tag, _ in Elements(page).found] == [tag for tag, _ in Elements(plain).found]


def test_every_link_is_https_or_stays_on_the_page() -> None:
    for page in (fleet(showcase(60)), shown("javascript:alert(1)"), shown("javascript:alert(1)", cluster="aks-1")):
        links = [given["href"] or "" for tag, given in Elements(page).found if tag == "a"]
        assert links
        assert not [link for link in links if not re.match(r"https://|\?|#|fleet$|health$", link)]


def test_who_follows_a_link_to_elsewhere_cannot_be_reached_from_there() -> None:
    away = [given for tag, given in Elements(fleet(showcase(60))).found if (given.get("href") or "").startswith("https:")]
    assert {(given.get("target"), given.get("rel")) for given in away if given.get("target")} == {
        ("_blank", "noopener noreferrer")
    }


def test_long_messages_are_cut_and_say_how_much_is_missing() -> None:
    text = "x" * 3_999 + "é"
    assert len(shown(text).body) < 40_000
    assert b"more characters)" in shown(text).body
    assert text in shown(text, cluster="aks-1").body.decode()


def test_a_value_that_a_template_misses_is_an_error_and_not_a_blank() -> None:
    with pytest.raises(UndefinedError):
        PAGES.render("notice", outcome="refused")


@pytest.mark.parametrize("outcome", ["refused", "misconfigured", "unavailable", "of tomorrow"])
def test_every_notice_says_what_is_wrong_in_words(outcome: str) -> None:
    html = notice("the <reason>", outcome).body.decode()
    assert "the &lt;reason&gt;" in html
    assert "<h1>" in html


def test_who_has_not_signed_in_is_shown_where() -> None:
    links = [given.get("href") for tag, given in Elements(notice("x")).found if tag == "a"]
    assert "/.auth/login/aad" in links


@pytest.mark.parametrize("clusters", [0, 1, 3, 60])
def test_fleets_of_every_size_can_be_shown(clusters: int) -> None:
    assert b"</html>" in fleet(showcase(clusters)).body


def test_a_fleet_of_500_clusters_stays_small() -> None:
    page = fleet(showcase(500))
    assert len(page.body) <= 1_500_000
    assert page.body.count(b"<tr ") >= 500


def test_every_page_is_known_to_these_tests() -> None:
    assert {"fleet", "notice"} <= set(NAMES)


def test_the_page_shows_the_latest_of_what_is_over_and_json_all_of_it() -> None:
    many = showcase(60, over=200)
    over = [row for row in job(many)()["incidents"] if row["state"] == "resolved"]
    assert len(over) == 200
    assert b"30 of 200" in fleet(many).body


def test_a_finding_that_says_little_is_shown() -> None:
    """As of a run that had no room for all of its findings."""
    run = replace(
        RUNS["sweep_errors"], findings=(Finding("findings", False, "7 more than there is room for"), Finding("logs", False))
    )
    page = PAGES.render("fleet", **Given((), swept("aks-1"), RUNS | {"sweep_errors": run}).shown())
    assert b"<b>findings</b>: 7 more than there is room for.</small><small><b>logs</b>.</small>" in page.body


@pytest.mark.parametrize("query", [{"cluster": "aks-1"}, {"q": "aks"}, {}], ids=str)
def test_however_much_fails_on_a_cluster_the_page_stays_small(query: dict[str, str]) -> None:
    some = [broken("aks-1", named=f"apps-{number}", message="x" * 4_000) for number in range(500)]
    page = PAGES.render("fleet", **Given(some, swept("aks-1")).shown(**query))
    assert len(page.body) < 600_000
    assert (b"and 400 more" in page.body) is bool(query)


@given(text=st.text(st.sampled_from("ab <>&'\"\u202e\x00é{|}~\x7f\n")) | st.text())
def test_a_text_is_escaped_whatever_stands_in_it(text: str) -> None:
    html = PAGES.render("notice", outcome="refused", reason=text).body.decode()
    assert str(escape(clean(text))) in html
