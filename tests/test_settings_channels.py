"""Webhooks and routes of the app settings in; channels, connections and what each route takes, or what is wrong, out.

Law: a channel has one webhook, and that can work.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from shared.core.routing import DEFAULT, FALLBACK, FIELDS
from tests.app_settings import HOOK, KEYVAULT, UNUSABLE, faults, read


def routes(*rows: Mapping[str, object], **env: str) -> dict[str, str]:
    return {"ROUTES": json.dumps(rows), "SHOP_WEBHOOK": HOOK, **env}


# -------------------------------------------------------------------------------------------------------------- webhooks


@pytest.mark.parametrize("setting", ["TEAMS_WEBHOOK_URL", "TEAMS_FALLBACK_WEBHOOK_URL"])
@pytest.mark.parametrize(
    ("url", "fault"),
    [
        (KEYVAULT, UNUSABLE),
        ("s3cr3t", "is not an https:// address"),
        ("http://s3cr3t.example", "is not an https:// address"),
        ("https://[s3cr3t", "is not an https:// address"),
        *(
            (f"https://{host}/s3cr3t", "is an Office 365 connector, which is retired: make a Workflows webhook in Teams")
            for host in ("contoso.webhook.office.com", "outlook.office.com", "OUTLOOK.office365.com")
        ),
    ],
)
def test_a_webhook_that_cannot_work_is_refused(setting: str, url: str, fault: str) -> None:
    assert faults(**{setting: url}) == [f"{setting} {fault}"]


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "[::1]:1"])
def test_plain_http_is_for_this_machine_only(host: str) -> None:
    assert read(TEAMS_WEBHOOK_URL=f"http://{host}/x").webhooks[DEFAULT] == f"http://{host}/x"


def test_a_fallback_is_a_channel_of_its_own() -> None:
    settings = read(TEAMS_FALLBACK_WEBHOOK_URL=HOOK)
    assert settings.routing.connections == {DEFAULT: DEFAULT, FALLBACK: FALLBACK}


# ---------------------------------------------------------------------------------------------------------------- routes


def test_a_route_names_its_channel_its_webhook_and_what_it_takes() -> None:
    row = {
        "channel": "shop",
        "webhook": "SHOP_WEBHOOK",
        "connection": "ann",
        "match": {"namespace": "shop-*", "kind": ["A", "B"]},
    }
    settings = read(**routes(row))
    (route,) = settings.routing.routes
    assert (route.channel, route.match) == ("shop", {"namespace": ("shop-*",), "kind": ("A", "B")})
    assert settings.webhooks["shop"] == HOOK
    assert settings.routing.connections == {DEFAULT: DEFAULT, "shop": "ann"}


def test_two_routes_may_lead_to_one_channel() -> None:
    row = {"channel": "shop", "webhook": "SHOP_WEBHOOK"}
    settings = read(**routes(row | {"connection": "ann", "match": {"kind": "A"}}, row | {"match": {"kind": "B"}}))
    assert len(settings.routing.routes) == 2
    assert settings.routing.connections["shop"] == "ann"


def test_routes_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "routes.json"
    file.write_text(json.dumps([{"channel": "shop", "webhook": "SHOP_WEBHOOK"}]), "utf-8")
    assert read(ROUTES=str(file), SHOP_WEBHOOK=HOOK).webhooks["shop"] == HOOK


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("shop", "is not an object"),
        ({"channel": "shop", "webhook": "SHOP_WEBHOOK", "mach": {}}, "is not an object"),
        ({"channel": "shop"}, "are wanted"),
        ({"channel": "", "webhook": "SHOP_WEBHOOK"}, "are wanted"),
        ({"channel": "shop", "webhook": HOOK}, "are wanted"),
        ({"channel": 7, "webhook": "SHOP_WEBHOOK"}, "are texts"),
        ({"channel": "shop", "webhook": "SHOP_WEBHOOK", "connection": ["ann"]}, "are texts"),
        ({"channel": "default", "webhook": "SHOP_WEBHOOK"}, "default is the name of a channel that is there already"),
        ({"channel": "fallback", "webhook": "SHOP_WEBHOOK"}, "fallback is the name of a channel that is there already"),
        ({"channel": "shop", "webhook": "SHOP_WEBHOOK", "match": []}, f"match takes {', '.join(FIELDS)}"),
        ({"channel": "shop", "webhook": "SHOP_WEBHOOK", "match": {"team": "x"}}, f"match takes {', '.join(FIELDS)}"),
        ({"channel": "shop", "webhook": "SHOP_WEBHOOK", "match": {"kind": 7}}, "a pattern or a list of patterns"),
        ({"channel": "shop", "webhook": "SHOP_WEBHOOK", "match": {"kind": [None]}}, "a pattern or a list of patterns"),
    ],
)
def test_a_route_that_cannot_work_is_refused_by_its_number(row: object, fault: str) -> None:
    (found,) = faults(**routes({"channel": "good", "webhook": "SHOP_WEBHOOK"}, row))
    assert found.startswith("ROUTES [1]: ")
    assert fault in found


def test_a_webhook_that_a_route_names_has_to_be_there_and_is_missed_once() -> None:
    row = {"channel": "shop", "webhook": "NO_WEBHOOK"}
    assert faults(**routes(row, row)) == ["NO_WEBHOOK is missing"]


def test_one_channel_has_one_webhook() -> None:
    rows = [{"channel": "shop", "webhook": name} for name in ("SHOP_WEBHOOK", "OTHER_WEBHOOK")]
    assert faults(**routes(*rows, OTHER_WEBHOOK=HOOK)) == ["ROUTES [1]: its channel has another webhook in an entry above"]


@pytest.mark.parametrize("text", ["[", "[" * 100_000, "s3cr3t", "/no/such/file", "\x00"])
def test_routes_that_are_neither_json_nor_a_file_are_refused(text: str) -> None:
    assert faults(ROUTES=text) == ["ROUTES is neither JSON nor a file with JSON in it"]
