"""The configured settings in; what reconcile_alert_rules would do now, and why, as a table out. It writes nothing.

python -m local.rules_plan, or make rules-plan. Settings come from the environment, then from local.settings.json; Azure is
asked as whoever is signed in here (az login). Exit status: 0, or 1 if something keeps the plan from being right.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path

from local.host.settings import SettingsError, local_values
from shared.adapters.azure_monitor import MonitorClient
from shared.adapters.rule_files import shipped
from shared.core.alert_rule import RuleKind, Step, Verb
from shared.core.finding import Finding
from shared.core.rule_catalogue import BadCatalogue
from shared.rule_book import Look, RuleBook, wanted
from shared.settings import SettingsError as WrongSettings
from shared.wiring import App

HOME = Path(__file__).parents[1]
WIDEST = 120  # columns: longer lines are hard to read
KINDS: Mapping[RuleKind, str] = {RuleKind.METRICS: "metrics", RuleKind.LOGS: "logs", RuleKind.ACTIONS: "actions"}
OFF = "no rules are made: ALERT_RESOURCE_GROUP is empty"


class Off(Exception):
    """The settings ask for no rules."""


def look(folder: Path, environment: Mapping[str, str]) -> Look:
    """Raises `Off`, `WrongSettings` with what the settings lack, `SettingsError` for the file, `BadCatalogue`."""
    app = App({**local_values(folder), **environment})
    settings = app.settings
    if not settings.alerts.group:
        raise Off(OFF)
    rules = MonitorClient(app.azure, settings.alerts.group)
    return RuleBook(app.graph, app.arm, rules, app.clock, shipped, wanted(settings)).fleet()


def table(seen: Look, width: int = WIDEST) -> Iterator[str]:
    """A line for each rule, its reasons beside it; then the counts, then the findings with their remedies."""
    steps = seen.plan.steps
    widest = max((len(step.rule.name) for step in steps), default=0)
    for step in steps:
        yield from _row(step, widest, width)
    counts = Counter(step.verb for step in steps)
    yield ""
    yield ", ".join(f"{verb}: {counts[verb]}" for verb in Verb) if steps else "no plan: nobody can say what there is"
    for remedy, alike in groupby(findings(seen), lambda finding: finding.remedy):
        yield from (f"{finding.name}: {finding.detail}" for finding in alike)
        yield from textwrap.wrap(remedy, width, initial_indent="  → ", subsequent_indent="    ")


def findings(seen: Look) -> Iterable[Finding]:
    """What keeps the plan from being right."""
    return (*seen.missed, *seen.plan.findings)


def _row(step: Step, widest: int, width: int) -> Iterator[str]:
    first = f"{step.verb:<7} {KINDS[step.rule.kind]:<8} {step.rule.name:<{widest}}  "
    rest = " " * len(first)
    reasons = "; ".join(step.reasons) or "as it shall be"
    yield from textwrap.wrap(reasons, max(width, len(first) + 30), initial_indent=first, subsequent_indent=rest)


def main(folder: Path = HOME, environment: Mapping[str, str] = os.environ) -> int:
    """See the module."""
    logging.getLogger("azure").setLevel(logging.CRITICAL)  # each of a developer's credentials says why it is none
    try:
        seen = look(folder, environment)
    except (Off, SettingsError, WrongSettings, BadCatalogue) as fault:
        print(f"rules-plan: {fault}", file=sys.stderr)
        return 1
    for line in table(seen, min(shutil.get_terminal_size((WIDEST, 24)).columns, WIDEST)):
        print(line)
    return 1 if findings(seen) else 0


if __name__ == "__main__":
    if "IDENTITY_ENDPOINT" not in os.environ:
        os.environ.setdefault("AZURE_TOKEN_CREDENTIALS", "dev")  # no waiting for an identity that no machine here has
    sys.exit(main())
