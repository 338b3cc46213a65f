"""The fleet as JSON: every state, the gravest first, and the channels with what they still wait for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.core.finding import Run
from shared.core.incident import Incident
from shared.core.inventory import ClusterInfo
from shared.core.observation import Health
from shared.core.routing import DEFAULT, FALLBACK, Routing
from shared.core.told import ChannelState, Ledger, Said
from shared.jobs.fleet import Fleet
from shared.ports import StoreUnavailable
from tests.examples import after, after_all, cluster, failing, healthy, incident, seen, subject, told
from tests.fakes import FakeClock, FakeStore

ROUTING = Routing((), {DEFAULT: DEFAULT, FALLBACK: FALLBACK})


def fleet_of(store: FakeStore, minutes: int = 5, **query: str) -> dict[str, Any]:
    """As it leaves the app: as JSON and back."""
    clock = FakeClock(after(minutes=minutes))
    return json.loads(
        json.dumps(Fleet(store, store, store, store, clock, ROUTING, sweeps=frozenset({"sweep_compliance"}))(query))
    )


def on(name: str) -> Incident:
    return incident(of=subject(on=cluster(name)))


def test_an_incident_is_shown_with_everything_that_is_known() -> None:
    store = FakeStore(on("aks-1"))
    store.rows[store.key(on("aks-1").subject)].told = {DEFAULT: told(Said.OPEN, after(minutes=1))}
    (row,) = fleet_of(store)["incidents"]
    assert row == {
        "cluster": "aks-1",
        "cluster_id": cluster("aks-1").arm_id,
        "kind": "Kustomization",
        "namespace": "cluster-config",
        "name": "apps",
        "state": "open",
        "severity": "warning",
        "reason": "",
        "cause": "build-failed",
        "title": "Kustomize build failed",
        "fingerprint": "fp:build-failed",
        "message": "Kustomize build failed.",
        "detail": "",
        "note": "",
        "revision": "",
        "commit_url": None,
        "configuration": "",
        "count": 1,
        "opened_at": "2026-11-20T08:00:00+00:00",
        "last_seen_at": "2026-11-20T08:00:00+00:00",
        "resolved_at": None,
        "told_at": "2026-11-20T08:01:00+00:00",
    }


def test_every_state_is_shown_the_most_pressing_first() -> None:
    of = {name: subject(on=cluster(name)) for name in ("open", "held", "muted", "suspended", "resolved", "flapping")}
    restless = of["flapping"]
    rounds = [
        one for n in (0, 2, 4) for one in (failing(after(minutes=n), of=restless), healthy(after(minutes=n + 1), of=restless))
    ]
    store = FakeStore(
        after_all(failing(of=of["resolved"]), healthy(after(minutes=1), of=of["resolved"])),
        after_all(failing(of=of["suspended"]), seen(Health.SUSPENDED, after(minutes=1), of=of["suspended"])),
        incident(of=of["muted"]),
        after_all(failing(of=of["held"], cause="dns-failed")),
        after_all(*rounds),
        incident(of=of["open"]),
    )
    store.infos[of["muted"].cluster.key] = ClusterInfo(of["muted"].cluster, mute_until=after(hours=1))
    shown = [(row["cluster"], row["state"]) for row in fleet_of(store)["incidents"]]
    assert shown == [
        ("open", "open"),
        ("flapping", "flapping"),
        ("held", "held"),
        ("muted", "muted"),
        ("suspended", "muted"),
        ("resolved", "resolved"),
    ]


def test_what_was_never_opened_is_not_shown() -> None:
    assert fleet_of(FakeStore(after_all(healthy(after()))))["incidents"] == []


def test_a_channel_is_shown_with_its_state_and_what_waits_for_it() -> None:
    store = FakeStore(on("aks-1"), on("aks-2"))
    store.stored = Ledger(channels={FALLBACK: ChannelState(after(), failures=1, error="busy", retry_at=after(minutes=9))})
    assert fleet_of(store)["channels"] == [
        {"name": "default", "state": "ok", "last_post_at": None, "waiting": 2, "error": ""},
        {
            "name": "fallback",
            "state": "retrying",
            "last_post_at": "2026-11-20T08:00:00+00:00",
            "waiting": 0,
            "error": "busy",
        },
    ]


def test_what_waits_for_a_broken_channel_waits_for_the_fallback_as_well() -> None:
    store = FakeStore(on("aks-1"))
    store.stored = Ledger(channels={DEFAULT: ChannelState(broken=True, failures=1, retry_at=after(minutes=9))})
    assert [(one["state"], one["waiting"]) for one in fleet_of(store)["channels"]] == [("broken", 1), ("ok", 1)]


def test_it_says_when_it_was_made() -> None:
    assert fleet_of(FakeStore())["generated_at"] == "2026-11-20T08:05:00+00:00"


def test_the_runs_of_the_sweeps_are_shown_those_of_others_are_not() -> None:
    store = FakeStore()
    store.put_run(Run("sweep_compliance", after(minutes=1), 4.2, 300.0, {"clusters": 3}))
    store.put_run(Run("health", after(minutes=1)))
    shown = {row["job"]: (row["state"], row["at"]) for row in fleet_of(store)["sweeps"]}
    assert shown == {"sweep_compliance": ("ok", "2026-11-20T08:01:00+00:00"), "sweep_errors": ("off", None)}


def test_the_query_filters() -> None:
    store = FakeStore(on("aks-1"), on("aks-2"))
    shown = fleet_of(store, cluster="aks-2")
    assert [row["cluster"] for row in shown["incidents"]] == ["aks-2"]
    assert [row["name"] for row in shown["clusters"]] == ["aks-2"]


def test_a_store_that_does_not_answer_is_no_empty_fleet() -> None:
    store = FakeStore()
    store.script["inventory"].append(StoreUnavailable("Table storage cannot be reached"))
    with pytest.raises(StoreUnavailable):
        fleet_of(store)


def test_a_page_shows_the_latest_of_what_is_over_and_how_many_there_are() -> None:
    over = [
        after_all(failing(of=subject(name=f"n{n}")), healthy(after(minutes=1, seconds=n), of=subject(name=f"n{n}")))
        for n in range(40)
    ]
    store = FakeStore(on("aks-1"), *over)
    job = Fleet(store, store, store, store, FakeClock(after(minutes=5)), ROUTING)
    shown = job(page=True)
    assert [row["name"] for row in shown["incidents"]] == ["apps", *(f"n{n}" for n in range(39, 9, -1))]
    assert (shown["over"], len(job()["incidents"])) == (40, 41)
