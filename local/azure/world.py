"""What happens to a simulated fleet, at explicit times, in; its truth, and what each source shows of it, out.

No clock and no chance: the same verbs make the same world. What Azure shows of objects is what agents last reported.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from local.azure import graph
from local.azure.clusters import Clusters
from local.azure.estate import MISSING
from local.azure.fleet import (
    FluxConfiguration,
    FluxExtension,
    FluxObject,
    Member,
    Subscription,
    Workspace,
    whole,
)
from local.azure.logs import INGESTION, LogBook
from local.azure.voices import Sent, controller_of, said, stored, well
from shared.core.observation import Health

__all__ = [
    "MISSING",
    "FluxConfiguration",
    "FluxExtension",
    "FluxObject",
    "Member",
    "Sent",
    "Subscription",
    "Workspace",
    "World",
]

NOT_WELL = (Health.FAILING, Health.WAITING)


class World(Clusters):
    """An estate in which things happen. Every `at` is aware. `happenings` are the events of it all, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.happenings: list[Sent] = []
        self.book = LogBook()

    # ------------------------------------------------------------------------------------------------------------ objects

    def add_object(
        self, where: FluxConfiguration, kind: str, namespace: str, name: str, at: datetime, **more: Any
    ) -> FluxObject:
        """A healthy one, unheard and unlogged. `more` are fields of `FluxObject`."""
        with self.changing():
            one = FluxObject(where.member, where, kind, namespace, name, since=whole(at), **more)
            one.reason, one.message = (one.reason, one.message) if one.reason else well(one)
            where.objects.append(one)
            where.moved = True
            return one

    def fail(
        self, one: FluxObject, reason: str, message: str, at: datetime, *, silent: bool = False, stalled: bool = False
    ) -> None:
        """It fails, or fails for another reason. `silent`: as some permanent failures do, without an event."""
        with self.changing():
            one.failures += 1
            one.stalled = stalled
            self._turn(one, Health.FAILING, (reason, message), at, silent=silent)

    def wait(self, one: FluxObject, message: str, at: datetime, *, silent: bool = False) -> None:
        """It waits for something else (DependencyNotReady)."""
        with self.changing():
            self._turn(one, Health.WAITING, ("DependencyNotReady", message), at, silent=silent)

    def progress(self, one: FluxObject, at: datetime) -> None:
        """It is being reconciled, and neither well nor failing."""
        with self.changing():
            self._turn(one, Health.PROGRESSING, ("Progressing", "Reconciliation in progress"), at)

    def recover(self, one: FluxObject, at: datetime, *, silent: bool = False) -> None:
        """It is well. Flux says so only where it does: see voices.py."""
        with self.changing():
            one.failures, one.stalled = 0, False
            self._turn(one, Health.HEALTHY, well(one), at, silent=silent)

    def suspend(self, one: FluxObject, at: datetime) -> None:
        """Flux leaves it as it is; its condition stays."""
        self._hold(one, held=True)

    def resume(self, one: FluxObject, at: datetime) -> None:
        """Flux takes care of it again."""
        self._hold(one, held=False)

    # ----------------------------------------------------------------------------------------------------- configurations

    def suspend_configuration(self, configuration: FluxConfiguration, at: datetime) -> None:
        """With all its objects."""
        self._hold(configuration, held=True)

    def resume_configuration(self, configuration: FluxConfiguration, at: datetime) -> None:
        """With all its objects."""
        self._hold(configuration, held=False)

    def commit(self, source: str, revision: str, at: datetime, clusters: Collection[Member] | None = None) -> None:
        """The clusters (all that run) with that source have synced that revision, such as main@sha1:…"""
        with self.changing():
            for one in self.configurations():
                if (
                    one.source == source
                    and one.member.runs
                    and not one.suspended
                    and (clusters is None or one.member in clusters)
                ):
                    self._sync(one, revision, at)

    # --------------------------------------------------------------------------------------------------------------- logs

    def log(
        self, member: Member, line: str | Mapping[str, Any], at: datetime, ingested_at: datetime | None = None, pod: str = ""
    ) -> None:
        """A line of a flux-system pod; an object is kept as JSON, text as text."""
        with self.changing():
            self.book.line(member, line, at, ingested_at or at + INGESTION, pod)

    def reconcile(self, at: datetime, clusters: Iterable[Member] | None = None, without: Collection[str] = ()) -> None:
        """Flux comes round to every object again, to no other end: a line for each, but for those of controllers that hang."""
        with self.changing():
            for member in self.members.values() if clusters is None else clusters:
                for one in member.objects if member.runs else ():
                    if not _held(one) and controller_of(one.kind) not in without:
                        self.book.reconciled(one, at)

    def event(self, member: Member, kind: str, namespace: str, name: str, reason: str, message: str, at: datetime) -> None:
        """A Warning that Kubernetes keeps; the same again counts up."""
        with self.changing():
            self.book.event(member, (kind, namespace, name, reason, message), at)

    def restart(self, member: Member, controller: str, at: datetime, reason: str = "Error", *, status: str = "") -> None:
        """Its container ended for that reason (OOMKilled leaves no log line) and began again, or waits in that `status`."""
        with self.changing():
            self.book.restart(member, controller, at, reason, status)

    # ------------------------------------------------------------------------------------------------------ what is to be seen

    def truth(self, *healths: Health) -> set[tuple[str, str, str, str]]:
        """Keys (`Subject.key`) of the objects that fail or wait now (or are `healths`), without those that are suspended."""
        wanted = healths or NOT_WELL
        with self.lock:
            return {one.subject.key for one in self.objects() if one.health in wanted and not _held(one)}

    def suspended(self) -> set[tuple[str, str, str, str]]:
        """Keys of suspended objects: their incidents may be open or not, nobody is told."""
        with self.lock:
            return {one.subject.key for one in self.objects() if _held(one)}

    def graph_rows(self, subscriptions: Collection[str] | None = None) -> dict[str, list[dict[str, Any]]]:
        """Table of Resource Graph → its rows, of what the identity sees (in these subscriptions)."""
        with self.lock:
            return graph.rows(self, subscriptions)

    def log_rows(self, workspace: str) -> dict[str, list[dict[str, Any]]]:
        """Table of Log Analytics → its rows, `_IngestionTime` included; only tables that the workspace has."""
        with self.lock:
            return self.book.rows(self.workspaces[workspace.lower()])

    # ----------------------------------------------------------------------------------------------------------- the steps

    def _turn(self, one: FluxObject, health: Health, words: tuple[str, str], at: datetime, *, silent: bool = False) -> None:
        if (one.health, one.reason, one.message) != (health, *words):
            one.since = whole(at)  # fluxcd/pkg runtime/conditions: a change of status, reason or message moves it
        one.health, (one.reason, one.message) = health, words
        one.configuration.moved = True
        if one.member.runs:
            self.book.reconciled(one, at)
            happening = None if silent else said(one)
            if happening:
                self.happenings.append(Sent(at, one.member.cluster, happening))

    def _hold(self, what: FluxObject | FluxConfiguration, *, held: bool) -> None:
        with self.changing():
            what.suspended = held
            configuration = what.configuration if isinstance(what, FluxObject) else what
            configuration.moved = True

    def _sync(self, configuration: FluxConfiguration, revision: str, at: datetime) -> None:
        configuration.revision, configuration.synced_at, configuration.moved = revision, at, True
        for one in configuration.objects:
            if one.health is Health.HEALTHY and not one.suspended and one.message != well(one)[1]:
                one.since, (one.reason, one.message) = whole(at), well(one)
            if one.kind == configuration.source_kind and one.name == configuration.name:
                self.happenings.append(Sent(at, configuration.member.cluster, stored(one)))


def _held(one: FluxObject) -> bool:
    return one.suspended or one.configuration.suspended
