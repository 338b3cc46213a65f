"""A request to one of Azure's APIs in; what it answered, or why it did not, out.

Law: of what Azure says about a fault, only its codes leave this module: texts quote ids, addresses and queries.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from azure.core.exceptions import AzureError
from azure.core.rest import HttpRequest, HttpResponse

from shared.core.trouble import Trouble, Unanswered

MOST = 20  # errors in an error that are looked at
_CODE = re.compile(r"[A-Za-z][\w.-]{0,79}", re.ASCII)
_TROUBLES: Mapping[int, Trouble] = {
    401: Trouble.UNAUTHORIZED,
    403: Trouble.FORBIDDEN,
    404: Trouble.NOT_FOUND,
    408: Trouble.UNREACHABLE,
    409: Trouble.BUSY,
    429: Trouble.THROTTLED,
}
_UNREGISTERED = frozenset({"MissingSubscriptionRegistration", "SubscriptionNotRegistered"})

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """`headers` by name, whatever its letter case; `body` is JSON of any form, None if it is none."""

    about: str
    status: int
    headers: Mapping[str, str]
    body: Any

    def document(self) -> Json:
        """The body of a success. Raises `Unanswered`, also if it is no object."""
        if self.status != 200:
            raise self.unanswered()
        if not isinstance(self.body, dict):
            raise Unanswered(Trouble.UNREADABLE, self.about)
        return self.body

    @property
    def codes(self) -> tuple[str, ...]:
        """Of the error, from the outermost to the innermost; only plain words."""
        found = (error.get("code") for error in self._errors())
        return tuple(code for code in found if isinstance(code, str) and _CODE.fullmatch(code))

    @property
    def code(self) -> str:
        """What says most: the innermost, else the status."""
        return self.codes[-1] if self.codes else f"HTTP {self.status}"

    def speaks_of(self, pattern: re.Pattern[str]) -> bool:
        """Whether a text of the error matches. The text itself goes nowhere."""
        texts = (error.get("message") for error in self._errors())
        return any(isinstance(text, str) and pattern.search(text[:4096]) for text in texts)

    def unanswered(self, trouble: Trouble | None = None) -> Unanswered:
        """What the status means, unless `trouble` or a code says better."""
        known = Trouble.UNREGISTERED if _UNREGISTERED.intersection(self.codes) else _trouble(self.status)
        return Unanswered(trouble or known, self.about, self.code)

    def _errors(self) -> Iterator[Json]:
        """The error, its inner errors and details: `{"error": {code, message, innererror, details: []}}`
        (github.com/microsoft/api-guidelines, azure/Guidelines.md); some resource providers leave the envelope out.
        """
        left = [self.body.get("error", self.body)] if isinstance(self.body, dict) else []
        for _ in range(MOST):
            if not left or not isinstance(error := left.pop(0), dict):
                return
            yield error
            details = error.get("details")
            inner = [error.get("innererror"), error.get("innerError"), *(details if isinstance(details, list) else ())[:MOST]]
            left += [one for one in inner if isinstance(one, dict)]


def _trouble(status: int) -> Trouble:
    if status >= 500:
        return Trouble.UNREACHABLE
    return _TROUBLES.get(status, Trouble.REFUSED if status >= 400 else Trouble.UNREADABLE)  # a redirect is no answer


def answer(about: str, send: Callable[[HttpRequest], HttpResponse], request: HttpRequest) -> Answer:
    """`about` names what is asked, for people. Raises `Unanswered` if there is no answer at all."""
    try:
        said = send(request)
        status, headers, content = said.status_code, said.headers, said.content
    except AzureError as fault:
        raise Unanswered(Trouble.UNREACHABLE, about, type(fault).__name__) from None
    except ValueError:  # azure-core reads some headers itself
        raise Unanswered(Trouble.UNREADABLE, about) from None
    return Answer(about, status, headers, _json(content))


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None
