"""Rows of the inventory of pods in; the containers that restarted or are in a bad state out, by executing the query."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from local.kql import Database
from tests.queries.rows import AKS, ARC, END, PODS, START, after, ask, pod


def test_restarts_are_those_since_the_last_window(logs: Database):
    rows = [
        pod(4, -60),
        pod(4, 0),
        pod(5, 60, _ResourceId=AKS.lower()),
        pod(6, 120, reason="OOMKilled"),
        pod(9, 700),
        pod(1, 120, _ResourceId=ARC),
    ]
    assert ask(logs, "flux_pods", rows) == [
        {
            "_ResourceId": AKS.lower(),
            "Controller": "kustomize-controller",
            "PodName": PODS["Kustomization"],
            "Container": "manager",
            "Restarts": 2,
            "TotalRestarts": 6,
            "PodStatus": "Running",
            "StatusReason": "",
            "LastTermination": "OOMKilled",
            "LastSeen": after(120),
        }
    ]


def test_a_container_that_was_never_seen_before_has_restarted_since_it_was_first_seen(logs: Database):
    rows = [
        pod(3, 60),
        pod(5, 120),
        pod(7, 60, PodUid="u2", Name="helm-controller-5d9f6c8b77-m4zsr", ContainerName="u2/manager"),
    ]
    (row,) = ask(logs, "flux_pods", rows)
    assert (row["Container"], row["Restarts"], row["TotalRestarts"]) == ("manager", 2, 5)


BAD = {
    "a crash loop": ({"ContainerStatusReason": "CrashLoopBackOff"}, True),
    "an image that cannot be pulled": ({"ContainerStatusReason": "ImagePullBackOff"}, True),
    "a killed container": ({"ContainerStatusReason": "OOMKilled"}, True),
    "a lost node": ({"PodStatus": "Unknown"}, True),
    "an eviction": ({"PodStatus": "Failed", "ContainerStatusReason": "Error"}, True),
    "a pod that waits for a node": ({"PodStatus": "Pending", "ContainerName": "", "PodCreationTimeStamp": after(-900)}, True),
    "a pod that has just begun": ({"PodStatus": "Pending", "ContainerName": "", "PodCreationTimeStamp": after(30)}, False),
    "a healthy container": ({}, False),
    "a finished one": ({"PodStatus": "Succeeded", "ContainerStatusReason": "Completed"}, False),
    "a start": ({"ContainerStatusReason": "ContainerCreating"}, False),
    "the sidecar": ({"ContainerStatusReason": "CrashLoopBackOff", "ContainerName": "u/fluent-bit"}, False),
    "another namespace": ({"ContainerStatusReason": "CrashLoopBackOff", "Namespace": "apps"}, False),
    "nothing at all": (
        {"PodStatus": None, "ContainerStatusReason": None, "ContainerLastStatus": None, "ContainerRestartCount": None},
        False,
    ),
    "garbage": ({"ContainerLastStatus": "{no json", "ContainerName": "///", "Name": "x"}, False),
}


def test_a_bad_state_is_a_row_without_a_restart(logs: Database):
    rows = [pod(0, at, **columns, PodUid=name) for name, (columns, _) in BAD.items() for at in (60, 120)]
    rows = [row | {"Name": row["PodUid"]} for row in rows]
    found = ask(logs, "flux_pods", rows)
    assert {row["PodName"] for row in found} == {name for name, (_, bad) in BAD.items() if bad}
    assert {(row["Restarts"], row["TotalRestarts"]) for row in found} == {(0, 0)}


def test_a_state_that_passed_is_not_told(logs: Database):
    assert ask(logs, "flux_pods", [pod(2, 60, ContainerStatusReason="CrashLoopBackOff"), pod(2, 120)]) == []


def test_an_evicted_pod_is_told_once_though_it_stays_for_good(logs: Database):
    rows = [pod(0, at, PodStatus="Failed", ContainerStatusReason="Error") for at in (60, 660)]
    assert len(ask(logs, "flux_pods", rows)) == 1
    assert ask(logs, "flux_pods", rows, start=END, end=END + timedelta(minutes=10)) == []


def test_why_a_container_ended_is_read_in_either_form(logs: Database):
    forms = {"u1": '{"reason": "OOMKilled"}', "u2": '{"terminated": {"reason": "Error"}}'}
    rows = [
        pod(count, at, PodUid=uid, ContainerLastStatus=last) for uid, last in forms.items() for count, at in ((0, -60), (1, 60))
    ]
    assert sorted(row["LastTermination"] for row in ask(logs, "flux_pods", rows)) == ["Error", "OOMKilled"]


def test_each_restart_is_counted_once_however_late_its_row_came(logs: Database):
    random = Random(11)
    rows, restarts = [], 0
    for at in range(-600, 600, 20):
        restarts += random.random() < 0.2
        rows.append(pod(restarts, at, late=random.choice([1, 60, 400])))
    middle = START + timedelta(seconds=313)
    (whole,) = ask(logs, "flux_pods", rows)
    parts = ask(logs, "flux_pods", rows, end=middle) + ask(logs, "flux_pods", rows, start=middle)
    assert whole["Restarts"] > 1
    assert sum(row["Restarts"] for row in parts) == whole["Restarts"]
