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
MAX_LOG_RULES = 5_000  # of a subscription: azure-monitor-limits-alerts.md
CROWDED = "Let fewer clusters have rules of their own: each needs several. The fleet's rules watch those without room."
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
    """The workspaces of metrics, or of logs. `whole`: all that are in the settings are shown. Azure takes `limit` of
    its `sort` of resource; the fleet's set is `fleet` of them for each workspace, a cluster's own `each`.
    """

    workspaces: Sequence[Workspace]
    whole: bool
    cost: Cost
    sort: str
    limit: int
    fleet: int
    each: int

    def room(self, own: int) -> tuple[int, str]:
        """For how many of so many own sets there is room in a workspace; and what to tell if it is not for all."""
        count, most = self.fleet + own * self.each, max(0, self.limit - self.fleet) // max(1, self.each)
        return min(own, most), f"{count} {self.sort} for the workspace {{}}, and Azure takes {self.limit}" if own > most else ""


def desired(known: Catalogue, wanted: Wanted, estate: Estate) -> Desired:
    """Of the whole fleet."""
    ids = [one.lower() for one in (*wanted.metrics, *wanted.logs)]
    base = Desired(workspaces=frozenset(ids))
    if estate.workspaces is None:
        return replace(base, rules=tuple(_actions(wanted)), blind="the workspaces are not known")
    seen = {one: estate.workspaces.get(one) for one in ids}
    unseen = [key for key, workspace in seen.items() if workspace is None]
    findings = [Finding("alert rules", False, f"the workspace {key.rpartition('/')[2]} is not shown", SHOW) for key in unseen]
    metrics, logs = _kinds(known, wanted, seen)
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


def _kinds(known: Catalogue, wanted: Wanted, seen: Mapping[str, Workspace | None]) -> tuple[_Kind, _Kind]:
    alerting = sum(any(rule.alerts for rule in group.rules) for group in known.groups)
    (metrics, all_metrics), (logs, all_logs) = _shown(wanted.metrics, seen), _shown(wanted.logs, seen)
    return (
        _Kind(metrics, all_metrics, cost_of_name, "rule groups", MAX_GROUPS, len(known.groups), alerting),
        _Kind(logs, all_logs, cost_of_id, "log rules", MAX_LOG_RULES, len(known.logs), len(known.logs)),
    )


def _shown(ids: Iterable[str], seen: Mapping[str, Workspace | None]) -> tuple[list[Workspace], bool]:
    found = [seen[one] for one in dict.fromkeys(key.lower() for key in ids)]
    return [one for one in found if one], None not in found


def _actions(wanted: Wanted) -> Iterator[Rule]:
    if wanted.receiver:
        yield action_group(wanted.receiver)


def _plain(workspace: Workspace, wanted: Wanted) -> Target:
    return Target(workspace, wanted.actions, wanted.runbooks)


def _metrics(draft: _Draft, kind: _Kind) -> Iterator[Rule]:
    """A name that two clusters have says nothing about either: neither is left out, nor has rules of its own."""
    watched = (one for key, one in draft.members.items() if one.flux or draft.wishes[key].mode is Mode.OFF)
    names = Counter(one.cluster.name.lower() for one in watched)
    for target in _targets(draft, kind, frozenset(name for name, count in names.items() if count > 1)):
        if not target.cluster:
            yield from recording_groups(draft.known, target)
        yield from alert_groups(draft.known, target)


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
        mine = _with_room(draft, kind, workspace, [draft.members[key].cluster for key, one in own.items() if one is workspace])
        out = that_fit(sorted((*off, *mine), key=lambda one: one.key), kind.cost)
        if more := len(off) + len(mine) - len(out):
            draft.tell(f"{more} clusters are more than its rules can leave out: {workspace.name} watches them too", TOO_MANY)
        yield Target(workspace, draft.wanted.actions, draft.wanted.runbooks, None, wishes.overrides, out)
        for cluster in mine:
            both = {**wishes.overrides, **draft.wishes[cluster.key].overrides}
            yield Target(workspace, draft.wanted.actions, draft.wanted.runbooks, cluster, both)


def _with_room(draft: _Draft, kind: _Kind, workspace: Workspace, own: Sequence[Cluster]) -> list[Cluster]:
    """Who has none stays with the fleet: left out there and refused here, it would be watched by no rule."""
    most, said = kind.room(len(own))
    if said:
        draft.tell(said.format(workspace.name), CROWDED)
    return sorted(own, key=lambda one: one.key)[:most]


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
