"""Rules that shall be, and what was seen of workspaces and clusters, in; why another rule of ours is left all the same out.

Pure. Deleted is only what is known to be wanted no more: what is not shown, and what may be another Fluxwatch's, stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shared.core.alert_rule import OWNER, Rule, RuleKind
from shared.core.finding import Finding
from shared.core.rule_estate import is_workspace
from shared.core.rule_fields import shown
from shared.core.rule_target import cluster_of, is_for, ours, scopes_of

STRANGE = (
    "Name the workspace in the settings, or delete the rules if nobody needs them. If another Fluxwatch made them, give each "
    "one a resource group of its own: ALERT_RESOURCE_GROUP."
)
FLUX = "/providers/microsoft.kubernetesconfiguration/extensions/flux"  # what `az k8s-configuration flux create` calls it


@dataclass(frozen=True, slots=True)
class Desired:
    """`rules` are what shall be. `blind` says why nothing else is deleted (empty: it may be). In lower case: `workspaces` are
    all ids of the settings, `unseen` those that are not shown; `shown` and `gone` are keys of clusters, `bare` of those that
    wish for rules of their own and show no Flux, `open` of those that may write to a workspace that is not shown.
    """

    rules: tuple[Rule, ...] = ()
    findings: tuple[Finding, ...] = ()
    blind: str = ""
    workspaces: frozenset[str] = frozenset()
    unseen: frozenset[str] = frozenset()
    shown: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    bare: frozenset[str] = frozenset()
    open: frozenset[str] = frozenset()

    def spares(self, rule: Rule) -> str:
        """Why a rule that is not desired is left all the same; empty if it is not."""
        if self.blind or rule.kind is RuleKind.ACTIONS:
            return self.blind or "it may be called by others"
        watched = self.workspaces.intersection(scopes_of(rule))
        if not watched:
            return "its workspace is not in the settings"
        if watched & self.unseen:
            return "its workspace is not shown"
        return "" if any(is_for(rule, one) for one in watched) else self._doubt(self.owner(rule))

    def _doubt(self, owner: str) -> str:
        """Of a rule for one cluster."""
        if owner in self.gone:
            return ""
        doubts = {
            "nobody can say whose it is": not owner,
            "its cluster is not shown": owner not in self.shown,
            "its cluster's Flux is not shown": owner in self.bare,
            "its cluster may write to a workspace that is not shown": owner in self.open,
        }
        return next((said for said, holds in doubts.items() if holds), "")

    def owner(self, rule: Rule) -> str:
        """Key of the cluster whose own rule this is, by what it watches and by its name; empty if they do not agree."""
        named = cluster_of(rule)
        if named and is_for(rule, named):
            return named
        return next((key for key in sorted(self.shown) if is_for(rule, key)), "")

    def doubtful(self, actual: Iterable[Rule]) -> list[str]:
        """Keys of clusters with rules of their own that are not shown, or without Flux: gone, or only out of sight?"""
        if self.blind:
            return []
        owners = {cluster_of(rule) for rule in actual if rule.owner == OWNER} - {""}
        return sorted(owners - (self.shown - self.bare) - self.gone)

    def asks_for(self, key: str) -> str:
        """The id of what tells whether such a cluster's rules are still needed: the cluster, or its Flux."""
        return f"{key}{FLUX}" if key in self.shown else key

    def strange(self, actual: Iterable[Rule]) -> Iterator[Finding]:
        """What has our tag and our name, and watches what the settings do not name: one finding for each workspace."""
        found = Counter[str]()
        for rule in actual:
            if rule.kind is RuleKind.ACTIONS or rule.owner != OWNER or not ours(rule, ""):
                continue
            scopes = scopes_of(rule)
            if not self.workspaces.intersection(scopes):
                found[next((one for one in scopes if is_workspace(one)), "")] += 1
        for key, count in sorted(found.items()):
            name = shown(key.rpartition("/")[2], 100) or "nobody knows what"
            said = f"{count} rule{'s are' if count > 1 else ' is'} for {name}, which the settings do not name"
            yield Finding("alert rules", False, said, STRANGE)
