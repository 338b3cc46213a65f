"""Events, mutes and broken webhooks in; what the channels are told, once, and what the fleet shows, out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

pytest.importorskip("azure_functions_runtime", reason="Microsoft's worker library exists for Python 3.13 and newer")

from local.teams import Fault
from shared.core.inventory import ClusterInfo
from tests import senders
from tests.examples import cluster
from tests.stage import TIMEOUT

INCIDENT = {
    "cluster",
    "cluster_id",
    "kind",
    "namespace",
    "name",
    "state",
    "severity",
    "reason",
    "cause",
    "title",
    "fingerprint",
    "message",
    "detail",
    "note",
    "revision",
    "commit_url",
    "configuration",
    "count",
    "opened_at",
    "last_seen_at",
    "resolved_at",
    "told_at",
}
FLEET = {"generated_at", "summary", "filters", "causes", "clusters", "incidents", "over", "sweeps", "channels"}
ORPHAN = cluster("aks-orphan")
CHANNEL = {"name", "state", "last_post_at", "waiting", "error"}


def told(fluxwatch: Any, name: str, channel: str = "default") -> list[str]:
    """The cards of a channel that are about one object, after a run."""
    fluxwatch.notify()
    return [title for title in fluxwatch.told(channel) if name in title]


def mute(fluxwatch: Any, end: timedelta) -> None:
    fluxwatch.store.put_clusters([ClusterInfo(cluster("aks-muted"), mute_until=datetime.now(UTC) + end)])


def shown(fluxwatch: Any, name: str) -> dict[str, Any]:
    [row] = [row for row in fluxwatch.get("fleet").json()["incidents"] if row["name"] == name]
    return dict(row)


def test_a_failure_and_its_end_are_told_once_each(fluxwatch: Any) -> None:
    failing, well = (f"Kustomization once is {state} on aks-prod-weu-01" for state in ("failing", "well again"))
    fluxwatch.send(senders.failure("once"))
    assert told(fluxwatch, "once") == [failing]
    fluxwatch.send(senders.failure("once"))
    assert told(fluxwatch, "once") == [failing]
    fluxwatch.send(senders.recovery("once"))
    assert told(fluxwatch, "once") == [failing, well]
    assert told(fluxwatch, "once") == [failing, well]


def test_a_failure_that_ends_before_anybody_was_told_is_not_told(fluxwatch: Any) -> None:
    fluxwatch.send(senders.failure("brief"))
    fluxwatch.send(senders.recovery("brief"))
    assert told(fluxwatch, "brief") == []
    assert shown(fluxwatch, "brief")["state"] == "resolved"


def test_another_cause_is_told_once(fluxwatch: Any) -> None:
    other = senders.failure("twofold", "kustomize build failed: an acorn is missing")
    fluxwatch.send(senders.failure("twofold"))
    fluxwatch.notify()
    for _ in range(2):
        fluxwatch.send(other)
        fluxwatch.notify()
    assert [title.partition(" on ")[0] for title in told(fluxwatch, "twofold")] == [
        "Kustomization twofold is failing",
        "Kustomization twofold fails for another cause",
    ]


def test_heartbeats_and_progress_never_post(fluxwatch: Any) -> None:
    for happening in (senders.heartbeat("steady"), senders.progress("steady"), senders.recovery("steady")):
        assert fluxwatch.outcome(happening) in ("unchanged", "noted")
        assert told(fluxwatch, "steady") == []
    fluxwatch.send(senders.failure("steady"))
    assert fluxwatch.outcome(senders.progress("steady")) == "unchanged"
    assert len(told(fluxwatch, "steady")) == 1
    assert fluxwatch.outcome(senders.heartbeat("steady")) == "closed"  # a heartbeat says that all is well


def test_a_mute_silences_and_its_end_tells(fluxwatch: Any) -> None:
    mute(fluxwatch, timedelta(hours=1))
    fluxwatch.send(senders.failure("behind"), cluster("aks-muted"))
    assert told(fluxwatch, "behind") == []
    assert shown(fluxwatch, "behind")["state"] == "muted"
    mute(fluxwatch, timedelta(0))
    assert told(fluxwatch, "behind") == ["Kustomization behind is failing on aks-muted"]


def test_what_fails_and_recovers_within_a_mute_is_never_told(fluxwatch: Any) -> None:
    mute(fluxwatch, timedelta(hours=1))
    fluxwatch.send(senders.failure("patched"), cluster("aks-muted"))
    fluxwatch.notify()
    fluxwatch.send(senders.recovery("patched"), cluster("aks-muted"))
    mute(fluxwatch, timedelta(0))
    assert told(fluxwatch, "patched") == []


def test_one_commit_that_breaks_many_clusters_is_one_card(fluxwatch: Any) -> None:
    for number in range(5):
        broken = senders.failure("fleetwide", revision="main@sha1:" + "b9b3feadba" * 4)
        fluxwatch.send(broken, cluster(f"aks-wide-{number}"))
    assert told(fluxwatch, "fleetwide") == ["Kustomization fleetwide is failing on 5 clusters"]
    for number in range(5):
        fluxwatch.send(senders.recovery("fleetwide"), cluster(f"aks-wide-{number}"))
    assert told(fluxwatch, "fleetwide")[1:] == ["Kustomization fleetwide is well again on 5 clusters"]


def test_a_throttled_channel_is_told_later_and_nothing_is_lost(fluxwatch: Any) -> None:
    fluxwatch.teams.fail("default", [Fault.throttled(60)])
    fluxwatch.send(senders.failure("patient"))
    assert told(fluxwatch, "patient") == []
    calls = len(fluxwatch.teams.calls)
    assert told(fluxwatch, "patient") == []
    assert len(fluxwatch.teams.calls) == calls  # not asked again before Retry-After
    [channel] = [row for row in fluxwatch.get("fleet").json()["channels"] if row["name"] == "default"]
    assert (channel["state"], channel["waiting"], channel["error"]) == ("retrying", 1, "TooManyRequests")
    fluxwatch.pass_time()
    assert len(told(fluxwatch, "patient")) == 1


def test_a_broken_webhook_makes_way_for_the_fallback_and_both_are_told_the_end(fluxwatch: Any) -> None:
    failing, well = (f"Kustomization orphan is {state} on aks-orphan" for state in ("failing", "well again"))
    fluxwatch.teams.fail("default", [Fault.switched_off(), Fault.switched_off()])
    fluxwatch.send(senders.failure("orphan"), ORPHAN)
    assert told(fluxwatch, "orphan", "fallback") == []  # the run in which it turns out
    assert told(fluxwatch, "orphan", "fallback") == [failing]
    assert told(fluxwatch, "orphan", "fallback") == [failing]
    health = fluxwatch.get("health")
    [finding] = [check for check in health.json()["checks"] if check["name"] == "channel default"]
    assert (health.status_code, health.json()["status"]) == (200, "degraded")
    assert (finding["detail"], bool(finding["remedy"])) == ("broken: WorkflowTriggerIsNotEnabled", True)

    fluxwatch.pass_time()
    assert told(fluxwatch, "orphan") == []  # still broken
    fluxwatch.pass_time()
    assert told(fluxwatch, "orphan") == [failing]  # repaired
    assert fluxwatch.get("health").json()["status"] == "ok"
    fluxwatch.send(senders.recovery("orphan"), ORPHAN)
    assert told(fluxwatch, "orphan") == [failing, well]
    assert told(fluxwatch, "orphan", "fallback") == [failing, well]


def test_the_fleet_has_exactly_the_documented_keys(fluxwatch: Any) -> None:
    fluxwatch.send(senders.failure("documented"))
    fluxwatch.notify()
    fleet = fluxwatch.get("fleet")
    assert set(fleet.json()) == FLEET
    assert all(set(row) == INCIDENT for row in fleet.json()["incidents"])
    assert all(set(row) == CHANNEL for row in fleet.json()["channels"])
    assert fleet.headers["cache-control"] == "no-store"
    assert fleet.headers["x-content-type-options"] == "nosniff"


def test_browsers_are_given_the_fleet_as_a_page(fluxwatch: Any) -> None:
    fluxwatch.send(senders.failure("pictured", "kustomize build failed: <b>an acorn</b> is missing"))
    fluxwatch.notify()
    answer = requests.get(
        f"{fluxwatch.host.url}/api/fleet?q=pictured", headers={"Accept": "text/html,*/*;q=0.8"}, timeout=TIMEOUT
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert (answer.headers["cache-control"], answer.headers["referrer-policy"]) == ("no-store", "no-referrer")
    assert "&lt;b&gt;an acorn&lt;/b&gt; is missing" in answer.text
    assert fluxwatch.get("fleet?format=html").text.startswith("<!doctype html>")


@pytest.mark.parametrize("field", ["generated_at", "opened_at", "last_seen_at", "told_at"])
def test_times_are_told_in_utc(fluxwatch: Any, field: str) -> None:
    fluxwatch.send(senders.failure("punctual"))
    fluxwatch.notify()
    value = fluxwatch.get("fleet").json()["generated_at"] if field == "generated_at" else shown(fluxwatch, "punctual")[field]
    assert datetime.fromisoformat(value).utcoffset() == timedelta(0)


def test_what_was_never_told_and_is_not_over_has_null_for_these_times(fluxwatch: Any) -> None:
    mute(fluxwatch, timedelta(hours=1))
    fluxwatch.send(senders.failure("nulls"), cluster("aks-muted"))
    row = shown(fluxwatch, "nulls")
    assert (row["resolved_at"], row["told_at"]) == (None, None)
