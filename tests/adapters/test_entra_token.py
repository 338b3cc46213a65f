"""Real tokens, signed with real keys that a real server publishes: who is let in, who is not, and what is fetched for it."""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import jwt
import pytest

from shared.adapters.entra_token import ACTION_GROUPS, AGAIN, LASTS, LEEWAY, MAX_TOKEN, SOON, EntraToken
from shared.core.refusal import Unsigned
from shared.core.trouble import Trouble, Unanswered
from shared.setting_alerts import AUTHORITY
from tests.examples import START
from tests.fakes import FakeClock
from tests.parts import Answering
from tests.tokens import APP, TENANT, V1, answer, claims, key, published, token

V2 = "the one of version 2"  # which has the authority's address in it


class Door:
    """The adapter, before a server that publishes keys."""

    def __init__(self, server: Answering) -> None:
        self.server, self.clock = server, FakeClock()
        self.authority = f"http://127.0.0.1:{server.port}"
        self.check = EntraToken(TENANT.upper(), APP.upper(), self.clock, f"{self.authority}/").check

    def refuses(self, authorization: str) -> str:
        with pytest.raises(Unsigned) as refused:
            self.check(authorization)
        assert refused.value.status == 401
        return str(refused.value)


@pytest.fixture
def door() -> Iterator[Door]:
    with Answering(published("one")) as server:
        yield Door(server)


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"aud": APP},
        {"aud": APP.upper()},
        {"nbf": None},
        {"iss": V2, "azp": ACTION_GROUPS.upper(), "appid": None, "ver": "2.0", "aud": APP},
        {"iss": V1.replace("windows.net", "chinacloudapi.cn")},
    ],
)
def test_a_token_of_an_action_group_is_let_in(door: Door, other: dict[str, Any]) -> None:
    if other.get("iss") == V2:
        other = other | {"iss": f"{door.authority}/{TENANT}/v2.0"}
    door.check(token(**other))
    assert b"GET /" + TENANT.encode() + b"/discovery/v2.0/keys " in door.server.heard[0]


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"aud": "api://another"}, "audience"),
        ({"aud": None}, "audience"),
        ({"aud": [APP]}, "audience"),
        ({"iss": V1.replace("1", "9")}, "issuer"),
        ({"iss": f"{AUTHORITY}/{TENANT}/v2.0"}, "issuer"),  # of another authority
        ({"iss": V1.removesuffix("/")}, "issuer"),
        ({"appid": APP}, "caller"),
        ({"appid": None}, "caller"),
        ({"appid": 7}, "caller"),
        ({"exp": int(START.timestamp()) - 3_600}, "time"),
        ({"exp": None}, "time"),
        ({"exp": "tomorrow"}, "time"),
        ({"nbf": int(START.timestamp()) + 3_600}, "time"),
        ({"nbf": "now"}, "time"),
    ],
)
def test_a_token_for_somebody_else_of_somebody_else_or_of_another_time_is_refused(
    door: Door, other: dict[str, Any], why: str
) -> None:
    assert door.refuses(token(**other)) == f"the token's {why} is wrong"


def test_time_is_that_of_our_clock_give_or_take_five_minutes(door: Door) -> None:
    mine = token()
    door.clock.at = START + timedelta(hours=1) + LEEWAY - timedelta(seconds=1)
    door.check(mine)
    door.clock.passes(seconds=1)
    door.refuses(mine)


def _unsigned() -> str:
    return "Bearer " + jwt.encode(claims(), None, algorithm="none", headers={"kid": "one"})


def _by_secret() -> str:
    return "Bearer " + jwt.encode(
        claims(), "a secret of forty-eight characters, or even more", algorithm="HS256", headers={"kid": "one"}
    )


@pytest.mark.parametrize(
    "forged",
    [
        lambda: "",
        lambda: "Basic dXNlcjpwYXNz",
        lambda: "Bearer",
        lambda: "Bearer a.b.c",
        lambda: "Bearer \udcff.\u00e4.x",
        lambda: "Bearer " + "x" * (MAX_TOKEN + 1),
        lambda: "Bearer " + b64encode(b"[" * 11_000).decode() + ".e30.AAAA",
        lambda: "Bearer " + b64encode(b'{"alg": "RS256", "kid": ["one"]}').decode().rstrip("=") + ".e30.AAAA",
        lambda: token()[:-6] + "AAAAAA",
        lambda: token(by="another"),
        lambda: token("broken", by="another"),
        _unsigned,
        _by_secret,
        lambda: "Bearer " + jwt.encode(claims(), key("one"), algorithm="RS512", headers={"kid": "one"}),
        lambda: "Bearer " + jwt.encode(claims(), key("one"), algorithm="RS256"),
    ],
)
def test_a_forged_token_is_refused_in_words_that_repeat_nothing(door: Door, forged: Callable[[], str]) -> None:
    sent = forged()
    said = door.refuses(sent)
    assert not [part for part in sent.removeprefix("Bearer ").split(".") if len(part) > 3 and part in said]


# --------------------------------------------------------------------------------------------------------------- the keys


def test_keys_are_fetched_once_and_again_after_a_day(door: Door) -> None:
    for _ in range(3):
        door.check(token())
    assert len(door.server.heard) == 1
    door.clock.at += LASTS
    door.check(token(exp=int(door.clock.at.timestamp()) + 60))
    assert len(door.server.heard) == 2


def test_a_new_key_is_looked_for_but_not_at_every_forgery(door: Door) -> None:
    door.check(token())
    for _ in range(3):
        door.refuses(token("two"))
    assert len(door.server.heard) == 1
    door.server.answer = published("two")
    door.clock.at += AGAIN
    door.check(token("two"))
    assert len(door.server.heard) == 2
    door.refuses(token("one"))


def test_keys_that_are_known_serve_on_while_nobody_answers(door: Door) -> None:
    door.check(token())
    door.server.answer = answer(b"", "503 Service Unavailable")
    door.clock.at += LASTS
    late = token(exp=int(door.clock.at.timestamp()) + 60)
    for _ in range(3):
        door.check(late)
    assert len(door.server.heard) == 2


def test_while_there_is_no_key_entra_id_is_asked_every_ten_seconds_and_nobody_waits_in_between(door: Door) -> None:
    door.server.answer = answer(b"", "503 Service Unavailable")
    for _ in range(3):
        with pytest.raises(Unanswered):
            door.check(token())
    assert len(door.server.heard) == 1
    door.server.answer = published("one")
    door.clock.at += SOON
    door.check(token())


def test_of_an_unknown_key_nobody_can_tell_while_entra_id_does_not_answer(door: Door) -> None:
    door.check(token())
    door.clock.at += AGAIN
    door.server.answer = answer(b"", "503 Service Unavailable")
    for _ in range(3):
        with pytest.raises(Unanswered):
            door.check(token("two"))  # perhaps it is new: whoever is refused does not call again
        door.check(token())
    assert len(door.server.heard) == 2
    door.server.answer = published("one", "two")
    door.clock.at += AGAIN
    door.check(token("two"))


@pytest.mark.parametrize(
    ("said", "trouble"),
    [
        (answer(b"", "503 Service Unavailable"), Trouble.UNREACHABLE),
        (answer(b"", "302 Found", "Location: https://evil.example/keys"), Trouble.UNREACHABLE),
        (b"", Trouble.UNREACHABLE),
        (answer(b"<html>"), Trouble.UNREADABLE),
        (answer(b"[" * 100_000), Trouble.UNREADABLE),
        (answer(b'{"keys": "none"}'), Trouble.UNREADABLE),
        (answer(b'{"keys": []}'), Trouble.UNREADABLE),
        (answer(b" " * 1_000_000), Trouble.UNREADABLE),
    ],
)
def test_without_keys_nobody_can_tell(said: bytes, trouble: Trouble) -> None:
    with Answering(said) as server:
        with pytest.raises(Unanswered) as fault:
            Door(server).check(token())
        assert (fault.value.trouble, fault.value.about) == (trouble, "keys of Entra ID")
        assert "127.0.0.1" not in str(fault.value)


def test_keys_that_come_in_pieces_are_put_together() -> None:
    whole = published("one", padding=" " * 30_000).partition(b"\r\n\r\n")[2]
    pieces = b"".join(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in (whole[:99], whole[99:]))
    with Answering(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + pieces + b"0\r\n\r\n"
    ) as server:
        Door(server).check(token())


def test_neither_token_nor_tenant_is_in_a_log_or_a_repr(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    door.check(token())
    door.refuses(token("two"))
    assert caplog.text == ""
    assert repr(EntraToken(TENANT, APP, door.clock, AUTHORITY)) == "EntraToken()"


@pytest.mark.parametrize("authority", ["http://login.example", "ftp://127.0.0.1", "login.microsoftonline.com"])
def test_keys_come_by_https_or_from_this_machine(authority: str) -> None:
    with pytest.raises(ValueError, match="https"):
        EntraToken(TENANT, APP, FakeClock(), authority)
