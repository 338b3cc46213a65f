"""A fleet as tests want it in; what is shown of it, as it leaves the app, out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from shared.core.card_links import Links
from shared.core.causes import CAUSES
from shared.core.finding import Run
from shared.core.fleet_known import know
from shared.core.fleet_summary import SWEEPS, Sweeps
from shared.core.fleet_view import view
from shared.core.incident import Incident
from shared.core.inventory import ClusterInfo, Compliance, Configuration, Extension
from shared.core.observation import Health
from shared.core.plan import Policy
from tests.examples import after, after_all, cluster, failing, subject, tracked

NOW = after(minutes=30)
COMMIT = "main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738"
RUNS = {job: Run(job, after(minutes=28), 4.0, 300.0) for job in SWEEPS}
LINKS = Links(workspace="/subscriptions/x", logs_query="ContainerLogV2", runbooks="https://contoso.example/runbooks")
COMPLIANT = Configuration("cluster-config", "apps", "https://github.com/contoso/fleet", compliance=Compliance.COMPLIANT)


@dataclass
class Given:
    """A fleet; both sweeps ran lately."""

    incidents: Sequence[Incident] = ()
    infos: Sequence[ClusterInfo] = ()
    runs: Mapping[str, Run] = field(default_factory=lambda: RUNS)
    wanted: frozenset[str] = frozenset(SWEEPS)
    mutes: Mapping[str, datetime] = field(default_factory=dict)
    channels: Sequence[dict[str, Any]] = ()

    def shown(self, **query: str) -> dict[str, Any]:
        """As JSON and back."""
        known = know([tracked(one) for one in self.incidents], self.infos, self.mutes, NOW, Policy())
        return json.loads(json.dumps(view(known, query, Sweeps(self.runs, self.wanted), self.channels, LINKS)))

    def sentence(self) -> str:
        return str(self.shown()["summary"]["sentence"])

    def notes(self, **query: str) -> list[tuple[str, str]]:
        return [(note["level"], note["text"]) for note in self.shown(**query)["summary"]["notes"]]


def swept(*names: str, **known: Any) -> list[ClusterInfo]:
    usual = {"extension": Extension("flux", "1.24.1"), "configurations": (COMPLIANT,)}
    place = {"region": "westeurope", "subscription_name": "Contoso Production"}
    return [ClusterInfo(cluster(name), **{**usual, **place, **known}) for name in names]


def broken(name: str, cause: str = "build-failed", *, named: str = "apps", **known: Any) -> Incident:
    known = {"message": CAUSES[cause].title} | known
    return after_all(failing(known.pop("at", after()), cause=cause, of=subject(name=named, on=cluster(name)), **known))


def over(one: Incident) -> Incident:
    at = after(minutes=20)
    return replace(one, ready=Health.HEALTHY, resolved_at=at, turned_at=at)


FLEET = swept("aks-1", "aks-2", "aks-3")
