"""Workspaces, resource groups and tags in; an estate that Azure Monitor watches out.

No clock, no sockets. The alert rules themselves come by HTTP: rules.py.
"""

from __future__ import annotations

from collections.abc import Mapping

from local.azure.estate import Estate
from local.azure.fleet import Alarm, Member, MetricsWorkspace, RuleResource, Workspace
from shared.core.alert_rule import RuleKind


class Monitoring(Estate):
    """An estate with Azure Monitor workspaces, and groups for alert rules. Ids are resource ids."""

    keys_shown = True
    """Whether a GET of an action group shows the query of its webhooks' addresses, where the keys are."""

    def __init__(self) -> None:
        super().__init__()
        self.alarms: list[Alarm] = []  # that nobody was called about yet: alerting.py does it

    def alarm(self, alarm: Alarm) -> None:
        """The condition of a rule is met, or is not any more. Whether there is such a rule shows when it is to call."""
        with self.changing():
            self.alarms.append(alarm)

    def delete_rule(self, name: str) -> None:
        """Somebody deletes every rule whose name begins so. Raises `LookupError`."""
        with self.changing():
            found = [id_ for id_ in self.rules if id_.rpartition("/")[2].startswith(name.lower())]
            if not found:
                raise LookupError(f"there is no alert rule {name}")
            for id_ in found:
                del self.rules[id_]

    def add_metrics_workspace(
        self, id_: str, region: str = "westeurope", tags: Mapping[str, str] | None = None
    ) -> MetricsWorkspace:
        """An Azure Monitor workspace, and its resource group. The one that is there, if there is one."""
        with self.changing():
            self.add_group(id_)
            return self.metrics.setdefault(id_.lower(), MetricsWorkspace(id_, region, dict(tags or {})))

    def delete_metrics_workspace(self, id_: str) -> None:
        """Its rule groups stay, for nothing."""
        with self.changing():
            del self.metrics[id_.lower()]

    def delete_workspace(self, id_: str) -> None:
        """A Log Analytics workspace. Nobody writes logs to it any more."""
        with self.changing():
            del self.workspaces[id_.lower()]
            for member in self.members.values():
                member.workspace = "" if member.workspace.lower() == id_.lower() else member.workspace

    def add_group(self, id_: str) -> None:
        """The resource group of that id, or of that resource."""
        with self.changing():
            parts = id_.lower().split("/")
            self.groups.add((parts[2], parts[4]))

    def tag(self, what: Member | Workspace | MetricsWorkspace, name: str, value: str | None) -> None:
        """None takes the tag away. The names of tags have no letter case."""
        with self.changing():
            for known in [one for one in what.tags if one.lower() == name.lower()]:
                del what.tags[known]
            if value is not None:
                what.tags[name] = value

    def rules_of(self, kind: RuleKind) -> list[RuleResource]:
        """All there are, by id."""
        with self.lock:
            return [one for _, one in sorted(self.rules.items()) if one.kind is kind]
