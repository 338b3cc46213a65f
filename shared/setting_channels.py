"""The channels' settings in; routes and webhooks out.

Law: an address is a credential: no fault repeats it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from shared.core.routing import DEFAULT, FALLBACK, FIELDS, Route, Routing
from shared.setting_reader import UNRESOLVED, VAULT, Reader, is_web

_RETIRED = (".webhook.office.com", "outlook.office.com", "outlook.office365.com")
_SETTING = re.compile(r"[A-Za-z_]\w{0,127}", re.ASCII)


def read_channels(read: Reader) -> tuple[Routing, Mapping[str, str]]:
    """ROUTES: [{"channel": name, "webhook": name of an app setting, "connection"?: name, "match": {field: glob or globs}}]."""
    webhooks, names, connections, routes = dict[str, str](), dict[str, str](), dict[str, str](), list[Route]()
    _webhook(read, webhooks, DEFAULT, "TEAMS_WEBHOOK_URL", required=True)
    _webhook(read, webhooks, FALLBACK, "TEAMS_FALLBACK_WEBHOOK_URL", required=False)
    given = read.json("ROUTES", "[]")
    for number, row in enumerate(given if isinstance(given, list) else [given]):
        try:
            routes.append(_route(row))
        except (TypeError, ValueError) as wrong:
            read.fault("ROUTES", f"[{number}]: {wrong}")
            continue
        if names.setdefault(row["channel"], row["webhook"]) != row["webhook"]:
            read.fault("ROUTES", f"[{number}]: its channel has another webhook in an entry above")
        if "connection" in row:
            connections[row["channel"]] = row["connection"]
    for channel, setting in names.items():
        _webhook(read, webhooks, channel, setting, required=True)
    return Routing(tuple(routes), {name: connections.get(name, name) for name in webhooks}), webhooks


def _route(row: Any) -> Route:  # one entry of ROUTES, not yet checked; its faults repeat nothing: it may hold a whole webhook
    if not isinstance(row, dict) or not row.keys() <= {"channel", "webhook", "connection", "match"}:
        raise TypeError("is not an object with channel, webhook, match and perhaps connection")
    if not all(isinstance(row.get(key, "-"), str) for key in ("channel", "webhook", "connection")):
        raise TypeError("channel, webhook and connection are texts")
    if not row.get("channel") or not _SETTING.fullmatch(row.get("webhook", "")):
        raise ValueError("channel and webhook (the name of an app setting) are wanted")
    if row["channel"] in (DEFAULT, FALLBACK):
        raise ValueError(f"{row['channel']} is the name of a channel that is there already")
    return Route(row["channel"], _match(row.get("match", {})))


def _match(match: Any) -> Mapping[str, tuple[str, ...]]:  # of one entry, not yet checked
    if not isinstance(match, dict) or not match.keys() <= FIELDS.keys():
        raise ValueError(f"match takes {', '.join(FIELDS)}")
    found = {name: tuple(globs) if isinstance(globs, list) else (globs,) for name, globs in match.items()}
    if not all(isinstance(glob, str) for globs in found.values() for glob in globs):
        raise TypeError("match takes a pattern or a list of patterns for each")
    return found


def _webhook(read: Reader, webhooks: dict[str, str], channel: str, setting: str, *, required: bool) -> None:
    url = read.text(setting)
    if not url:
        if required:
            read.fault(setting, "is missing")
        return
    if url.startswith(VAULT):
        read.fault(setting, UNRESOLVED)
    elif not is_web(url):
        read.fault(setting, "is not an https:// address")
    elif (urlsplit(url).hostname or "").endswith(_RETIRED):
        read.fault(setting, "is an Office 365 connector, which is retired: make a Workflows webhook in Teams")
    webhooks[channel] = url
