"""Key ids and claims in; what Entra ID publishes, and tokens that it could have signed, out.

Law: keys are real, and made once in a process; the time is an argument.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from shared.adapters.entra_token import ACTION_GROUPS
from tests.examples import START

TENANT, APP = "11111111-2222-4333-8444-555555555555", "66666666-7777-4888-8999-aaaaaaaaaaaa"
V1 = f"https://sts.windows.net/{TENANT}/"


@cache
def key(kid: str) -> RSAPrivateKey:
    """The same for the same id."""
    return generate_private_key(65_537, 2_048)


def published(*kids: str, **more: Any) -> bytes:
    """What Entra ID answers, with keys of other kinds among it."""
    rows = [json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key(kid).public_key())) | {"kid": kid, "use": "sig"} for kid in kids]
    others: list[Any] = [None, {"kty": "EC", "kid": "ec"}, {"kty": "RSA", "kid": "broken", "n": "AQAB"}, {"kty": "RSA"}]
    return answer(json.dumps({"keys": [*others, *rows]} | more).encode())


def answer(body: bytes, status: str = "200 OK", *more: str) -> bytes:
    """Of HTTP."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *more]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def claims(at: datetime = START, **other: Any) -> dict[str, Any]:
    """Of version 1, as action groups get them; None leaves one out."""
    now = int(at.timestamp())
    usual = {"aud": f"api://{APP}", "iss": V1, "appid": ACTION_GROUPS, "nbf": now - 60, "exp": now + 3_600, "ver": "1.0"}
    return {name: value for name, value in (usual | other).items() if value is not None}


def token(kid: str = "one", by: str = "", **other: Any) -> str:
    """The header Authorization. `by` is the key that signs it, where it is another one than it says."""
    return "Bearer " + jwt.encode(claims(**other), key(by or kid), algorithm="RS256", headers={"kid": kid})
