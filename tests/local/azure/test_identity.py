"""Requests for tokens, and tokens, in; what the managed identity and the services say of them out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import requests
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.identity import CredentialUnavailableError

MANAGEMENT, LOGS = "https://management.azure.com", "https://api.loganalytics.io"
QUERY = "resources | project id | order by id asc"


def ask(azure, **changes: str) -> requests.Response:
    headers = {"X-IDENTITY-HEADER": changes.pop("header", azure.settings["IDENTITY_HEADER"])}
    asked = {"api-version": "2019-08-01", "resource": MANAGEMENT} | changes
    return requests.get(azure.settings["IDENTITY_ENDPOINT"], params=asked, headers=headers, timeout=10)


def graph(azure, token: str) -> tuple[int, str]:
    """Status, and the code of the error."""
    address = f"{azure.url}/providers/Microsoft.ResourceGraph/resources?api-version=2021-03-01"
    answer = requests.post(address, json={"query": QUERY}, headers={"Authorization": token} if token else {}, timeout=10)
    return answer.status_code, answer.json().get("error", {}).get("code", "")


def test_a_token_says_for_what_and_until_when(azure, clock):
    answer = ask(azure, resource=f"{LOGS}/").json()
    assert (answer["resource"], answer["token_type"]) == (LOGS, "Bearer")
    assert int(answer["expires_on"]) == int(clock.now.timestamp()) + 24 * 3600


@pytest.mark.parametrize(
    ("changes", "status"),
    [({"header": "guessed"}, 401), ({"resource": "https://elsewhere.example"}, 400), ({"api-version": "2017-09-01"}, 400)],
    ids=["wrong header", "unknown resource", "old version"],
)
def test_who_asks_wrongly_gets_no_token(azure, changes, status):
    assert ask(azure, **changes).status_code == status


def test_without_a_good_token_nothing_is_told(azure, clock):
    good, for_logs = (ask(azure, resource=one).json()["access_token"] for one in (MANAGEMENT, LOGS))
    assert graph(azure, f"Bearer {good}") == (200, "")
    assert graph(azure, "") == (401, "AuthenticationFailed")
    assert graph(azure, "Bearer eyJ0.made.up") == (401, "InvalidAuthenticationToken")
    assert graph(azure, f"Bearer {for_logs}") == (401, "InvalidAuthenticationTokenAudience")
    clock.turn(24 * 3600)
    assert graph(azure, f"Bearer {good}") == (401, "ExpiredAuthenticationToken")


def test_the_credential_of_the_sdk_gets_tokens_and_keeps_them(page, azure, clock):
    clock.now = datetime.now(UTC)  # the credential has a clock of its own
    page(QUERY)
    page(QUERY)
    assert azure.calls == {"token": 1, "graph": 2}


def test_tokens_can_be_taken_back(page, azure, clock):
    clock.now = datetime.now(UTC)
    page(QUERY)
    azure.revoke_tokens()
    with pytest.raises(ClientAuthenticationError) as refused:
        page(QUERY)
    assert refused.value.status_code == 401


def test_an_app_without_an_identity_gets_no_token(page, azure):
    azure.faults.switch_on("token", "no-identity")
    with pytest.raises((CredentialUnavailableError, ClientAuthenticationError, HttpResponseError)):
        page(QUERY)
    assert azure.calls["graph"] == 0
