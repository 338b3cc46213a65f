"""What is built and torn down, and who may see it, in; the estate of a simulated Azure out.

No clock, no sockets. Safe for several threads: what changes, changes under `lock`, and moves `version`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from local.azure.fleet import (
    FluxConfiguration,
    FluxExtension,
    FluxObject,
    Member,
    MetricsWorkspace,
    RuleResource,
    Subscription,
    Workspace,
)
from shared.core.cluster import Cluster

MISSING = object()
"""In `spoil`: the property is not there at all."""

_OF_THE_ROW = "row_"


class Estate:
    """Subscriptions, workspaces and clusters, and what the identity may see of them."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.version = 0
        self.subscriptions: dict[str, Subscription] = {}
        self.workspaces: dict[str, Workspace] = {}  # by id in lower case
        self.metrics: dict[str, MetricsWorkspace] = {}  # by id in lower case
        self.rules: dict[str, RuleResource] = {}  # by id in lower case
        self.members: dict[str, Member] = {}  # by key of the cluster
        self.groups: set[tuple[str, str]] = set()  # subscription, resource group, in lower case: they outlive their clusters
        self.hidden: set[str] = set()  # beginnings of ids, or names of providers, in lower case
        self.spoilt: dict[str, dict[str, Any]] = {}  # id in lower case → property → what stands there instead
        self.watchers: list[Callable[[str, bool], None]] = []  # told the id of an extension that ARM wrote, or deleted (True)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Everything that changes something does it in here."""
        with self.lock:
            self.version += 1
            yield

    # ---------------------------------------------------------------------------------------------------------- building

    def add_subscription(self, id_: str, name: str, management_group: str = "") -> Subscription:
        """Replaces the one with that id."""
        with self.changing():
            return self.subscriptions.setdefault(id_.lower(), Subscription(id_, name, management_group))

    def add_workspace(self, id_: str) -> Workspace:
        """By resource id."""
        with self.changing():
            return self.workspaces.setdefault(id_.lower(), Workspace(id_))

    def add_cluster(self, cluster: Cluster, *, workspace: str = "", **more: Any) -> Member:
        """`more` are fields of `Member`. Its subscription and workspace come into being where they are new."""
        with self.changing():
            if cluster.subscription.lower() not in self.subscriptions:
                self.add_subscription(cluster.subscription, f"subscription {cluster.subscription[-4:]}")
            if workspace:
                self.add_workspace(workspace)
            self.groups.add((cluster.subscription.lower(), cluster.resource_group.lower()))
            member = self.members[cluster.key] = Member(cluster, workspace=workspace, **more)
            return member

    def add_extension(self, member: Member, **more: Any) -> FluxExtension:
        """`more` are fields of `FluxExtension`."""
        with self.changing():
            member.extension = FluxExtension(**more)
            self.wrote(member)
            return member.extension

    def add_configuration(self, member: Member, namespace: str, name: str, source: str, **more: Any) -> FluxConfiguration:
        """`more` are fields of `FluxConfiguration`."""
        with self.changing():
            configuration = FluxConfiguration(member, namespace, name, source, **more)
            member.configurations.append(configuration)
            return configuration

    # --------------------------------------------------------------------------------------------------------- tearing down

    def delete_object(self, one: FluxObject) -> None:
        """Flux pruned it. Azure shows it until the agent speaks again."""
        with self.changing():
            one.configuration.objects.remove(one)
            one.configuration.moved = True

    def delete_configuration(self, configuration: FluxConfiguration) -> None:
        """With its objects; Azure shows it no more."""
        with self.changing():
            configuration.member.configurations.remove(configuration)

    def delete_extension(self, member: Member) -> None:
        """Its configurations stay, and nobody speaks for them any more."""
        with self.changing():
            arm_id, member.extension = member.extension_id, None
            self._tell(arm_id, deleted=True)

    def delete_cluster(self, member: Member) -> None:
        """With everything on it; its resource group stays."""
        with self.changing():
            del self.members[member.cluster.key]

    def delete_group(self, subscription: str, group: str) -> None:
        """A resource group with the clusters and alert rules in it."""
        with self.changing():
            wanted = (subscription.lower(), group.lower())
            self.groups.discard(wanted)
            for key, member in list(self.members.items()):
                if (member.cluster.subscription.lower(), member.cluster.resource_group.lower()) == wanted:
                    del self.members[key]
            inside = f"{subscription_scope(subscription)}/resourcegroups/{group.lower()}/"
            self.rules = {id_: one for id_, one in self.rules.items() if not id_.startswith(inside)}

    # ----------------------------------------------------------------------------------------------------------- telling

    def wrote(self, member: Member) -> None:
        """Its extension, through Resource Manager. Event Grid tells of that; of what an agent pushes it does not."""
        self._tell(member.extension_id, deleted=False)

    def _tell(self, arm_id: str, *, deleted: bool) -> None:
        for watch in list(self.watchers) if arm_id else ():
            watch(arm_id, deleted)

    # ------------------------------------------------------------------------------------------------------------ seeing

    def hide(self, what: Member | str) -> None:
        """From the identity: a cluster and all on it, an id, a subscription's GUID, or a provider's name."""
        with self.changing():
            self.hidden.add(_hidden(what))

    def show(self, what: Member | str) -> None:
        """What was hidden."""
        with self.changing():
            self.hidden.discard(_hidden(what))

    def sees(self, arm_id: str) -> bool:
        """Whether the identity may read that resource."""
        wanted = arm_id.lower()
        if not self.hidden:
            return True
        return not any(wanted == one or wanted.startswith(f"{one}/") or f"/{one}/" in wanted for one in self.hidden)

    def spoil(self, arm_id: str, **properties: Any) -> None:
        """Resource Graph shows these as the resource's properties; `MISSING` shows none. `row_…`: a column of the row."""
        with self.changing():
            self.spoilt.setdefault(arm_id.lower(), {}).update(properties)

    def mend(self, arm_id: str) -> None:
        """What was spoilt."""
        with self.changing():
            self.spoilt.pop(arm_id.lower(), None)

    def shown(self, row: dict[str, Any]) -> dict[str, Any]:
        """A row of Resource Graph, as bad as `spoil` wants it."""
        for name, value in self.spoilt.get(row["id"].lower(), {}).items():
            held, key = (row, name.removeprefix(_OF_THE_ROW)) if name.startswith(_OF_THE_ROW) else (row["properties"], name)
            if value is MISSING:
                held.pop(key, None)
            else:
                held[key] = value
        return row

    def readable_subscriptions(self) -> list[Subscription]:
        """Those that the identity may see."""
        return [one for one in self.subscriptions.values() if self.sees(f"/subscriptions/{one.id}")]

    # ------------------------------------------------------------------------------------------------------------ finding

    def configurations(self) -> Iterator[FluxConfiguration]:
        """Of all clusters."""
        return (configuration for member in self.members.values() for configuration in member.configurations)

    def objects(self) -> Iterator[FluxObject]:
        """Of all clusters."""
        return (one for configuration in self.configurations() for one in configuration.objects)

    def find(self, cluster: str, kind: str, name: str) -> FluxObject:
        """The first of that kind and name on the cluster of that name. Raises `LookupError`."""
        for one in self.objects():
            if (one.member.cluster.name, one.kind, one.name) == (cluster, kind, name):
                return one
        raise LookupError(f"there is no {kind} {name} on {cluster}")


def subscription_scope(guid: str) -> str:
    """The beginning of the ids in it."""
    return f"/subscriptions/{guid}".lower()


def _hidden(what: Member | str) -> str:
    if isinstance(what, Member):
        return what.cluster.key
    named = what.strip("/").lower()
    is_guid = len(named) == 36 and named.count("-") == 4
    return subscription_scope(named) if is_guid else f"/{named}" if "/" in named else named
