"""Events of Kubernetes in; whether the log alert on Helm fires out, by executing the rule as it goes to Azure."""

from __future__ import annotations

from datetime import timedelta

from local.kql import Database
from tests.queries.firing import fires_apart, of_object, rule
from tests.queries.rows import END, Row, after, event

FAILURES = rule("FluxHelmFailures")
MEDIA = of_object("HelmRelease", "media", "transcoder")


def well(reason: str, at: float) -> Row:
    """A normal event: told only where these are collected, too."""
    return event(reason, "Helm upgrade succeeded", at, KubeEventType="Normal")


def retold(at: float, seen: float, **columns: object) -> Row:
    """An event that is in the inventory once more, though nothing happened since `seen`."""
    return event("UpgradeFailed", "timed out", at, LastSeen=after(seen), **columns)


CASES = {
    "an upgrade": ([event("UpgradeFailed", "timed out")], {MEDIA: 1}),
    "each thing that Helm does": (
        [event(f"{what}Failed", "no", at) for at, what in enumerate(("Install", "Upgrade", "Test", "Rollback", "Uninstall"))],
        {MEDIA: 5},
    ),
    "the end of attempts": ([event("MissingRollbackTarget", "no", 1), event("RetriesExceeded", "no", 2)], {MEDIA: 2}),
    "one event that is told again": ([retold(60, 1), retold(120, 1), retold(180, 1)], {MEDIA: 1}),
    "one that happens again": ([retold(60, 1), retold(120, 100)], {MEDIA: 2}),
    "an old one that is only told": ([retold(at, -1_000) for at in (1, 60, 120)], {}),
    "an event without LastSeen": ([event("UpgradeFailed", "timed out", LastSeen=None)], {MEDIA: 1}),
    "an upgrade that went well at last": ([event("UpgradeFailed", "no", 1), well("UpgradeSucceeded", 60)], {}),
    "a failure after one that went well": ([well("InstallSucceeded", 1), event("UpgradeFailed", "no", 60)], {MEDIA: 1}),
    "a test that went well": ([event("TestFailed", "no", 1), well("TestSucceeded", 60)], {}),
    "only well": ([well("UpgradeSucceeded", 1)], {}),
    "a conflict": ([event("UpgradeFailed", "the object has been modified; try again")], {}),
    "dependencies, drift, artifacts": (
        [event(each, "no") for each in ("DependencyNotReady", "DriftDetected", "ArtifactFailed")],
        {},
    ),
    "another kind": ([event("UpgradeFailed", "no", ObjectKind="Deployment")], {}),
    "another controller": ([event("InstallFailed", "no", SourceComponent="helm-operator")], {}),
    "a writer who is not told": ([event("InstallFailed", "no", SourceComponent="")], {MEDIA: 1}),
    "another namespace": (
        [event("InstallFailed", "no", Namespace="shop", Name="cart")],
        {of_object("HelmRelease", "shop", "cart"): 1},
    ),
    "nothing": (
        [event("", ""), event("UpgradeFailed", "no", KubeEventType=None), event("UpgradeFailed", "no", ObjectKind=None)],
        {},
    ),
}


def test_what_helm_failed_at_fires(logs: Database):
    found = fires_apart(logs, FAILURES, {case: rows for case, (rows, _) in CASES.items()})
    assert found == {case: expected for case, (_, expected) in CASES.items()}


def test_a_failure_fires_once_it_is_there_and_for_half_an_hour_however_often_it_is_told(logs: Database):
    told = [retold(at, 500) for at in range(510, 4_000, 60)]
    cases = {"late": [event("UpgradeFailed", "no", 590, late=400)], "told again": told}
    looks = {
        minutes: [case for case, found in fires_apart(logs, FAILURES, cases, END + timedelta(minutes=minutes)).items() if found]
        for minutes in (0, 10, 30, 60)
    }
    assert looks[0] == ["told again"]
    assert looks[10] == ["late", "told again"]
    assert looks[30] == ["told again"]
    assert looks[60] == []
