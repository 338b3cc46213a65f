"""App settings: what is missing or wrong is named at once and all together, and no secret is ever said."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.routing import DEFAULT, FALLBACK, FIELDS
from shared.settings import Settings, SettingsError
from tests.logs import OTHER_WORKSPACE, WORKSPACE

HOOK = "https://env.01.environment.api.powerplatform.com/powerautomate/automations/direct/workflows/0/invoke?sig=s3cr3t-hook"
STORE = "DefaultEndpointsProtocol=https;AccountName=fluxwatch;AccountKey=s3cr3t-account"
KEYVAULT = "@Microsoft.KeyVault(SecretUri=https://vault.example/secrets/s3cr3t)"
GOOD = {"FLUX_HMAC_KEY": "s3cr3t-key-of-the-tests", "AzureWebJobsStorage": STORE, "TEAMS_WEBHOOK_URL": HOOK}
UNUSABLE = "is an unresolved Key Vault reference: the app's identity may not read the secret"


def read(**env: str) -> Settings:
    return Settings.from_env(GOOD | env)


def faults(**env: str) -> list[str]:
    with pytest.raises(SettingsError) as wrong:
        read(**env)
    assert "s3cr3t" not in f"{wrong.value!r} {wrong.value} {wrong.value.settings!r} {wrong.value.faults}"
    return wrong.value.faults


def routes(*rows: Mapping[str, object], **env: str) -> dict[str, str]:
    return {"ROUTES": json.dumps(rows), "SHOP_WEBHOOK": HOOK, **env}


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
    assert wrong.value.spares_intake
    assert wrong.value.settings.hmac_keys == (GOOD["FLUX_HMAC_KEY"],)
    assert wrong.value.settings.storage == {"connection_string": STORE}


@pytest.mark.parametrize("env", [{"FLUX_HMAC_KEY": ""}, {"FLUX_HMAC_KEY": KEYVAULT}, {"AzureWebJobsStorage": ""}])
def test_without_a_key_or_a_store_nothing_is_received(env: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as wrong:
        read(**env)
    assert not wrong.value.spares_intake


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


# -------------------------------------------------------------------------------------------------------------- webhooks


@pytest.mark.parametrize("setting", ["TEAMS_WEBHOOK_URL", "TEAMS_FALLBACK_WEBHOOK_URL"])
@pytest.mark.parametrize(
    ("url", "fault"),
    [
        (KEYVAULT, UNUSABLE),
        ("s3cr3t", "is not an https:// address"),
        ("http://s3cr3t.example", "is not an https:// address"),
        ("https://[s3cr3t", "is not an https:// address"),
        *(
            (f"https://{host}/s3cr3t", "is an Office 365 connector, which is retired: make a Workflows webhook in Teams")
            for host in ("contoso.webhook.office.com", "outlook.office.com", "OUTLOOK.office365.com")
        ),
    ],
)
def test_a_webhook_that_cannot_work_is_refused(setting: str, url: str, fault: str) -> None:
    assert faults(**{setting: url}) == [f"{setting} {fault}"]


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "[::1]:1"])
def test_plain_http_is_for_this_machine_only(host: str) -> None:
    assert read(TEAMS_WEBHOOK_URL=f"http://{host}/x").webhooks[DEFAULT] == f"http://{host}/x"


def test_a_fallback_is_a_channel_of_its_own() -> None:
    settings = read(TEAMS_FALLBACK_WEBHOOK_URL=HOOK)
    assert settings.routing.connections == {DEFAULT: DEFAULT, FALLBACK: FALLBACK}


# ---------------------------------------------------------------------------------------------------------------- routes


def test_a_route_names_its_channel_its_webhook_and_what_it_takes() -> None:
    row = {
        "channel": "shop",
        "webhook": "SHOP_WEBHOOK",
        "connection": "ann",
        "match": {"namespace": "shop-*", "kind": ["A", "B"]},
    }
    settings = read(**routes(row))
    (route,) = settings.routing.routes
    assert (route.channel, route.match) == ("shop", {"namespace": ("shop-*",), "kind": ("A", "B")})
    assert settings.webhooks["shop"] == HOOK
    assert settings.routing.connections == {DEFAULT: DEFAULT, "shop": "ann"}


def test_two_routes_may_lead_to_one_channel() -> None:
    row = {"channel": "shop", "webhook": "SHOP_WEBHOOK"}
    settings = read(**routes(row | {"connection": "ann", "match": {"kind": "A"}}, row | {"match": {"kind": "B"}}))
    assert len(settings.routing.routes) == 2
    assert settings.routing.connections["shop"] == "ann"


def test_routes_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "routes.json"
    file.write_text(json.dumps([{"channel": "shop", "webhook": "SHOP_WEBHOOK"}]), "utf-8")
    assert read(ROUTES=str(file), SHOP_WEBHOOK=HOOK).webhooks["shop"] == HOOK


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("shop", "is not an object"),
        ({"channel": "shop", "webhook": "SHOP_WEBHOOK", "mach": {}}, "is not an object"),
        ({"channel": "shop"}, "are wanted"),
        ({"channel": "", "webhook": "SHOP_WEBHOOK"}, "are wanted"),
        ({"channel": "shop", "webhook": HOOK}, "are wanted"),
        ({"channel": 7, "webhook": "SHOP_WEBHOOK"}, "are texts"),
        ({"channel": "shop", "webhook": "SHOP_WEBHOOK", "connection": ["ann"]}, "are texts"),
        ({"channel": "default", "webhook": "SHOP_WEBHOOK"}, "default is the name of a channel that is there already"),
        ({"channel": "fallback", "webhook": "SHOP_WEBHOOK"}, "fallback is the name of a channel that is there already"),
        ({"channel": "shop", "webhook": "SHOP_WEBHOOK", "match": []}, f"match takes {', '.join(FIELDS)}"),
        ({"channel": "shop", "webhook": "SHOP_WEBHOOK", "match": {"team": "x"}}, f"match takes {', '.join(FIELDS)}"),
        ({"channel": "shop", "webhook": "SHOP_WEBHOOK", "match": {"kind": 7}}, "a pattern or a list of patterns"),
        ({"channel": "shop", "webhook": "SHOP_WEBHOOK", "match": {"kind": [None]}}, "a pattern or a list of patterns"),
    ],
)
def test_a_route_that_cannot_work_is_refused_by_its_number(row: object, fault: str) -> None:
    (found,) = faults(**routes({"channel": "good", "webhook": "SHOP_WEBHOOK"}, row))
    assert found.startswith("ROUTES [1]: ")
    assert fault in found


def test_a_webhook_that_a_route_names_has_to_be_there_and_is_missed_once() -> None:
    row = {"channel": "shop", "webhook": "NO_WEBHOOK"}
    assert faults(**routes(row, row)) == ["NO_WEBHOOK is missing"]


def test_one_channel_has_one_webhook() -> None:
    rows = [{"channel": "shop", "webhook": name} for name in ("SHOP_WEBHOOK", "OTHER_WEBHOOK")]
    assert faults(**routes(*rows, OTHER_WEBHOOK=HOOK)) == ["ROUTES [1]: its channel has another webhook in an entry above"]


@pytest.mark.parametrize("text", ["[", "[" * 100_000, "s3cr3t", "/no/such/file", "\x00"])
def test_routes_that_are_neither_json_nor_a_file_are_refused(text: str) -> None:
    assert faults(ROUTES=text) == ["ROUTES is neither JSON nor a file with JSON in it"]


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
