"""A request about alert rules in; what Azure Monitor answers out: PUT, GET, lists and DELETE of the resources of one group.

What is shown is not what was sent: ids are lower-cased, durations rewritten, tags reordered, defaults and the service's own
properties filled in. Who compares must compare the meaning. Time is an argument.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs
from zlib import crc32

from local.azure import rules_actions, rules_logs, rules_metrics
from local.azure.answers import Answer, error
from local.azure.arm import refusal
from local.azure.estate import Estate
from local.azure.fleet import RuleResource, stamp
from local.azure.rule_checks import Refused
from local.azure.world import World
from shared.core.alert_rule import MAX_NAME, RuleKind

VERSIONS: Mapping[RuleKind, str] = {
    RuleKind.METRICS: "2023-03-01",
    RuleKind.LOGS: "2023-12-01",
    RuleKind.ACTIONS: "2023-01-01",
}
ACCEPT: Mapping[RuleKind, Callable[[Estate, RuleResource], dict[str, Any]]] = {
    RuleKind.METRICS: rules_metrics.accept,
    RuleKind.LOGS: rules_logs.accept,
    RuleKind.ACTIONS: rules_actions.accept,
}
MOST_TAGS, LONGEST_TAG = 50, 256
_KINDS = {kind.lower(): kind for kind in RuleKind}
_PATH = re.compile(
    rf"(?P<group>/subscriptions/[^/]+/resourcegroups/[^/]+)/providers/(?P<kind>{'|'.join(map(re.escape, _KINDS))})"
    r"(?:/(?P<name>[^/]+))?/?",
    re.IGNORECASE,
)
_NO_NAME = re.compile(r"[*#&+:<>?@%{}\\/|\x00-\x1f]|[. ]$")


@dataclass(frozen=True, slots=True)
class Asked:
    """`host` is where the caller found us: the links to further pages lead there."""

    method: str
    path: str
    query: str
    host: str
    body: Mapping[str, Any]


class Rules:
    """The service. `page` rows come in one answer to a list; it may be changed at any time."""

    def __init__(self, world: World) -> None:
        self.world, self.page = world, 1000

    @staticmethod
    def kind_of(method: str, path: str) -> tuple[str, str]:
        """`rules` for what reads, `rule-writes` for what writes, with the type; empty for other paths."""
        found = _PATH.fullmatch(path)
        type_ = _KINDS[found["kind"].lower()].rpartition("/")[2] if found else ""
        return ("rules" if method == "GET" else "rule-writes") if found else "", type_

    def answer(self, asked: Asked, now: datetime) -> Answer:
        """Only for paths that `kind_of` knows."""
        found = _PATH.fullmatch(asked.path)
        if found is None:
            return error(404, "InvalidResourceType", "The resource type could not be found.")
        kind = _KINDS[found["kind"].lower()]
        if parse_qs(asked.query).get("api-version") != [VERSIONS[kind]]:
            said = f"No registered resource provider found for '{kind}' and the API version. Supported: '{VERSIONS[kind]}'."
            return error(400, "NoRegisteredProviderFound", said)
        with self.world.lock:
            return refusal(self.world, asked.path) or self._done(asked, found, kind, now)

    def _done(self, asked: Asked, found: re.Match[str], kind: RuleKind, now: datetime) -> Answer:
        key = asked.path.rstrip("/").lower()
        if found["name"] is None:
            return self._listed(asked, key, kind) if asked.method == "GET" else _METHOD
        if asked.method == "PUT":
            return self._put(asked, key, kind, now)
        if asked.method == "DELETE":
            return self._delete(key)
        known = self.world.rules.get(key)
        if asked.method != "GET":
            return _METHOD
        named = f"{kind}/{found['name']}"
        return Answer(200, self._shown(known)) if known else error(404, "ResourceNotFound", f"'{named}' was not found.")

    def _put(self, asked: Asked, key: str, kind: RuleKind, now: datetime) -> Answer:
        known = self.world.rules.get(key)
        try:
            rule = _named(asked, kind, known, now)
            rule.properties = ACCEPT[kind](self.world, rule)
        except Refused as no:
            return error(no.status, no.code, no.said)
        with self.world.changing():
            self.world.rules[key] = rule
        return Answer(200 if known else 201, self._shown(rule))

    def _delete(self, key: str) -> Answer:
        with self.world.changing():
            return Answer(200 if self.world.rules.pop(key, None) else 204)

    def _listed(self, asked: Asked, key: str, kind: RuleKind) -> Answer:
        rows = [one for one in self.world.rules_of(kind) if one.id.lower().startswith(f"{key}/") and self.world.sees(one.id)]
        given = parse_qs(asked.query).get("$skipToken", ["0"])[0]
        begin = int(given) if given.isdecimal() and given.isascii() and len(given) < 9 else 0
        body: dict[str, Any] = {"value": [self._shown(one) for one in rows[begin : begin + self.page]]}
        if begin + self.page < len(rows):
            more = f"api-version={VERSIONS[kind]}&$skipToken={begin + self.page}"
            body["nextLink"] = f"http://{asked.host}{asked.path}?{more}"
        return Answer(200, body)

    def _shown(self, rule: RuleResource) -> dict[str, Any]:
        """Provider and type come in small letters, as ids of these services do; tags in another order."""
        group, _, rest = rule.id.partition("/providers/")
        made: dict[str, Any] = {
            "id": f"{group.replace('/resourceGroups/', '/resourcegroups/')}/providers/{rule.kind.lower()}/{_last(rest)}",
            "name": _last(rest),
            "type": str(rule.kind),
            "location": rule.location,
            "tags": dict(sorted(rule.tags.items(), key=lambda tag: crc32(tag[0].encode("utf-8", "replace")))),
            "properties": dict(rule.properties),
        }
        return made | EXTRAS[rule.kind](self.world, rule, made["properties"])


type _Extra = Callable[[World, RuleResource, dict[str, Any]], dict[str, Any]]


def _metrics_extras(world: World, rule: RuleResource, properties: dict[str, Any]) -> dict[str, Any]:
    return {"systemData": _system(rule)}


def _logs_extras(world: World, rule: RuleResource, properties: dict[str, Any]) -> dict[str, Any]:
    own = {"createdWithApiVersion": VERSIONS[rule.kind], "isLegacyLogAnalyticsRule": False}
    properties.update(own | {"isWorkspaceAlertsStorageConfigured": False})
    return {"kind": "LogAlert", "etag": f'"{crc32(str(rule.changed).encode()):08x}"', "systemData": _system(rule)}


def _actions_extras(world: World, rule: RuleResource, properties: dict[str, Any]) -> dict[str, Any]:
    """In public documentation the addresses are shown whole; where `keys_shown` is off, they are not."""
    if not world.keys_shown:
        hooks = properties["webhookReceivers"]
        properties["webhookReceivers"] = [one | {"serviceUri": one["serviceUri"].partition("?")[0]} for one in hooks]
    return {}


EXTRAS: Mapping[RuleKind, _Extra] = {
    RuleKind.METRICS: _metrics_extras,
    RuleKind.LOGS: _logs_extras,
    RuleKind.ACTIONS: _actions_extras,
}
_METHOD = error(405, "MethodNotAllowed", "The method is not allowed here.")


def _system(rule: RuleResource) -> dict[str, Any]:
    who = {"createdBy": "fluxwatch", "createdByType": "Application", "lastModifiedBy": "fluxwatch"}
    return who | {"createdAt": stamp(rule.created), "lastModifiedAt": stamp(rule.changed)}


def _named(asked: Asked, kind: RuleKind, known: RuleResource | None, now: datetime) -> RuleResource:
    """What every resource has; `properties` are as they came. A resource keeps the spelling of its id, and its place."""
    name, location = _last(asked.path.rstrip("/")), asked.body.get("location")
    if _NO_NAME.search(name) or len(name) > MAX_NAME:
        raise Refused("The name of the resource is not valid.", "InvalidResourceName")
    if not isinstance(location, str) or not location.strip():
        raise Refused("The location property is required for this definition.", "LocationRequired")
    place = location.replace(" ", "").lower()  # West Europe is westeurope
    if known and known.location != place:
        raise Refused("The resource exists in another location.", "InvalidResourceLocation", 409)
    properties = asked.body.get("properties")
    if not isinstance(properties, dict):
        raise Refused("The properties are required.", "InvalidRequestContent")
    id_ = known.id if known else asked.path.rstrip("/")
    return RuleResource(id_, kind, place, _tags(asked.body.get("tags")), properties, known.created if known else now, now)


def _tags(value: Any) -> dict[str, str]:
    given = {} if value is None else value
    if not isinstance(given, dict) or len(given) > MOST_TAGS:
        raise Refused(f"The tags must be an object of at most {MOST_TAGS}.", "InvalidTags")
    if not all(isinstance(text, str) and len(text) <= LONGEST_TAG for text in given.values()):
        raise Refused(f"The values of tags must be texts of at most {LONGEST_TAG} characters.", "InvalidTagValueLength")
    return dict(given)


def _last(path: str) -> str:
    return path.rpartition("/")[2]
