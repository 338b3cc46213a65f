"""A path in; a file of the channel page, or the channel's state as JSON out.

Everything the page needs is served from here: its policy forbids the browser to ask anybody else, and to run anything inline.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from local.teams.tenant import Tenant

STATIC = Path(__file__).parent / "static"
MODULES = Path(__file__).parents[2] / "node_modules"

HTML, CSS, JS, SVG, JSON = "text/html", "text/css", "text/javascript", "image/svg+xml", "application/json"

FILES = {
    "/": (STATIC / "page.html", HTML),
    "/theme.css": (STATIC / "theme.css", CSS),
    "/page.css": (STATIC / "page.css", CSS),
    "/channel.css": (STATIC / "channel.css", CSS),
    "/cards.css": (STATIC / "cards.css", CSS),
    "/page.js": (STATIC / "page.js", JS),
    "/cards.js": (STATIC / "cards.js", JS),
    "/icon.svg": (STATIC / "icon.svg", SVG),
    "/adaptivecards.js": (MODULES / "adaptivecards/dist/adaptivecards.min.js", JS),
    "/adaptivecards.css": (MODULES / "adaptivecards/dist/adaptivecards.css", CSS),
    "/markdown-it.js": (MODULES / "markdown-it/dist/browser/markdown-it.umd.min.js", JS),
}

CARD_LIBRARY = [
    "adaptivecards#markdownPassthroughPolicy",
    "adaptivecards#restoreContentsPolicy",
    "adaptivecards#deprecatedExportedFunctionPolicy",
]
"""The Trusted Types policies that adaptivecards 3.0 makes for itself."""

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",  # only the card library may turn text into HTML
        f"trusted-types {' '.join(CARD_LIBRARY)}",
    ]
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def fetch(tenant: Tenant, path: str, query: str) -> tuple[bytes, str] | None:
    """Content and its type, or None if there is no such page."""
    if path == "/runs.json":
        return json.dumps(state(tenant, _after(query))).encode(), JSON
    if path not in FILES:
        return None
    file, kind = FILES[path]
    return file.read_bytes(), f"{kind}; charset=utf-8"


def state(tenant: Tenant, after: int = 0) -> dict[str, Any]:
    """Runs numbered above `after`, posted and failed, with the channels and what their connections have spent."""
    limit, spent = tenant.limits.posts, tenant.spent()
    with tenant.changed:
        runs = [asdict(run) | {"received_at": run.received_at.isoformat()} for run in tenant.runs[after:]]
    return {
        "channels": [{"name": flow.channel, "connection": flow.connection} for flow in tenant.flows.values()],
        "connections": [{"name": name, "used": used} for name, used in spent.items()],
        "limit": {"count": limit.count, "seconds": int(limit.window.total_seconds())} if limit else None,
        "runs": runs,
    }


def _after(query: str) -> int:
    given = parse_qs(query).get("after", ["0"])[0]
    return int(given) if given.isdecimal() and len(given) < 10 else 0
