"""Prometheus rules and scenarios in; what promtool says of them out.

Law: a scenario is run with the rules that it asks about, and with what these are made of; promtool evaluates each rule for each
minute, and the others would only take time. A scenario file as it is can be run by hand: promtool test rules <file>.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HOME = Path(__file__).parent
CATALOGUE = HOME.parents[1] / "shared" / "rules" / "prometheus"
MISSING = "promtool is missing: it is in Debian's package prometheus (see .ci/run)"
_RECORDED = re.compile(r"\bflux:[\w:]+")

Rule = Mapping[str, Any]
Group = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scenario:
    """`test` is one entry of `tests` in promtool's format; `files` are the names of the files of rules beside it."""

    file: str
    files: frozenset[str]
    interval: str
    test: Mapping[str, Any]

    @property
    def alerts(self) -> frozenset[str]:
        """What it asks about."""
        return frozenset(one["alertname"] for one in self.test.get("alert_rule_test", ()))

    @property
    def asked(self) -> frozenset[str]:
        """Names of alerts and of recorded series."""
        text = " ".join(one["expr"] for one in self.test.get("promql_expr_test", ()))
        return self.alerts | set(_RECORDED.findall(text))


def find_promtool() -> str | None:
    """The path of the program."""
    return shutil.which("promtool")


@cache
def catalogue() -> Mapping[str, Group]:
    """The group in each file of rules, in the order in which they depend on each other."""
    files = sorted(CATALOGUE.glob("*.yaml"), key=lambda path: ("recording" not in path.name, path.name))
    return {path.name: group for path in files for group in yaml.safe_load(path.read_text("utf-8"))["groups"]}


@cache
def scenarios() -> Sequence[Scenario]:
    """All, in the order of their files."""
    return tuple(one for path in sorted((HOME / "scenarios").glob("*.yaml")) for one in _scenarios(path))


def _scenarios(path: Path) -> Sequence[Scenario]:
    whole = yaml.load(path.read_text("utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    files = frozenset(found.name for pattern in whole["rule_files"] for found in path.parent.glob(pattern))
    return [Scenario(path.name, files, whole["evaluation_interval"], test) for test in whole["tests"]]


def name_of(rule: Rule) -> str:
    """Of an alert or a recorded series."""
    return str(rule.get("alert") or rule["record"])


def narrowed(groups: Mapping[str, Group], scenario: Scenario) -> Sequence[Group]:
    """The rules that the scenario asks about, and what they are made of."""
    mine = [groups[name] for name in groups if name in scenario.files]
    made = {name_of(rule): _RECORDED.findall(rule["expr"]) for group in mine for rule in group["rules"]}
    wanted, left = set[str](), list(scenario.asked)
    while left:
        if (name := left.pop()) not in wanted:
            wanted.add(name)
            left.extend(made.get(name, ()))
    kept = [{**group, "rules": [rule for rule in group["rules"] if name_of(rule) in wanted]} for group in mine]
    return [group for group in kept if group["rules"]]


def verdict(folder: Path, groups: Mapping[str, Group], chosen: Sequence[Scenario]) -> str:
    """What promtool says against the rules; empty: nothing. `folder` is for its files, which are JSON, and so YAML."""
    files = [_written(folder, number, narrowed(groups, one), one) for number, one in enumerate(chosen)]
    return run("test", "rules", *map(str, files))


def run(*arguments: str) -> str:
    """What promtool says if it is not content; else empty."""
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, timeout=120, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def _written(folder: Path, number: int, groups: Sequence[Group], scenario: Scenario) -> Path:
    rules, test = folder / f"{number}.rules.yaml", folder / f"{number}.yaml"
    rules.write_text(json.dumps({"groups": groups}), "utf-8")
    whole = {
        "rule_files": [rules.name],
        "evaluation_interval": scenario.interval,
        "group_eval_order": [group["name"] for group in groups],
        "tests": [scenario.test],
    }
    test.write_text(json.dumps(whole), "utf-8")
    return test
