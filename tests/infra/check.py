"""infra/ in; what Terraform says of it on standard output, and an exit status, out: python -m tests.infra.check.

Law: Terraform works on a copy, so nothing of it stays here. What cannot be checked is said, and is 0, or 1 where
FLUXWATCH_REQUIRE_TERRAFORM=1.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HOME = Path(__file__).parents[2]
STEPS = (("fmt", "-check", "-recursive", "-diff"), ("validate",), ("test",))
UNREACHABLE = re.compile(
    r"could not connect|failed to query available provider packages|failed to retrieve|no such host", re.IGNORECASE
)
MIRRORS = ("TF_CLI_CONFIG_FILE", "TF_PLUGIN_CACHE_DIR")
"""Of a user's Terraform, only where it finds providers: values of variables would be others than the tests'."""
_VERSION = re.compile(r"Terraform v(\d+)\.(\d+)")


def terraform() -> str | None:
    """The path of the program, if it is new enough: 1.11."""
    found = shutil.which("terraform")
    said = subprocess.run([found, "version"], capture_output=True, text=True, check=False).stdout if found else ""
    version = _VERSION.search(said)
    return found if version and (int(version[1]), int(version[2])) >= (1, 11) else None


def offline() -> Path:
    """A program that checks a directory without the registry, where there is one: 0 well, 1 faults, 2 it cannot run."""
    return Path(os.environ.get("TERRAFORM_CHECK") or HOME.parent / "shared/tools/terraform-check")


def copied(folder: Path) -> Path:
    """infra/ and the rules that it reads, in `folder`."""
    left_out = shutil.ignore_patterns(".terraform", ".terraform.lock.hcl", "*.tfstate*", "*.tfvars")
    for part in ("infra", "shared/rules"):
        shutil.copytree(HOME / part, folder / part, ignore=left_out)
    return folder / "infra"


def run(infra: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Terraform, without questions and colours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TF_") or name in MIRRORS}
    quiet = {**kept, "TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}
    command = ["terraform", *arguments, *([] if arguments[0] == "fmt" else ["-no-color"])]
    return subprocess.run(command, cwd=infra, env=quiet, capture_output=True, text=True, timeout=900, check=False)


def check(infra: Path) -> int:
    """Of a copy: with the real providers where the registry gives them, else by the offline program."""
    begun = run(infra, "init", "-backend=false")
    if begun.returncode == 0:
        return max(_step(infra, step) for step in STEPS)
    if not UNREACHABLE.search(begun.stdout + begun.stderr):
        print(begun.stdout + begun.stderr)
        return 1
    if not offline().is_file():
        return skipped("the registry of Terraform cannot be reached")
    print("infra: the registry cannot be reached; checked by the schemas of the providers only", flush=True)
    status = subprocess.run([str(offline()), str(infra)], check=False).returncode
    return skipped("the offline check cannot run") if status == 2 else status


def _step(infra: Path, step: tuple[str, ...]) -> int:
    done = run(infra, *step)
    print(f"{step[0]:9} {'ok' if done.returncode == 0 else 'FAULTS'}", flush=True)
    if done.returncode:
        print(done.stdout + done.stderr)
    return min(done.returncode, 1)


def skipped(why: str) -> int:
    """Said loudly."""
    print(f"infra: NOT CHECKED: {why}", file=sys.stderr)
    return int(os.environ.get("FLUXWATCH_REQUIRE_TERRAFORM") == "1")


def main() -> int:
    """0: all is well, or nobody could look."""
    if not terraform():
        return skipped("terraform 1.11 or newer is missing")
    with tempfile.TemporaryDirectory(prefix="infra-check-") as folder:
        return check(copied(Path(folder)))


if __name__ == "__main__":
    sys.exit(main())
