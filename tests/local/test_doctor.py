"""Settings that are missing, wrong and right in; what the doctor prints of them, and its exit status, out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("azure_functions_runtime", reason="Microsoft's worker library exists for Python 3.13 and newer")

from local.azure import AzureServer, generate
from local.azure.generate import METRICS as AMW
from local.doctor import main, table
from shared.adapters.table_client import Storage, table_client
from shared.core.finding import Finding
from shared.core.health_report import Report
from tests import parts
from tests.examples import START
from tests.patients import ENV

RIGHT = {name: value for name, value in ENV.items() if name != "AzureWebJobsStorage"}
SCHEDULES = {"COMPLIANCE_SCHEDULE": "0 */5 * * * *", "ERRORS_SCHEDULE": "30 */10 * * * *", "RULES_SCHEDULE": "0 7 * * * *"}
KEY = "the-key-of-the-tests"


@pytest.fixture
def storage() -> str:
    """A store that remembers nothing."""
    found = parts.azurite().connection_string
    with table_client(Storage(found)) as table:
        table.delete_table()
    return found


def with_file(folder: Path, **values: str) -> Path:
    (folder / "local.settings.json").write_text(json.dumps({"Values": values}), "utf-8")
    return folder


def test_with_nothing_configured_every_fault_is_named_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(tmp_path, {}) == 2
    printed = capsys.readouterr()
    wrong = [line.split()[2] for line in printed.out.splitlines() if line.startswith("fail")]
    assert wrong == ["TEAMS_WEBHOOK_URL", "FLUX_HMAC_KEY", "AzureWebJobsStorage"]
    assert "no local.settings.json" in printed.err


@pytest.mark.parametrize("text", ["{", "[]", '{"Values": {"FLAP_COUNT": 3}}'])
def test_a_settings_file_that_cannot_be_read_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    (tmp_path / "local.settings.json").write_text(text, "utf-8")
    assert main(tmp_path, {}) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines()[-1].startswith("doctor: local.settings.json")


def test_the_environment_wins_over_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = with_file(tmp_path, **RIGHT, FLAP_COUNT="many", GROUP_WAITS="often")
    assert main(folder, {"FLAP_COUNT": "3"}) == 2
    printed = capsys.readouterr().out
    assert "GROUP_WAITS" in printed
    assert "FLAP_COUNT" not in printed
    assert "do-not-show-this" not in printed


def test_where_all_is_well_the_status_is_0_and_it_says_what_it_looks_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], storage: str
) -> None:
    assert main(with_file(tmp_path, **RIGHT), {"AzureWebJobsStorage": storage}) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines()[1].startswith("All is well")
    assert "doctor: looking at store write …" in printed.err
    assert "\033" not in printed.out


def test_a_store_that_is_not_there_is_told_in_a_moment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nobody = parts.connection_string("http://127.0.0.1:1")
    assert main(with_file(tmp_path, **RIGHT), {"AzureWebJobsStorage": nobody}) == 2
    assert "Table storage cannot be reached" in capsys.readouterr().out


def test_azure_is_asked_with_the_real_clients(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, storage: str
) -> None:
    world = generate(3, 5, 7)
    with AzureServer(world) as azure:
        for name in ("IDENTITY_ENDPOINT", "IDENTITY_HEADER"):  # azure-identity reads them itself
            monkeypatch.setenv(name, azure.settings[name])
        env = {**azure.settings, **SCHEDULES, "AzureWebJobsStorage": storage}
        assert main(with_file(tmp_path, **RIGHT), env) == 0
        well = capsys.readouterr().out
        azure.faults.switch_on("graph", "forbidden", query="flux_configurations")
        azure.faults.switch_on("table-plan", "not-found")
        assert main(with_file(tmp_path, **RIGHT), env) == 1
        wrong = capsys.readouterr().out
    assert "3 clusters in" in well
    assert "Analytics plan" in well
    assert [line.split("  ")[1] for line in wrong.splitlines() if line.startswith("warn")] == [
        "Resource Graph: flux_configurations",
        *(f"workspace rg-logs/law-platform: {table}" for table in ("ContainerLogV2", "KubeEvents", "KubePodInventory")),
    ]
    assert env["IDENTITY_HEADER"] not in well + wrong


def test_alert_rules_are_looked_at_with_the_real_clients_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, storage: str
) -> None:
    monkeypatch.setenv("COLUMNS", "120")  # long names are broken where there is no room for them
    with AzureServer(generate(2, 2, 7)) as azure:
        for name in ("IDENTITY_ENDPOINT", "IDENTITY_HEADER"):
            monkeypatch.setenv(name, azure.settings[name])
        env = {**azure.settings, **azure.alert_settings, **SCHEDULES, "ALERT_KEY": KEY, "AzureWebJobsStorage": storage}
        assert main(with_file(tmp_path, **RIGHT), env) == 0
        well = capsys.readouterr().out
        azure.faults.switch_on("rules", "forbidden", query="scheduledQueryRules")
        azure.world.hide(AMW)
        assert main(with_file(tmp_path, **RIGHT), env) == 1
        wrong = capsys.readouterr().out
        assert azure.calls["rule-writes"] == 0
    assert "may be read, and there is none yet" in " ".join(well.split())
    assert [line.split("  ")[1] for line in wrong.splitlines() if line.startswith("warn")] == [
        "alert rules: log rules",
        "AZURE_MONITOR_WORKSPACE",
    ]
    assert "Microsoft.Insights/scheduledQueryRules/read" in " ".join(wrong.split())
    assert KEY not in well + wrong


FOUND = (
    Finding("settings", True),
    Finding("odd", True, "could be better", "Do it."),
    Finding("channel default", False, "broken: WorkflowNotFound", "Make a new one. " * 20),
    Finding("store", False, "does not answer", "Look there."),
    Finding("workspace " + "a-long-name/" * 8, False, "forbidden", "Give the role."),
)


def test_the_gravest_comes_first_and_each_has_a_word_and_its_remedy_under_it() -> None:
    lines = list(table(Report(START, FOUND, True, {"store": 1.25, "Azure": 2.0})))
    assert lines[0] == "Fluxwatch does not do its work: 3 things are wrong. (3.2 s)"
    assert [line.split()[0] for line in lines if line[:1].isalpha()][1:] == ["fail", "warn", "warn", "note", "ok"]
    after = lines[next(n for n, line in enumerate(lines) if line.startswith("fail")) + 1]
    assert after.strip() == "→ Look there."


def test_lines_are_no_longer_than_the_terminal_is_wide() -> None:
    assert max(len(line) for line in table(Report(START, FOUND[:4]), 72)) <= 72


def test_colours_are_besides_the_words() -> None:
    report = Report(START, FOUND)
    plain = [line for line in table(report) if line[:4] in ("fail", "warn")]
    coloured = [line for line in table(report, colour=True) if "\033[1;3" in line]
    assert len(plain) == len(coloured) == 3
    assert all(word in line for word, line in zip(("fail", "warn", "warn"), coloured, strict=True))
