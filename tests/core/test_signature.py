"""Who signed: known answers of notification-controller and of the token scheme, and every forgery that is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.cluster import Cluster
from shared.core.refusal import Unsigned
from shared.core.signature import cluster_token, sign, verify
from tests.examples import SAMPLES

VECTORS = {
    vector["case"]: vector for vector in map(json.loads, (SAMPLES / "hmac-vectors.jsonl").read_text("utf-8").splitlines())
}
BODY, TOKEN = b'{"a":"\xc3\xbc"}', "0123456789abcdef"


def accepted(body: bytes, signature: str | None, *tokens: str) -> bool:
    try:
        verify(body, signature, tokens=tokens)
    except Unsigned:
        return False
    return True


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)
def test_known_answers(vector: dict[str, str]) -> None:
    answer = "accept" if accepted(vector["body"].encode(), vector["x_signature"], vector["key"]) else "reject"
    assert answer in vector["receiver"].split("-or-")


def test_our_signature_is_that_of_notification_controller() -> None:
    vector = VECTORS["upstream-known-answer"]
    assert sign(vector["body"].encode(), vector["key"]) == vector["x_signature"]


def test_the_token_of_a_cluster_is_the_one_that_openssl_makes() -> None:
    """printf '%s' "fluxwatch/v1$ARM_ID_IN_LOWER_CASE" | openssl dgst -sha256 -hmac "$KEY"."""
    one = Cluster.of("00000000-0000-0000-0000-000000000001", "RG-sec-weu", "managedClusters", "AKS-sec-weu-01")
    assert cluster_token("example-key-do-not-use", one) == "c0f24bd6533849bba239a095e3c9229a92b0f53f2e3a748b3ec0aab2c03eeb3a"


def test_the_token_of_one_cluster_does_not_open_another() -> None:
    ours, theirs = (Cluster.of("00000000-0000-0000-0000-000000000001", "rg", "managedClusters", name) for name in "ab")
    assert not accepted(BODY, sign(BODY, cluster_token("key", theirs)), cluster_token("key", ours))


def test_the_previous_key_is_accepted_during_a_rotation() -> None:
    assert accepted(BODY, sign(BODY, "previous"), TOKEN, "previous")


@pytest.mark.parametrize("token", [TOKEN, "previous"])
def test_a_token_with_a_trailing_newline_is_accepted(token: str) -> None:
    assert accepted(BODY, sign(BODY, token + "\n"), TOKEN, "previous")


@pytest.mark.parametrize(
    "signature",
    [None, "", "sha256=", sign(BODY, "other"), "sha1=" + "0" * 40, sign(BODY, TOKEN)[7:], sign(BODY, TOKEN) + "0"],
    ids=["missing", "empty", "no digest", "another token", "sha1", "no prefix", "one digit more"],
)
def test_a_forged_signature_is_refused(signature: str | None) -> None:
    assert not accepted(BODY, signature, TOKEN)


def test_without_a_key_nothing_is_accepted() -> None:
    assert not accepted(BODY, sign(BODY, ""))


@pytest.mark.parametrize("letters", ["ü", "\ud800", "\N{SNOWMAN}"])
def test_letters_that_no_signature_has_are_refused_and_do_no_harm(letters: str) -> None:
    assert not accepted(BODY, sign(BODY, TOKEN)[:-1] + letters, TOKEN)


@given(st.text(max_size=80))
def test_no_refusal_repeats_what_was_sent(text: str) -> None:
    with pytest.raises(Unsigned) as refused:
        verify(BODY, f"sha256=s3cr3t{text}", tokens=[TOKEN])
    assert "s3cr3t" not in str(refused.value)
