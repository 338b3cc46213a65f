"""People with and without a sign-in of App Service in; who may look at fleet and health out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

pytest.importorskip("azure_functions_runtime", reason="Microsoft's worker library exists for Python 3.13 and newer")

from tests.stage import TIMEOUT

WHO = {"X-MS-CLIENT-PRINCIPAL-ID": "7f0c1a52-0d7e-4c1f-9a52-000000000001"}
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
KEYS = '{"master": "the-master-key"}'


@pytest.fixture(scope="module")
def guarded(stage_of: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """People sign in; App Service authentication is on. The host wants keys where a function does."""
    keys = tmp_path_factory.mktemp("keys") / "keys.json"
    keys.write_text(KEYS)
    return stage_of({"FLEET_SIGN_IN": "true", "WEBSITE_AUTH_ENABLED": "True"}, keys=keys)


def get(stage: Any, path: str, **headers: str) -> requests.Response:
    return requests.get(f"{stage.host.url}/api/{path}", headers=headers, timeout=TIMEOUT)


@pytest.mark.parametrize("path", ["fleet", "health"])
def test_who_has_signed_in_needs_no_key(guarded: Any, path: str) -> None:
    assert get(guarded, path, **WHO).status_code == 200
    assert get(guarded, path, **WHO, **BROWSER).headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("path", ["fleet", "health", "health?deep=1"])
def test_who_has_not_signed_in_is_told_so_and_shown_nothing(guarded: Any, path: str) -> None:
    answer = get(guarded, path)
    assert (answer.status_code, set(answer.json())) == (401, {"outcome", "reason"})
    assert answer.json()["reason"].startswith("Sign in first")
    page = get(guarded, path, **BROWSER)
    assert (page.status_code, "You have not signed in" in page.text) == (401, True)


def test_events_need_their_key_all_the_same(guarded: Any) -> None:
    assert requests.post(f"{guarded.host.url}/api/flux/events/a/b/c/d", headers=WHO, timeout=TIMEOUT).status_code == 401
