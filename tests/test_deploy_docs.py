"""docs/deploy.md and the documents around it in; that whoever follows them meets only what there is, out.

Law: nothing is run here. What is named in a document stands in infra/, in the Makefile, or on the disk.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.infra.test_names import functions
from tests.test_alert_docs import section

HOME = Path(__file__).parents[1]
INFRA = HOME / "infra"
GUIDES = ("docs/deploy.md", "docs/connect-a-cluster.md", "docs/operations.md", "infra/README.md", "infra/kubernetes/README.md")
TEXTS = {name: (HOME / name).read_text("utf-8") for name in (*GUIDES, "README.md", "docs/permissions.md")}
DEPLOY = TEXTS["docs/deploy.md"]
ROOT = "\n".join(path.read_text("utf-8") for path in sorted(INFRA.glob("*.tf")))
VARIABLES = set(re.findall(r'^variable "(\w+)"', ROOT, re.MULTILINE))
OUTPUTS = set(re.findall(r'^output "(\w+)"', ROOT, re.MULTILINE))
FIELDS = set(re.findall(r"^\s+(\w+)\s+= (?:optional\()?(?:string|number|bool|map|list|object)", ROOT, re.MULTILINE))
WORD = re.compile(r"`([a-z]+(?:_[a-z]+)+)(?: = [^`]+)?`")
FOLDERS = re.compile(r"(?<![\w/.-])((?:infra|docs|shared|tests|local)/[\w./-]+)")


def code(text: str) -> str:
    """What stands in its blocks of shell."""
    return "\n".join(re.findall(r"^ *```sh\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL))


def other_words() -> set[str]:
    """Functions and queries of the app, and words that are Azure's or Flux's."""
    queries = [path.stem for path in (HOME / "shared/queries").glob("*.kql")]
    return {*functions(), *queries, "cluster_alias", "gotk_resource_info"}


# --------------------------------------------------------------------------------------------------- variables, outputs


@pytest.mark.parametrize("document", ["docs/deploy.md", "docs/connect-a-cluster.md", "infra/README.md"])
def test_every_variable_that_a_document_names_exists(document: str) -> None:
    named = set(WORD.findall(TEXTS[document]))
    assert len(named) >= 5  # it finds them at all
    assert sorted(named - VARIABLES - OUTPUTS - FIELDS - other_words()) == []


def test_every_variable_and_every_output_is_in_the_tables_of_infra() -> None:
    said = set(re.findall(r"`(\w+)(?: = [^`]+)?`", TEXTS["infra/README.md"]))
    assert sorted(VARIABLES - said) == []
    assert sorted(OUTPUTS - set(re.findall(r"`(\w+)`", section(TEXTS["infra/README.md"], "## Outputs")))) == []


@pytest.mark.parametrize("document", TEXTS)
def test_every_output_that_a_command_asks_for_exists(document: str) -> None:
    asked = set(re.findall(r"output (?:-raw |-json )?(\w+)", code(TEXTS[document]))) | set(
        re.findall(r"`output (\w+)`", TEXTS[document])
    )
    assert sorted(asked - OUTPUTS) == []


@pytest.mark.parametrize("document", TEXTS)
def test_every_variable_that_a_command_sets_exists(document: str) -> None:
    text = TEXTS[document]
    by_flag, by_environment = re.findall(r"-var (\w+)=", text), re.findall(r"TF_VAR_(\w+)", text)
    assert sorted({*by_flag, *by_environment} - VARIABLES) == []


def test_the_example_sets_only_what_exists() -> None:
    lines = (INFRA / "terraform.tfvars.example").read_text("utf-8")
    named = set(re.findall(r"^(?:# )?(\w+) += ", lines, re.MULTILINE))
    assert {"subscription_id", "fleet_scopes", "functions_published"} <= named <= VARIABLES


def test_what_is_filled_in_first_is_in_the_example() -> None:
    told = set(WORD.findall(section(DEPLOY, "### 2. What is to be made")))
    example = (INFRA / "terraform.tfvars.example").read_text("utf-8")
    assert sorted(name for name in told & VARIABLES if name not in example) == []


def test_who_registers_resource_providers_by_hand_is_told_all_of_them() -> None:
    listed = re.search(r"resource_providers = .*?\n  \]", ROOT, re.DOTALL)
    assert listed
    needed = set(re.findall(r'"(Microsoft\.\w+)"', listed[0]))
    assert len(needed) > 10
    assert sorted(needed - set(re.findall(r"Microsoft\.\w+", section(DEPLOY, "### Rights")))) == []


# ------------------------------------------------------------------------------------------------------ files, commands


@pytest.mark.parametrize("document", TEXTS)
def test_every_file_that_a_document_names_is_there(document: str) -> None:
    made = {"infra/terraform.tfvars", "infra/terraform.tfstate", "infra/backend.tf"}  # by whoever deploys
    named = {path.rstrip("./") for path in FOLDERS.findall(re.sub(r"\]\([^)]*\)|https?://\S+", "", TEXTS[document]))}
    missing = {path for path in named - made if "*" not in path and not (HOME / path).exists()}
    assert sorted(missing) == []


@pytest.mark.parametrize("document", ["infra/README.md", "infra/kubernetes/README.md"])
def test_links_from_infra_lead_to_files_and_headings(document: str) -> None:
    broken = []
    for file, anchor in re.findall(r"\]\((?!https?://)([^)#]*)#?([^)]*)\)", TEXTS[document]):
        target = (HOME / document).parent / file if file else HOME / document
        heads = re.findall(r"^#+ (.+)$", target.read_text("utf-8"), re.MULTILINE) if anchor and target.is_file() else []
        slugs = {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}
        if not target.exists() or (anchor and anchor not in slugs):
            broken.append(f"{file}#{anchor}")
    assert broken == []


@pytest.mark.parametrize("document", GUIDES)
def test_every_target_of_make_exists(document: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (HOME / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make (?:-s )?([a-z-]+)", TEXTS[document], re.MULTILINE)) <= targets


def test_every_sample_that_is_posted_exists() -> None:
    samples = (HOME / "tests/samples/flux-events.jsonl").read_text("utf-8")
    named = re.findall(r"SAMPLE=([\w-]+)", DEPLOY)
    assert len(named) == 2
    assert [one for one in named if f'"case":"{one}"' not in samples.replace('": "', '":"')] == []


@pytest.mark.parametrize("document", TEXTS)
def test_keys_are_asked_of_functions_that_exist(document: str) -> None:
    asked = set(re.findall(r"--function-name (\w+)", TEXTS[document]))
    assert asked <= functions()


def test_the_functions_are_as_many_as_are_counted_after_publishing() -> None:
    assert f"the last command prints `{len(functions())}`" in section(DEPLOY, "### 6. Publish the functions")


def metrics() -> Iterator[str]:
    """The sets of manifests that are applied by themselves."""
    for path in sorted((INFRA / "kubernetes/metrics").glob("*/kustomization.yaml")):
        if "Part of others" not in path.read_text("utf-8"):
            yield path.parent.name


def test_every_set_of_metrics_has_its_situation() -> None:
    table = section(TEXTS["docs/connect-a-cluster.md"], "## 3. Logs and metrics")
    rows = [row.split("|")[2] for row in table.splitlines() if row.startswith("| ")]
    applied = {name for row in rows for name in re.findall(r"`([a-z-]+)`", row)} - {"flux-system"}
    assert applied == set(metrics())


# ----------------------------------------------------------------------------------------------- alerts about Fluxwatch

SELF = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in sorted((INFRA / "alerts").glob("*.yaml"))}


def test_every_alert_about_fluxwatch_is_in_operations_with_its_severity() -> None:
    text = section(TEXTS["docs/operations.md"], "## Alerts about Fluxwatch itself")
    rows = dict(re.findall(r"^\| `(Fluxwatch\w+)` \| (\w+) \| .{20,} \| .{20,} \|$", text, re.MULTILINE))
    assert rows == {name: rule["severity"] for name, rule in SELF.items()}


def test_alerts_about_fluxwatch_that_documents_name_exist() -> None:
    named = {name for text in TEXTS.values() for name in re.findall(r"`(Fluxwatch[A-Z]\w+)`", text)}
    assert named == SELF.keys()
