"""Terraform without providers in; the values that it makes, as Python has them, out. Nothing is asked of anybody.

Law: a missing program is a skip on a desk, and a failure where FLUXWATCH_REQUIRE_TERRAFORM=1.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.infra.check import HOME, run, terraform

MISSING = "TERRAFORM IS NOT ASKED: terraform 1.11 or newer is missing"


def need_terraform() -> None:
    """Skips or fails."""
    if not terraform():
        (pytest.fail if os.environ.get("FLUXWATCH_REQUIRE_TERRAFORM") == "1" else pytest.skip)(MISSING)


def catalogue(folder: Path, **given: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Prometheus groups and log rules that modules/catalogue makes of its variables: <rule>/<target> → fields."""
    shutil.copytree(HOME / "infra/modules/catalogue", folder / "catalogue")
    module = {"source": "./catalogue", "folder": str(HOME / "shared/rules"), **given}
    found = outputs(folder, {"module": {"it": module}}, metrics="module.it.prometheus_groups", logs="module.it.log_rules")
    return found["metrics"], found["logs"]


def outputs(folder: Path, configuration: dict[str, Any], **values: str) -> dict[str, Any]:
    """Name → value of an expression in the configuration (Terraform's JSON syntax), which has no resources."""
    whole = {**configuration, "output": {name: {"value": f"${{{text}}}"} for name, text in values.items()}}
    (folder / "evaluated.tf.json").write_text(json.dumps(whole).replace("%{", "%%{"), "utf-8")
    for step in (("init",), ("apply", "-auto-approve")):
        done = run(folder, *step)
        assert done.returncode == 0, done.stdout + done.stderr
    return {name: one["value"] for name, one in json.loads(run(folder, "output", "-json").stdout).items()}
