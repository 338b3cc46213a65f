"""What is stored, logged and shown holds no secret, and stays readable."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.redact import clean, redact

SAMPLES = Path(__file__).parents[1] / "samples"
JWT = "eyJhbGciOiJub25lIn0.e30.FAKE"
GITHUB = "ghp_" + "FAKE" * 9
BASE32 = "abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrst"
STORAGE = "Ab1+" * 21 + "/x=="
PEM = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----"

SECRETS = [
    ("unable to clone 'https://user:pw@host/r'", "unable to clone 'https://***@host/r'"),
    (f"https://x-access-token:{GITHUB}@github.com/o/r.git", "https://***@github.com/o/r.git"),
    ("https://token-as-user@dev.azure.com/o", "https://***@dev.azure.com/o"),
    ("https://me@contoso.com:p@ss@host/r", "https://***@host/r"),
    ("https://user:p/w+/x@host/r", "https://***@host/r"),
    ("ssh://git:pw@host/r", "ssh://***@host/r"),
    ("redis://:pw@cache:6380/0", "redis://***@cache:6380/0"),
    ("https://h/x?sv=2024-11-04&sr=b&sig=a%2Fb%3D&se=2026", "https://h/x?sv=2024-11-04&sr=b&sig=***&se=2026"),
    ("https://app/api/azure/alerts?code=A_b-c== refused", "https://app/api/azure/alerts?code=*** refused"),
    ("https://h?a=1&KEY=k&token=t#top", "https://h?a=1&KEY=***&token=***#top"),
    ("https://h/?access_token=abc", "https://h/?access_token=***"),
    (
        "https://contoso.webhook.office.com/webhookb2/1-2@3/IncomingWebhook/4",
        "https://contoso.webhook.office.com/webhookb2/***",
    ),
    ("https://hooks.slack.com/services/T0/B0/xyz", "https://hooks.slack.com/services/***"),
    ("AccountName=a;AccountKey=Zm9v+/==;EndpointSuffix=e", "AccountName=a;AccountKey=***;EndpointSuffix=e"),
    ("SharedAccessSignature=sv=1&sig=x;Next=1", "SharedAccessSignature=***;Next=1"),
    ("Endpoint=sb://b/;SharedAccessKey=Zm9v=", "Endpoint=sb://b/;SharedAccessKey=***"),
    ("login failed: password=hunter2, user=me", "login failed: password=***, user=me"),
    ('--set db.password="two words" --wait', "--set db.password=*** --wait"),
    ("AWS_SECRET_ACCESS_KEY=wJalr/x", "AWS_SECRET_ACCESS_KEY=***"),
    ('{"client_secret": "a\\nb", "id": "c"}', '{"client_secret": "***", "id": "c"}'),
    (r'"{\"token\":\"abc\",\"id\":1}"', r'"{\"token\":\"***\",\"id\":1}"'),
    ("x-functions-key: AbC-1", "x-functions-key: ***"),
    ("Authorization: Basic dXNlcjpwdw==", "Authorization: Basic ***"),
    ("authorization: token abc, next", "authorization: token ***, next"),
    ("map[Authorization:[Bearer abc]]", "map[Authorization:[Bearer ***]]"),
    ("sent Bearer 0123456789abcdef to it", "sent Bearer *** to it"),
    ("sent basic dXNlcjpwdzEyMw== to it", "sent basic *** to it"),
    (f"id token {JWT}.", "id token ***."),
    (f"{GITHUB} and github_pat_{'1A' * 20}", "*** and ***"),
    ("token glpat-FAKEFAKEFAKEFAKEFAKE", "token ***"),
    ("pat " + "A1" * 38 + "AZDO1234 expired", "pat *** expired"),
    (f"pat {BASE32} expired", "pat *** expired"),
    ("key " + "a1" * 22 + "AzFu12345A== refused", "key *** refused"),
    ("secret abc8Q~" + "x" * 34 + " expired", "secret *** expired"),
    (f"key {STORAGE} refused", "key *** refused"),
    (f"decrypt: {PEM} is not a key", "decrypt: *** is not a key"),
    (f"decrypt: {PEM[:40]}", "decrypt: ***"),
    ("AGE-SECRET-KEY-1" + "Q" * 58, "***"),
]

HARMLESS = [
    "dial https://host:8080",
    "see oci://registry.example:5000/charts/a:1.2",
    "https://10.0.0.1:443: connection refused",
    "nothing listens on https://api.example:443.",
    "ssh://git@ssh.dev.azure.com/v3/contoso/platform/fleet",
    "git@github.com:contoso/fleet.git",
    "https://git@github.com/contoso/fleet",
    "oci://contoso.azurecr.io/app@sha256:" + "3b" * 32,
    "https://registry:5000/app@sha256:" + "3b" * 32,
    "http://[::1]:8080/a@b",
    "https://host: mail me@example.com",
    "main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738",
    "Basic authentication required",
    "the bearer authentication-scheme is missing",
    "rpc error: code = Internal desc = exit status 1",
    'secrets "sops-age" not found',
    "invalid username or password: authentication failed",
    "ClusterRole/red-reader dry-run failed (Forbidden): clusterroles.rbac.authorization.k8s.io is forbidden",
    "Secret/apps/db-credentials is SOPS encrypted",
    "",
]


@pytest.mark.parametrize(("text", "expected"), SECRETS)
def test_a_secret_is_masked_and_its_surroundings_stay(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(("text", "expected"), SECRETS)
def test_what_is_masked_stays_as_it_is(text: str, expected: str) -> None:
    assert redact(expected) == expected


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_is_left_alone(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize("left", ["p", "s3cr3t/wor", "12345678", "s" * 200])
def test_a_password_whose_address_was_cut_before_the_at_is_masked(left: str) -> None:
    assert redact(f"{'x' * 2_000} https://bot:{left}").endswith("x https://***")


def test_of_the_sample_messages_only_the_one_with_credentials_changes() -> None:
    samples = [json.loads(line) for line in (SAMPLES / "flux-events.jsonl").read_text("utf-8").splitlines()]
    messages = {sample["case"]: sample["event"]["message"] for sample in samples if sample["valid"]}
    changed = {case: redact(clean(message)) for case, message in messages.items() if redact(clean(message)) != message}
    assert changed == {
        "gitrepository-message-contains-credentials": (
            "failed to checkout and determine revision: unable to clone 'https://***@github.com/contoso/fleet':"
            " authentication required: Authorization: Bearer ***"
        )
    }


def test_the_sample_log_lines_hold_no_secret() -> None:
    lines = [json.loads(line)["log"] for line in (SAMPLES / "flux-log-lines.jsonl").read_text("utf-8").splitlines()]
    assert [redact(line) for line in lines] == lines


PIECES = st.one_of(
    st.sampled_from([text for pair in SECRETS for text in pair]),
    st.sampled_from(
        [*"@:/?&=;'\" \n.-_", "://", "https://", "sig=", "token=", "Bearer ", "-----BEGIN PRIVATE KEY", "***", "eyJ", JWT, "\\"]
    ),
    st.text(max_size=4),
)


@given(st.lists(PIECES, max_size=8).map("".join))
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    assert redact(redact(text)) == redact(text)


@given(st.sampled_from([GITHUB, JWT, STORAGE, "AGE-SECRET-KEY-1" + "Q" * 58]), st.text(max_size=20), st.text(max_size=20))
def test_a_token_is_found_wherever_it_stands(secret: str, before: str, after: str) -> None:
    assert secret not in redact(f"{before} {secret} {after}")


@pytest.mark.parametrize(
    ("unit", "masks"),
    [
        ("https://a:b@h ", 1),
        ("?sig=x&", 1),
        ("Bearer 0123456789abcdef ", 1),
        ("https://a:b", 0),
        ("://a:x/", 0),
        ("eyJ-eyJ ", 0),
        ("-----BEGIN PRIVATE KE", 0),
        ('"token\\', 0),
        ("bearer aaaa ", 0),
        ("authorization: ", 0),
        ("glpat-a ", 0),
        ("a2b3 ", 0),
    ],
)
def test_a_megabyte_of_bait_is_one_pass(unit: str, masks: int) -> None:
    """Each unit is judged once. A pattern that starts over inside what it repeats would not come to an end here."""
    times = 1_000_000 // len(unit)
    assert redact(unit * times + " ").count("***") == masks * times


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("\r\nwindows\r\n", "\nwindows\n"),
        ("bell\x07 null\x00 del\x7f c1\x85", "bell null del c1"),
        ("\x1b[1;31mError:\x1b[0m red", "Error: red"),
        ("safe\u202egpj.exe", "safegpj.exe"),
        ("\u2066isolate\u2069 \u200emark\u061c", "isolate mark"),
        ("lone \ud83d half", "lone  half"),
        ("🚀 ünïcode 日本 👩‍👩‍👧", "🚀 ünïcode 日本 👩‍👩‍👧"),
    ],
)
def test_what_no_reader_sees_is_dropped(text: str, expected: str) -> None:
    assert clean(text) == expected


@given(st.text(st.characters()))
def test_a_clean_text_can_be_stored_as_utf8(text: str) -> None:
    assert clean(text).encode("utf-8").decode("utf-8") == clean(text)
