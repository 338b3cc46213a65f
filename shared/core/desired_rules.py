"""The catalogue, the settings and what Azure shows in; every rule that shall be, and what cannot be known, out.

Pure. What was not seen is never taken for gone: rules of which nobody knows what they shall be are left as they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from shared.core.action_group import action_group
from shared.core.alert_rule import OWNER, Rule, RuleKind
from shared.core.cluster import Cluster
from shared.core.finding import Finding
from shared.core.log_rules import log_rules
from shared.core.metric_rules import alert_groups, recording_groups
from shared.core.rule_catalogue import Catalogue
from shared.core.rule_estate import Estate, Member, Wanted, Workspace
from shared.core.rule_tags import Mode, Wishes, of_cluster, of_workspace
from shared.core.rule_target import Target, cluster_of, is_for, scopes_of

SHOW = "Check the setting, and the app's role on it (docs/permissions.md). Its rules stay as they are."
TWICE = "Give one of the clusters another name, or none of them rules of its own: metrics know a cluster by its name only."
MAX_GROUPS = 500  # of a workspace in a subscription: azure-monitor-limits-metrics.md of Azure's docs
CROWDED = "Let fewer clusters have rules of their own: each needs several groups."
WHICH = "Keep one workspace in the cluster's region in the settings. Until then the fleet's rules watch it."


@dataclass(frozen=True, slots=True)
class Desired:
    """`rules` are what shall be. `blind` says why rules that are not among them are not deleted (empty: they may be); `unseen`
    are workspaces that are in the settings and not shown; `shown` and `gone` are keys of clusters.
    """

    rules: tuple[Rule, ...] = ()
    findings: tuple[Finding, ...] = ()
    blind: str = ""
    unseen: frozenset[str] = frozenset()
    shown: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()

    def spares(self, rule: Rule) -> str:
        """Why a rule that is not desired is left all the same; empty if it is not."""
        if self.blind or rule.kind is RuleKind.ACTIONS:
            return self.blind or "it may be called by others"
        if self.unseen.intersection(scopes_of(rule)):
            return "its workspace is not shown"
        owner = cluster_of(rule)
        return "its cluster is not shown" if owner and owner not in self.shown | self.gone else ""

    def doubtful(self, actual: Iterable[Rule]) -> list[str]:
        """Keys of clusters with rules of their own that are not shown: gone, or only out of sight?"""
        owners = {cluster_of(rule) for rule in actual if rule.owner == OWNER} - {""}
        return sorted(owners - self.shown - self.gone) if not self.blind else []


@dataclass(slots=True)
class _Draft:
    """One drawing up. `members` and their `wishes` by key of the cluster."""

    known: Catalogue
    wanted: Wanted
    members: Mapping[str, Member]
    wishes: Mapping[str, Wishes]
    findings: list[Finding] = field(default_factory=list)


def desired(known: Catalogue, wanted: Wanted, estate: Estate) -> Desired:
    """Of the whole fleet."""
    if estate.workspaces is None:
        return Desired(tuple(_actions(wanted)), blind="the workspaces are not known")
    seen = {one.lower(): estate.workspaces.get(one.lower()) for one in (*wanted.metrics, *wanted.logs)}
    unseen = [key for key, workspace in seen.items() if workspace is None]
    findings = [Finding("alert rules", False, f"the workspace {key.rpartition('/')[2]} is not shown", SHOW) for key in unseen]
    metrics, logs = (_some(ids, seen) for ids in (wanted.metrics, wanted.logs))
    if estate.members is None:
        rules = [*_actions(wanted), *(one for each in metrics for one in recording_groups(known, _plain(each, wanted)))]
        return Desired(tuple(rules), tuple(findings), "the clusters are not known", frozenset(unseen))
    wishes = {key: of_cluster(one.cluster.name, one.tags, known) for key, one in estate.members.items()}
    draft = _Draft(known, wanted, estate.members, wishes, findings)
    findings += [finding for one in wishes.values() for finding in one.findings]
    rules = [*_actions(wanted), *_metrics(draft, metrics), *_logs(draft, logs)]
    shown = frozenset(estate.members)
    unique = tuple(dict.fromkeys(findings))
    return Desired(tuple(rules), unique, unseen=frozenset(unseen), shown=shown, gone=estate.gone - shown)


def _some(ids: Iterable[str], seen: Mapping[str, Workspace | None]) -> list[Workspace]:
    return [found for one in dict.fromkeys(key.lower() for key in ids) if (found := seen[one])]


def _actions(wanted: Wanted) -> Iterator[Rule]:
    if wanted.receiver:
        yield action_group(wanted.receiver)


def _plain(workspace: Workspace, wanted: Wanted) -> Target:
    return Target(workspace, wanted.actions, wanted.runbooks)


def _metrics(draft: _Draft, workspaces: Sequence[Workspace]) -> Iterator[Rule]:
    """A name that two clusters have says nothing about either: neither is left out, nor has rules of its own."""
    watched = (one for key, one in draft.members.items() if one.flux or draft.wishes[key].mode is Mode.OFF)
    names = Counter(one.cluster.name.lower() for one in watched)
    made = Counter[str]()
    for target in _targets(draft, workspaces, frozenset(name for name, count in names.items() if count > 1)):
        recording = () if target.cluster else recording_groups(draft.known, target)
        groups = (*recording, *alert_groups(draft.known, target))
        made[target.workspace.name] += len(groups)
        yield from groups
    for name, count in made.items():
        if count > MAX_GROUPS:
            said = f"{count} rule groups for the workspace {name}, and Azure takes {MAX_GROUPS}"
            draft.findings.append(Finding("alert rules", False, said, CROWDED))


def _logs(draft: _Draft, workspaces: Sequence[Workspace]) -> Iterator[Rule]:
    for target in _targets(draft, workspaces, frozenset()):
        yield from log_rules(draft.known, target)


def _targets(draft: _Draft, workspaces: Sequence[Workspace], twice: frozenset[str]) -> Iterator[Target]:
    """The fleet's of each workspace, and the clusters' own. A cluster is left out only where its own rules look instead."""
    own = dict(_own(draft, workspaces, twice))
    off = [
        one.cluster for key, one in draft.members.items() if draft.wishes[key].mode is Mode.OFF and _named(draft, one, twice)
    ]
    for workspace in workspaces:
        wishes = of_workspace(workspace.name, workspace.tags, draft.known)
        draft.findings.extend(wishes.findings)
        mine = [draft.members[key].cluster for key, one in own.items() if one is workspace]
        out = tuple(sorted((*off, *mine), key=lambda one: one.key))
        yield Target(workspace, draft.wanted.actions, draft.wanted.runbooks, None, wishes.overrides, out)
        for cluster in mine:
            both = {**wishes.overrides, **draft.wishes[cluster.key].overrides}
            yield Target(workspace, draft.wanted.actions, draft.wanted.runbooks, cluster, both)


def _own(draft: _Draft, workspaces: Sequence[Workspace], twice: frozenset[str]) -> Iterator[tuple[str, Workspace]]:
    """Which workspace a cluster writes to, no question tells: it is the only one, or the only one in its region."""
    for key, member in draft.members.items():
        if draft.wishes[key].mode is not Mode.OWN or not member.flux or not _named(draft, member, twice):
            continue
        near = [one for one in workspaces if one.location.lower() == member.location.lower()]
        choice = workspaces if len(workspaces) == 1 else near
        if len(choice) == 1:
            yield key, choice[0]
        elif workspaces:
            said = f"{member.cluster.name} wants rules of its own, and may write to each of several workspaces"
            draft.findings.append(Finding("alert rules", False, said, WHICH))


def _named(draft: _Draft, member: Member, twice: frozenset[str]) -> bool:
    if member.cluster.name.lower() not in twice:
        return True
    said = f"several clusters are called {member.cluster.name}: one of them cannot be left out, nor have rules of its own"
    draft.findings.append(Finding("alert rules", False, said, TWICE))
    return False


def for_cluster(rules: Iterable[Rule], wanted: Wanted, cluster: Cluster) -> list[Rule]:
    """Those that cover it: its workspaces' and its own."""
    places = (*wanted.metrics, *wanted.logs, cluster.arm_id)
    return [rule for rule in rules if any(is_for(rule, place) for place in places)]
