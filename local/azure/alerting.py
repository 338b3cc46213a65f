"""Alarms in; calls of the action groups of the rules that they are of out, as Azure Monitor makes them.

Law: no alert without its rule. It must be there, be enabled and cover the cluster; its action group must be there, too.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from local.azure.alert_bodies import Found, body
from local.azure.fleet import Alarm, Member, RuleResource
from local.azure.world import World
from shared.core.alert_rule import RuleKind

REPEATED = frozenset({0, 408, 429, 503, 504})  # 0: no connection
WAITS = (5, 20, 5, 40, 5)  # seconds before each repeat
REST = timedelta(minutes=15)  # an endpoint that never answers well is not called, by no action group
ANSWERS_WITHIN = 10  # seconds

_LEFT_OUT_METRICS = re.compile(r"\)\s*unless on \(cluster\) \((label_replace\(vector\(1\), .*)\)\s*\Z", re.DOTALL)
_NAME = re.compile(r'label_replace\(vector\(1\), "cluster", "([^"]*)"')
_LEFT_OUT_LOGS = re.compile(r"\| where _ResourceId !in~ \(([^)]*)\)")
_ONLY = re.compile(r"\| where _ResourceId =~ '([^']*)'")


class NoAlert(LookupError):
    """Azure would not call: the text says why."""


@dataclass(frozen=True, slots=True)
class Called:
    """A receiver. `tries` is 0 while its endpoint is at rest; `status` is the last answer's, 0 for none."""

    tries: int
    status: int


class Alerting:
    """`pace` is what every wait is multiplied with; `token` is what secure webhooks are called with. Safe for threads."""

    def __init__(
        self, world: World, *, clock: Callable[[], datetime] | None = None, pace: float = 0.01, token: str = ""
    ) -> None:
        self._world, self._clock, self._pace, self._token = world, clock or (lambda: datetime.now(UTC)), pace, token
        self._fired: dict[tuple[object, ...], datetime] = {}
        self._resting: dict[str, datetime] = {}
        self._stopping = threading.Event()

    def fire(self, rule: str, member: Member, labels: Mapping[str, str] | None = None, value: str = "1") -> list[Called]:
        """`rule` is an alert's name, or that of a log rule with or without what it is for. Raises `NoAlert`."""
        return self.call(Alarm(rule, member, labels or {}, value=value))

    def resolve(self, rule: str, member: Member, labels: Mapping[str, str] | None = None) -> list[Called]:
        """What fired with the same labels. Raises `NoAlert`."""
        return self.call(Alarm(rule, member, labels or {}, fires=False))

    def call(self, alarm: Alarm) -> list[Called]:
        """Everyone whom the rules' action groups name: twice, where two rules cover the cluster. Raises `NoAlert`."""
        with self._world.lock:
            calls = list(self._calls(alarm))
        return [self._post(receiver, made) for receiver, made in calls]

    def close(self) -> None:
        """No more repeats."""
        self._stopping.set()

    # ------------------------------------------------------------------------------------------------------------ finding

    def _calls(self, alarm: Alarm) -> Iterator[tuple[Mapping[str, Any], dict[str, Any]]]:
        now = self._clock()
        for found in covering(self._world, alarm):
            key = (found.resource.id, found.name, alarm.member.cluster.key, *sorted(alarm.labels.items()))
            fired = self._fired.setdefault(key, now) if alarm.fires else self._fired.pop(key, None)
            if fired is None:
                raise NoAlert(f"{alarm.rule} did not fire on {alarm.member.cluster.name}: it cannot be resolved")
            made = body(found, alarm, fired, now)
            for receiver in receivers(self._world, found):
                yield receiver, made

    # ------------------------------------------------------------------------------------------------------------ calling

    def _post(self, receiver: Mapping[str, Any], made: dict[str, Any]) -> Called:
        address = str(receiver["serviceUri"])
        endpoint = address.partition("?")[0]
        if self._resting.get(endpoint, datetime.min.replace(tzinfo=UTC)) > self._clock():
            return Called(0, 0)
        headers = {"Authorization": f"Bearer {self._token}"} if receiver.get("useAadAuth") else {}
        tries, status = 1, _status(address, made, headers)
        for wait in WAITS:
            if status not in REPEATED or self._stopping.wait(wait * self._pace):
                break
            tries, status = tries + 1, _status(address, made, headers)
        if status in REPEATED:
            self._resting[endpoint] = self._clock() + REST
        return Called(tries, status)


def _status(address: str, made: dict[str, Any], headers: Mapping[str, str]) -> int:
    try:
        return requests.post(address, json=made, headers=headers, timeout=ANSWERS_WITHIN, allow_redirects=False).status_code
    except requests.Timeout:
        return 408
    except requests.RequestException:
        return 0


def covering(world: World, alarm: Alarm) -> list[Found]:
    """The rules that would see it. Raises `NoAlert` if there is none."""
    named = [found for resource in world.rules.values() for found in _named(resource, alarm.rule)]
    if not named:
        raise NoAlert(f"there is no alert rule {alarm.rule}")
    enabled = [one for one in named if one.resource.properties["enabled"] and one.alert["enabled"]]
    if not enabled:
        raise NoAlert(f"the alert rule {alarm.rule} is not enabled")
    found = [one for one in enabled if COVERS[one.resource.kind](one, alarm.member)]
    if not found:
        raise NoAlert(f"no alert rule {alarm.rule} covers {alarm.member.cluster.name}")
    if not alarm.fires and not all(_resolves(one) for one in found):
        raise NoAlert(f"the alert rule {alarm.rule} never resolves by itself")
    return found


def receivers(world: World, found: Found) -> list[Mapping[str, Any]]:
    """The webhooks that it calls. Raises `NoAlert` if there is none."""
    actions = found.alert["actions"]
    ids = [one["actionGroupId"] for one in actions] if isinstance(actions, list) else actions["actionGroups"]
    groups = [group for id_ in ids if (group := world.rules.get(id_.lower())) and group.properties["enabled"]]
    hooks = [one for group in groups for one in group.properties["webhookReceivers"] if one["useCommonAlertSchema"]]
    if not hooks:
        raise NoAlert(f"the alert rule {found.name} calls nobody in the common alert schema")
    return hooks


def _named(resource: RuleResource, name: str) -> Iterator[Found]:
    """A log rule has what it is for in its name, behind the alert's."""
    last = resource.id.rpartition("/")[2].lower()
    if resource.kind is RuleKind.METRICS:
        rules = resource.properties["rules"]
        yield from (Found(resource, one) for one in rules if one.get("alert", "").lower() == name.lower())
    elif resource.kind is RuleKind.LOGS and (last == name.lower() or last.startswith(f"{name.lower()}-")):
        yield Found(resource, resource.properties)


def _in_metrics(found: Found, member: Member) -> bool:
    """By the name of the cluster, in any letter case, as Azure compares."""
    only = found.resource.properties["scopes"][1:]
    out = _LEFT_OUT_METRICS.search(found.alert["expression"])
    names = {name.lower() for name in _NAME.findall(out[1])} if out else set()
    return (not only or member.cluster.key in only) and member.cluster.name.lower() not in names


def _in_logs(found: Found, member: Member) -> bool:
    """By its id; and its logs must be there."""
    query = found.alert["criteria"]["allOf"][0]["query"]
    only, out = _ONLY.search(query), _LEFT_OUT_LOGS.search(query)
    key = member.cluster.key
    if found.alert["scopes"] != [member.workspace.lower()] or (only and only[1].lower() != key):
        return False
    return not out or key not in {one.strip(" '").lower() for one in out[1].split(",")}


def _resolves(found: Found) -> bool:
    kept = found.alert.get("resolveConfiguration", {}).get("autoResolved", True)
    return bool(kept and found.alert.get("autoMitigate", True))


COVERS: Mapping[RuleKind, Callable[[Found, Member], bool]] = {RuleKind.METRICS: _in_metrics, RuleKind.LOGS: _in_logs}
