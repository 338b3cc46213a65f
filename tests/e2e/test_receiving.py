"""Requests as Flux, a stranger, or a wrong client sends them in; the one right answer to each out."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
import requests

from local.flux import address
from shared.core.signature import cluster_token, sign
from tests import alerts, senders
from tests.examples import cluster

SIZE = 5 * 1024 * 1024
OTHER = cluster("aks-prod-weu-02")
PREVIOUS = "the-key-before-this-one"


@pytest.fixture(scope="module")
def fluxwatch(stage_of: Callable[..., Any]) -> Any:
    """In the midst of a rotation of keys."""
    return stage_of({"FLUX_HMAC_KEY_PREVIOUS": PREVIOUS})


@pytest.fixture
def body(fluxwatch: Any) -> bytes:
    """Of an event that would be taken."""
    return senders.body(senders.failure(), fluxwatch.moment())


def post(fluxwatch: Any, body: Any, headers: dict[str, str], url: str = "") -> requests.Response:
    to = url or address(fluxwatch.host.url, cluster())
    return requests.post(to, data=body, headers=headers, timeout=30, allow_redirects=False)


def signed(body: bytes, **more: str) -> dict[str, str]:
    return senders.headers(body) | {name.replace("_", "-"): value for name, value in more.items()}


def refused(answer: requests.Response) -> tuple[int, str]:
    """What Flux would log: short, and of the request only what is wrong with it."""
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    said = answer.json()
    assert (set(said), said["outcome"]) == ({"outcome", "reason"}, "refused")
    assert len(said["reason"]) < 120
    return answer.status_code, said["reason"]


def test_a_signed_event_is_stored_told_and_shown(fluxwatch: Any) -> None:
    answer = fluxwatch.send(senders.failure("first", revision="main@sha1:" + "5394cb7f" * 5))
    assert (answer.status_code, answer.json()) == (202, {"outcome": "opened", "reason": "failing"})
    fluxwatch.notify()
    assert fluxwatch.told() == ["Kustomization first is failing on aks-prod-weu-01"]
    [row] = fluxwatch.get("fleet").json()["incidents"]
    assert (row["name"], row["state"], row["count"], row["message"]) == ("first", "open", 1, senders.BUILD)


def test_an_event_is_taken_whatever_the_letter_case_of_the_path(fluxwatch: Any, body: bytes) -> None:
    """Cluster ids are written in many ways; the token is made from lower case."""
    url = address(fluxwatch.host.url, cluster()).replace("rg-prod", "RG-Prod").replace("managedClusters", "MANAGEDCLUSTERS")
    assert post(fluxwatch, body, signed(body), url).status_code == 202


@pytest.mark.parametrize("key", [senders.KEY, PREVIOUS])
@pytest.mark.parametrize("newline", ["", "\n"], ids=["as-derived", "with-newline"])
def test_the_tokens_of_both_keys_are_taken_with_a_newline_too(fluxwatch: Any, body: bytes, key: str, newline: str) -> None:
    """A rotation takes its time; and notification-controller 1.7 takes the Secret's bytes raw."""
    token = cluster_token(key, cluster()) + newline
    assert post(fluxwatch, body, {"x-signature": sign(body, token)}).status_code == 202


@pytest.mark.parametrize(
    "signature",
    ["", "sha256=", "sha256=" + "0" * 64, "sha1=" + "0" * 40, "SHA256=" + "0" * 64, "sha256=" + "\xe9" * 64],
    ids=["empty", "nothing", "zeros", "sha1", "upper-case", "latin-1"],
)
def test_a_forged_signature_is_refused(fluxwatch: Any, body: bytes, signature: str) -> None:
    answer = post(fluxwatch, body, {"x-signature": signature.encode("latin-1")})  # type: ignore[dict-item]
    assert refused(answer)[0] == 401


def test_an_event_without_a_signature_is_refused(fluxwatch: Any, body: bytes) -> None:
    wanted = (401, "X-Signature is missing: the Provider's type must be generic-hmac")
    assert refused(post(fluxwatch, body, {"content-type": "application/json"})) == wanted


def test_a_cluster_cannot_speak_for_another(fluxwatch: Any, body: bytes) -> None:
    answer = post(fluxwatch, body, senders.headers(body, OTHER))
    assert refused(answer) == (401, "X-Signature does not match: the token is not this cluster's")


def test_a_body_that_was_touched_is_refused(fluxwatch: Any, body: bytes) -> None:
    assert refused(post(fluxwatch, body.replace(b"error", b"info "), signed(body)))[0] == 401


@pytest.mark.parametrize("shift", [timedelta(minutes=-16), timedelta(minutes=25)], ids=["replayed", "from-the-future"])
def test_an_event_far_from_now_is_refused(fluxwatch: Any, shift: timedelta) -> None:
    answer = fluxwatch.send(senders.failure(), at=fluxwatch.moment() + shift)
    assert refused(answer) == (400, "timestamp is too far from now: a replay, or the cluster's clock is off")


def test_a_body_over_the_limit_is_refused(fluxwatch: Any) -> None:
    body = b'{"message": "' + b"x" * SIZE + b'"}'
    assert refused(post(fluxwatch, body, signed(body))) == (413, "body is over 4 MiB")


def test_a_chunked_body_is_refused_with_what_to_do(fluxwatch: Any, body: bytes) -> None:
    """Azure hands it on empty."""

    def chunks() -> Iterator[bytes]:
        yield body

    answer = post(fluxwatch, chunks(), signed(body))
    assert refused(answer) == (400, "body is empty: a chunked body cannot be read, send Content-Length")


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_a_form_is_refused(fluxwatch: Any, body: bytes, kind: str) -> None:
    assert refused(post(fluxwatch, body, signed(body, content_type=kind))) == (415, "body is a form: send application/json")


def test_a_compressed_body_is_refused(fluxwatch: Any, body: bytes) -> None:
    small = gzip.compress(body)
    answer = post(fluxwatch, small, signed(small, content_encoding="gzip"))
    assert refused(answer) == (415, "body is compressed: send it plain")
    assert refused(post(fluxwatch, small, signed(small)))[0] == 400


def test_the_types_that_the_secrets_headers_may_set_are_taken(fluxwatch: Any, body: bytes) -> None:
    for kind in ("text/plain", "application/cloudevents+json", ""):
        assert post(fluxwatch, body, signed(body, content_type=kind)).status_code == 202


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        ("managedClusters", "fleets", 404),
        ("managedClusters", "connectedClusters", 401),  # another cluster's id, so another token
        ("00000000-0000-0000-0000-000000000001", "prod", 400),
        ("rg-prod-weu", "rg%20prod%2Fweu", 400),
        ("rg-prod-weu", "a" * 91, 400),
        ("aks-prod-weu-01", "aks_%3Cscript%3E", 400),
        ("aks-prod-weu-01", "%2e%2e", 400),
    ],
)
def test_a_path_that_is_no_clusters_is_refused(fluxwatch: Any, body: bytes, old: str, new: str, status: int) -> None:
    url = address(fluxwatch.host.url, cluster()).replace(old, new)
    assert url != address(fluxwatch.host.url, cluster())
    assert refused(post(fluxwatch, body, signed(body), url))[0] == status


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_only_posts_are_events(fluxwatch: Any, body: bytes, method: str) -> None:
    answer = requests.request(method, address(fluxwatch.host.url, cluster()), data=body, headers=signed(body), timeout=30)
    assert answer.status_code == HTTPStatus.NOT_FOUND


def test_neither_keys_nor_webhooks_nor_payloads_are_in_the_hosts_output(fluxwatch: Any) -> None:
    fluxwatch.send(senders.failure("quiet", "kustomize build failed: a-word-of-the-payload"), OTHER)
    fluxwatch.notify()
    output = "\n".join(fluxwatch.host.output)
    assert "Kustomization quiet is failing" in output
    assert "a-word-of-the-payload" not in output
    for secret in (senders.KEY, PREVIOUS, fluxwatch.teams.url("default").partition("sig=")[2], "AccountKey"):
        assert secret not in output


def test_an_alert_of_azure_monitor_joins_what_flux_said_and_makes_no_second_card(fluxwatch: Any) -> None:
    fluxwatch.send(senders.failure("platform-apps"))
    fluxwatch.notify()
    before = fluxwatch.told()
    to = f"{fluxwatch.host.url}/api/azure/alerts"
    answers = [requests.post(to, data=alerts.body(alerts.sample(case)), timeout=30) for case in ("log-fired", "log-resolved")]
    assert [(answer.status_code, answer.json()["outcome"]) for answer in answers] == [(202, "noted")] * 2
    fluxwatch.notify()
    assert fluxwatch.told() == before
    [row] = [row for row in fluxwatch.get("fleet").json()["incidents"] if row["name"] == "platform-apps"]
    assert row["detail"].startswith("Flux logs errors")


def test_what_is_no_alert_is_refused(fluxwatch: Any) -> None:
    answer = requests.post(f"{fluxwatch.host.url}/api/azure/alerts", data=b"{}", timeout=30)
    assert refused(answer)[0] == HTTPStatus.BAD_REQUEST
