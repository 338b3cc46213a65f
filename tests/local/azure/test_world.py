"""What happens to a fleet in; its truth, and the rows that Azure shows of it, out."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.azure import MISSING, World, failure_of, generate
from local.azure.fleet import ARC
from local.azure.generate import BEGIN, revision_of
from shared.core.observation import Health

LATER = BEGIN + timedelta(minutes=10, microseconds=250_000)
TABLES = ("resources", "resourcecontainers", "kubernetesconfigurationresources")


def configurations(world: World) -> list[dict]:
    return [row for row in world.graph_rows()[TABLES[2]] if row["type"].endswith("/fluxconfigurations")]


def shown(world: World, one) -> dict | None:
    """What Azure shows of an object."""
    row = next(row for row in configurations(world) if row["id"].lower() == one.configuration.arm_id.lower())
    statuses = row["properties"]["statuses"]
    return next((each for each in statuses if (each["kind"], each["name"]) == (one.kind, one.name)), None)


def non_compliant(world: World) -> set[tuple[str, str, str, str]]:
    """Keys of the objects that Azure shows as not compliant."""
    return {
        (row["id"].lower().partition("/providers/microsoft.kubernetesc")[0], one["kind"], one["namespace"], one["name"])
        for row in configurations(world)
        for one in row["properties"]["statuses"]
        if one["complianceState"] == "Non-Compliant"
    }


def test_the_same_seed_makes_the_same_fleet_and_another_seed_another():
    same, again, other = (generate(6, seed=seed).graph_rows() for seed in (3, 3, 4))
    assert same == again
    assert same != other


@pytest.mark.parametrize(("clusters", "objects"), [(1, 4), (4, 5), (100, 20)])
def test_a_fleet_has_as_many_clusters_and_objects_as_were_asked_for(clusters, objects):
    world = generate(clusters, objects)
    assert len(world.members) == clusters
    assert len({one.subject.key for one in world.objects()}) == clusters * objects
    assert world.truth() == set()
    assert world.happenings == []


def test_objects_are_named_as_azure_names_them(world):
    for configuration in world.configurations():
        kinds = {one.kind for one in configuration.objects}
        assert {"GitRepository", "Kustomization", "HelmRelease"} <= kinds
        for one in configuration.objects:
            if one.kind == "GitRepository":
                assert one.name == configuration.name
            if one.kind == "Kustomization":
                assert one.name.startswith(f"{configuration.name}-")
            if one.kind == "HelmRelease":
                assert one.applied_by in {(each.namespace, each.name) for each in configuration.objects}


def test_truth_is_what_fails_or_waits_and_is_not_suspended(world):
    one, two, three, *_ = (each for each in world.objects() if each.kind == "Kustomization")
    world.fail(one, *failure_of(one), LATER)
    world.wait(two, "dependency 'cluster-config/x' is not ready", LATER)
    world.fail(three, *failure_of(three), LATER)
    world.suspend(three, LATER)
    assert world.truth() == {one.subject.key, two.subject.key}
    assert world.truth(Health.WAITING) == {two.subject.key}
    assert world.suspended() == {three.subject.key}
    world.recover(one, LATER)
    world.delete_object(two)
    world.resume(three, LATER)
    assert world.truth() == {three.subject.key}
    world.suspend_configuration(three.configuration, LATER)
    assert world.truth() == set()


def test_azure_shows_what_the_agent_reported_and_not_yet_what_is(world):
    one = next(world.objects())
    world.fail(one, *failure_of(one), LATER)
    assert shown(world, one)["complianceState"] == "Compliant"
    world.report(LATER)
    assert shown(world, one)["complianceState"] == "Non-Compliant"
    world.delete_object(one)
    assert shown(world, one) is not None
    world.report(LATER)
    assert shown(world, one) is None


def test_a_condition_is_as_old_as_its_words_in_whole_seconds(world):
    one = next(one for one in world.objects() if one.kind == "Kustomization")
    for minutes, number in ((0, 0), (5, 0), (10, 1)):
        world.fail(one, *failure_of(one, number), LATER + timedelta(minutes=minutes))
        world.report(LATER)
        condition = shown(world, one)["statusConditions"][-1]
        assert condition["lastTransitionTime"] == {0: "2026-11-20T08:10:00Z", 1: "2026-11-20T08:20:00Z"}[number]
        assert (condition["type"], condition["status"], condition["reason"]) == (
            "Ready",
            "False",
            failure_of(one, number).reason,
        )


@pytest.mark.parametrize(
    "quiet",
    [World.silence_agent, World.stop_cluster, World.disconnect, World.delete_extension],
    ids=["silent", "stopped", "disconnected", "no extension"],
)
def test_a_cluster_that_does_not_report_is_shown_as_it_was(world, quiet):
    one = next(world.objects())
    quiet(world, one.member)
    world.fail(one, *failure_of(one), LATER)
    world.report(LATER)
    assert shown(world, one)["complianceState"] == "Compliant"
    assert one.configuration.shown["statusUpdatedAt"] == "2026-11-20T08:00:00.000Z"
    other = next(each for each in world.configurations() if each.member is not one.member)
    assert other.shown["statusUpdatedAt"] == "2026-11-20T08:10:00.250Z"


def test_power_and_connectivity_are_shown_by_the_type_of_cluster(world):
    for member in world.members.values():
        world.stop_cluster(member)
    rows = {row["name"]: row["properties"] for row in world.graph_rows()["resources"]}
    for member in world.members.values():
        properties = rows[member.cluster.name]
        arc = member.cluster.type == ARC
        assert (properties["connectivityStatus"] if arc else properties["powerState"]["code"]) == (
            "Offline" if arc else "Stopped"
        )


def test_letter_cases_differ_as_they_do_in_azure():
    rows = generate(20, 4).graph_rows()[TABLES[2]]
    frames = {row["id"].split("/")[3] for row in rows} | {row["id"].split("/")[6] for row in rows}
    assert {"resourceGroups", "resourcegroups", "Microsoft.ContainerService", "microsoft.containerservice"} <= frames
    names = {name for row in rows if row["type"].endswith("/extensions") for name in row["properties"]}
    assert {"ExtensionType", "CurrentVersion", "ProvisioningState"} <= names


def test_a_failed_extension_says_why(world):
    member = next(iter(world.members.values()))
    world.fail_extension(member, "Helm installation failed : timed out waiting for the condition")
    row = next(row for row in world.graph_rows()[TABLES[2]] if row["id"].lower() == member.extension_id.lower())
    assert row["properties"]["ProvisioningState"] == "Failed"
    assert row["properties"]["ErrorInfo"]["Message"] == row["properties"]["Statuses"][0]["Message"]


def test_a_commit_reaches_the_clusters_that_run_and_is_shown_when_they_report(world):
    source, stopped = "https://github.com/contoso/fleet", next(iter(world.members.values()))
    world.stop_cluster(stopped)
    world.commit(source, revision_of(99), LATER)
    world.report(LATER)
    synced = {row["id"].lower(): row["properties"]["sourceSyncedCommitId"] for row in configurations(world)}
    reached = [one for one in world.configurations() if one.source == source and one.member is not stopped]
    assert {one for one, revision in synced.items() if revision == revision_of(99)} == {one.arm_id.lower() for one in reached}
    assert [sent.happening.reason for sent in world.happenings] == ["NewArtifact"] * len(reached)


def test_what_the_identity_may_not_see_is_missing_without_a_word(world):
    before = {table: len(rows) for table, rows in world.graph_rows().items()}
    member = next(iter(world.members.values()))
    for what in (member, member.cluster.subscription, "Microsoft.KubernetesConfiguration", member.extension_id):
        world.hide(what)
        assert sum(len(rows) for rows in world.graph_rows().values()) < sum(before.values())
        world.show(what)
    assert {table: len(rows) for table, rows in world.graph_rows().items()} == before
    world.hide(member)
    assert not any(member.cluster.key in row["id"].lower() for rows in world.graph_rows().values() for row in rows)


def test_a_row_can_be_spoilt_and_mended(world):
    configuration = next(world.configurations())
    before = configurations(world)
    world.spoil(configuration.arm_id, statuses=MISSING, complianceState=42, row_name=None)
    row = next(row for row in configurations(world) if row["id"].lower() == configuration.arm_id.lower())
    assert "statuses" not in row["properties"]
    assert (row["properties"]["complianceState"], row["name"]) == (42, None)
    world.mend(configuration.arm_id)
    assert configurations(world) == before


def test_deleted_clusters_and_configurations_are_gone_at_once(world):
    first, second, *_ = world.members.values()
    world.delete_configuration(first.configurations[0])
    world.delete_cluster(second)
    ids = {row["id"].lower() for row in configurations(world)}
    assert len(ids) == 5
    assert not any(second.cluster.key in one for one in ids)
    world.delete_group(first.cluster.subscription, first.cluster.resource_group)
    assert first.cluster.key not in world.members


steps = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 47), st.integers(0, 2)), max_size=25)


@given(steps)
def test_after_all_agents_reported_azure_shows_the_truth(happens):
    world, clock = generate(4, 12, workspace=""), count(1)
    verbs = [
        lambda one, number, at: world.fail(one, *failure_of(one, number), at),
        lambda one, _, at: world.recover(one, at),
        lambda one, _, at: world.wait(one, "Dependencies do not meet ready condition, retrying in 30s", at),
        lambda one, _, at: world.suspend(one, at),
        lambda one, _, at: world.resume(one, at),
        lambda one, _, at: world.delete_object(one),
    ]
    for verb, place, number in happens:
        objects = list(world.objects())
        verbs[verb](objects[place % len(objects)], number, BEGIN + timedelta(minutes=next(clock)))
    world.report(BEGIN + timedelta(hours=1))
    assert non_compliant(world) == world.truth()
