"""A Teams channel behind a Workflows webhook: a message goes in, a verdict comes out.

Law: the address is the credential. It is in no log, no error and no repr; redirects are not followed with the body.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from shared.core.card_elements import Element
from shared.core.delivery import Answer, Verdict, judge

if TYPE_CHECKING:
    import requests

TIMEOUT = (5, 30)  # seconds to connect, to answer: a flow may take its time, and giving up early would post twice
_HEADERS = {"Content-Type": "application/json; charset=utf-8"}


class TeamsChannel:
    """Fits the port Channel."""

    def __init__(self, name: str, url: str, now: Callable[[], datetime]) -> None:
        self._name, self._url, self._now = name, url, now
        self._session: requests.Session | None = None

    def __repr__(self) -> str:
        return f"TeamsChannel({self._name!r})"

    def post(self, message: Element) -> Verdict:
        """One request. What Teams or the network does is in the verdict."""
        import requests  # a tenth of a second, and no function but notify needs it

        body = json.dumps(message, separators=(",", ":")).encode()
        if self._session is None:
            self._session = requests.Session()
        try:
            answer = self._session.post(
                self._url, data=body, headers=_HEADERS, timeout=TIMEOUT, allow_redirects=False, auth=_no_auth
            )
        except (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema):
            return Verdict(Answer.BROKEN, "InvalidWebhookUrl")
        except requests.exceptions.RequestException as error:
            return Verdict(Answer.LATER, type(error).__name__)
        return judge(answer.status_code, code=_code(answer), retry_after=answer.headers.get("Retry-After"), now=self._now())


def _no_auth(request: Any) -> Any:
    """requests' hook. Without one it would look into netrc, and Teams refuses a second authorization."""
    return request


def _code(answer: requests.Response) -> str:
    """`error.code` of the body, if it is a plain word. Never the message: it may quote the address."""
    try:
        code = answer.json()["error"]["code"]
    except (ValueError, KeyError, TypeError):
        return ""
    return code[:80] if isinstance(code, str) and code.isascii() and code.replace("-", "").isalnum() else ""
