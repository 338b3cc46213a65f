"""A module with a mistake, and Terraforms that say this and that, in; what the check of infra/ says of them out.

Law: a check that cannot run is a skip that says so. `make infra-check` runs it on the whole of infra/.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.infra import check
from tests.infra.evaluated import need_terraform

REQUIRED = "FLUXWATCH_REQUIRE_TERRAFORM"
TERRAFORM = """#!/bin/sh
echo "$1" >> "{folder}/asked"
case "$1" in
  version) echo "Terraform v{version}" ;;
  init) : > .terraform.lock.hcl; echo "{init}"; exit {init_status} ;;
  test) echo "{test}"; exit {test_status} ;;
esac
"""
WELL = {"version": "1.11.4", "init": "", "init_status": 0, "test": "", "test_status": 0}
CUT_OFF = {"init": "Error: Failed to query available provider packages: could not connect to the registry", "init_status": 1}


class Desk:
    """A PATH with one Terraform that says what it is told to say, and an offline program or none."""

    def __init__(self, folder: Path, env: pytest.MonkeyPatch) -> None:
        self.folder, self.env = folder, env
        env.delenv(REQUIRED, raising=False)
        env.setenv("PATH", str(folder))
        env.setenv("TERRAFORM_CHECK", str(folder / "tool"))

    def check(self, *, tool: int | None = None, **said: object) -> tuple[int, list[str]]:
        """The status, and what was asked. `tool`: the status of the offline program."""
        self._program("terraform", TERRAFORM.format(folder=self.folder, **(WELL | said)))
        if tool is not None:
            self._program("tool", f'#!/bin/sh\necho tool >> "{self.folder}/asked"\nexit {tool}\n')
        status = check.main()
        return status, (self.folder / "asked").read_text("utf-8").split()

    def _program(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, "utf-8")
        (self.folder / name).chmod(0o755)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path, monkeypatch)


def test_a_module_of_infra_with_a_wrong_attribute_fails(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    need_terraform()
    folder = tmp_path / "infra"
    shutil.copytree(check.HOME / "infra/modules/event_subscription", folder)
    main = folder / "main.tf"
    main.write_text(main.read_text("utf-8").replace("source_resource_id ", "source_arm_resource_id "), "utf-8")
    status, said = check.check(folder), capfd.readouterr()
    if "NOT CHECKED" in said.err:
        (pytest.fail if os.environ.get(REQUIRED) == "1" else pytest.skip)(said.err.strip())
    assert status == 1
    assert "source_arm_resource_id" in said.out


def test_where_the_registry_answers_terraform_itself_is_asked(desk: Desk):
    assert desk.check(tool=1) == (0, ["version", "init", "fmt", "validate", "test"])


def test_what_terraform_finds_is_a_fault(desk: Desk, capsys: pytest.CaptureFixture[str]):
    assert desk.check(test="run first: fail", test_status=1)[0] == 1
    assert "run first: fail" in capsys.readouterr().out


def test_a_fault_that_init_finds_is_no_missing_registry(desk: Desk):
    assert desk.check(tool=0, init="Error: Unsupported block type", init_status=1) == (1, ["version", "init"])


@pytest.mark.parametrize(("tool", "status"), [(0, 0), (1, 1), (2, 0)])
def test_without_the_registry_the_offline_program_decides(
    desk: Desk, capfd: pytest.CaptureFixture[str], tool: int, status: int
):
    assert desk.check(tool=tool, **CUT_OFF) == (status, ["version", "init", "tool"])
    assert ("NOT CHECKED: the offline check cannot run" in capfd.readouterr().err) == (tool == 2)


def test_where_neither_is_there_the_check_says_so(desk: Desk, capsys: pytest.CaptureFixture[str]):
    assert desk.check(**CUT_OFF)[0] == 0
    assert "NOT CHECKED: the registry of Terraform cannot be reached" in capsys.readouterr().err
    desk.env.setenv(REQUIRED, "1")
    assert desk.check(**CUT_OFF)[0] == 1


def test_where_terraform_is_missing_or_old_the_check_says_so(desk: Desk, capsys: pytest.CaptureFixture[str]):
    assert desk.check(version="1.10.5") == (0, ["version"])
    desk.env.setenv("PATH", "/nowhere")
    assert check.main() == 0
    assert capsys.readouterr().err.count("NOT CHECKED: terraform 1.11 or newer is missing") == 2
    desk.env.setenv(REQUIRED, "1")
    assert check.main() == 1


def test_nothing_is_left_behind(desk: Desk):
    desk.env.setattr("tempfile.tempdir", str(desk.folder))
    desk.check()
    assert sorted(path.name for path in desk.folder.iterdir()) == ["asked", "terraform"]
    assert not (check.HOME / "infra/.terraform.lock.hcl").exists()
