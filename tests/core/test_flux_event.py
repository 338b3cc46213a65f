"""What is an event and what is none: every sample, every form of time, and anything that a stranger may send."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.core.coverage import KINDS
from shared.core.flux_event import MAX_BODY, MAX_NAME, MAX_REASON, FluxEvent, from_http, parse
from shared.core.refusal import NotJson, Refused, TooLarge, Unsigned
from shared.core.signature import sign
from tests.examples import START, after, body_of, events

TOKEN = "token"
WINDOW = timedelta(minutes=15)
REFUSED_WITH = {"huge-5mib": 413}  # the others: 400
EVENT = {
    "involvedObject": {"kind": "Kustomization", "namespace": "cluster-config", "name": "apps"},
    "severity": "error",
    "timestamp": "2026-11-20T08:00:00Z",
    "message": "boom",
}


def receive(body: bytes, now: datetime = START, **headers: str) -> FluxEvent:
    given_ = {"x-signature": sign(body, TOKEN), **{name.replace("_", "-"): value for name, value in headers.items()}}
    return from_http(given_, body, tokens=[TOKEN], now=now, window=WINDOW)


def parsed(**fields: Any) -> FluxEvent:
    return parse(json.dumps(EVENT | fields).encode())


def status_of(body: bytes, now: datetime) -> int:
    try:
        receive(body, now)
    except Refused as refused:
        return refused.status
    return 202


def moment_of(case: str) -> datetime:
    """The receiver's clock for a sample: the time that the event says it is, where it says one."""
    event = events()[case]["event"]
    try:
        return datetime.fromisoformat(event["timestamp"])
    except (TypeError, KeyError, ValueError):
        return datetime.fromisoformat("2026-11-20T10:15:45Z")


@pytest.mark.parametrize("case", events())
def test_every_sample_is_answered_as_it_expects(case: str) -> None:
    status = status_of(body_of(case), moment_of(case))
    answer = "accept" if status == 202 else "reject"
    assert answer in events()[case]["expect"].replace("-as-error", "").replace("-lenient", "").split("-or-")
    assert status in (202, REFUSED_WITH.get(case, 400))


def test_an_event_keeps_what_it_said() -> None:
    event = parse(body_of("metadata-commit-and-change-request"))
    sent = events()["metadata-commit-and-change-request"]["event"]
    assert (event.kind, event.namespace, event.name) == tuple(sent["involvedObject"][k] for k in ("kind", "namespace", "name"))
    assert (event.severity, event.message, event.reason) == (sent["severity"], sent["message"], sent["reason"])
    assert (event.metadata, event.controller) == (sent["metadata"], sent["reportingController"])


@pytest.mark.parametrize("kind", sorted(KINDS.values()))
def test_no_object_poses_as_a_gap_in_the_watch(kind: str) -> None:
    with pytest.raises(Refused, match="kind"):
        parsed(involvedObject={**EVENT["involvedObject"], "kind": kind})


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-20T08:00:00Z", START),
        ("2026-11-20T08:00:00.5Z", after(seconds=0.5)),
        ("2026-11-20T08:00:00.123456789Z", after(microseconds=123456)),
        ("2026-11-20T09:00:00+01:00", START),
        ("2026-11-20T00:30:00-07:30", START),
    ],
)
def test_a_time_is_taken_in_every_form_of_rfc_3339(text: str, at: datetime) -> None:
    assert parsed(timestamp=text).at == at
    assert parsed(timestamp=text).at.utcoffset() == timedelta()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-11-20",
        "2026-11-20T08:00:00",
        "2026-11-20 08:00:00Z",
        "2026-11-20T08:00Z",
        "2026-W47-5T08:00:00Z",
        "20261120T080000Z",
        "2026-11-20T08:00:00+0100",
        "2026-13-20T08:00:00Z",
        "2026-11-20T25:00:00Z",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "٢٠٢٦-11-20T08:00:00Z",
        " 2026-11-20T08:00:00Z",
        "2026-11-20T08:00:00Z\n",
    ],
)
def test_a_time_in_any_other_form_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="timestamp"):
        parsed(timestamp=text)


@pytest.mark.parametrize("minutes", [-15, 0, 15])
def test_an_event_within_the_window_is_taken(minutes: int) -> None:
    assert receive(json.dumps(EVENT).encode(), after(minutes=minutes)).at == START


@pytest.mark.parametrize("minutes", [-15, 15])
def test_an_event_outside_the_window_is_a_replay(minutes: int) -> None:
    beyond = timedelta(seconds=1 if minutes > 0 else -1)
    with pytest.raises(Refused, match="replay"):
        receive(json.dumps(EVENT).encode(), after(minutes=minutes) + beyond)


def test_the_signature_is_checked_before_anything_is_parsed() -> None:
    with pytest.raises(Unsigned):
        receive(b"not even JSON", x_signature="sha256=00")


def test_a_body_over_the_limit_is_refused_before_it_is_hashed() -> None:
    with pytest.raises(TooLarge):
        receive(b" " * (MAX_BODY + 1), x_signature="sha256=00")


@pytest.mark.parametrize(
    ("headers", "wrong"),
    [
        ({"content_type": "application/x-www-form-urlencoded"}, "form"),
        ({"content_type": "multipart/form-data; boundary=x"}, "form"),
        ({"content_encoding": "gzip"}, "compressed"),
    ],
)
def test_a_body_that_is_declared_to_be_something_else_is_refused(headers: dict[str, str], wrong: str) -> None:
    with pytest.raises(NotJson, match=wrong):
        receive(json.dumps(EVENT).encode(), **headers)


@pytest.mark.parametrize("headers", [{}, {"content_type": "text/plain"}, {"content_encoding": "identity"}])
def test_a_header_that_the_secret_may_have_changed_does_no_harm(headers: dict[str, str]) -> None:
    assert receive(json.dumps(EVENT).encode(), **headers).message == "boom"


def test_an_empty_body_that_came_in_chunks_is_explained() -> None:
    with pytest.raises(Refused, match="Content-Length"):
        receive(b"", transfer_encoding="chunked")


@pytest.mark.parametrize("key", ["kind", "namespace", "name"])
@pytest.mark.parametrize("value", [None, "", 7, [], "x" * (MAX_NAME + 1), "a\nb", "a\u202eb", "\ud800"])
def test_an_object_without_a_printable_name_is_refused(key: str, value: object) -> None:
    with pytest.raises(Refused, match=key):
        parsed(involvedObject={**EVENT["involvedObject"], key: value})


@pytest.mark.parametrize("metadata", [None, {}, {"revision": 7}])
def test_metadata_that_says_nothing_is_nothing(metadata: object) -> None:
    assert parsed(metadata=metadata).metadata == {}


@pytest.mark.parametrize("metadata", [[], "main@sha1:1", 7])
def test_metadata_that_is_no_object_is_refused(metadata: object) -> None:
    with pytest.raises(Refused, match="metadata"):
        parsed(metadata=metadata)


@pytest.mark.parametrize("body", [b"NaN", b'{"a": Infinity}', b"1" * 5_000, '{"a": "ü"}'.encode("utf-16")])
def test_what_python_takes_for_json_and_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(Refused):
        parse(body)


# A marker that no reason of ours holds: whoever sends it must not find it in the answer, or in Flux's log.
_MARK = "Zq7"
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text().map(_MARK.__add__),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9).map(_MARK.__add__), inner, max_size=3),
    max_leaves=8,
)


def _fields_of(value: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={key: st.just(sent) | _JSON for key, sent in value.items()})


_ALMOST = st.builds(
    lambda root, involved: root | ({"involvedObject": involved} if "involvedObject" in root else {}),
    _fields_of(EVENT | {"reason": "BuildFailed", "metadata": {"revision": "main@sha1:1"}, "reportingController": "k"}),
    _fields_of(dict(EVENT["involvedObject"])) | _JSON,
)


def answer(body: bytes) -> FluxEvent | Refused:
    try:
        return parse(body)
    except Refused as refused:
        return refused


def is_proper(answer: FluxEvent | Refused) -> bool:
    if isinstance(answer, FluxEvent):
        return answer.at.utcoffset() == timedelta()
    return answer.status == 400 and 0 < len(str(answer)) <= 80 and _MARK not in str(answer)


@given(st.binary(max_size=200))
@example(b"[" * 100_000)
@example(b'{"a":' * 100_000)
def test_any_bytes_are_an_event_or_a_short_refusal(body: bytes) -> None:
    assert is_proper(answer(body))


@given(_JSON | _ALMOST)
def test_any_json_is_an_event_or_a_refusal_that_repeats_nothing(value: object) -> None:
    assert is_proper(answer(json.dumps(value).encode()))


def test_a_reason_is_cut_to_what_a_row_can_hold() -> None:
    assert len(parsed(reason="R" * 100_000).reason) == MAX_REASON
