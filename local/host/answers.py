"""The end of an invocation in; what the client is answered out.

Pure: no I/O. As Azure's host does it: a failure is a 500 without a word, text alone is 200 text/plain.
"""

from __future__ import annotations

from email.utils import formatdate

from local.host.exchange import Answer
from local.host.protos import Message, payload
from local.host.worker import Result

_SAME_SITE = {1: "Lax", 2: "Strict", 3: "None"}  # RpcHttpCookie.SameSite; 0: not given


def answered(result: Result) -> Answer:
    """From a function with an HTTP trigger."""
    if not result.ok:
        return Answer(500)
    kind = result.returned.WhichOneof("data") if result.returned is not None else None
    if result.returned is None or kind is None:
        return Answer(204)
    if kind != "http":
        return Answer(200, payload(result.returned), (("content-type", "text/plain; charset=utf-8"),))
    http = result.returned.http
    cookies = [("set-cookie", _set_cookie(cookie)) for cookie in http.cookies or ()]
    return Answer(int(http.status_code or 200), payload(http.body), (*http.headers.items(), *cookies))


def _set_cookie(cookie: Message) -> str:
    """The library takes Set-Cookie apart; this puts it together again."""
    values = {name: getattr(getattr(cookie, name), "value", None) for name in ("domain", "path", "expires", "max_age")}
    flags = {name: getattr(getattr(cookie, name), "value", False) for name in ("secure", "http_only")}
    expires, age = values["expires"], values["max_age"]
    parts = [
        f"{cookie.name}={cookie.value}",
        f"Domain={values['domain']}" if values["domain"] else "",
        f"Path={values['path']}" if values["path"] else "",
        f"Expires={formatdate(expires.seconds, usegmt=True)}" if expires else "",
        f"Max-Age={age:.0f}" if age is not None else "",
        "Secure" if flags["secure"] else "",
        "HttpOnly" if flags["http_only"] else "",
        f"SameSite={_SAME_SITE[cookie.same_site]}" if cookie.same_site in _SAME_SITE else "",
    ]
    return "; ".join(part for part in parts if part)
