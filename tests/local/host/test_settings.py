"""host.json, local.settings.json and environments in; settings out."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

pytest.importorskip("azure_functions_runtime", reason="Microsoft's worker library exists for Python 3.13 and newer")

from local.host.settings import HostSettings, MissingSetting, SettingsError, expand, local_values, needs_storage


def test_without_files_azures_defaults_hold(tmp_path: Path) -> None:
    assert HostSettings.of(tmp_path) == HostSettings("api", timedelta(minutes=30))
    assert local_values(tmp_path) == {}


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ('{"functionTimeout": "00:05:00"}', HostSettings("api", timedelta(minutes=5))),
        ('{"functionTimeout": "1.02:00:00"}', HostSettings("api", timedelta(days=1, hours=2))),
        ('{"functionTimeout": "-1"}', HostSettings("api", None)),
        ('{"extensions": {"http": {"routePrefix": ""}}}', HostSettings("")),
        ('\ufeff{"extensions": {"http": {"routePrefix": "/v1/"}}}', HostSettings("v1")),
    ],
)
def test_host_json_sets_prefix_and_timeout(tmp_path: Path, text: str, settings: HostSettings) -> None:
    (tmp_path / "host.json").write_text(text, "utf-8")
    assert HostSettings.of(tmp_path) == settings


@pytest.mark.parametrize("text", ["{", "[]", '{"functionTimeout": "soon"}'])
def test_an_unusable_host_json_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "host.json").write_text(text, "utf-8")
    with pytest.raises(SettingsError, match=r"host\.json"):
        HostSettings.of(tmp_path)


def test_values_that_are_not_texts_are_all_named(tmp_path: Path) -> None:
    (tmp_path / "local.settings.json").write_text('{"Values": {"A": 1, "B": "b", "C": true}}', "utf-8")
    with pytest.raises(SettingsError, match=r"local\.settings\.json.*A, C"):
        local_values(tmp_path)


@pytest.mark.parametrize(
    ("environ", "values", "needed"),
    [
        ({}, {}, True),
        ({"AzureWebJobsStorage": ""}, {}, True),
        ({}, {"AzureWebJobsStorage": "UseDevelopmentStorage=true"}, True),
        ({}, {"AzureWebJobsStorage": "AccountName=x"}, False),
        ({"AzureWebJobsStorage": "AccountName=x"}, {"AzureWebJobsStorage": "UseDevelopmentStorage=true"}, False),
        ({"AzureWebJobsStorage__accountName": "x"}, {}, False),
        ({}, {"AzureWebJobsStorage__accountName": "x"}, False),
    ],
)
def test_storage_is_started_only_where_none_is_named(environ: dict[str, str], values: dict[str, str], needed: bool) -> None:
    assert needs_storage(environ, values) is needed


def test_settings_in_bindings_are_expanded_at_any_depth() -> None:
    binding = {"schedule": "0 %MINUTES% * * * *", "more": ["%MINUTES%", {"x": "100% sure"}], "number": 3}
    assert expand(binding, {"MINUTES": "*/5"}) == {
        "schedule": "0 */5 * * * *",
        "more": ["*/5", {"x": "100% sure"}],
        "number": 3,
    }


def test_a_missing_setting_is_named() -> None:
    with pytest.raises(MissingSetting, match="SWEEP"):
        expand({"schedule": "%SWEEP%"}, {})
