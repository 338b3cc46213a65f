"""Headers and queries in; whether a visitor may pass, and which form the answer has, out."""

from __future__ import annotations

import pytest

from shared.core.visitor import SIGN_IN, UNGUARDED, Door, wants_page

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
WHO = {"x-ms-client-principal-id": "7f0c1a52-0d7e-4c1f-9a52-000000000001"}


@pytest.mark.parametrize(
    ("asked", "accept", "page"),
    [
        ("", BROWSER, True),
        ("", "TEXT/HTML", True),
        ("", "*/*", False),
        ("", "", False),
        ("", "application/json", False),
        ("", "application/json, text/html;q=0.5", False),
        ("", "application/json;q=0.5, text/html", True),
        ("", "text/html;q=0, */*", False),
        ("", "text/html;q=nonsense", False),
        ("", "text/html;q=", False),
        ("", ";;,,=;q=1,text/html;level=1;q=0.3", True),
        ("", "text/html;q=nan", False),
        ("json", BROWSER, False),
        ("html", "*/*", True),
        ("pdf", BROWSER, True),
        ("HTML", "*/*", False),
    ],
)
def test_html_is_for_who_asks_for_it(asked: str, accept: str, page: bool) -> None:
    assert wants_page(asked, accept) is page


def test_an_endless_accept_is_read_no_further_than_a_browsers() -> None:
    assert wants_page("", "a/b," * 1_000_000 + "text/html") is False


def test_without_sign_in_the_key_has_been_checked_and_nobody_is_refused() -> None:
    assert Door().refusal({}) == ""
    assert Door(guarded=True).refusal({}) == ""


def test_with_sign_in_only_who_is_known_to_app_service_may_pass() -> None:
    door = Door(sign_in=True, guarded=True)
    assert door.refusal(WHO) == ""
    assert door.refusal({}) == SIGN_IN
    assert door.refusal({"x-ms-client-principal-id": " "}) == SIGN_IN


def test_while_authentication_is_off_its_header_proves_nothing() -> None:
    assert Door(sign_in=True).refusal(WHO) == UNGUARDED
