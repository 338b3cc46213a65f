"""Apps and signals in; hosts that start, refuse to start, and end, out."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import requests

pytest.importorskip("azure_functions_runtime", reason="Microsoft's worker library exists for Python 3.13 and newer")

from local.host.process import HostFailed, HostProcess

HOME = Path(__file__).parents[3]
APP = """
import os
import sys
import threading
import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
released = threading.Event()

@app.route("setting/{name}")
def setting(req: func.HttpRequest) -> str:
    return os.environ.get(req.route_params["name"], "unset")

@app.route("path")
def path(req: func.HttpRequest) -> str:
    return f"{os.getcwd()} {sys.path[-1]}"

@app.route("waits")
def waits(req: func.HttpRequest) -> str:
    print("waiting", flush=True)
    released.wait(0.5)
    return "done"
"""
VALUES = {"A": "file", "B": "file", "AzureWebJobsStorage": "AccountName=file"}

with_node = pytest.mark.skipif(
    not (shutil.which("node") and (HOME / "node_modules/azurite").is_dir()), reason="Azurite is not installed: make setup"
)


def get(host: HostProcess, path: str) -> str:
    return requests.get(f"{host.url}/api/{path}", timeout=10).text


def ends(pid: int) -> bool:
    """Whether the process is gone before long."""
    for _ in range(200):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").exists() and Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return True  # dead; whoever adopted it has not yet noticed
        time.sleep(0.05)
    return False


def test_the_app_sees_the_environment_over_local_settings_and_its_own_folder_last_on_the_path(host_of: Any) -> None:
    files = {"local.settings.json": json.dumps({"IsEncrypted": False, "Values": VALUES})}
    host = host_of(APP, files, storage=None, env={"B": "environment", "CONTAINER_NAME": "c"})
    names = ("A", "B", "AzureWebJobsStorage", "CONTAINER_NAME")
    assert [get(host, f"setting/{name}") for name in names] == ["file", "environment", "AccountName=file", "unset"]
    folder, last = get(host, "path").split()
    assert folder == last


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import nothing_of_this_name", "nothing_of_this_name"),
        ("import sys\nsys.exit('leaving')", "SystemExit: leaving"),
        ("import azure.functions as func\napp = func.FunctionApp()", "no functions"),
    ],
)
def test_an_app_that_cannot_be_indexed_ends_the_host_with_the_reason(tmp_path: Path, source: str, reason: str) -> None:
    (tmp_path / "function_app.py").write_text(source, "utf-8")
    host = HostProcess(tmp_path, {}, storage="none")
    with pytest.raises(HostFailed, match=reason):
        host.start()
    assert any(line.startswith("the host cannot start: ") for line in host.output)
    assert host.stop() == 1


def test_a_folder_without_function_app_is_named(tmp_path: Path) -> None:
    with pytest.raises(HostFailed, match=r"function_app\.py is missing"):
        HostProcess(tmp_path, {}, storage="none").start()


def test_a_port_that_is_taken_ends_the_host(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(HostFailed, match=r"cannot start.*in use"):
        HostProcess(tmp_path, {}, port=taken.getsockname()[1], storage="none").start()


def test_calls_have_time_to_end_when_the_host_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "function_app.py").write_text(APP, "utf-8")
    answers: list[str] = []
    with HostProcess(tmp_path, {}, storage="none") as host:
        call = threading.Thread(target=lambda: answers.append(get(host, "waits")))
        call.start()
        host.wait_for("waiting")
        assert host.stop() == 0
        call.join()
    assert answers == ["done"]


def test_the_host_ends_when_its_standard_input_does(tmp_path: Path) -> None:
    (tmp_path / "function_app.py").write_text(APP, "utf-8")
    command = [sys.executable, "-m", "local.host", "--app", str(tmp_path), "--port", "0", "--with-parent"]
    env = {"PATH": os.environ["PATH"], "AzureWebJobsStorage": "none"}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=HOME, env=env, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout is not None
        assert any(line.startswith("ready ") for line in process.stdout)
        assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == 0


@with_node
def test_a_host_without_storage_starts_azurite_and_takes_it_along_even_when_killed(tmp_path: Path) -> None:
    (tmp_path / "function_app.py").write_text(APP, "utf-8")
    (tmp_path / "local.settings.json").write_text('{"Values": {"AzureWebJobsStorage": "UseDevelopmentStorage=true"}}', "utf-8")
    with HostProcess(tmp_path, {}, storage=None) as host:
        azurite = int(host.wait_for("storage: Azurite").rpartition(" ")[2])
        assert "TableEndpoint=http://127.0.0.1:" in get(host, "setting/AzureWebJobsStorage")
        host.kill()
        assert ends(azurite)


def test_without_the_worker_library_importing_says_so_on_one_line() -> None:
    code = "import sys; sys.modules['azure_functions_runtime'] = None; import local.host"
    done = subprocess.run([sys.executable, "-c", code], cwd=HOME, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "the local host needs azure-functions-runtime" in done.stderr.splitlines()[-1]
