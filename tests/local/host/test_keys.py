"""Keys and requests in; who may pass out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

pytest.importorskip("azure_functions_runtime", reason="Microsoft's worker library exists for Python 3.13 and newer")

from local.host.exchange import Request
from local.host.keys import BadKeys, Keys

TEXT = """{"master": "m", "host": {"default": "h"}, "functions": {"Receive": {"flux": "f"}, "other": {"default": "o"}},
           "system": {"eventgrid_extension": "s"}}"""
APP = """
import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)

@app.route("receive")
def receive(req: func.HttpRequest) -> str:
    return "received"

@app.route("open", auth_level=func.AuthLevel.ANONYMOUS)
def public(req: func.HttpRequest) -> str:
    return "open"
"""


def asking(header: str = "", code: str = "") -> Request:
    return Request("GET", f"/x?code={code}" if code else "/x", {"x-functions-key": header} if header else {}, b"")


@pytest.mark.parametrize(
    ("level", "key", "allowed"),
    [
        ("ANONYMOUS", "", True),
        ("FUNCTION", "f", True),
        ("FUNCTION", "h", True),
        ("FUNCTION", "m", True),
        ("FUNCTION", "o", False),
        ("FUNCTION", "s", False),
        ("FUNCTION", "", False),
        ("ADMIN", "m", True),
        ("ADMIN", "h", False),
        ("unheard-of", "h", False),
    ],
)
def test_a_level_accepts_its_keys_only(level: str, key: str, allowed: bool) -> None:
    assert Keys.parse(TEXT).function(level, "receive", asking(header=key)) is allowed


def test_a_wrong_header_is_not_made_good_by_a_right_code() -> None:
    keys = Keys.parse(TEXT)
    assert keys.function("FUNCTION", "receive", asking(code="f"))
    assert not keys.function("FUNCTION", "receive", asking(header="wrong", code="f"))


def test_a_webhook_takes_its_system_key_or_the_master_key() -> None:
    keys = Keys.parse(TEXT)
    assert [keys.system("eventgrid_extension", asking(code=code)) for code in ("s", "m", "h", "")] == [True, True, False, False]


def test_without_a_master_key_nobody_administers() -> None:
    assert not Keys.parse("{}").master(asking(header=""))


@pytest.mark.parametrize("text", ["", "[]", '{"host": "h"}'])
def test_unusable_keys_are_refused_without_repeating_them(text: str) -> None:
    with pytest.raises(BadKeys, match="keys must be JSON"):
        Keys.parse(text)


@pytest.fixture(scope="module")
def guarded(host_of: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    file: Path = tmp_path_factory.mktemp("keys") / "keys.json"
    file.write_text(TEXT, "utf-8")
    return host_of(APP, keys=file)


@pytest.mark.parametrize(
    ("path", "key", "status"),
    [
        ("/api/receive", "", 401),
        ("/api/receive", "f", 200),
        ("/api/open", "", 200),
        ("/admin/functions", "h", 401),
        ("/admin/functions", "m", 200),
        ("/runtime/webhooks/eventgrid", "h", 401),
        ("/runtime/webhooks/eventgrid", "s", 404),
    ],
)
def test_a_host_with_keys_checks_them_everywhere(guarded: Any, path: str, key: str, status: int) -> None:
    assert requests.get(guarded.url + path, headers={"x-functions-key": key} if key else {}, timeout=10).status_code == status


def test_keys_may_come_from_the_environment(host_of: Any) -> None:
    assert requests.get(f"{host_of(APP, env={'HOST_KEYS': TEXT}).url}/api/receive", timeout=10).status_code == 401
