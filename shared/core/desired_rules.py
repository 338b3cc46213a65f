"""The catalogue, the settings and what Azure shows in; every rule that shall be, and what cannot be known, out.

Pure. What was not seen is never taken for gone: rules of which nobody knows what they shall be are left as they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from shared.core.action_group import action_group
from shared.core.alert_rule import Rule
from shared.core.cluster import Cluster
from shared.core.finding import Finding
from shared.core.log_rules import log_rules
from shared.core.metric_rules import alert_groups, recording_groups
from shared.core.rule_catalogue import Catalogue
from shared.core.rule_doubt import Desired
from shared.core.rule_estate import Estate, Member, Wanted, Workspace
from shared.core.rule_tags import Mode, Wishes, of_cluster, of_workspace
from shared.core.rule_target import Cost, Target, cost_of_id, cost_of_name, is_for, that_fit

SHOW = "Check the setting, and the app's role on it (docs/permissions.md). Its rules stay as they are."
TWICE = "Give one of the clusters another name, or none of them rules of its own: metrics know a cluster by its name only."
MAX_GROUPS = 500  # of a workspace in a subscription: azure-monitor-limits-metrics.md of Azure's docs
CROWDED = "Let fewer clusters have rules of their own: each needs several groups."
WHICH = "Keep one workspace in the cluster's region in the settings. Until then the fleet's rules watch it."
TOO_MANY = "Let fewer clusters be off or have rules of their own. Alerts of clusters that are off are ignored all the same."
TOLD = 20  # findings of one name: a tag may be wrong on a whole fleet


@dataclass(slots=True)
class _Draft:
    """One drawing up. `members` and their `wishes` by key of the cluster; `open` as in `Desired`."""

    known: Catalogue
    wanted: Wanted
    members: Mapping[str, Member]
    wishes: Mapping[str, Wishes]
    findings: list[Finding] = field(default_factory=list)
    open: set[str] = field(default_factory=set)

    def tell(self, said: str, remedy: str) -> None:
        """A finding."""
        self.findings.append(Finding("alert rules", False, said, remedy))


@dataclass(frozen=True, slots=True)
class _Kind:
    """The workspaces of metrics, or of logs. `whole`: all that are in the settings are shown."""

    workspaces: Sequence[Workspace]
    whole: bool
    cost: Cost


def desired(known: Catalogue, wanted: Wanted, estate: Estate) -> Desired:
    """Of the whole fleet."""
    ids = [one.lower() for one in (*wanted.metrics, *wanted.logs)]
    base = Desired(workspaces=frozenset(ids))
    if estate.workspaces is None:
        return replace(base, rules=tuple(_actions(wanted)), blind="the workspaces are not known")
    seen = {one: estate.workspaces.get(one) for one in ids}
    unseen = [key for key, workspace in seen.items() if workspace is None]
    findings = [Finding("alert rules", False, f"the workspace {key.rpartition('/')[2]} is not shown", SHOW) for key in unseen]
    metrics, logs = _kind(wanted.metrics, seen, cost_of_name), _kind(wanted.logs, seen, cost_of_id)
    base = replace(base, unseen=frozenset(unseen), findings=tuple(findings))
    if estate.members is None:
        plain = (recording_groups(known, _plain(each, wanted)) for each in metrics.workspaces)
        return replace(base, rules=(*_actions(wanted), *chain.from_iterable(plain)), blind="the clusters are not known")
    wishes = {key: of_cluster(one.cluster.name, one.tags, known) for key, one in estate.members.items()}
    draft = _Draft(known, wanted, estate.members, wishes, findings)
    rules = (*_actions(wanted), *_metrics(draft, metrics), *_logs(draft, logs))
    findings += [finding for one in wishes.values() for finding in one.findings]
    return _with_doubts(replace(base, rules=rules, findings=_few(findings)), draft, estate)


def _with_doubts(made: Desired, draft: _Draft, estate: Estate) -> Desired:
    shown = frozenset(draft.members)
    bare = frozenset(key for key, one in draft.members.items() if not one.flux and draft.wishes[key].mode is Mode.OWN)
    return replace(made, shown=shown, gone=estate.gone - shown, bare=bare - estate.fluxless, open=frozenset(draft.open))


def _few(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each once; of many of one name the first, and how many more there are."""
    by_name: dict[str, list[Finding]] = {}
    for one in dict.fromkeys(findings):
        by_name.setdefault(one.name, []).append(one)
    kept = list[Finding]()
    for name, some in by_name.items():
        kept += some[:TOLD]
        if more := len(some) - TOLD:
            kept += [Finding(name, False, f"{more} more like these", some[TOLD].remedy)] if more > 0 else []
    return tuple(kept)


def _kind(ids: Iterable[str], seen: Mapping[str, Workspace | None], cost: Cost) -> _Kind:
    found = [seen[one] for one in dict.fromkeys(key.lower() for key in ids)]
    return _Kind([one for one in found if one], None not in found, cost)


def _actions(wanted: Wanted) -> Iterator[Rule]:
    if wanted.receiver:
        yield action_group(wanted.receiver)


def _plain(workspace: Workspace, wanted: Wanted) -> Target:
    return Target(workspace, wanted.actions, wanted.runbooks)


def _metrics(draft: _Draft, kind: _Kind) -> Iterator[Rule]:
    """A name that two clusters have says nothing about either: neither is left out, nor has rules of its own."""
    watched = (one for key, one in draft.members.items() if one.flux or draft.wishes[key].mode is Mode.OFF)
    names = Counter(one.cluster.name.lower() for one in watched)
    made = Counter[str]()
    for target in _targets(draft, kind, frozenset(name for name, count in names.items() if count > 1)):
        recording = () if target.cluster else recording_groups(draft.known, target)
        groups = (*recording, *alert_groups(draft.known, target))
        made[target.workspace.id] += len(groups)
        yield from groups
    for arm_id, count in made.items():
        if count > MAX_GROUPS:
            name = arm_id.rpartition("/")[2]
            draft.tell(f"{count} rule groups for the workspace {name}, and Azure takes {MAX_GROUPS}", CROWDED)


def _logs(draft: _Draft, kind: _Kind) -> Iterator[Rule]:
    for target in _targets(draft, kind, frozenset()):
        yield from log_rules(draft.known, target)


def _targets(draft: _Draft, kind: _Kind, twice: frozenset[str]) -> Iterator[Target]:
    """The fleet's of each workspace, and the clusters' own. A cluster is left out only where its own rules look instead."""
    own = dict(_own(draft, kind, twice))
    off = [
        one.cluster for key, one in draft.members.items() if draft.wishes[key].mode is Mode.OFF and _named(draft, one, twice)
    ]
    for workspace in kind.workspaces:
        wishes = of_workspace(workspace.name, workspace.tags, draft.known)
        draft.findings.extend(wishes.findings)
        mine = [draft.members[key].cluster for key, one in own.items() if one is workspace]
        out = that_fit(sorted((*off, *mine), key=lambda one: one.key), kind.cost)
        if more := len(off) + len(mine) - len(out):
            draft.tell(f"{more} clusters are more than its rules can leave out: {workspace.name} watches them too", TOO_MANY)
        yield Target(workspace, draft.wanted.actions, draft.wanted.runbooks, None, wishes.overrides, out)
        for cluster in mine:
            both = {**wishes.overrides, **draft.wishes[cluster.key].overrides}
            yield Target(workspace, draft.wanted.actions, draft.wanted.runbooks, cluster, both)


def _own(draft: _Draft, kind: _Kind, twice: frozenset[str]) -> Iterator[tuple[str, Workspace]]:
    """Which workspace a cluster writes to, no question tells: it is the only one, or the only one in its region."""
    for key, member in draft.members.items():
        if draft.wishes[key].mode is not Mode.OWN or not member.flux or not _named(draft, member, twice):
            continue
        near = [one for one in kind.workspaces if one.location.lower() == member.location.lower()]
        choice = kind.workspaces if kind.whole and len(kind.workspaces) == 1 else near
        if len(choice) == 1:
            yield key, choice[0]
        elif not kind.whole:
            draft.open.add(key)
        elif kind.workspaces:
            draft.tell(f"{member.cluster.name} wants rules of its own, and may write to each of several workspaces", WHICH)


def _named(draft: _Draft, member: Member, twice: frozenset[str]) -> bool:
    if member.cluster.name.lower() not in twice:
        return True
    name = member.cluster.name
    draft.tell(f"several clusters are called {name}: one of them cannot be left out, nor have rules of its own", TWICE)
    return False


def for_cluster(rules: Iterable[Rule], wanted: Wanted, cluster: Cluster) -> list[Rule]:
    """Those that cover it: its workspaces' and its own."""
    places = (*wanted.metrics, *wanted.logs, cluster.arm_id)
    return [rule for rule in rules if any(is_for(rule, place) for place in places)]
