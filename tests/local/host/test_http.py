"""Requests over real sockets in; what a function sees of them, and what the client gets back, out."""

from __future__ import annotations

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

APP = """
import json
import sys
import threading
import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)
together = threading.Barrier(32)

@app.route("echo/{cluster}/{number:int?}", methods=["POST", "GET"])
def echo(req: func.HttpRequest) -> func.HttpResponse:
    seen = {"url": req.url, "headers": dict(req.headers), "query": dict(req.params), "route": dict(req.route_params)}
    headers = {"x-seen": json.dumps(seen), "content-type": "application/octet-stream"}
    return func.HttpResponse(req.get_body(), status_code=202, headers=headers)

@app.route("echo/literal", methods=["GET"])
async def literal(req: func.HttpRequest) -> str:
    return "literal"

@app.route("fails")
def fails(req: func.HttpRequest) -> str:
    raise RuntimeError("no such luck")

@app.route("exits")
async def exits(req: func.HttpRequest) -> str:
    sys.exit("enough")

@app.route("meets")
def meets(req: func.HttpRequest) -> str:
    together.wait(30)
    return "met"

@app.route("cookies")
def cookies(req: func.HttpRequest) -> func.HttpResponse:
    answer = func.HttpResponse(status_code=204)
    answer.headers.add("Set-Cookie", "a=1; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Lax")
    answer.headers.add("Set-Cookie", "b=2")
    return answer

@app.route("splits")
def splits(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("x", headers={"x-name": "caf\\u00e9"})

@app.route()
def unrouted(req: func.HttpRequest) -> str:
    return "by name"

@app.route("off")
def switched_off(req: func.HttpRequest) -> str:
    return "on"
"""


@pytest.fixture(scope="module")
def host(host_of: Any) -> Any:
    return host_of(APP, env={"AzureWebJobs.switched_off.Disabled": "true", "PYTHON_THREADPOOL_THREAD_COUNT": "32"})


def seen(answer: requests.Response) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(answer.headers["x-seen"])
    return value


def spoken(host: Any, text: bytes) -> bytes:
    """What the host answers to these very bytes, until it closes the connection."""
    name, port = host.url.removeprefix("http://").split(":")
    with socket.create_connection((name, int(port)), timeout=10) as connection:
        connection.sendall(text)
        answer = b""
        while block := connection.recv(65536):
            answer += block
        return answer


def test_a_body_arrives_and_returns_byte_for_byte(host: Any) -> None:
    body = bytes(range(256)) + b'{"a": "\\u003c"}\r\n'
    answer = requests.post(f"{host.url}/api/echo/aks1", data=body, timeout=10)
    assert (answer.status_code, answer.content) == (202, body)
    assert answer.headers["content-type"] == "application/octet-stream"


def test_header_names_arrive_in_lower_case_and_repeated_headers_joined(host: Any) -> None:
    answer = spoken(host, b"GET /api/echo/a HTTP/1.1\r\nHost: h\r\nX-Twice: 1\r\nX-TWICE: 2\r\nConnection: close\r\n\r\n")
    assert b'"x-twice": "1,2"' in answer


def test_empty_query_values_are_dropped_and_repeated_ones_joined(host: Any) -> None:
    answer = requests.get(f"{host.url}/api/echo/a?one=1&none=&two=x&two=y&bare&sp=a%20b", timeout=10)
    assert seen(answer)["query"] == {"one": "1", "two": "x,y", "sp": "a b"}
    assert seen(answer)["url"] == f"{host.url}/api/echo/a?one=1&none=&two=x&two=y&bare&sp=a%20b"


def test_route_values_are_decoded_and_an_absent_optional_one_is_missing(host: Any) -> None:
    assert seen(requests.get(f"{host.url}/API/Echo/a%20b/7", timeout=10))["route"] == {"cluster": "a b", "number": "7"}
    assert seen(requests.get(f"{host.url}/api/echo/aks1", timeout=10))["route"] == {"cluster": "aks1"}


def test_a_literal_route_wins_over_a_parameter(host: Any) -> None:
    answer = requests.get(f"{host.url}/api/echo/literal", timeout=10)
    assert (answer.status_code, answer.text, answer.headers["content-type"]) == (200, "literal", "text/plain; charset=utf-8")


def test_without_keys_nobody_is_refused_and_a_function_without_a_route_has_its_name(host: Any) -> None:
    assert requests.get(f"{host.url}/api/unrouted", timeout=10).text == "by name"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/nothing"),
        ("GET", "/echo/a"),
        ("PUT", "/api/echo/a"),
        ("GET", "/api/echo/a/seven"),
        ("GET", "/api/off"),
        ("GET", "/"),
    ],
)
def test_what_no_function_serves_is_404(host: Any, method: str, path: str) -> None:
    assert requests.request(method, host.url + path, timeout=10).status_code == 404


def test_a_failing_function_is_an_empty_500_and_its_error_is_logged(host: Any) -> None:
    answer = requests.get(f"{host.url}/api/fails?code=hush", timeout=10)
    assert (answer.status_code, answer.content) == (500, b"")
    assert "RuntimeError: no such luck" in host.wait_for("[fails] failed")
    assert not any("hush" in line for line in host.output)


def test_a_function_that_exits_fails_and_the_host_lives(host: Any) -> None:
    assert requests.get(f"{host.url}/api/exits", timeout=10).status_code == 500
    assert requests.get(f"{host.url}/api/unrouted", timeout=10).status_code == 200


def test_cookies_come_out_as_they_were_set(host: Any) -> None:
    answer = requests.get(f"{host.url}/api/cookies", timeout=10)
    raw = answer.raw.headers.getlist("set-cookie")
    assert (answer.status_code, raw) == (204, ["a=1; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Lax", "b=2"])


def test_an_answer_with_an_invalid_header_is_a_500(host: Any) -> None:
    assert requests.get(f"{host.url}/api/splits", timeout=10).status_code == 500


def test_an_answer_to_head_has_no_body(host: Any) -> None:
    answer = spoken(host, b"HEAD /api/unrouted HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"content-length: 7\r\nconnection: close\r\n\r\n")


def test_a_chunked_body_arrives_empty_and_the_next_request_is_understood(host: Any) -> None:
    chunked = (
        b"POST /api/echo/a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4;x=1\r\nwork\r\n0\r\nTrailer: 1\r\n\r\n"
    )
    last = b"GET /api/unrouted HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    first, _, second = spoken(host, chunked + last).partition(b"\r\n\r\n")
    assert first.startswith(b"HTTP/1.1 202 ")
    assert b"content-length: 0" in first
    assert second.endswith(b"by name")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (b"Content-Length: many", 400),
        (b"Content-Length: -1", 400),
        (b"Content-Length: 1\r\nContent-Length: 2", 400),
        (b"Content-Length: 104857601", 413),
        (b"Content-Length: 99999999999999999999999", 413),
        (b"Transfer-Encoding: gzip", 400),
        (b"Transfer-Encoding: chunked\r\nContent-Length: 3", 400),
        (b"Transfer-Encoding: chunked\r\n\r\nzz", 400),
    ],
)
def test_a_request_that_cannot_be_read_is_refused_and_the_connection_closed(host: Any, headers: bytes, status: int) -> None:
    answer = spoken(host, b"POST /api/echo/a HTTP/1.1\r\nHost: h\r\n" + headers + b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert b"connection: close" in answer


def test_a_connection_serves_several_requests(host: Any) -> None:
    one = b"GET /api/unrouted HTTP/1.1\r\nHost: h\r\n\r\n"
    answer = spoken(host, one + one + one.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    assert answer.count(b"HTTP/1.1 200 OK") == 3


def test_thirty_two_calls_run_at_once(host: Any) -> None:
    with ThreadPoolExecutor(32) as pool:  # each waits for the other thirty-one
        answers = list(pool.map(lambda _: requests.get(f"{host.url}/api/meets", timeout=30).text, range(32)))
    assert answers == ["met"] * 32
