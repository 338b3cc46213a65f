"""Storage on this machine: started, kept, missing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from azure.data.tables import TableServiceClient

from local.azurite import AzuriteError, start_azurite

HOME = Path(__file__).parents[3]


with_node = pytest.mark.skipif(
    not (shutil.which("node") and (HOME / "node_modules/azurite").is_dir()), reason="Azurite is not installed: make setup"
)


@with_node
def test_tables_work_and_a_folder_keeps_them(tmp_path: Path) -> None:
    with (
        start_azurite(location=tmp_path) as storage,
        TableServiceClient.from_connection_string(storage.connection_string) as tables,
    ):
        tables.create_table("incidents").create_entity({"PartitionKey": "p", "RowKey": "kept"})
        assert tables.get_table_client("incidents").get_entity("p", "kept")["RowKey"] == "kept"
    storage.stop()  # a second time: nothing
    assert any('"kept"' in file.read_text() for file in tmp_path.glob("*table*.json"))


@with_node
def test_an_azurite_that_does_not_start_is_quoted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "node"
    broken.write_text("#!/bin/sh\necho the disk is full >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AzuriteError, match=r"did not start.*\nthe disk is full"):
        start_azurite()


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AzuriteError, match=r"Node\.js"):
        start_azurite()
