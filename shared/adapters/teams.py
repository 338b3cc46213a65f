"""A Teams channel behind a Workflows webhook: a message goes in, a verdict comes out.

Law: the address is the credential. It is in no log, no error and no repr; redirects are not followed with the body.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from shared.core.card_elements import Element
from shared.core.delivery import Answer, Verdict, judge

if TYPE_CHECKING:
    import requests

TIMEOUT = (5, 30)  # seconds to connect, to answer: a flow may take its time, and giving up early would post twice
MOST = 16_384  # bytes of an answer that are read: an error is a few hundred
_HEADERS = {"Content-Type": "application/json; charset=utf-8"}


class TeamsChannel:
    """Fits the port Channel. `timeout` in seconds: to connect, to answer."""

    def __init__(self, name: str, url: str, now: Callable[[], datetime], *, timeout: tuple[float, float] = TIMEOUT) -> None:
        self._name, self._url, self._now, self._timeout = name, url, now, timeout
        self._session: requests.Session | None = None

    def __repr__(self) -> str:
        return f"TeamsChannel({self._name!r})"

    def post(self, message: Element) -> Verdict:
        """One request. What Teams or the network does is in the verdict."""
        import requests  # a tenth of a second, and no function but notify needs it

        wrong = (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema)
        try:
            with self._send(json.dumps(message, separators=(",", ":")).encode()) as answer:
                said = b"" if answer.ok else _beginning(answer)
        except wrong:
            return Verdict(Answer.BROKEN, "InvalidWebhookUrl")
        except requests.exceptions.RequestException as error:
            return Verdict(Answer.LATER, type(error).__name__, perhaps=not _unsent(error))
        return judge(answer.status_code, code=_code(said), retry_after=answer.headers.get("Retry-After"), now=self._now())

    def _send(self, body: bytes) -> requests.Response:
        """The answer as far as its headers: a 2xx has posted, whatever becomes of its body."""
        import requests

        if self._session is None:
            logging.getLogger("urllib3").setLevel(logging.INFO)  # at DEBUG it writes addresses with their signatures
            self._session = requests.Session()
        return self._session.post(
            self._url, data=body, headers=_HEADERS, timeout=self._timeout, allow_redirects=False, auth=_no_auth, stream=True
        )


def _unsent(error: requests.exceptions.RequestException) -> bool:
    """There was no connection. Any other fault, a reset or no answer in time, may have come after the post."""
    import requests
    import urllib3

    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(error, requests.exceptions.ConnectTimeout) or isinstance(reason, urllib3.exceptions.NewConnectionError)


def _no_auth(request: Any) -> Any:
    """requests' hook. Without one it would look into netrc, and Teams refuses a second authorization."""
    return request


def _beginning(answer: requests.Response) -> bytes:
    """Of an error's body; nothing if it cannot be read: the status has said what matters."""
    import requests

    try:
        return next(answer.iter_content(MOST), b"")
    except requests.exceptions.RequestException:
        return b""


def _code(said: bytes) -> str:
    """`error.code` of the body, if it is a plain word. Never the message: it may quote the address."""
    try:
        code = json.loads(said)["error"]["code"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return code[:80] if isinstance(code, str) and code.isascii() and code.replace("-", "").isalnum() else ""
