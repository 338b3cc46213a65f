"""What import-linter cannot see: function_app.py is a module, and azure.functions a part of a package."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

HOME = Path(__file__).parents[1]
METRICS = (
    "/subscriptions/7f0c1a52-0d7e-4c1f-9a52-6f1f2f0a1b01/resourceGroups/rg-logs"
    "/providers/Microsoft.Monitor/accounts/amw-platform"
)


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", sorted((HOME / "shared").rglob("*.py")), ids=lambda path: str(path.relative_to(HOME)))
def test_only_function_app_knows_azure_functions(path: Path) -> None:
    assert not [name for name in imports(path) if name.startswith("azure.functions")]


def test_function_app_sees_the_jobs_through_the_wiring_only() -> None:
    ours = {name for name in imports(HOME / "function_app.py") if name.split(".")[0] in {"shared", "local"}}
    assert ours == {
        "shared",
        "shared.wiring",
        "shared.ports",
        "shared.ports.StoreUnavailable",
        "shared.settings",
        "shared.settings.SettingsError",
    }


def test_nothing_dear_is_imported_before_it_is_wanted() -> None:
    """A cold start pays for the import of function_app: no SDK, no YAML, no requests, no adapter and no job may be in it."""
    code = "import sys, function_app; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=HOME, capture_output=True, text=True, check=True).stdout.split()
    dear = (
        "azure.core",
        "azure.data",
        "azure.identity",
        "azure.mgmt",
        "azure.monitor",
        "jwt",
        "requests",
        "yaml",
        "shared.adapters",
        "shared.jobs",
    )
    assert not [name for name in loaded if name.startswith(dear)]


def test_what_runs_most_often_does_not_pay_for_what_only_the_sweeps_and_pages_need() -> None:
    env = {
        "AzureWebJobsStorage": "UseDevelopmentStorage=true",
        "FLUX_HMAC_KEY": "a-signing-key-for-tests-only",
        "TEAMS_WEBHOOK_URL": "https://contoso.example/workflows/1",
        "FLEET_SCOPES": "*",
        "ALERT_RESOURCE_GROUP": "/subscriptions/7f0c1a52-0d7e-4c1f-9a52-6f1f2f0a1b01/resourceGroups/rg-alerts",
        "AZURE_MONITOR_WORKSPACE": METRICS,
        "FLUXWATCH_URL": "https://fluxwatch.example",
        "ALERT_KEY": "the-key-of-the-tests",
        "ALERT_ENTRA_TENANT": "7f0c1a52-0d7e-4c1f-9a52-6f1f2f0a1b02",
        "ALERT_ENTRA_APP": "7f0c1a52-0d7e-4c1f-9a52-6f1f2f0a1b03",
        "ALERT_ENTRA_OBJECT": "7f0c1a52-0d7e-4c1f-9a52-6f1f2f0a1b04",
    }
    made = f"app = App({env}); app.receive_flux_event, app.notify_teams"
    code = f"import sys; from shared.wiring import App; {made}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=HOME, capture_output=True, text=True, check=True).stdout.split()
    assert "azure.data.tables" in loaded
    dear = (
        "azure.identity",
        "azure.mgmt",
        "azure.monitor",
        "jinja2",
        "jwt",
        "msal",
        "shared.adapters.azure",
        "shared.adapters.entra",
        "shared.adapters.rule",
        "shared.core.rule",
        "shared.jobs.ensure",
        "shared.jobs.receive_azure",
        "shared.jobs.reconcile",
        "shared.jobs.sweep",
        "yaml",
    )
    assert not [name for name in loaded if name.startswith(dear)]


def test_no_installed_package_shadows_ours() -> None:
    """The application folder is last on sys.path: an installed top-level `shared` would win."""
    code = "import importlib.util as u; print(*[n for n in ('shared', 'local', 'function_app', 'bench') if u.find_spec(n)])"
    found = subprocess.run([sys.executable, "-I", "-c", code], cwd="/", capture_output=True, text=True, check=True).stdout
    assert found.strip() == ""
