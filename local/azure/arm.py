"""The path of a GET to Azure Resource Manager in; the resource, or why it is not shown, out.

No I/O. Who may not read is told so, whether the resource exists or not; then subscription, group and resource are looked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from local.azure.answers import Answer, error, forbidden
from local.azure.fleet import FluxConfiguration, Member, MetricsWorkspace, Workspace
from local.azure.graph import cluster_properties, configuration_properties, extension_properties
from local.azure.world import World

_ID = re.compile(r"/subscriptions/(?P<subscription>[^/]+)(?:/resourcegroups/(?P<group>[^/]+)(?P<rest>/providers/.+)?)?")
_CHILD = re.compile(
    r"(?P<cluster>.+)/providers/microsoft\.kubernetesconfiguration/(?P<kind>extensions|fluxconfigurations)(?:/(?P<name>[^/]+))?"
)
_TABLE = re.compile(r"(?P<workspace>.+/workspaces/[^/]+)/tables/(?P<table>[^/]+)")


def fetch(world: World, path: str) -> Answer:
    """200 with the resource; 403; or 404 SubscriptionNotFound, ResourceGroupNotFound, ResourceNotFound."""
    with world.lock:
        return refusal(world, path) or _resource(world, path.rstrip("/").lower()) or _not_found(path)


def refusal(world: World, path: str) -> Answer | None:
    """403, or 404 of what the resource would be in; None: it can be looked for."""
    wanted = path.rstrip("/").lower()
    found = _ID.fullmatch(wanted)
    if found is None:
        return error(404, "InvalidResourceId", "The path is no resource id.")
    return _missing(world, found) if world.sees(wanted) else forbidden(path)


def _missing(world: World, found: re.Match[str]) -> Answer | None:
    """The subscription, or the group."""
    subscription, group = found["subscription"], found["group"]
    if subscription not in world.subscriptions and not _holds_workspace(world, f"/subscriptions/{subscription}/"):
        return error(404, "SubscriptionNotFound", f"The subscription '{subscription}' could not be found.")
    place = f"/subscriptions/{subscription}/resourcegroups/{group}/"
    if group and (subscription, group) not in world.groups and not _holds_workspace(world, place):
        return error(404, "ResourceGroupNotFound", f"Resource group '{group}' could not be found.")
    return None


def _holds_workspace(world: World, place: str) -> bool:
    held = (*world.workspaces, *world.metrics, *(f"/subscriptions/{one}/resourcegroups/{two}/" for one, two in world.groups))
    return any(id_.startswith(place) for id_ in held)


def _not_found(path: str) -> Answer:
    return error(404, "ResourceNotFound", f"The Resource '{path.rpartition('/providers/')[2]}' was not found.")


def _resource(world: World, wanted: str) -> Answer | None:
    if wanted.count("/") == 2:
        one = world.subscriptions.get(wanted.rpartition("/")[2])
        told = {"id": wanted, "subscriptionId": one.id, "displayName": one.name, "state": one.state} if one else None
        return Answer(200, told) if told else None
    if child := _CHILD.fullmatch(wanted):
        return _child(world.members.get(child["cluster"]), child["kind"], child["name"])
    if table := _TABLE.fullmatch(wanted):
        return _table(world.workspaces.get(table["workspace"]), table["table"])
    if member := world.members.get(wanted):
        more = {"location": member.region, "tags": dict(member.tags)}
        return Answer(200, _shown(member.cluster.arm_id, cluster_properties(member)) | more)
    if workspace := world.workspaces.get(wanted):
        return Answer(200, _shown(workspace.id, {"customerId": workspace.customer_id}) | _placed(workspace))
    metrics = world.metrics.get(wanted)
    return Answer(200, _shown(metrics.id, {"provisioningState": "Succeeded"}) | _placed(metrics)) if metrics else None


def _placed(one: Workspace | MetricsWorkspace) -> dict[str, Any]:
    return {"location": one.region, "tags": dict(one.tags)}


def _child(member: Member | None, kind: str, name: str | None) -> Answer | None:
    """One by name, or the list of all."""
    if member is None:
        return None
    all_ = {one["name"].lower(): one for one in _CHILDREN[kind](member)}
    if name is None:
        return Answer(200, {"value": list(all_.values())})
    return Answer(200, all_[name]) if name in all_ else None


def _extensions(member: Member) -> list[dict[str, Any]]:
    return [_shown(member.extension_id, extension_properties(member))] if member.extension else []


def _configurations(member: Member) -> list[dict[str, Any]]:
    return [_configuration(one) for one in member.configurations]


def _configuration(one: FluxConfiguration) -> dict[str, Any]:
    return _shown(one.arm_id, configuration_properties(one))


_CHILDREN: Mapping[str, Callable[[Member], list[dict[str, Any]]]] = {
    "extensions": _extensions,
    "fluxconfigurations": _configurations,
}


def _table(workspace: Workspace | None, table: str) -> Answer | None:
    known = {name.lower(): name for name in workspace.plans} if workspace else {}
    if workspace is None or table not in known:
        return None
    name = known[table]
    properties = {"plan": workspace.plans[name], "schema": {"name": name}, "provisioningState": "Succeeded"}
    return Answer(200, _shown(f"{workspace.id}/tables/{name}", properties))


def _shown(arm_id: str, properties: dict[str, Any]) -> dict[str, Any]:
    deepest = arm_id[arm_id.rfind("/providers/") + 11 :].split("/")
    type_ = "/".join([deepest[0], *deepest[1::2]])
    return {"id": arm_id, "name": arm_id.rpartition("/")[2], "type": type_, "properties": properties}
