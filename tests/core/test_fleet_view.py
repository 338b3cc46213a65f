"""Incidents and inventory in; what is broken by cause and commit, and every cluster, out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.core.causes import CAUSES
from shared.core.incident import Incident
from shared.core.inventory import Compliance, Configuration, object_digest
from shared.core.observation import Health
from tests.examples import after, after_all, cluster, failing, healthy, seen, subject
from tests.fleets import COMMIT, COMPLIANT, FLEET, NOW, Given, broken, over, swept


def waiting_for_platform() -> Incident:
    of = subject(name="platform-a", on=cluster("aks-1"))
    return after_all(seen(Health.WAITING, cause=CAUSES["source-not-ready"], of=of))


# ----------------------------------------------------------------------------------------------------------------------- causes


def test_the_same_commit_stands_together_and_another_one_apart() -> None:
    some = [broken(name, revision=COMMIT) for name in ("aks-1", "aks-2")] + [broken("aks-3", revision="main@sha1:" + "0" * 40)]
    (cause,) = Given(some, FLEET).shown()["causes"]
    assert (cause["clusters"], cause["objects"], cause["title"]) == (3, 3, "Kustomize build failed")
    assert [[of["name"] for of in group["clusters"]] for group in cause["groups"]] == [["aks-1", "aks-2"], ["aks-3"]]
    assert cause["groups"][0]["revision"] == "main@5394cb7"
    assert cause["groups"][0]["commit_url"].startswith("https://github.com/contoso/fleet/commit/5394cb7")
    assert cause["runbook_url"] == "https://contoso.example/runbooks/KustomizeBuild.md"


def test_the_gravest_cause_is_first_then_the_one_on_most_clusters_and_what_may_pass_is_last() -> None:
    some = [
        broken("aks-1", "dns-failed", named="held", at=NOW),
        broken("aks-1", "build-failed"),
        *(broken(name, "apply-failed", named="b") for name in ("aks-1", "aks-2")),
        broken("aks-3", "health-check-failed", named="c"),
    ]
    shown = [(row["id"], row["certain"]) for row in Given(some, FLEET).shown()["causes"]]
    assert shown == [("health-check-failed", True), ("apply-failed", True), ("build-failed", True), ("dns-failed", False)]


def test_what_waits_for_a_source_stands_under_it_and_is_no_thing_of_its_own() -> None:
    source = after_all(failing(cause="git-failed", of=subject("GitRepository", "platform", on=cluster("aks-1"))))
    waits = after_all(
        seen(Health.WAITING, cause=CAUSES["source-not-ready"], of=subject(name="platform-a", on=cluster("aks-1")))
    )
    found = Given([source, waits], FLEET).shown()
    (cause,) = found["causes"]
    assert (cause["id"], cause["objects"], cause["waiting"]) == ("git-failed", 1, 1)
    assert found["summary"]["sentence"] == "1 thing is broken on 1 of 3 clusters"
    assert found["summary"]["objects_broken"] == 2


def test_a_filter_that_leaves_the_source_out_shows_what_waits_by_itself() -> None:
    source = after_all(failing(cause="git-failed", of=subject("GitRepository", "platform", on=cluster("aks-1"))))
    waits = after_all(
        seen(Health.WAITING, cause=CAUSES["source-not-ready"], of=subject(name="platform-a", on=cluster("aks-1")))
    )
    assert [row["id"] for row in Given([source, waits], FLEET).shown(q="platform-a")["causes"]] == ["source-not-ready"]


def test_a_remedy_names_only_what_all_of_them_share() -> None:
    on_two = [broken(name, "prune-failed") for name in ("aks-1", "aks-2")]
    assert "flux reconcile kustomization apps -n cluster-config" in Given(on_two, FLEET).shown()["causes"][0]["remedy"]
    others = [broken("aks-1", "prune-failed"), broken("aks-1", "prune-failed", named="infra")]
    assert "flux reconcile kustomization NAME -n NS" in Given(others, FLEET).shown()["causes"][0]["remedy"]


# --------------------------------------------------------------------------------------------------------------------- clusters


def test_a_cluster_is_shown_with_everything_that_is_known() -> None:
    at = after(minutes=10)
    some = (
        replace(COMPLIANT, revision=COMMIT, synced_at=at, reported_at=after(minutes=20)),
        Configuration("b", "c", compliance=Compliance.NON_COMPLIANT, failing=2, suspended=True, bad_since=after()),
    )
    info = replace(swept("aks-1")[0], state="Running", kubernetes="1.34.2", configurations=some, mute_until=after(hours=1))
    (row,) = Given([broken("aks-1")], [info], mutes={info.cluster.key: after(hours=1)}).shown()["clusters"]
    row.pop("portal_url")
    assert [one.pop("commit_url") for one in row["configurations"]] == [row["commit_url"], None]
    second = row.pop("configurations")[1]
    assert (second["compliance"], second["failing"], second["suspended"]) == ("Non-Compliant", 2, True)
    assert row == {
        "name": "aks-1",
        "id": cluster("aks-1").arm_id,
        "type": "managedClusters",
        "subscription": "Contoso Production",
        "subscription_id": cluster().subscription,
        "resource_group": "rg-prod-weu",
        "region": "westeurope",
        "azure_state": "Running",
        "kubernetes": "1.34.2",
        "state": "muted",
        "severity": None,
        "incidents": {"muted": 1},
        "compliance": {"Compliant": 1, "Non-Compliant": 1},
        "flux": {"version": "1.24.1", "train": "", "auto_upgrade": None, "provisioning": ""},
        "revision": "main@5394cb7",
        "commit_url": "https://github.com/contoso/fleet/commit/5394cb7f48332b2de7c17dd8b8384bbc84b7e738",
        "synced_at": "2026-11-20T08:10:00+00:00",
        "reported_at": "2026-11-20T08:20:00+00:00",
        "muted_until": "2026-11-20T09:00:00+00:00",
        "hidden_since": None,
    }


def test_clusters_stand_in_the_order_of_their_trouble_then_by_name() -> None:
    not_compliant = replace(COMPLIANT, compliance=Compliance.NON_COMPLIANT)
    infos = [
        *swept("z-well", "a-well"),
        *swept("none", extension=None, configurations=()),
        *swept("hidden", hidden_since=after()),
        *swept("bad", configurations=(not_compliant,)),
    ]
    grave = broken("a-critical", "health-check-failed")
    some = [broken("a-warning"), grave, broken("a-held", "dns-failed", at=NOW), broken("strange")]
    shown = [(row["name"], row["state"]) for row in Given([*some, over(broken("gone"))], infos).shown()["clusters"]]
    assert shown == [
        ("a-critical", "open"),
        ("a-warning", "open"),
        ("strange", "open"),
        ("a-held", "held"),
        ("bad", "not-compliant"),
        ("hidden", "hidden"),
        ("a-well", "well"),
        ("z-well", "well"),
        ("none", "no-flux"),
    ]


def test_without_a_sweep_a_cluster_that_was_ever_heard_of_is_shown_and_nobody_says_that_it_is_well() -> None:
    assert [(row["name"], row["state"]) for row in Given([over(broken("aks-1"))]).shown()["clusters"]] == [("aks-1", "unknown")]


def test_an_incident_names_its_configuration() -> None:
    mine = replace(COMPLIANT, objects=frozenset({object_digest("Kustomization", "cluster-config", "apps")}))
    shown = Given([broken("aks-1")], swept("aks-1", configurations=(mine,))).shown()
    assert shown["incidents"][0]["configuration"] == "cluster-config/apps"


# ---------------------------------------------------------------------------------------------------------------- odd incidents


def test_what_never_opened_is_not_shown_and_a_cause_of_another_version_has_a_title() -> None:
    assert Given([after_all(healthy(after()))], FLEET).shown()["incidents"] == []
    (row,) = Given([replace(broken("aks-1"), cause="of-tomorrow")], FLEET).shown()["incidents"]
    assert (row["cause"], row["title"]) == ("of-tomorrow", "Reconciliation failed")


@pytest.mark.parametrize("source", ["javascript:alert(1)", "https://evil.example/<script>", "data:text/html,x", ""])
def test_an_address_of_a_source_becomes_a_link_only_if_a_known_host_has_such_pages(source: str) -> None:
    infos = swept("aks-1", configurations=(replace(COMPLIANT, source=source, revision=COMMIT),))
    shown = Given([broken("aks-1", revision=COMMIT, origin=source)], infos).shown()
    assert shown["clusters"][0]["commit_url"] is None
    assert shown["causes"][0]["groups"][0]["commit_url"] is None
