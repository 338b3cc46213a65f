"""Lines of a day in; objects that fail or are silent, and controllers that live, out, by executing the queries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from local.kql import Database
from tests.queries.rows import AKS, ARC, END, START, after, ask, failed, finished, line, said

DAY = START - timedelta(days=1)
HOUR = 3600


def stalled(logs: Database, rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """By the object's name."""
    return {row["Name"]: row for row in ask(logs, "flux_stalled", rows, start=DAY)}


def test_an_object_whose_last_outcome_is_an_error_fails_and_one_that_recovered_does_not(logs: Database):
    rows = [
        line(finished("apps"), -3 * HOUR),
        line(failed("earlier", name="apps"), -2 * HOUR, cluster=AKS.lower()),
        line(failed("the last", name="apps"), -HOUR),
        line(said("Dependencies do not meet ready condition", name="apps"), 0),
        line(failed("once", name="recovered"), -HOUR),
        line(finished("recovered"), 0),
        line(finished("healthy"), 0),
        line(failed("in one second", name="both"), 5),
        line(finished("both"), 5),
    ]
    found = stalled(logs, rows)
    assert set(found) == {"apps", "both"}
    assert found["apps"] == {
        "_ResourceId": AKS.lower(),
        "Kind": "Kustomization",
        "Namespace": "flux-system",
        "Name": "apps",
        "Controller": "kustomize-controller",
        "LastOk": after(-3 * HOUR),
        "LastError": after(-HOUR),
        "LastLine": after(0),
        "Errors": 2,
        "State": "failing",
        "SampleText": "the last",
    }


def test_an_object_of_which_nothing_is_written_any_more_is_silent(logs: Database):
    rows = [
        line(finished("quiet"), -7 * HOUR),
        line(said("busy", name="waiting"), -7 * HOUR),
        line(failed("broken", name="broken"), -7 * HOUR),
        line(finished("recent"), -5 * HOUR),
        line(finished("long ago"), -25 * HOUR),
        line(finished("quiet"), 0, cluster=ARC),
        line(finished("not yet"), 700),
    ]
    found = stalled(logs, rows)
    assert {name: row["State"] for name, row in found.items()} == {"quiet": "silent", "waiting": "silent", "broken": "failing"}
    assert (found["quiet"]["LastError"], found["quiet"]["SampleText"]) == (None, "")
    assert (found["waiting"]["LastOk"], found["waiting"]["LastLine"]) == (None, after(-7 * HOUR))


def test_noise_hidden_failures_and_lines_about_no_object_count_as_in_flux_errors(logs: Database):
    locked = "Operation cannot be fulfilled: the object has been modified; please apply your changes to the latest version"
    rows = [
        line(failed(locked, name="locked")),
        line(said("release is in a failed state", kind="HelmRelease", name="hidden")),
        line(said("HelmChart 'a/b' is not ready: latest generation of object has not been reconciled", name="new")),
        line(failed("connection refused", name="untold") | {"msg": "unable to send event"}),
        line("panic: runtime error"),
        line(failed("nameless", name="")),
        line(failed("not ours", name="elsewhere"), PodNamespace="apps"),
        line(
            {
                "level": "error",
                "reconciler kind": "GitRepository",
                "name": "old",
                "msg": "it broke",
                "error": "GitOperationFailed",
            }
        ),
        line(failed("x" * 1_000_000, name="long")),
        *(line(one) for one in (None, "", "[1]", 5, {})),
    ]
    found = stalled(logs, rows)
    assert {name: row["SampleText"][:30] for name, row in found.items()} == {
        "hidden": "release is in a failed state",
        "old": "it broke",
        "long": "x" * 30,
    }


def test_whatever_a_controller_writes_is_a_sign_of_life(logs: Database):
    rows = [
        line("panic: runtime error", 1),
        line(finished(), 5, cluster=AKS.lower()),
        line(finished(), 700),
        line(finished(), -1),
        line({"Message": "GET"}, 9, cluster=ARC, PodName="fluxconfig-agent-59c7b9d8f6-pz4lt", ContainerName="fluxconfig-agent"),
        line("chatter", 9, cluster=ARC, PodName="fluxconfig-agent-59c7b9d8f6-pz4lt", ContainerName="fluent-bit"),
        line("not ours", 9, cluster=ARC, PodName="coredns-59c7b9d8f6-pz4lt", PodNamespace="kube-system"),
    ]
    assert [tuple(row.values()) for row in ask(logs, "flux_controllers", rows, end=END)] == [
        (ARC.lower(), "fluxconfig-agent", 1, after(9)),
        (AKS.lower(), "kustomize-controller", 2, after(5)),
    ]
