"""What Azure shows of alert rules, and of the workspaces that they watch, in; what the app may see of it, and what not, out.

Pure: values only. Who may read need not be allowed to write: what could not be written is a finding of reconcile_alert_rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from shared.core.alert_rule import OWNER, Rule, RuleKind
from shared.core.azure_values import get, text
from shared.core.finding import Finding
from shared.core.headline import count, some
from shared.core.trouble import Trouble, Unanswered

RULES = "alert rules"
WORKSPACES = "alert rules: workspaces"
QUERY = "alert_workspaces"
NAMES: Mapping[RuleKind, str] = {
    RuleKind.METRICS: f"{RULES}: Prometheus rule groups",
    RuleKind.LOGS: f"{RULES}: log rules",
    RuleKind.ACTIONS: f"{RULES}: action group",
}

type Listed = Sequence[Rule] | Unanswered

_ROLE = (
    "Give the app's identity {kind}/read, write and delete on the resource group of ALERT_RESOURCE_GROUP "
    "(docs/permissions.md); a new role takes minutes to arrive."
)
_GROUP = "Make the resource group of ALERT_RESOURCE_GROUP, or correct the setting: Fluxwatch makes rules, and no groups."
_WAIT = "Wait for a run of reconcile_alert_rules. If it ran already, its findings say what is in the way."
_UNSEEN = (
    "Give the app's identity Reader on it, and see that FLEET_SCOPES covers its subscription; or correct the setting. "
    "Its rules stay as they are."
)
_SCOPES = "Set FLEET_SCOPES: the clusters and workspaces that the rules are for are looked for there."


def listed(answers: Mapping[RuleKind, Listed]) -> Iterator[Finding]:
    """One for each kind; what all say is said once. What was not asked is left out."""
    faults = [one for one in answers.values() if isinstance(one, Unanswered)]
    if len(faults) == len(answers) > 1 and len({(one.trouble, one.detail) for one in faults}) == 1:
        yield replace(_fault(next(iter(answers)), faults[0]), name=RULES)
        return
    for kind, found in answers.items():
        yield _fault(kind, found) if isinstance(found, Unanswered) else _found(kind, found)


def _fault(kind: RuleKind, fault: Unanswered) -> Finding:
    remedies = {Trouble.FORBIDDEN: _ROLE.format(kind=kind), Trouble.NOT_FOUND: _GROUP}
    finding = replace(fault.finding, name=NAMES[kind])
    return replace(finding, remedy=remedies.get(fault.trouble, finding.remedy))


def _found(kind: RuleKind, found: Sequence[Rule]) -> Finding:
    if not found:
        return Finding(NAMES[kind], True, "may be read, and there is none yet", _WAIT)
    mine = sum(one.owner == OWNER for one in found)
    others = f", {len(found) - mine} of others" if len(found) > mine else ""
    return Finding(NAMES[kind], True, f"{mine} of Fluxwatch{others}")


def workspaces(wanted: Mapping[str, Sequence[str]], rows: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """`wanted`: ids by setting; `rows` of queries/alert_workspaces.kql. Rules are made for a workspace that they show."""
    shown = {text(get(row, "id")).lower() for row in rows}
    for setting, ids in wanted.items():
        if unseen := [one.rpartition("/")[2] for one in ids if one.lower() not in shown]:
            yield Finding(setting, False, f"cannot be seen: {some(unseen, 5)}", _UNSEEN)
        elif ids:
            yield Finding(setting, True, f"{count(len(ids), 'workspace')} seen")


def nowhere() -> Finding:
    """No scope: Resource Graph cannot even be asked."""
    return Finding("FLEET_SCOPES", False, "is empty, and ALERT_RESOURCE_GROUP is set: no cluster is covered", _SCOPES)
