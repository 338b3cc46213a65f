"""The inventory of pods in; whether the log alert on restarts fires out, by executing the rule as it goes to Azure."""

from __future__ import annotations

from datetime import timedelta

from local.kql import Database
from tests.queries.firing import fires_apart, of_controller, rule
from tests.queries.rows import END, PODS, Row, after, pod

RESTARTS = rule("FluxPodRestarts")
KUSTOMIZE = of_controller("kustomize-controller")
OLD, YOUNG = after(-86_400), after(60)


def seen(*counts: int | None, created: object = OLD, **columns: object) -> list[Row]:
    """A container with so many restarts, minute by minute."""
    return [pod(count, 60.0 * at, PodCreationTimeStamp=created, **columns) for at, count in enumerate(counts, 1)]


def state(reason: str, **columns: object) -> list[Row]:
    """One that does not run."""
    return seen(0, 0, ContainerStatusReason=reason, **columns)


CASES = {
    "a restart": (seen(4, 4, 5), {KUSTOMIZE: 1}),
    "restarts of two pods of a controller": (
        seen(0, 1) + seen(0, 2, PodUid="u2", ContainerName="u2/manager"),
        {KUSTOMIZE: 3},
    ),
    "restarts from before": (seen(4, 4, 4), {}),
    "restarts of a pod that is new": (seen(2, 2, created=YOUNG), {KUSTOMIZE: 2}),
    "a rolling update": (
        seen(3, 3) + seen(0, 0, created=YOUNG, PodUid="u2", Name="kustomize-controller-7c9d8b6f55-aaaaa"),
        {},
    ),
    "a start": (state("ContainerCreating", created=YOUNG, PodStatus="Pending"), {}),
    "a start that takes too long": (state("ContainerCreating", PodStatus="Pending"), {KUSTOMIZE: 1}),
    "an image that cannot be pulled": (state("ImagePullBackOff", created=YOUNG), {KUSTOMIZE: 1}),
    "a crash loop between two restarts": (state("CrashLoopBackOff"), {KUSTOMIZE: 1}),
    "a bad state that passed": ([*state("CrashLoopBackOff"), pod(0, 500, PodCreationTimeStamp=OLD)], {}),
    "a lost node": (seen(0, 0, PodStatus="Unknown"), {KUSTOMIZE: 1}),
    "a pod that was evicted": (state("Error", PodStatus="Failed"), {}),
    "one that is done": (state("Completed", PodStatus="Succeeded"), {}),
    "the sidecar": (seen(0, 9, ContainerName="u1/fluent-bit"), {}),
    "another namespace": (seen(0, 9, Namespace="apps"), {}),
    "the Azure agent": (seen(0, 1, Name="fluxconfig-agent-59c7b9d8f6-pz4lt"), {of_controller("fluxconfig-agent"): 1}),
    "a pod of no deployment": (seen(0, 1, Name="x"), {of_controller("x"): 1}),
    "nothing": (seen(None, None, created=None, PodStatus=None, ContainerName=None), {}),
}


def test_restarts_and_bad_states_fire(logs: Database):
    found = fires_apart(logs, RESTARTS, {case: rows for case, (rows, _) in CASES.items()})
    assert found == {case: expected for case, (_, expected) in CASES.items()}


def test_a_restart_fires_while_the_window_saw_it_and_a_late_row_once_it_is_there(logs: Database):
    minutes = range(-20, 60)
    steady = [pod(int(at > 5), 60.0 * at, PodCreationTimeStamp=OLD) for at in minutes]
    late = [
        row | {"_IngestionTime": row["TimeGenerated"] + timedelta(minutes=8), "Name": PODS["HelmRelease"]} for row in steady
    ]
    looks = [
        [
            case
            for case, found in fires_apart(logs, RESTARTS, {"a": steady, "b": late}, END + timedelta(minutes=at)).items()
            if found
        ]
        for at in (-6, 0, 15, 30, 45)
    ]
    assert looks == [[], ["a"], ["a", "b"], [], []]
