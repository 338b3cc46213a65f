"""A request for one of the pages in; whether it may pass, and in which form it wants its answer, out.

Pure: no I/O. Names of headers are lower-case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PRINCIPAL = "x-ms-client-principal-id"  # learn.microsoft.com, "Work with user identities in App Service authentication"
_HTML, _JSON = "text/html", "application/json"

SIGN_IN = "Sign in first: this page is for people whom App Service authentication knows."
UNGUARDED = (
    "FLEET_SIGN_IN is true, but App Service authentication is off. Nobody may come in until it is switched on, "
    "or FLEET_SIGN_IN is false and people have a function key."
)


@dataclass(frozen=True, slots=True)
class Door:
    """How people come in. `sign_in`: without a function key, through App Service authentication. `guarded`: that is on.

    While it is on it strips its own headers from what comes from outside; while it is off anybody could write them.
    """

    sign_in: bool = False
    guarded: bool = False

    def refusal(self, headers: Mapping[str, str]) -> str:
        """Why the request may not pass, in a sentence; empty if it may. Without `sign_in` the host has checked its key."""
        if not self.sign_in:
            return ""
        if not self.guarded:
            return UNGUARDED
        return "" if headers.get(PRINCIPAL, "").strip() else SIGN_IN


def wants_page(asked: str, accept: str) -> bool:
    """`asked` is the query's `format`, which wins; else HTML only if `Accept` names it and likes JSON no better (RFC 9110)."""
    if asked in ("html", "json"):
        return asked == "html"
    liked = _liked(accept)
    return liked.get(_HTML, 0.0) > 0 and liked[_HTML] >= liked.get(_JSON, 0.0)


def _liked(accept: str) -> dict[str, float]:
    """Media type → quality; what cannot be read is not liked. Wildcards stay wildcards: curl's */* is no browser."""
    ranges = [part.strip().lower().split(";") for part in accept[:1_000].split(",")]
    return {kind.strip(): _quality(parameters) for kind, *parameters in ranges}


def _quality(parameters: list[str]) -> float:
    given = next((text.strip()[2:] for text in parameters if text.strip().startswith("q=")), "1")
    try:
        return min(1.0, max(0.0, float(given)))
    except ValueError:
        return 0.0
