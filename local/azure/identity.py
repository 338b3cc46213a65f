"""Requests for tokens in; tokens, and whether a bearer token is good for an audience, out.

The managed identity of an App Service (learn.microsoft.com/azure/app-service/overview-managed-identity). Time is an argument.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qs

from local.azure.answers import Answer, error

PATH = "/msi/token"
MANAGEMENT, LOGS = "https://management.azure.com", "https://api.loganalytics.io"
AUDIENCES = frozenset({MANAGEMENT, LOGS})
LIFE = timedelta(hours=24)
NO_IDENTITY = Answer(400, {"statusCode": 400, "message": "Unable to load the proper Managed Identity.", "correlationId": ""})
_NO_RESOURCE = Answer(400, {"statusCode": 400, "message": "The resource is not known in the tenant (AADSTS500011)."})
_NOT_YOU = Answer(401, {"statusCode": 401, "message": "X-IDENTITY-HEADER is missing or wrong."})


class Identity:
    """The app's identity. `secret` is what the platform puts into IDENTITY_HEADER."""

    def __init__(self) -> None:
        self.secret = hashlib.sha256(b"identity").hexdigest()[:32]
        self._tokens: dict[str, tuple[str, datetime]] = {}

    def token(self, query: str, headers: Mapping[str, str], now: datetime) -> Answer:
        """A token for `resource`, for a day."""
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        if headers.get("X-Identity-Header") != self.secret:
            return _NOT_YOU
        resource = asked.get("resource", "").rstrip("/")
        if asked.get("api-version") != "2019-08-01" or resource not in AUDIENCES:
            return _NO_RESOURCE
        token, ends = f"eyJ0.{len(self._tokens)}.{hashlib.sha256(resource.encode()).hexdigest()}", now + LIFE
        self._tokens[token] = (resource, ends)
        told = {"access_token": token, "expires_on": str(int(ends.timestamp())), "resource": resource, "token_type": "Bearer"}
        return Answer(200, told)

    def refusal(self, authorization: str | None, audience: str, now: datetime) -> Answer | None:
        """None if the caller may go on."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme != "Bearer" or not token:
            return error(401, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.")
        issued_for, ends = self._tokens.get(token, ("", now))
        if not issued_for:
            return error(401, "InvalidAuthenticationToken", "The access token is invalid.")
        if issued_for != audience:
            return error(401, "InvalidAuthenticationTokenAudience", "The access token is for another audience.")
        return None if now < ends else error(401, "ExpiredAuthenticationToken", "The access token expiry UTC time has passed.")

    def revoke(self) -> None:
        """No token that was issued so far is good any more."""
        self._tokens.clear()
