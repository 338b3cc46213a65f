"""A verb of a scenario, whom it befalls and when in; a simulated fleet to which it happened out.

Every verb is a row of `DEEDS` (on one cluster) or of `ON_AZURE` (on the cloud as a whole), beside the words that it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from local.azure import FAULTS
from local.azure.faults import KINDS, Faults
from local.azure.fleet import Alarm, FluxConfiguration, FluxObject, Member
from local.azure.logs import pod_of
from local.azure.world import World
from shared.adapters.rule_files import shipped

ARRIVES = 3  # seconds from a line to its table, unless a scenario says otherwise: in Azure it is a minute and more

type Words = Mapping[str, Any]


class Cloud(Protocol):
    """What can go wrong with Azure itself; `AzureServer` fits."""

    @property
    def faults(self) -> Faults:
        """What is switched on."""


@dataclass(frozen=True, slots=True)
class Deed[*Whom]:
    """`needs` and `takes` are the words of it in a file: those that must be there, and those that may."""

    do: Callable[[World, *Whom, Words, datetime], object]
    needs: frozenset[str] = frozenset()
    takes: frozenset[str] = frozenset()

    def check(self, verb: str, words: Words) -> None:
        """Raises `ValueError` that names what is missing or not known."""
        if missing := sorted(self.needs - words.keys()):
            raise ValueError(f"{verb} needs {', '.join(missing)}")
        if unknown := sorted(words.keys() - self.needs - self.takes):
            raise ValueError(f"{verb} does not know {', '.join(map(str, unknown))}")


# ------------------------------------------------------------------------------------------------------------ on a cluster


def _commit(world: World, member: Member, words: Words, at: datetime) -> None:
    world.commit(words["source"], words["revision"], at, [member])


def _log(world: World, member: Member, words: Words, at: datetime) -> None:
    arrives = at + timedelta(seconds=words.get("arrives", ARRIVES))
    world.log(member, words["line"], at, arrives, pod_of(words.get("controller", "source-controller")))


def _on_object(verb: Callable[[World, FluxObject, datetime], None]) -> Callable[[World, Member, Words, datetime], None]:
    def do(world: World, member: Member, words: Words, at: datetime) -> None:
        kind, namespace, name = object_of(words["object"])
        if one := find(member, kind, namespace, name):
            verb(world, one, at)

    return do


def _on_configuration(
    verb: Callable[[World, FluxConfiguration, Words, datetime], None],
) -> Callable[[World, Member, Words, datetime], None]:
    def do(world: World, member: Member, words: Words, at: datetime) -> None:
        for one in member.configurations:
            if f"{one.namespace}/{one.name}" == words["configuration"]:
                verb(world, one, words, at)

    return do


def _alarm(*, fires: bool) -> Callable[[World, Member, Words, datetime], None]:
    """An object is named by labels, as metrics of Flux objects have them."""

    def do(world: World, member: Member, words: Words, _: datetime) -> None:
        about = (
            zip(("kind", "resource_namespace", "name"), object_of(words["object"]), strict=True) if "object" in words else ()
        )
        labels = {**dict(about), **words.get("labels", {})}
        world.alarm(Alarm(words["alert"], member, labels, fires, str(words.get("value", 1))))

    return do


_OBJECT, _CONFIGURATION, _MESSAGE = frozenset({"object"}), frozenset({"configuration"}), frozenset({"message"})
_ALERT = frozenset({"alert"})

DEEDS: Mapping[str, Deed[Member]] = {
    "commit": Deed(_commit, frozenset({"source", "revision"})),
    "log": Deed(_log, frozenset({"line"}), frozenset({"controller", "arrives"})),
    "restart": Deed(
        lambda world, member, words, at: world.restart(member, words["controller"], at, words.get("reason", "Error")),
        frozenset({"controller"}),
        frozenset({"reason"}),
    ),
    "suspend": Deed(_on_object(lambda world, one, at: world.suspend(one, at)), _OBJECT),
    "resume": Deed(_on_object(lambda world, one, at: world.resume(one, at)), _OBJECT),
    "prune": Deed(_on_object(lambda world, one, _: world.delete_object(one)), _OBJECT),
    "suspend_configuration": Deed(
        _on_configuration(lambda world, one, _, at: world.suspend_configuration(one, at)), _CONFIGURATION
    ),
    "resume_configuration": Deed(
        _on_configuration(lambda world, one, _, at: world.resume_configuration(one, at)), _CONFIGURATION
    ),
    "fail_configuration": Deed(
        _on_configuration(lambda world, one, words, at: world.fail_configuration(one, words["message"], at)),
        _CONFIGURATION | _MESSAGE,
    ),
    "mend_configuration": Deed(
        _on_configuration(lambda world, one, _, at: world.fail_configuration(one, "", at, "Succeeded")), _CONFIGURATION
    ),
    "delete_configuration": Deed(_on_configuration(lambda world, one, *_: world.delete_configuration(one)), _CONFIGURATION),
    "fail_extension": Deed(lambda world, member, words, _: world.fail_extension(member, words["message"]), _MESSAGE),
    "mend_extension": Deed(lambda world, member, *_: world.fail_extension(member, "", "Succeeded")),
    "add_extension": Deed(lambda world, member, *_: world.add_extension(member)),
    "delete_extension": Deed(lambda world, member, *_: world.delete_extension(member)),
    "fire_alert": Deed(_alarm(fires=True), _ALERT, frozenset({"object", "labels", "value"})),
    "resolve_alert": Deed(_alarm(fires=False), _ALERT, frozenset({"object", "labels"})),
    "silence_agent": Deed(lambda world, member, *_: world.silence_agent(member)),
    "wake_agent": Deed(lambda world, member, *_: world.wake_agent(member)),
    "stop_cluster": Deed(lambda world, member, *_: world.stop_cluster(member)),
    "start_cluster": Deed(lambda world, member, *_: world.start_cluster(member)),
    "delete_cluster": Deed(lambda world, member, *_: world.delete_cluster(member)),
    "hide": Deed(lambda world, member, *_: world.hide(member)),
    "show": Deed(lambda world, member, *_: world.show(member)),
}
"""Verb → what it does to a cluster."""


# -------------------------------------------------------------------------------------------------------------- on Azure


def _break(_: World, cloud: Cloud, words: Words, __: datetime) -> None:
    cloud.faults.switch_on(words["of"], words["fault"])


def _delete_rule(world: World, _: Cloud, words: Words, __: datetime) -> None:
    with suppress(LookupError):  # nobody has made it yet: then it stays away
        world.delete_rule(words["rule"])


ON_AZURE: Mapping[str, Deed[Cloud]] = {
    "hide_subscription": Deed(lambda world, _, words, __: world.hide(words["id"]), frozenset({"id"})),
    "show_subscription": Deed(lambda world, _, words, __: world.show(words["id"]), frozenset({"id"})),
    "break_calls": Deed(_break, frozenset({"of", "fault"})),
    "mend_calls": Deed(lambda _, cloud, words, __: cloud.faults.switch_off(words["of"]), frozenset({"of"})),
    "delete_rule": Deed(_delete_rule, frozenset({"rule"})),
}
"""Verb → what it does to Azure itself; such a step is on no cluster."""


def check(verb: str, words: Words) -> None:
    """Whether a file may say so. Raises `ValueError`."""
    {**DEEDS, **ON_AZURE}[verb].check(verb, words)
    if "object" in words:
        object_of(words["object"])
    for word, named, known in _known():
        if word in words and words[word] not in known:
            raise ValueError(f"{verb} knows no {named} {words[word]}; there are: {', '.join(known)}")
    if "labels" in words and not _texts(words["labels"]):
        raise ValueError(f"{verb}: labels are names and texts")
    if "value" in words:
        float(words["value"])


def _known() -> Iterator[tuple[str, str, Collection[str]]]:
    """A word, what it names, and all that there are of it."""
    catalogue = shipped()
    logs = [rule.name for rule in catalogue.logs]
    yield "of", "calls of kind", KINDS
    yield "fault", "fault", FAULTS
    yield "alert", "alert", list(catalogue.alerts.values())
    yield "rule", "rule", [*(group.name for group in catalogue.groups), *logs]


def _texts(labels: object) -> bool:
    return isinstance(labels, Mapping) and all(isinstance(text, str) for pair in labels.items() for text in pair)


def object_of(text: str) -> tuple[str, str, str]:
    """Kind, namespace, name. Raises `ValueError`."""
    parts = str(text).split("/")
    if len(parts) != 3 or not all(parts):
        raise ValueError(f"object {text!r} is not Kind/namespace/name")
    return parts[0], parts[1], parts[2]


def find(member: Member, kind: str, namespace: str, name: str) -> FluxObject | None:
    """That object of a cluster, if Azure shows one."""
    wanted = (kind, namespace, name)
    return next((one for one in member.objects if (one.kind, one.namespace, one.name) == wanted), None)
