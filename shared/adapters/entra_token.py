"""The header Authorization of an action group in; nothing, or a named refusal, out. The keys are Entra ID's own.

Law: neither token nor claims are in a log, an error or a repr. Who cannot be looked at is not let in.
Format: learn.microsoft.com, "Access tokens in the Microsoft identity platform"; action groups: "Secure webhook".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import islice
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from shared.adapters.deadline import within
from shared.core.refusal import Unsigned
from shared.core.trouble import Trouble, Unanswered
from shared.ports import Clock

V1 = ("https://sts.windows.net", "https://sts.chinacloudapi.cn")  # who signs tokens of version 1, whatever the authority
ACTION_GROUPS = "461e8683-5575-4561-ac7f-899cc907d62a"  # application id of AzNS AAD Webhook, in every tenant
LASTS = timedelta(hours=24)  # of keys; Entra ID asks to look for new ones daily
AGAIN = timedelta(minutes=5)  # an unknown key is not looked for more often
SOON = timedelta(seconds=10)  # nor any key while there is none: who calls does not wait for what just failed
LEEWAY = timedelta(minutes=5)  # of clocks
TIMEOUT = (3, 5)  # seconds to connect, to go on answering
LIMIT = 8  # seconds in all: others wait meanwhile
CHUNK = 8_192
MAX_KEYS = 32 * CHUNK  # bytes of the answer
MAX_TOKEN = 16_384  # characters
ALGORITHM = "RS256"  # the only one that Entra ID signs with

_ABOUT = "keys of Entra ID"
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class EntraToken:
    """Fits the port TokenCheck. One for each process; safe for threads. `tenant` and `app` are ids, `authority` is an address:
    https, or http to this machine. Raises ValueError for another one.
    """

    def __init__(self, tenant: str, app: str, clock: Clock, authority: str) -> None:
        address = urlsplit(authority)
        if address.scheme != "https" and (address.scheme != "http" or address.hostname not in _LOOPBACK):
            raise ValueError("keys are fetched by https only")
        tenant, app = tenant.lower(), app.lower()
        self._address = f"{authority.rstrip('/')}/{tenant}/discovery/v2.0/keys"
        self._audience = frozenset({app, f"api://{app}"})
        self._issuers = frozenset(f"{issuer}/{tenant}/" for issuer in V1) | {f"{authority.rstrip('/')}/{tenant}/v2.0"}
        self._clock, self._lock = clock, Lock()
        self._keys: Mapping[str, Any] = {}
        self._fetched: datetime | None = None
        self._asked: datetime | None = None
        self._fault: Unanswered | None = None  # of the latest question

    def __repr__(self) -> str:
        return "EntraToken()"

    def check(self, authorization: str) -> None:
        """See the port."""
        import jwt  # a tenth of a second, and only where a token is asked for

        scheme, _, token = authorization.strip().partition(" ")
        if scheme.lower() != "bearer" or not 0 < len(token) <= MAX_TOKEN or not token.isascii():
            raise Unsigned("a token of Entra ID is required")
        try:
            head = jwt.get_unverified_header(token)
            key = self._key(head.get("kid")) if head.get("alg") == ALGORITHM else None
            if key is None:
                raise Unsigned("the token is not signed by a key of Entra ID")
            claims = jwt.decode(token, key, algorithms=[ALGORITHM], options=_SIGNATURE_ONLY)
        except (jwt.PyJWTError, RecursionError):
            raise Unsigned("the token cannot be read, or its signature is wrong") from None
        self._claims(claims)

    def _claims(self, claims: Mapping[str, Any]) -> None:
        """Tokens of version 2 name the caller in `azp`, those of version 1 in `appid`."""
        caller = claims.get("azp") or claims.get("appid")
        wants = (
            ("audience", _lower(claims.get("aud")) in self._audience),
            ("issuer", _lower(claims.get("iss")) in self._issuers),
            ("caller", _lower(caller) == ACTION_GROUPS),
            ("time", self._in_time(claims.get("nbf"), claims.get("exp"))),
        )
        for name, right in wants:
            if not right:
                raise Unsigned(f"the token's {name} is wrong")

    def _in_time(self, begins: Any, ends: Any) -> bool:
        now, leeway = self._clock.now().timestamp(), LEEWAY.total_seconds()
        number = (int, float)
        begun = begins is None or (isinstance(begins, number) and begins - leeway <= now)
        return begun and isinstance(ends, number) and now < ends + leeway

    def _key(self, kid: Any) -> Any:
        """None if there is no such key. Known keys serve on while Entra ID does not answer; others it alone knows."""
        known = self._keys
        if kid in known and not self._stale():
            return known[kid]
        with self._lock:
            if self._rested() and (self._stale() or kid not in self._keys):
                self._asked = self._clock.now()
                self._ask()
            if kid not in self._keys and self._fault is not None:
                raise self._fault.with_traceback(None)
            return self._keys.get(kid)

    def _stale(self) -> bool:
        return self._fetched is None or self._clock.now() - self._fetched >= LASTS

    def _rested(self) -> bool:
        return self._asked is None or self._clock.now() - self._asked >= (AGAIN if self._keys else SOON)

    def _ask(self) -> None:
        """For all of the keys. That nobody answers is remembered until somebody asks again."""
        try:
            self._keys, self._fetched, self._fault = within(LIMIT, self._fetch), self._asked, None
        except Unanswered as fault:
            self._fault = fault
        except TimeoutError:
            self._fault = Unanswered(Trouble.UNREACHABLE, _ABOUT, "too slow")

    def _fetch(self) -> Mapping[str, Any]:
        import jwt
        import requests

        try:
            with requests.get(self._address, timeout=TIMEOUT, allow_redirects=False, auth=_no_auth, stream=True) as answer:
                said = b"".join(islice(answer.iter_content(CHUNK), MAX_KEYS // CHUNK))
        except requests.exceptions.RequestException as fault:
            raise Unanswered(Trouble.UNREACHABLE, _ABOUT, type(fault).__name__) from None
        if answer.status_code != 200:
            raise Unanswered(Trouble.UNREACHABLE, _ABOUT, str(answer.status_code))
        found = dict[str, Any]()
        for row in _rows(said):
            try:
                found[row["kid"]] = jwt.PyJWK(row, ALGORITHM)
            except (jwt.PyJWTError, KeyError, TypeError, ValueError):
                continue  # of another kind
        if not found:
            raise Unanswered(Trouble.UNREADABLE, _ABOUT)
        return found


_SIGNATURE_ONLY: Any = {
    f"verify_{what}": False for what in ("aud", "iss", "exp", "nbf", "iat", "sub", "jti")
}  # the rest is looked at by our own clock, and in our own words


def _rows(said: bytes) -> list[dict[str, Any]]:
    try:
        keys = json.loads(said)["keys"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []
    return [row for row in keys if isinstance(row, dict) and row.get("kty") == "RSA"] if isinstance(keys, list) else []


def _no_auth(request: Any) -> Any:
    """requests' hook. Without one it would look into netrc."""
    return request


def _lower(value: Any) -> str:
    return value.lower() if isinstance(value, str) else ""
