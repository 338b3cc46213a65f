"""Files of infra/ in; that they name functions, settings and rights that there are, out. Terraform is asked for lists only."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from shared.core.routing import DEFAULT, FALLBACK, FIELDS
from shared.settings import Settings
from tests.infra.check import HOME
from tests.infra.evaluated import need_terraform, outputs
from tests.test_docs import HOSTS_OWN, in_readme, read_by_settings, sample

INFRA = HOME / "infra"
TEXTS = {path.relative_to(INFRA).as_posix(): path.read_text("utf-8") for path in sorted(INFRA.rglob("*.tf"))}
WHOLE = "\n".join(TEXTS.values())
OF_AN_OWN_GROUP = {"Microsoft.Insights/actionGroups/delete", "Microsoft.Insights/actionGroups/write"}
"""Rights that the app has no use for: its action group is Terraform's."""
LISTS = ("vault_settings", "derived_settings", "free_settings", "route_fields", "taken_channels")


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """Of settings.tf, by name."""
    need_terraform()
    folder = tmp_path_factory.mktemp("settings")
    (folder / "settings.tf").write_text(TEXTS["settings.tf"], "utf-8")
    return outputs(folder, {}, **{name: f"local.{name}" for name in LISTS})


def functions() -> set[str]:
    tree = ast.parse((HOME / "function_app.py").read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.decorator_list}


def test_every_function_that_terraform_points_at_exists():
    named = set(re.findall(r"/functions/([a-z]\w+)", WHOLE)) | set(re.findall(r'function_name\s+= "(\w+)"', WHOLE))
    assert named == {"ensure_alert_rules", "receive_azure_alert"}
    assert named <= functions()


def test_every_function_that_an_alert_about_fluxwatch_names_exists():
    texts = [path.read_text("utf-8").partition("\nApp")[2] for path in (INFRA / "alerts").glob("*.kql")]
    named = {name for text in texts for name in re.findall(r'"([a-z_]{4,})"', text)}
    assert "notify_teams" in named
    assert named <= functions()


def test_every_setting_is_set_by_terraform_in_exactly_one_way(lists):
    ways = [
        *lists["vault_settings"]["required"],
        *lists["vault_settings"]["optional"],
        *lists["derived_settings"],
        *lists["free_settings"],
    ]
    assert sorted(ways) == sorted(read_by_settings())
    assert set(ways) == in_readme() == sample().keys() - HOSTS_OWN


def test_what_the_host_needs_is_always_set_as_in_the_sample(lists):
    given = {name: value for name, value in lists["free_settings"].items() if value is not None}
    assert given == {name: value for name, value in sample().items() if name.endswith("_SCHEDULE")}


def test_routes_are_checked_as_the_app_checks_them(lists):
    assert set(lists["route_fields"]) == FIELDS.keys()
    assert set(lists["taken_channels"]) == {DEFAULT, FALLBACK}


def test_every_setting_that_terraform_derives_is_set(lists):
    for name in lists["derived_settings"].keys() - {"ALERT_KEY", "AzureWebJobsStorage"}:
        assert re.search(rf"^\s+{name}\s+= ", TEXTS["locals.tf"], re.MULTILINE), name
    assert "AzureWebJobsStorage__accountName" in TEXTS["locals.tf"]
    assert not re.search(r"^\s+AzureWebJobsStorage\s+=", WHOLE.replace(TEXTS["settings.tf"], ""), re.MULTILINE)


def test_the_variables_that_settings_come_from_exist(lists):
    variables = set(re.findall(r'^variable "(\w+)"', WHOLE, re.MULTILINE))
    assert {how for how in lists["derived_settings"].values() if " " not in how} <= variables


def test_what_terraform_sets_is_a_right_configuration():
    group = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-fluxwatch-test"
    env = {name: value for name, value in sample().items() if name.endswith("_SCHEDULE")} | {
        "AzureWebJobsStorage__accountName": "stfluxwatch",
        "AzureWebJobsStorage__clientId": "33333333-3333-3333-3333-333333333333",
        "AZURE_CLIENT_ID": "33333333-3333-3333-3333-333333333333",
        "FLEET_SCOPES": f"{group.partition('/resourceGroups')[0]},/providers/Microsoft.Management/managementGroups/fleet",
        "FLUX_HMAC_KEY": "sixteen-characters",
        "FLUXWATCH_URL": "https://func-fluxwatch-test-da8bea.azurewebsites.net",
        "TEAMS_WEBHOOK_URL": sample()["TEAMS_WEBHOOK_URL"],
        "PAYMENTS_WEBHOOK_URL": sample()["TEAMS_WEBHOOK_URL"],
        "ROUTES": '[{"channel":"payments","match":{"namespace":["payments"]},"webhook":"PAYMENTS_WEBHOOK_URL"}]',
        "RUNBOOK_URL": "",
        "LOG_ANALYTICS_WORKSPACES": f"{group}/providers/Microsoft.OperationalInsights/workspaces/log-fluxwatch-test",
        "AZURE_MONITOR_WORKSPACE": f"{group}/providers/Microsoft.Monitor/accounts/amw-fluxwatch-test",
        "ALERT_RESOURCE_GROUP": group,
        "ACTION_GROUP": f"{group}/providers/Microsoft.Insights/actionGroups/ag-fluxwatch-test",
    }
    assert Settings.from_env(env).alerts.actions == env["ACTION_GROUP"]


def test_the_roles_hold_every_action_that_permissions_name_and_no_other():
    text = (HOME / "docs/permissions.md").read_text("utf-8").partition("## Least privilege")[2].partition("\n## ")[0]
    named = set(re.findall(r"[`\"](Microsoft\.[\w./]+(?:read|write|delete|action))[`\"]", text))
    given = set(re.findall(r'"(Microsoft\.[\w./]+/(?:read|write|delete|action))"', TEXTS["main.roles.tf"]))
    assert named
    assert named - given == OF_AN_OWN_GROUP
    assert given - named == {"Microsoft.ResourceGraph/resources/read"}


def test_a_variable_that_is_null_has_its_default():
    blocks = re.findall(r'^variable "(\w+)" \{\n(.*?)^\}', WHOLE, re.MULTILINE | re.DOTALL)
    assert len(blocks) > 50
    given = [(name, body) for name, body in blocks if re.search(r"^  default\s+= (?!null)", body, re.MULTILINE)]
    assert [name for name, body in given if not re.search(r"^  nullable\s+= false$", body, re.MULTILINE)] == []


def test_what_terraform_and_its_users_leave_behind_does_not_get_into_the_repository():
    ignored = set((HOME / ".gitignore").read_text("utf-8").split())
    assert {".terraform/", ".terraform.lock.hcl", "*.tfstate*", "*.tfvars"} <= ignored


@pytest.mark.parametrize("file", sorted({Path(name).parent.as_posix() for name in TEXTS}))
def test_every_variable_and_output_is_described(file: str):
    text = "\n".join(content for name, content in TEXTS.items() if Path(name).parent.as_posix() == file)
    blocks = re.findall(r'^(?:variable|output) "(\w+)" \{\n(.*?)^\}', text, re.MULTILINE | re.DOTALL)
    assert [name for name, body in blocks if "description" not in body] == []
