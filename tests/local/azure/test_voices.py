"""What happens to Flux objects in; the events, log lines and Kubernetes events of it out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from local.azure import World, failure_of
from local.azure.failures import FAILURES
from local.azure.generate import BEGIN, WORKSPACE
from local.flux import encode, event
from local.kql import Database, dicts
from shared.core.flux_event import parse
from shared.core.flux_observation import observe
from shared.core.observation import Health

AT = BEGIN + timedelta(minutes=10)


def of_kind(world: World, kind: str):
    return next(one for one in world.objects() if one.kind == kind)


def heard(world: World) -> list[Health]:
    """What Fluxwatch makes of the events so far."""
    sent = [parse(encode(event(one.happening, one.cluster, one.at))) for one in world.happenings]
    return [observe(each, one.cluster).health for each, one in zip(sent, world.happenings, strict=True)]


@pytest.mark.parametrize("kind", FAILURES)
def test_failures_and_recoveries_are_understood_as_such(world, kind):
    one = of_kind(world, kind)
    for number in range(len(FAILURES[kind])):
        world.fail(one, *failure_of(one, number), AT)
        world.recover(one, AT + timedelta(minutes=1))
    assert heard(world) == [Health.FAILING, Health.HEALTHY] * len(FAILURES[kind])


def test_a_kustomization_without_health_checks_recovers_in_silence(world):
    one = next(each for each in world.objects() if each.kind == "Kustomization" and not each.checked)
    world.fail(one, *failure_of(one), AT)
    world.recover(one, AT)
    assert heard(world) == [Health.FAILING]


def test_waiting_and_progress_are_said_at_info(world):
    one = of_kind(world, "Kustomization")
    world.wait(one, "Dependencies do not meet ready condition, retrying in 30s", AT)
    world.progress(one, AT)
    assert heard(world) == [Health.WAITING, Health.PROGRESSING]


def test_errors_of_sources_carry_no_revision_and_those_of_others_do(world):
    for kind in ("GitRepository", "Kustomization"):
        world.fail(of_kind(world, kind), *failure_of(of_kind(world, kind)), AT)
    assert [bool(sent.happening.metadata) for sent in world.happenings] == [False, True]


def test_what_fails_silently_and_what_fails_on_a_stopped_cluster_sends_nothing(world):
    one = of_kind(world, "HelmRelease")
    world.fail(one, "SourceNotReady", "HelmChart is not ready", AT, silent=True)
    world.stop_cluster(one.member)
    world.recover(one, AT)
    assert world.happenings == []


def test_a_failed_upgrade_is_in_the_log_at_info_and_in_the_events_of_kubernetes(world):
    one = of_kind(world, "HelmRelease")
    failure = failure_of(one)
    for minute in (0, 5):
        world.fail(one, *failure, AT + timedelta(minutes=minute))
    rows = world.log_rows(WORKSPACE)
    lines = [row["LogMessage"] for row in rows["ContainerLogV2"]]
    assert all("release is in a failed state" in str(line) for line in lines)
    assert {type(line) for line in lines} == {str, dict}  # clusters store it in either form
    assert [(row["Reason"], row["Message"], row["Count"]) for row in rows["KubeEvents"]] == [
        (failure.reason, failure.message, 1.0),
        (failure.reason, failure.message, 2.0),
    ]


def test_rows_come_later_than_they_were_written_and_in_mixed_case(world):
    one = of_kind(world, "Kustomization")
    world.log(one.member, "panic: runtime error", AT, AT + timedelta(hours=2), pod="helm-controller-5d9f6c8b77-m4zsr")
    world.fail(one, *failure_of(one), AT)
    late, usual = world.log_rows(WORKSPACE)["ContainerLogV2"]
    assert [row["_IngestionTime"] - row["TimeGenerated"] for row in (late, usual)] == [timedelta(hours=2), timedelta(minutes=1)]
    assert late["_ResourceId"] != usual["_ResourceId"]
    assert late["_ResourceId"].lower() == usual["_ResourceId"].lower()


def test_clusters_without_a_workspace_have_no_logs(world):
    one = of_kind(world, "Kustomization")
    one.member.workspace = ""
    world.fail(one, *failure_of(one), AT)
    assert not any(world.log_rows(WORKSPACE).values())


def test_restarts_are_counted_in_the_inventory_of_pods(world):
    member = next(iter(world.members.values()))
    world.restart(member, "source-controller", AT, "OOMKilled")
    world.restart(member, "source-controller", AT + timedelta(minutes=5), "OOMKilled", status="CrashLoopBackOff")
    rows = world.log_rows(WORKSPACE)["KubePodInventory"]
    assert [row["ContainerRestartCount"] for row in rows] == [0, 1, 2]
    assert (rows[2]["ContainerStatusReason"], rows[2]["ContainerLastStatus"]) == ("CrashLoopBackOff", '{"reason": "OOMKilled"}')


def test_a_round_of_reconciliations_leaves_a_line_of_each_controller_that_works(world):
    world.reconcile(AT, without=["helm-controller"])
    member = next(iter(world.members.values()))
    member.state = "Stopped"
    world.reconcile(AT, [member])
    database = Database("loganalytics")
    database.replace("ContainerLogV2", world.log_rows(WORKSPACE)["ContainerLogV2"])
    query = "ContainerLogV2 | summarize Lines = count() by Pod = PodName, Cluster = tolower(_ResourceId)"
    found = dicts(database.run(query))
    assert {row["Pod"].rsplit("-", 2)[0] for row in found} == {"source-controller", "kustomize-controller"}
    assert len({row["Cluster"] for row in found}) == 4
