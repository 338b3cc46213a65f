"""A module with and without a mistake in; what the check of infra/ says of it out. `make infra-check` checks the whole.

Law: a check that cannot run is a skip that says so, and a failure where FLUXWATCH_REQUIRE_TERRAFORM=1.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.infra import check
from tests.infra.evaluated import need_terraform


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """A small module of infra/ in a folder of its own, with one test."""
    need_terraform()
    folder = tmp_path / "infra"
    shutil.copytree(check.HOME / "infra/modules/event_subscription", folder)
    (folder / "tests").mkdir()
    (folder / "tests/plan.tftest.hcl").write_text(PLAN, "utf-8")
    return folder


PLAN = """mock_provider "azurerm" {}

variables {
  dead_letter_container = "dead-letters"
  enabled               = false
  function_id           = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Web/sites/func/functions/f"
  name                  = "n"
  resource_group_name   = "rg"
  source_id             = "/subscriptions/00000000-0000-0000-0000-000000000000"
  storage_account_id    = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/st"
}

run "plan" {
  command = plan
}
"""


def checked(folder: Path, capfd: pytest.CaptureFixture[str]) -> tuple[int, str]:
    status = check.check(folder)
    said = capfd.readouterr()
    if "NOT CHECKED" in said.err:
        (pytest.fail if os.environ.get("FLUXWATCH_REQUIRE_TERRAFORM") == "1" else pytest.skip)(said.err.strip())
    return status, said.out


def test_a_module_of_infra_passes_and_with_a_wrong_attribute_it_fails(module: Path, capfd: pytest.CaptureFixture[str]):
    status, said = checked(module, capfd)
    assert (status, "FAULTS" in said) == (0, False), said
    main = module / "main.tf"
    main.write_text(main.read_text("utf-8").replace("source_resource_id", "source_arm_resource_id"), "utf-8")
    status, said = checked(module, capfd)
    assert status == 1
    assert "source_arm_resource_id" in said


def test_where_terraform_is_missing_the_check_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("FLUXWATCH_REQUIRE_TERRAFORM", raising=False)
    assert check.main() == 0
    assert "NOT CHECKED: terraform 1.11 or newer is missing" in capsys.readouterr().err
    monkeypatch.setenv("FLUXWATCH_REQUIRE_TERRAFORM", "1")
    assert check.main() == 1
