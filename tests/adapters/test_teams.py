"""A message and a webhook that answers, refuses, breaks off or keeps silent in; a verdict, and no secret anywhere, out."""

from __future__ import annotations

import json
import logging
import socket
import struct
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from local.teams import UNPACED, Fault, TeamsServer
from shared.adapters.teams import TeamsChannel
from shared.core.card_elements import adaptive_card, message, title
from shared.core.delivery import LONGEST, Answer, Verdict
from tests.examples import START, after
from tests.parts import Answering

MESSAGE = message(adaptive_card([title("Kustomization apps is failing — größer 🔥")], {}, "spoken"))
IN_90_SECONDS = format_datetime(after(seconds=90), usegmt=True)
QUICK = (2.0, 0.2)  # seconds to connect, to answer
SIG = "kR3vX0c8yJ-EXAMPLE_signature_of_43_characters_"


@pytest.fixture
def teams() -> Iterator[TeamsServer]:
    with TeamsServer({"default": "owner@contoso.com"}, limits=UNPACED) as server:
        yield server


@pytest.fixture
def channel(teams: TeamsServer) -> TeamsChannel:
    return TeamsChannel("default", teams.url("default"), lambda: START)


def at(server: Answering, path: str = "/workflows/1/triggers/manual/paths/invoke", query: str = f"sig={SIG}") -> TeamsChannel:
    return TeamsChannel("default", f"http://127.0.0.1:{server.port}{path}?{query}", lambda: START, timeout=QUICK)


def says(status: str, body: str | bytes = "", *more: str) -> bytes:
    content = body.encode() if isinstance(body, str) else body
    return "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", *more, "", ""]).encode() + content


# -------------------------------------------------------------------------------------------------- what Teams answers


def test_a_message_is_posted_as_it_is(teams: TeamsServer, channel: TeamsChannel) -> None:
    assert channel.post(MESSAGE) == Verdict(Answer.TOLD)
    [post] = teams.posts("default")
    assert post.card == MESSAGE["attachments"][0]["content"]
    assert json.loads(teams.calls[0].body) == MESSAGE


@pytest.mark.parametrize("status", ["200 OK", "202 Accepted", "204 No Content"])
def test_any_success_is_told(status: str) -> None:
    with Answering(says(status)) as server:
        assert at(server).post(MESSAGE) == Verdict(Answer.TOLD)


@pytest.mark.parametrize(
    ("fault", "verdict"),
    [
        (Fault.switched_off(), Verdict(Answer.BROKEN, "WorkflowTriggerIsNotEnabled")),
        (Fault.status(404, "WorkflowNotFound"), Verdict(Answer.BROKEN, "WorkflowNotFound")),
        (Fault.status(401, "AuthorizationFailed"), Verdict(Answer.BROKEN, "AuthorizationFailed")),
        (Fault.status(400), Verdict(Answer.BROKEN, "HTTP 400")),
        (Fault.status(403), Verdict(Answer.BROKEN, "HTTP 403")),
        (Fault.status(413, "RequestEntityTooLarge"), Verdict(Answer.BROKEN, "RequestEntityTooLarge")),
        (Fault.status(408), Verdict(Answer.LATER, "HTTP 408")),
        (Fault.throttled(7), Verdict(Answer.LATER, "TooManyRequests", timedelta(seconds=7))),
        (Fault.status(429, retry_after=IN_90_SECONDS), Verdict(Answer.LATER, "HTTP 429", timedelta(seconds=90))),
        (Fault.status(429, retry_after="86400"), Verdict(Answer.LATER, "HTTP 429", LONGEST)),
        (Fault.status(429, retry_after="soon"), Verdict(Answer.LATER, "HTTP 429")),
        (Fault.status(500), Verdict(Answer.LATER, "HTTP 500")),
        (Fault.status(502, "BadGateway"), Verdict(Answer.LATER, "BadGateway")),
        (Fault.status(503, retry_after="3"), Verdict(Answer.LATER, "HTTP 503", timedelta(seconds=3))),
        (Fault(reset="before reading"), Verdict(Answer.LATER, "ConnectionError", perhaps=True)),
        (Fault(reset="after reading"), Verdict(Answer.LATER, "ConnectionError", perhaps=True)),
    ],
    ids=lambda value: f"{value.answer}-{value.code}" if isinstance(value, Verdict) else "",
)
def test_an_answer_is_judged(teams: TeamsServer, channel: TeamsChannel, fault: Fault, verdict: Verdict) -> None:
    teams.fail("default", [fault])
    assert channel.post(MESSAGE) == verdict
    assert channel.post(MESSAGE) == Verdict(Answer.TOLD)  # and the connection is fit for the next one
    assert len(teams.posts("default")) == 1


def test_what_hangs_longer_than_the_timeout_is_tried_later() -> None:
    with Answering(b"", then=lambda _: server.released.wait()) as server:
        assert at(server).post(MESSAGE) == Verdict(Answer.LATER, "ReadTimeout", perhaps=True)


def test_nobody_there_is_tried_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    channel = TeamsChannel("default", f"http://127.0.0.1:{port}/x?sig={SIG}", lambda: START, timeout=QUICK)
    assert channel.post(MESSAGE) == Verdict(Answer.LATER, "ConnectionError")


@pytest.mark.parametrize(
    "url", ["", "contoso", "https://", "http://[::1", "ftp://contoso.com/x", "http://a b/", "https://.com"]
)
def test_what_is_no_address_is_a_broken_channel(url: str) -> None:
    assert TeamsChannel("default", url, lambda: START).post(MESSAGE) == Verdict(Answer.BROKEN, "InvalidWebhookUrl")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_with_the_body(status: int) -> None:
    with Answering(says("202 Accepted")) as elsewhere:
        location = f"Location: http://127.0.0.1:{elsewhere.port}/"
        with Answering(says(f"{status} Moved", "", location)) as server:
            assert at(server).post(MESSAGE) == Verdict(Answer.BROKEN, f"HTTP {status}")
    assert (len(server.heard), elsewhere.heard) == (1, [])


@pytest.mark.parametrize(
    "body",
    [
        "",
        "not json",
        "[]",
        "null",
        "{}",
        '{"error": null}',
        '{"error": "text"}',
        '{"error": {}}',
        '{"error": {"code": null}}',
        '{"error": {"code": 5}}',
        '{"error": {"code": ""}}',
        '{"error": {"code": "see https://contoso.com/?sig=1"}}',
        '{"error": {"code": "two words"}}',
        b"\xff\xfe\x00",
        "[" * 200_000,
    ],
    ids=lambda body: str(body)[:24],
)
def test_of_a_refusal_only_a_code_that_is_a_plain_word_is_repeated(body: str | bytes) -> None:
    with Answering(says("400 Bad Request", body, "Content-Type: application/json")) as server:
        assert at(server).post(MESSAGE) == Verdict(Answer.BROKEN, "HTTP 400")


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ("HTTP/1.1 202 Accepted\r\nContent-Length: 10\r\n\r\nhalf", Verdict(Answer.TOLD)),
        ("HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\nzz", Verdict(Answer.TOLD)),
        ("HTTP/1.1 202 Accepted\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nhalf", Verdict(Answer.TOLD)),
        ("HTTP/1.1 404 Not Found\r\nContent-Length: 10\r\n\r\nhalf", Verdict(Answer.BROKEN, "HTTP 404")),
        ("HTTP/1.1 500 Oh\r\nTransfer-Encoding: chunked\r\n\r\nzz", Verdict(Answer.LATER, "HTTP 500")),
        ("HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n", Verdict(Answer.LATER, "HTTP 999")),
        ("SSH-2.0-OpenSSH_9.9\r\n", Verdict(Answer.LATER, "ConnectionError", perhaps=True)),
    ],
    ids=["cut-202", "garbled-202", "no-gzip-202", "cut-404", "garbled-500", "999", "ssh"],
)
def test_the_status_decides_even_when_the_body_breaks_off(answer: str, verdict: Verdict) -> None:
    """A 202 is a card in the channel, whatever becomes of the body: to call it a failure would post the card twice."""
    with Answering(answer.encode()) as server:
        assert at(server).post(MESSAGE) == verdict


def test_a_body_without_end_is_not_read_to_its_end() -> None:
    def flood(caller: socket.socket) -> None:
        while not server.released.is_set():
            caller.sendall(b"x" * 65_536)

    with Answering(b"HTTP/1.1 400 Bad Request\r\n\r\n", then=flood) as server:
        assert at(server).post(MESSAGE) == Verdict(Answer.BROKEN, "HTTP 400")


def test_a_connection_that_is_reset_amid_the_headers_is_tried_later() -> None:
    def reset(caller: socket.socket) -> None:
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with Answering(b"HTTP/1.1 202 Accep", then=reset) as server:
        assert at(server).post(MESSAGE).answer is Answer.LATER


# ------------------------------------------------------------------------------------------ the address is the secret


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (
            "/powerautomate/automations/direct/workflows/0123456789abcdef0123456789abcdef/triggers/manual/paths/invoke",
            f"api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig={SIG}",
        ),
        ("/workflows/1/triggers/manual/paths/invoke", f"api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig={SIG}"),
        ("/invoke", "sig=a%2Bb%2Fc%3D%3D&empty=&flag&b=1&a=2&a=1"),
        ("/invoke", "sig=a+b/c==&~=~&at=@:!$'()*,;"),
    ],
    ids=["power-platform", "logic-apps", "escaped-base64", "plain-base64"],
)
def test_the_address_reaches_the_server_byte_for_byte(path: str, query: str) -> None:
    with Answering(says("202 Accepted")) as server:
        at(server, path, query).post(MESSAGE)
    assert server.heard[0].startswith(f"POST {path}?{query} HTTP/1.1\r\n".encode())


def test_one_request_is_made_with_the_message_as_json_in_utf_8_and_no_other_credential(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Teams refuses a request that brings an Authorization beside the signature."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with Answering(says("202 Accepted")) as server:
        at(server).post(MESSAGE)
    [request] = server.heard
    head, _, body = request.partition(b"\r\n\r\n")
    names = {line.partition(":")[0].lower() for line in head.decode().split("\r\n")[1:]}
    assert b"application/json; charset=utf-8" in head
    assert "authorization" not in names
    assert json.loads(body) == MESSAGE


OUTCOMES: dict[str, Callable[[], Answering]] = {
    "told": lambda: Answering(says("202 Accepted")),
    "refused": lambda: Answering(says("400 Bad Request", '{"error": {"code": "Broken", "message": "the signature"}}')),
    "redirected": lambda: Answering(says("302 Found", "", f"Location: https://contoso.com/?sig={SIG}")),
    "reset": lambda: Answering(b""),
    "nonsense": lambda: Answering(b"nonsense\r\n\r\n"),
    "silent": lambda: Answering(b"", then=lambda caller: caller.recv(1) and None),
}


@pytest.mark.parametrize("outcome", OUTCOMES.values(), ids=OUTCOMES)
def test_no_verdict_repr_or_log_holds_the_address(outcome: Callable[[], Answering], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "urllib3")  # it writes the path of every request at DEBUG
    with outcome() as server:
        channel = at(server, query=f"api-version=1&sig={SIG}")
        told = f"{channel.post(MESSAGE)!r} {channel!r} {channel} {caplog.text}"
    assert SIG.encode() in server.heard[0]
    assert SIG not in told
    assert "/triggers/" not in told
    assert urlsplit(f"http://127.0.0.1:{server.port}").netloc not in f"{channel!r}"
