"""What README, runbooks and the documents of operation say of alert rules is what the catalogue and the code have."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from local.azure.generate import METRICS, WORKSPACE
from shared.adapters.rule_files import shipped
from shared.core.alert_rule import OWNER, OWNER_TAG, RuleKind, name_of
from shared.core.rule_catalogue import LogRule, MetricRule
from shared.core.rule_tags import RULE_TAG, RULES_TAG, Mode, of_cluster
from shared.setting_alerts import read_alerts
from shared.setting_reader import Reader

HOME = Path(__file__).parents[1]
RUNBOOKS = HOME / "docs/runbooks"
README = (HOME / "README.md").read_text("utf-8")
OPERATIONS = (HOME / "docs/operations.md").read_text("utf-8")
PERMISSIONS = (HOME / "docs/permissions.md").read_text("utf-8")
DOCUMENTS = sorted([*HOME.glob("*.md"), *(HOME / "docs").rglob("*.md")])
KNOWN = shipped()
ALERTS: dict[str, MetricRule | LogRule] = {rule.name: rule for rule in (*KNOWN.metric_alerts, *KNOWN.logs)}
HEADINGS = ["Meaning", "Impact", "Diagnosis", "Mitigation"]
REPORTING = ("rule_book.py", *(f"core/{name}.py" for name in ("desired_rules", "rule_doubt", "rule_plan", "rule_tags")))
ROW = re.compile(r"^\| \[(\w+)\]\(docs/runbooks/(\w+)\.md\)( ±)?( \(log\))? \| (\w+) \| (.+) \|$", re.MULTILINE)


def section(text: str, heading: str) -> str:
    """From the heading to the next one of its level, or of a higher one; what looks like one in a block of code is none."""
    level = heading.partition(" ")[0]
    found = text.split(f"\n{heading}\n")[1]
    blocks = re.sub(r"^```.*?^```", lambda block: block[0].replace("\n#", "\n "), found, flags=re.MULTILINE | re.DOTALL)
    return found[: len(re.split(rf"\n#{{1,{len(level)}}} ", blocks)[0])]


TABLE = {row[1]: row for row in ROW.finditer(section(README, "### The alerts"))}


def changeable(alert: str) -> bool:
    """By the tag `threshold`."""
    return isinstance(ALERTS[alert], LogRule) or alert in KNOWN.thresholds


def short(length: timedelta) -> str:
    """90m is 90m, and 24h is 24h."""
    minutes = int(length.total_seconds()) // 60
    return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"


# --------------------------------------------------------------------------------------------------------------- README


def test_every_alert_is_in_the_table_of_the_readme_and_no_other() -> None:
    assert sorted(TABLE) == sorted(ALERTS)


@pytest.mark.parametrize("alert", sorted(ALERTS))
def test_a_row_has_the_runbook_the_severity_and_the_marks_of_its_alert(alert: str) -> None:
    _, runbook, number, log, severity, means = TABLE[alert].groups()
    assert (runbook, severity) == (alert, ALERTS[alert].severity)
    assert bool(number) == changeable(alert)
    assert bool(log) == isinstance(ALERTS[alert], LogRule)
    assert 20 <= len(means) <= 140


def test_the_table_begins_with_what_is_gravest() -> None:
    order = [["critical", "warning", "info"].index(row[5]) for row in TABLE.values()]
    assert order == sorted(order)


def test_the_plan_that_the_readme_shows_is_that_of_the_catalogue() -> None:
    shown = re.findall(r"^ *create  (\w+) +(\S+) +missing$", section(README, "### Switch them on"), re.MULTILINE)
    groups = [("metrics", name_of(group.name, METRICS)) for group in KNOWN.groups]
    logs = [("logs", name_of(rule.name, WORKSPACE)) for rule in KNOWN.logs]
    assert sorted(shown) == sorted([("actions", "fluxwatch"), *groups, *logs])
    assert f"create: {len(shown)}, update: 0, delete: 0, leave: 0" in README


def test_the_readme_names_every_group_of_rules_and_counts_what_one_cluster_needs() -> None:
    made = section(README, "### What is made, and in which order")
    assert [group.name for group in KNOWN.groups if f"`{group.name}`" not in made] == []
    own = [group for group in KNOWN.groups if any(rule.alerts for rule in group.rules)]
    assert len(own) == 3  # "needs three groups"; with the log rules it is "eight writes" in docs/operations.md
    assert len(KNOWN.logs) == 5
    assert "needs three groups" in section(README, "### Tags")


def test_the_changelog_counts_the_alerts() -> None:
    assert f"{len(ALERTS)} alerts, on metrics and on logs" in (HOME / "CHANGELOG.md").read_text("utf-8")


# ------------------------------------------------------------------------------------------------------------- runbooks


def test_alerts_and_runbooks_are_one_to_one() -> None:
    assert sorted(path.stem for path in RUNBOOKS.glob("Flux*.md")) == sorted(ALERTS)


@pytest.mark.parametrize("alert", sorted(ALERTS))
def test_a_runbook_says_what_the_alert_means_whom_it_hurts_how_to_look_and_what_to_do(alert: str) -> None:
    text = (RUNBOOKS / f"{alert}.md").read_text("utf-8")
    outside = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    assert re.findall(r"^#+ .*", outside, re.MULTILINE) == [f"# {alert}", *(f"## {one}" for one in HEADINGS)]
    assert [one for one in HEADINGS if len(section(text, f"## {one}").strip()) < 60] == []
    assert "```sh" in section(text, "## Diagnosis")


@pytest.mark.parametrize("alert", sorted(ALERTS))
def test_a_runbook_gives_severity_and_times_as_they_are_shipped(alert: str) -> None:
    rule = ALERTS[alert]
    if isinstance(rule, LogRule):
        when = f"every {short(rule.frequency)} over the last {short(rule.window)}"
    else:
        when = f"after {short(rule.wait)}"
    text = (RUNBOOKS / f"{alert}.md").read_text("utf-8")
    assert re.findall(r"^Severity .*", text, re.MULTILINE) == [f"Severity {rule.severity}, {when}, as shipped."]


@pytest.mark.parametrize("rule", KNOWN.metric_alerts, ids=lambda rule: rule.name)
def test_an_alert_leads_to_its_runbook(rule: MetricRule) -> None:
    assert rule.annotations["runbook_url"] == f"docs/runbooks/{rule.name}.md"


# ------------------------------------------------------------------------------------------------------- tags, settings


def tags_named() -> Iterator[tuple[str, str, str]]:
    """(document, tag, value): `tag=value`, `tag: value`, or the tag alone."""
    form = rf"({RULES_TAG}|{RULE_TAG}[\w<>]+)(?:(?:=|: )([^`|\"]+?))?(?=`|\"|$)"
    for document in DOCUMENTS:
        for tag, value in re.findall(form, document.read_text("utf-8"), re.MULTILINE):
            yield document.name, tag, value


def test_every_tag_that_documents_give_a_value_is_understood() -> None:
    given = [one for one in tags_named() if one[2]]
    assert len(given) > 10  # it finds them at all
    assert [one for one in given if of_cluster("a cluster", {one[1]: one[2]}, KNOWN).findings] == []


def test_every_alert_that_a_tag_names_is_in_the_catalogue() -> None:
    named = {tag.removeprefix(RULE_TAG) for _, tag, _ in tags_named() if tag.startswith(RULE_TAG)}
    assert named <= {*ALERTS, "<AlertName>"}


def test_the_table_of_tags_has_every_tag_and_every_word() -> None:
    lines = [line for line in section(README, "### Tags").splitlines() if line.startswith("| ")][1:]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    assert [row[0] for row in rows if row[0]] == [f"`{RULES_TAG}`", f"`{RULE_TAG}<AlertName>`"]
    words = [row[2].strip("`") for row in rows]
    assert words[:2] == [mode.value for mode in Mode if mode]
    alert = next(iter(KNOWN.thresholds))
    assert [word for word in words[2:] if of_cluster("a cluster", {RULE_TAG + alert: word}, KNOWN).findings] == []
    assert [word.partition("=")[0] for word in words[2:]] == ["off", "for", "threshold", "severity"]


def test_whose_a_rule_is_stands_where_somebody_looks_for_it() -> None:
    for text in (README, section(OPERATIONS, "## Alert rules"), PERMISSIONS):
        assert f"`{OWNER_TAG}: {OWNER}`" in text


def test_every_setting_of_alert_rules_is_where_they_are_switched_on() -> None:
    tree = ast.parse(Path(read_alerts.__code__.co_filename).read_text("utf-8"))
    words = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    settings = {word for word in words if re.fullmatch(r"[A-Z][A-Z_]{5,}", word)}
    assert {"ALERT_RESOURCE_GROUP", "ACTION_GROUP"} <= settings
    text = section(README, "## The alert rules")
    assert sorted(name for name in settings if name not in text and not name.startswith("ALERT_ENTRA_")) == []
    assert "`ALERT_ENTRA_…`" in text


def test_what_is_missing_is_named_as_the_readme_does() -> None:
    read = Reader({"ALERT_RESOURCE_GROUP": f"/subscriptions/{'0' * 8}-0000-0000-0000-{'0' * 12}/resourceGroups/rg"})
    read_alerts(read)
    key, group = sorted(read.faults)
    assert key.startswith("ALERT_KEY is missing")
    assert group.startswith("ALERT_RESOURCE_GROUP needs FLUXWATCH_URL")
    assert "`ACTION_GROUP` names one of your own" in README


# ------------------------------------------------------------------------------------------ operations and permissions


def findings() -> Iterator[tuple[str, str]]:
    """The name of each finding of the rules' jobs, and the longest text of it between two values; "": all of it is a value."""
    for path in REPORTING:
        tree = ast.parse((HOME / "shared" / path).read_text("utf-8"))
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            nodes = list(ast.walk(function))
            said = {ast.unparse(node.targets[0]): node.value for node in nodes if isinstance(node, ast.Assign)}
            for name, detail in (found for node in nodes if isinstance(node, ast.Call) and (found := _finding(node))):
                texts = _texts(said.get(ast.unparse(detail), detail))
                yield name, max(texts, key=len, default="").strip(" :")


def _finding(call: ast.Call) -> tuple[str, ast.expr] | None:
    """`Finding("name", ok, detail, remedy)`, or `….tell(detail, remedy)` of desired_rules, which makes one of that name."""
    if isinstance(call.func, ast.Attribute) and call.func.attr == "tell":
        return "alert rules", call.args[0]
    made = isinstance(call.func, ast.Name) and call.func.id == "Finding" and isinstance(call.args[0], ast.Constant)
    return (str(call.args[0].value), call.args[2]) if made and isinstance(call.args[0], ast.Constant) else None


def _texts(text: ast.expr) -> Iterator[str]:
    for node in text.values if isinstance(text, ast.JoinedStr) else [text]:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_everything_that_the_jobs_of_alert_rules_report_is_in_the_table() -> None:
    found = list(findings())
    assert {"alert rules", "alert rule tags", "clusters"} == {name for name, _ in found}
    table = section(OPERATIONS, "### What the jobs of alert rules report")
    assert [name for name, _ in found if f"| `{name}` |" not in table] == []
    assert [said for _, said in found if said not in table] == []


def test_the_role_has_what_is_called_and_nothing_else() -> None:
    role = section(PERMISSIONS, "### The role of the alert rules").partition("```sh")[2].partition("```")[0]
    actions = re.findall(r'"(Microsoft\.[^"]+)"', role)
    assert sorted(actions) == sorted(f"{kind}/{verb}" for kind in RuleKind for verb in ("read", "write", "delete"))


def test_every_outcome_of_receive_azure_alert_is_in_its_table() -> None:
    table = re.findall(r"^\| ([\d, ]+) \| `([\w-]+)` \|", section(OPERATIONS, "## Alerts"), re.MULTILINE)
    source = "".join((HOME / "shared" / path).read_text("utf-8") for path in ("jobs/receive_azure_alert.py", "intake.py"))
    replies = set(re.findall(r'Reply\((?:\d+|refused\.status), "([\w-]+)"', source))
    left = set(re.findall(r'_left\("([\w-]+)"', source))
    voices = set(re.findall(r"Outcome\.([A-Z]+)", (HOME / "shared/core/alert_voice.py").read_text("utf-8")))
    assert {outcome for _, outcome in table} == replies | left | {one.lower() for one in voices} | {"closed", "misconfigured"}
