"""App settings in; what Fluxwatch reads from them, or everything that is missing or wrong, out.

Law: all faults are named at once, and no secret is ever said.
"""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.routing import DEFAULT
from shared.settings import EVENTS, Settings, SettingsError
from tests.app_settings import GOOD, HOOK, KEYVAULT, STORE, UNUSABLE, faults, read
from tests.logs import OTHER_WORKSPACE, WORKSPACE

# ------------------------------------------------------------------------------------------------------------ as a whole


def test_three_settings_are_enough() -> None:
    settings = Settings.from_env(GOOD)
    assert settings.hmac_keys == (GOOD["FLUX_HMAC_KEY"],)
    assert settings.webhooks == {DEFAULT: HOOK}
    assert settings.storage == {"connection_string": STORE}
    assert (settings.event_window, settings.keep) == (timedelta(minutes=15), timedelta(days=30))
    assert settings.portal_url == "https://portal.azure.com"


def test_a_storage_setting_that_is_no_connection_string_is_named_with_the_other_faults() -> None:
    with pytest.raises(SettingsError) as found:
        Settings.from_env(GOOD | {"AzureWebJobsStorage": "fluxwatch-storage", "TEAMS_WEBHOOK_URL": ""})
    assert found.value.faults == ["TEAMS_WEBHOOK_URL is missing", "AzureWebJobsStorage is not a connection string"]


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(SettingsError) as wrong:
        Settings.from_env({"FLAP_COUNT": "often", "RUNBOOK_URL": "http://runbooks.example"})
    assert wrong.value.faults == [
        "TEAMS_WEBHOOK_URL is missing",
        "FLUX_HMAC_KEY is missing",
        "AzureWebJobsStorage is missing (or AzureWebJobsStorage__accountName)",
        "FLAP_COUNT is not a whole number above 0",
        "RUNBOOK_URL is not an https:// address",
    ]


def test_no_secret_is_in_a_repr() -> None:
    settings = read(FLUX_HMAC_KEY_PREVIOUS="s3cr3t-previous-key", TEAMS_FALLBACK_WEBHOOK_URL=HOOK)
    assert "s3cr3t" not in repr(settings) + str(settings)


_NAMES = st.sampled_from(
    [
        "FLUX_HMAC_KEY",
        "FLUX_HMAC_KEY_PREVIOUS",
        "AzureWebJobsStorage",
        "TEAMS_WEBHOOK_URL",
        "TEAMS_FALLBACK_WEBHOOK_URL",
        "ROUTES",
        "GIT_HOSTS",
        "FLUXWATCH_URL",
        "FLAP_COUNT",
        "FLAP_WINDOW",
        "GROUP_WAITS",
        "EVENT_WINDOW",
        "REPEAT_CRITICAL",
    ]
)
_JSON = st.recursive(
    st.none() | st.integers() | st.just("s3cr3t!") | st.just(HOOK),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["channel", "webhook", "match", "connection", "kind", "s3cr3t"]), inner, max_size=4)
    ),
)
_VALUES = st.text(max_size=20).map("s3cr3t".__add__) | st.sampled_from([KEYVAULT, HOOK, "s3cr3t"]) | _JSON.map(json.dumps)


@given(st.dictionaries(_NAMES, _VALUES, max_size=5))
def test_whatever_is_set_is_read_or_refused_without_being_repeated(env: dict[str, str]) -> None:
    try:
        refused = str(Settings.from_env(GOOD | env) and "")
    except SettingsError as wrong:
        refused = f"{wrong} {wrong!r}"
    assert "s3cr3t" not in refused


# ------------------------------------------------------------------------------------------------------------------ keys


def test_the_previous_key_is_the_second_one() -> None:
    assert read(FLUX_HMAC_KEY_PREVIOUS="s3cr3t-previous-key").hmac_keys == (GOOD["FLUX_HMAC_KEY"], "s3cr3t-previous-key")


@pytest.mark.parametrize("name", ["FLUX_HMAC_KEY", "FLUX_HMAC_KEY_PREVIOUS"])
@pytest.mark.parametrize(("key", "fault"), [(KEYVAULT, UNUSABLE), ("s3cr3t", "is shorter than 16 characters")])
def test_what_is_no_key_is_refused_and_never_used_as_one(name: str, key: str, fault: str) -> None:
    assert faults(**{name: key}) == [f"{name} {fault}"]
    with pytest.raises(SettingsError) as wrong:
        read(**{name: key})
    assert key not in wrong.value.settings.hmac_keys


# ------------------------------------------------------------------------------------------------------------- receiving


@pytest.mark.parametrize(
    "env", [{"TEAMS_WEBHOOK_URL": ""}, {"ROUTES": "["}, {"FLAP_COUNT": "0"}, {"FLUX_HMAC_KEY_PREVIOUS": "short"}]
)
def test_what_is_wrong_with_the_rest_does_not_stop_events_from_being_received(env: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as wrong:
        read(**env)
    assert not wrong.value.names & EVENTS
    assert wrong.value.settings.hmac_keys == (GOOD["FLUX_HMAC_KEY"],)
    assert wrong.value.settings.storage == {"connection_string": STORE}


@pytest.mark.parametrize("env", [{"FLUX_HMAC_KEY": ""}, {"FLUX_HMAC_KEY": KEYVAULT}, {"AzureWebJobsStorage": ""}])
def test_without_a_key_or_a_store_nothing_is_received(env: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as wrong:
        read(**env)
    assert wrong.value.names & EVENTS


# --------------------------------------------------------------------------------------------------------------- storage


def test_storage_by_identity_needs_a_name_only() -> None:
    settings = read(AzureWebJobsStorage="", AzureWebJobsStorage__accountName="fluxwatch", AZURE_CLIENT_ID="me")
    assert settings.storage == {"endpoint": "https://fluxwatch.table.core.windows.net", "client_id": "me"}


def test_the_tables_address_and_the_clients_id_can_be_given() -> None:
    settings = read(
        AzureWebJobsStorage="", AzureWebJobsStorage__tableServiceUri="https://t", AzureWebJobsStorage__clientId="me"
    )
    assert settings.storage == {"endpoint": "https://t", "client_id": "me"}


@pytest.mark.parametrize("text", [STORE, "UseDevelopmentStorage=true", "TableEndpoint=https://t;SharedAccessSignature=x"])
def test_a_connection_string_that_opens_something_wins_over_the_identity(text: str) -> None:
    assert read(AzureWebJobsStorage=text, AzureWebJobsStorage__accountName="a").storage == {"connection_string": text}


def test_a_connection_string_without_a_key_does_not() -> None:
    settings = read(AzureWebJobsStorage="AccountName=a;EndpointSuffix=x", AzureWebJobsStorage__accountName="a")
    assert settings.storage["endpoint"] == "https://a.table.core.windows.net"


# ----------------------------------------------------------------------------------------------------------------- Azure


def test_a_workspace_is_one_however_it_is_spelled() -> None:
    settings = read(LOG_ANALYTICS_WORKSPACES=",".join((WORKSPACE, OTHER_WORKSPACE, WORKSPACE.upper())))
    assert settings.azure.workspaces == (WORKSPACE, OTHER_WORKSPACE)


# ------------------------------------------------------------------------------------------------------------ thresholds


def test_every_threshold_can_be_set() -> None:
    settings = read(
        FLAP_COUNT="5",
        FLAP_WINDOW="1h",
        REPEAT_CRITICAL="90s",
        REPEAT_WARNING="2d",
        TEAMS_POSTS_PER_5_MIN="10",
        GROUP_WAITS="1m, 5m",
        FOLD_GRACE="30s",
        EVENT_WINDOW="20m",
        KEEP_RESOLVED="7d",
    )
    policy = settings.policy
    assert (policy.flap.count, policy.flap.window, policy.grace) == (5, timedelta(hours=1), timedelta(seconds=30))
    assert (policy.repeat.critical, policy.repeat.warning) == (timedelta(seconds=90), timedelta(days=2))
    assert (policy.pace.posts, policy.waits) == (10, (timedelta(minutes=1), timedelta(minutes=5)))
    assert (settings.event_window, settings.keep) == (timedelta(minutes=20), timedelta(days=7))


@pytest.mark.parametrize("text", ["15", "m", "-5m", "0s", "1w", "1.5h", "36501d", "99999999999d"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    assert faults(EVENT_WINDOW=text) == ["EVENT_WINDOW is not a duration such as 90s, 15m, 4h or 30d"]


@pytest.mark.parametrize("hosts", ['["git.example"]', '{"git.example": "cvs"}', '{"git.example": []}'])
def test_a_git_host_has_to_be_of_a_kind_that_we_know(hosts: str) -> None:
    (fault,) = faults(GIT_HOSTS=hosts)
    assert fault.startswith("GIT_HOSTS does not map hosts to one of ")


def test_git_hosts_are_taken_as_they_are() -> None:
    assert read(GIT_HOSTS='{"git.example": "gitlab"}').git_hosts == {"git.example": "gitlab"}
