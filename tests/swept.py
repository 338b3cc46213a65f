"""A stage whose sweeps look at a simulated fleet in; what happens there, and what Fluxwatch then says of it, out.

Law: each test has clusters of its own, so that no test waits for the end of another's story.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

from local.azure.fleet import FluxObject, Member
from shared.adapters.table_client import Storage, table_client
from tests.parts import Relay, connection_string
from tests.stage import TIMEOUT

COMPLIANCE, ERRORS = "sweep_compliance", "sweep_errors"
WRITES = re.compile(rb"(?:PUT|PATCH|MERGE|POST|DELETE) [^\r\n]*'(\w+)(?::|%3A)")  # an operation, and the kind of its row


class Fleet:
    """A stage, the world that its sweeps look at, and clusters of it for each test."""

    def __init__(self, stage: Any, gate: Relay) -> None:
        self.stage, self.gate, self.azure, self.world = stage, gate, stage.azure, stage.azure.world
        self._fresh = iter(list(self.world.members.values()))

    def objects(self, *, logged: bool = False) -> list[FluxObject]:
        """Kustomizations of one cluster that no other test has; whether its logs are collected."""
        member = next(self._fresh)
        member.workspace = member.workspace if logged else ""
        return [one for one in member.objects if one.kind == "Kustomization"]

    def breaks(self, one: FluxObject, what: str) -> FluxObject:
        """A minute ago; its event is in `world.happenings`, and arrives if somebody sends it."""
        self.world.fail(one, "BuildFailed", f"kustomize build failed: {what} is missing", ago(60))
        return one

    def mends(self, one: FluxObject) -> None:
        self.world.recover(one, ago(10))

    def logs(self, one: FluxObject, text: str) -> None:
        """An error of its controller, in the workspace since just after the last time that it was read."""
        line = {"level": "error", "ts": f"{ago(40):%Y-%m-%dT%H:%M:%S.000Z}", "msg": "Reconciler error", "error": text}
        about = {"controllerKind": one.kind, "namespace": one.namespace, "name": one.name, "reconcileID": one.name}
        read = max((mark.until for mark in self.stage.store.marks() if mark.until), default=ago(20))
        pod = "kustomize-controller-7c9d8b6f54-hq2wd"
        self.world.log(one.member, {**line, **about}, ago(40), read + timedelta(milliseconds=1), pod)

    def time_goes_by(self) -> None:
        """Whatever might have become well by itself has not."""
        store = self.stage.store
        store.save_all([replace(one, incident=replace(one.incident, due_at=now())) for one in store.failing()])

    def sweep(self, name: str = COMPLIANCE) -> str:
        """After the agents' report, if there is any news; what it says that it did, in its first line of the log."""
        if any(one.moved for one in self.world.configurations()):
            self.world.report(now())
        return str(self.stage.run(name)[0])

    def told(self, one: FluxObject | Member) -> list[str]:
        """How the cards about it begin, after a run of notify; without its name."""
        self.stage.notify()
        of = one.name if isinstance(one, FluxObject) else ""
        on = (one.member if isinstance(one, FluxObject) else one).cluster.name
        return [title for title in self.stage.told() if of in title and on in title]

    def of_sight(self) -> list[str]:
        """How the cards begin that say what Fluxwatch cannot see, and can see again, after a run of notify; sorted."""
        self.stage.notify()
        return sorted(title for title in self.stage.told() if title.startswith("Fluxwatch "))

    def row(self, one: FluxObject) -> dict[str, Any]:
        """Of the fleet's incidents."""
        rows = self.stage.get(f"fleet?cluster={one.member.cluster.name}").json()["incidents"]
        [row] = [row for row in rows if (row["kind"], row["name"]) == (one.kind, one.name)]
        return dict(row)

    def wrong(self, sweep: str = "", look: str = "") -> dict[str, str]:
        """What health does not find well, of one sweep or at all; everything has a remedy."""
        answer = self.stage.get(f"health{look}")
        assert answer.status_code == 200
        found = [one for one in answer.json()["checks"] if not one["ok"] and one["name"].startswith(sweep)]
        assert all(one["remedy"] for one in found)
        return {one["name"]: one["detail"] for one in found}

    def dies(self, rows: Mapping[str, str]) -> None:
        """The power goes when each of these sweeps has begun to write that kind of row."""
        reached = {row: Event() for row in rows.values()}
        dead = Event()

        def watch(some: bytes) -> None:
            if (found := WRITES.search(some)) and (row := found[1].decode()) in reached:
                reached[row].set()
                dead.wait(TIMEOUT)
                raise OSError

        self.gate.watch = watch
        for name in rows:
            self.stage.begin(name)
        assert all(one.wait(TIMEOUT) for one in reached.values())
        self.gate.watch = lambda _: None
        self.stage.kill()
        dead.set()


def now() -> datetime:
    return datetime.now(UTC)


def ago(seconds: float) -> datetime:
    return now() - timedelta(seconds=seconds)


def card(fleet: Fleet, one: FluxObject) -> dict[str, Any]:
    """The latest that is about it."""
    return dict([post.card for post in fleet.stage.teams.posts() if one.member.cluster.name in json.dumps(post.card)][-1])


def count(line: str, name: str) -> int:
    """Of what a sweep says that it did."""
    found = re.search(rf"\b{name}: (\d+)", line)
    assert found, line
    return int(found[1])


def rows_of(fleet: Fleet) -> list[Any]:
    """Everything that is stored, as it is."""
    with table_client(Storage(connection_string(fleet.gate.url))) as table:
        return list(table.list_entities())
