"""Nothing in; clusters, observations and incidents out, as tests want them: what matters is given, the rest is plausible.

Law: values only, and fixed ones: 20 November 2026, eight in the morning, is when everything begins.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from shared.core.causes import CAUSES
from shared.core.cluster import Cluster
from shared.core.incident import Flap, Incident
from shared.core.observation import Health, Observation, Source, Subject
from shared.core.told import Said, Told, Tracked
from shared.core.transition import Change, Outcome, reduce

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
FLAP = Flap()
SAMPLES = Path(__file__).parent / "samples"


def after(**length: float) -> datetime:
    """A moment, by its distance from the beginning: after(minutes=5)."""
    return START + timedelta(**length)


def cluster(name: str = "aks-prod-weu-01", group: str = "rg-prod-weu", kind: str = "managedClusters") -> Cluster:
    return Cluster.of(SUBSCRIPTION, group, kind, name)


def subject(
    kind: str = "Kustomization", name: str = "apps", namespace: str = "cluster-config", on: Cluster | None = None
) -> Subject:
    return Subject(on or cluster(), kind, namespace, name)


def seen(health: Health, at: datetime = START, *, of: Subject | None = None, **known: Any) -> Observation:
    """An observation by a Flux event, unless `source` says otherwise. What is bad has a cause and a fingerprint."""
    if health in (Health.FAILING, Health.WAITING, Health.REMEDIATED):
        cause = CAUSES["dependency-not-ready" if health is Health.WAITING else "build-failed"]
        known = {"cause": cause, "fingerprint": f"fp:{cause.id}", "message": f"{cause.title}.", **known}
    return Observation(of or subject(), health, at, known.pop("source", Source.FLUX_EVENT), **known)


def failing(at: datetime = START, *, cause: str = "build-failed", **known: Any) -> Observation:
    return seen(Health.FAILING, at, **{"cause": CAUSES[cause], "fingerprint": f"fp:{cause}", **known})


def healthy(at: datetime, **known: Any) -> Observation:
    return seen(Health.HEALTHY, at, **known)


def after_all(*observations: Observation, flap: Flap = FLAP) -> Incident:
    """The incident that the observations make, in the order of their delivery."""
    incident: Incident | None = None
    for one in observations:
        incident = reduce(incident, one, flap).incident
    assert incident is not None
    return incident


def waiting(at: datetime = START) -> Observation:
    return seen(Health.WAITING, at)


def alert(at: datetime, *, fires: bool = True, rule: str = "FluxNotReady") -> Observation:
    cause = CAUSES["alert-fired"]
    known = {"cause": cause, "fingerprint": f"fp:{rule}", "message": f"{rule}."} if fires else {}
    return seen(Health.FAILING if fires else Health.HEALTHY, at, source=Source.ALERT, rule=rule, **known)


def log_line(at: datetime, health: Health = Health.FAILING, message: str = "from the log") -> Observation:
    known = {"cause": CAUSES["log-errors"], "fingerprint": "fp:log", "message": message} if health is Health.FAILING else {}
    return seen(health, at, source=Source.LOGS, **known)


def then(incident: Incident | None, one: Observation) -> Change:
    """What the observation does to the incident."""
    return reduce(incident, one, FLAP)


def unchanged(incident: Incident | None, one: Observation) -> bool:
    """Nothing to write."""
    change = then(incident, one)
    return change.incident is incident and change.outcome is Outcome.UNCHANGED


def incident(at: datetime = START, *, of: Subject | None = None, **known: Any) -> Incident:
    """An open incident; `known` replaces fields of it."""
    return replace(after_all(failing(at, of=of or subject())), **known)


def tracked(incident: Incident, **told: Told) -> Tracked:
    """As the store tracks it. `told` by channel."""
    return Tracked("/".join(incident.subject.key[1:]) + "@" + incident.subject.cluster.name, incident, told)


def told(said: Said, at: datetime = START, *, group: str = "g", prints: tuple[str, ...] = ("fp:build-failed",)) -> Told:
    return Told(said, at, group, () if said is Said.RESOLVED else prints)


@cache
def events() -> Mapping[str, dict[str, Any]]:
    """The samples of Flux events, by case; `event` and `body` as the samples' README says."""
    lines = (SAMPLES / "flux-events.jsonl").read_text("utf-8").splitlines()
    return {sample["case"]: sample for sample in map(json.loads, lines)}


def body_of(case: str) -> bytes:
    """The bytes that the sample stands for."""
    sample = events()[case]
    event, expand = sample["event"], sample.get("expand", {})
    if sample["body"] == "base64":
        return b64decode(event)
    if "keys" in expand:
        event = {**event, "metadata": {f"k{number}": "" for number in range(expand["keys"])}}
    text = event if sample["body"] == "raw" else json.dumps(event)
    if "char" in expand:
        return text.replace(expand["placeholder"], expand["char"] * expand["count"]).encode()
    if "open" in expand:
        return text.replace(
            expand["placeholder"], expand["open"] * expand["count"] + expand["close"] * expand["count"]
        ).encode()
    return text.encode()
