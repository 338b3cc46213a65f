"""A scenario in; the simulated fleet that it is played on, to which its acts happen as their time comes, out.

Law: what Azure shows and what events say is the same truth, whichever of the two gets lost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

from local.azure import World, generate
from local.azure.fleet import Alarm, FluxConfiguration, FluxObject, Member
from local.azure.generate import METRICS, RULES_GROUP, WORKSPACE, revision_of
from local.azure.voices import Sent
from local.deeds import DEEDS, ON_AZURE, Cloud, find
from local.flux import Happening
from local.scenario import Part, Scenario
from local.timeline import Act
from shared.core.flux_event import FluxEvent
from shared.core.flux_observation import health_of
from shared.core.observation import Health

AGE = timedelta(days=2)  # of the fleet, when the story begins: older than anything that a scenario tells


class Scene:
    """The fleet as it is `now`, when the story is about to begin: what is to have happened before has happened."""

    def __init__(self, scenario: Scenario, now: datetime) -> None:
        made = scenario.generated
        born = now - AGE
        self.world = generate(made.clusters, made.objects, made.seed, at=born) if made else World()
        self.world.add_workspace(WORKSPACE)
        self.world.add_metrics_workspace(METRICS)
        self.world.add_group(RULES_GROUP)
        for part in scenario.parts:
            _build(self.world, part, born)
        for act in scenario.acts:
            if act.happening and act.cluster:
                _provide(self.world, self.world.members[act.cluster.key], act.happening, born)
        self._play_past([act for act in scenario.acts if act.at < 0], now)
        self.world.report(now)

    def _play_past(self, acts: Iterable[Act], now: datetime) -> None:
        """The agents saw how it was before each of these moments."""
        for seconds, some in groupby(acts, key=lambda act: act.at):
            at = now + timedelta(seconds=seconds)
            self.world.report(at)
            self.play(some, at, None)

    def play(self, acts: Iterable[Act], at: datetime, cloud: Cloud | None) -> list[Sent]:
        """All of them happen at once. What their clusters send of it, without what is lost."""
        sent: list[Sent] = []
        with self.world.changing():
            for act in acts:
                self._happen(act, at, cloud)
                said, self.world.happenings[:] = list(self.world.happenings), []
                if act.happening and act.cluster:
                    said.append(Sent(at, act.cluster, _worded(act.happening, act.cluster.key)))
                sent += [] if act.lost else said
        return sent

    def alarms(self) -> list[Alarm]:
        """What alert rules have found since the last time: somebody is to be called."""
        with self.world.changing():
            found, self.world.alarms[:] = list(self.world.alarms), []
        return found

    def _happen(self, act: Act, at: datetime, cloud: Cloud | None) -> None:
        member = self.world.members.get(act.cluster.key) if act.cluster else None
        if act.verb in ON_AZURE and cloud is not None:
            ON_AZURE[act.verb].do(self.world, cloud, act.words, at)
        elif member is not None and act.happening is None:
            DEEDS[act.verb].do(self.world, member, act.words, at)
        elif member is not None and act.happening is not None and act.shown:
            _show(self.world, member, _worded(act.happening, member.cluster.key), at)


def _worded(happening: Happening, key: str) -> Happening:
    digits = str(int(hashlib.sha256(key.encode()).hexdigest()[:8], 16))
    return replace(happening, message=happening.message.replace("{digits}", digits))


# ------------------------------------------------------------------------------------------------- an event, as Azure shows it

_TURNS: Mapping[Health, Callable[[World, FluxObject, Happening, datetime], None]] = {
    Health.FAILING: lambda world, one, said, at: world.fail(one, said.reason, said.message, at, silent=True),
    Health.WAITING: lambda world, one, said, at: world.wait(one, said.message, at, silent=True),
    Health.HEALTHY: lambda world, one, _, at: world.recover(one, at, silent=True),
    Health.PROGRESSING: lambda world, one, _, at: world.progress(one, at),
}
"""What an event means → what became of its object. Silent: the scenario itself sends the event."""


def _show(world: World, member: Member, happening: Happening, at: datetime) -> None:
    one = find(member, happening.kind, happening.namespace, happening.name)
    if one is not None and (turn := _TURNS.get(_meaning(happening, at))):
        turn(world, one, happening, at)
        world.happenings.clear()


def _meaning(said: Happening, at: datetime) -> Health:
    return health_of(FluxEvent(said.kind, said.namespace, said.name, said.severity, at, said.message, said.reason))


# -------------------------------------------------------------------------------------------------------------- building


def _build(world: World, part: Part, born: datetime) -> None:
    if part.subscription_name:
        world.add_subscription(part.cluster.subscription, part.subscription_name)
    member = world.add_cluster(part.cluster, workspace=WORKSPACE, region=part.region, tags=dict(part.tags))
    if part.extension:
        world.add_extension(member)
    for place, (key, url) in enumerate(part.sources.items()):
        namespace, _, name = key.partition("/")
        one = world.add_configuration(member, namespace, name, url, revision=revision_of(place), synced_at=born)
        world.add_object(one, one.source_kind, namespace, name, born)


def _provide(world: World, member: Member, happening: Happening, born: datetime) -> None:
    """The object that an event is about, well as yet; where the cluster has no configuration, Azure shows none."""
    kind, namespace, name = happening.kind, happening.namespace, happening.name
    owner = _owner(member, namespace, name)
    if owner is None or find(member, kind, namespace, name) is not None:
        return
    version = happening.metadata.get("revision", "")
    chart = f"{name}@{version}" if kind == "HelmRelease" and version else ""
    world.add_object(owner, kind, namespace, name, born, chart=chart)


def _owner(member: Member, namespace: str, name: str) -> FluxConfiguration | None:
    """Azure names what a configuration makes `<configuration>-<name>`; other objects go where their namespace is."""
    known = member.configurations
    named = [one for one in known if one.namespace == namespace and f"{name}-".startswith(f"{one.name}-")]
    near = [one for one in known if one.namespace == namespace]
    return next(iter([*named, *near, *known]), None)
