"""One entry of `statuses`: what its conditions mean, since when, and that no entry can do harm."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.core.azure_values import Reading
from shared.core.conditions import MAX_CONDITIONS, Shown, shown
from shared.core.coverage import KINDS
from shared.core.observation import Health
from tests.examples import START, after
from tests.sights import JSON, condition, status

READY_KEYS = ("kind", "namespace", "name", "complianceState", "statusConditions", "helmReleaseProperties", "type", "status")


def of(entry: Any) -> Shown:
    found = shown(entry, Reading(after(minutes=5)))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("kind", "ready", "reason", "health"),
    [
        ("Kustomization", "True", "ReconciliationSucceeded", Health.HEALTHY),
        ("Kustomization", "true", "", Health.HEALTHY),
        ("Kustomization", True, "", Health.HEALTHY),
        ("Kustomization", "False", "BuildFailed", Health.FAILING),
        ("Kustomization", False, None, Health.FAILING),
        ("Kustomization", "False", "DependencyNotReady", Health.WAITING),
        ("HelmRelease", "False", "RollbackSucceeded", Health.REMEDIATED),
        ("HelmRelease", "False", "UninstallSucceeded", Health.REMEDIATED),
        ("Kustomization", "False", "RollbackSucceeded", Health.FAILING),
        ("Kustomization", "Unknown", "Progressing", Health.PROGRESSING),
        ("Kustomization", "Maybe", "", Health.PROGRESSING),
        ("Kustomization", None, None, Health.PROGRESSING),
        ("Kustomization", 7, [], Health.PROGRESSING),
    ],
)
def test_ready_decides(kind: str, ready: Any, reason: Any, health: Health) -> None:
    assert of(status(kind=kind, statusConditions=[condition(ready, START, reason)])).health is health


@pytest.mark.parametrize(
    ("state", "health"),
    [
        ("Compliant", Health.HEALTHY),
        ("COMPLIANT", Health.HEALTHY),
        ("Non-Compliant", Health.FAILING),
        ("non-compliant", Health.FAILING),
        ("Suspended", Health.SUSPENDED),
        ("Pending", Health.PROGRESSING),
        ("Unknown", Health.PROGRESSING),
        ("Excellent", Health.PROGRESSING),
        ("", Health.PROGRESSING),
        (None, Health.PROGRESSING),
        (7, Health.PROGRESSING),
    ],
)
@pytest.mark.parametrize("conditions", [None, [], "Ready", [None, 7, {}], [{"type": None}]])
def test_without_ready_it_is_what_azure_calls_it(state: Any, health: Health, conditions: Any) -> None:
    assert of(status(complianceState=state, statusConditions=conditions)).health is health


def test_what_is_suspended_is_so_whatever_ready_says() -> None:
    assert of(status(ready="False", complianceState="Suspended")).health is Health.SUSPENDED


def test_flux_that_does_not_try_again_has_failed() -> None:
    entry = status(ready="Unknown")
    entry["statusConditions"].insert(0, condition("True", after(minutes=1), "Stalled", "chart not found", "Stalled"))
    assert of(entry) == Shown(
        *("Kustomization", "cluster-config", "platform-apps", Health.FAILING, after(minutes=1), "Stalled", "chart not found")
    )


@pytest.mark.parametrize(("stalled", "reason"), [("True", "Retries"), ("False", "Released")])
def test_without_ready_a_failure_is_told_by_stalled_or_else_by_the_first_that_is_false(stalled: str, reason: str) -> None:
    conditions = [
        condition("True", START, "Fine", type_="Reconciling"),
        condition("False", START, "Released", type_="Released"),
        condition(stalled, START, "Retries", type_="Stalled"),
    ]
    assert of(status(complianceState="Non-Compliant", statusConditions=conditions)).reason == reason


def test_keys_and_types_are_read_in_both_letter_cases() -> None:
    entry = {
        "Kind": "Kustomization",
        "Namespace": "cluster-config",
        "Name": "apps",
        "ComplianceState": "Non-Compliant",
        "StatusConditions": [
            {"Type": "READY", "Status": "FALSE", "Reason": "BuildFailed", "Message": "m", "LastTransitionTime": START}
        ],
    }
    assert of(entry) == Shown("Kustomization", "cluster-config", "apps", Health.FAILING, START, "BuildFailed", "m")


@pytest.mark.parametrize(
    "entry",
    [
        *(None, 7, "Kustomization", [], {}),
        *(status(name=name) for name in ("", "Apps", "-a", "a-", "a/b", "a b", "a" * 254, None, 7, ["a"])),
        *(status(namespace=namespace) for namespace in ("", "A", None, {})),
        *(status(kind=kind) for kind in ("", "kustomization", "A b", "K" * 64, None, 7)),
        *(status(kind=kind) for kind in KINDS.values()),  # no object may pose as one of our own findings
    ],
)
def test_what_names_no_object_is_none(entry: Any) -> None:
    assert shown(entry, Reading(START)) is None


@pytest.mark.parametrize(("applied", "revision"), [("1.4.2", "1.4.2"), ("17", ""), (None, ""), (3, ""), ("v2", "v2")])
def test_a_release_tells_what_it_applied_last_where_that_is_a_version(applied: Any, revision: str) -> None:
    more = {"kind": "HelmRelease", "helmReleaseProperties": {"lastRevisionApplied": applied}}
    assert of(status(ready="False", **more)).revision == revision


@pytest.mark.parametrize(("at", "wrong"), [(after(hours=9).isoformat(), 1), ("x", 0), (None, 0), (7, 0)])
def test_a_time_that_is_none_is_missing_and_one_in_the_future_is_counted(at: Any, wrong: int) -> None:
    reading = Reading(START)
    found = shown(status(statusConditions=[condition("False", None) | {"lastTransitionTime": at}]), reading)
    assert found is not None
    assert (found.since, reading.wrong_clocks) == (None, wrong)


def test_the_first_condition_of_a_type_counts_and_what_is_beyond_fifty_does_not() -> None:
    twice = [condition("False", START), condition("True", START)]
    assert of(status(statusConditions=twice)).health is Health.FAILING
    far = [condition("True", START, type_=f"T{n}") for n in range(MAX_CONDITIONS)] + [condition("False", START)]
    assert of(status(statusConditions=far)).health is Health.HEALTHY


@settings(max_examples=20)
@given(entry=JSON | st.dictionaries(st.sampled_from(READY_KEYS), JSON, max_size=8))
def test_no_entry_makes_it_fail(entry: Any) -> None:
    assert isinstance(shown(entry, Reading(START)), Shown | None)


@settings(max_examples=20)
@given(conditions=st.lists(st.dictionaries(st.sampled_from(("type", "status", "reason", "message", "Type")), JSON), max_size=3))
def test_no_condition_makes_it_fail(conditions: Any) -> None:
    assert shown(status(statusConditions=conditions), Reading(START)) is not None
