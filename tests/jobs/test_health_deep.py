"""A deep look: the store and its watermarks, what is told too late, what nobody expected, and time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from shared.core.finding import Finding, Run
from shared.core.routing import DEFAULT
from shared.core.told import ChannelState, Ledger
from shared.core.trouble import Trouble, Unanswered
from shared.jobs.health import EACH, JOB, WHOLE, Azure, Check, Health
from shared.ports import Mark, StoreUnavailable
from tests.examples import after, incident
from tests.fakes import FakeClock, FakeStore
from tests.patients import (
    RULES,
    SWEEPS,
    WORKSPACE,
    FakeAzure,
    azure,
    deep,
    faulty,
    health,
    quick,
    ran,
    read,
    settings,
    wrong,
)


def test_wrong_settings_do_not_keep_the_rest_from_being_looked_at_in_depth() -> None:
    fault, fake = faulty(ROUTES="[", **SWEEPS), FakeAzure()
    status, checks = read(Health(FakeClock(), fault.settings, FakeStore, fault.faults, azure(fake)), deep=True)
    assert (status, list(wrong(checks))) == ("failing", ["settings"])
    assert "identity" in checks
    assert "clusters" in fake.asked


def test_where_all_is_well_a_deep_look_says_so_and_has_seen_everything() -> None:
    fake, store = FakeAzure(), ran(1)
    status, checks = deep(fake, store)
    assert (status, wrong(checks)) == ("ok", {})
    assert fake.asked == [
        "token",
        "clusters",
        "subscriptions",
        "flux_extensions",
        "flux_configurations",
        "resource",
        "ContainerLogV2",
        "KubeEvents",
        "KubePodInventory",
        "flux_controllers",
    ]
    assert checks["Resource Graph: clusters"]["detail"] == "1 cluster in 1 subscription"
    assert checks["workspace rg-mon/law-1: query"]["detail"] == "Flux controllers of 1 cluster wrote in these minutes"
    assert store.runs()[JOB].at == after()


def test_a_deep_look_says_what_it_looks_at_while_it_does_and_how_long_it_took() -> None:
    heard: list[str] = []
    report = health(FakeStore(), **SWEEPS)(deep=True, tell=heard.append)
    parts = ["store", "store write", "telling", "watermarks", "identity", "Resource Graph", "workspace rg-mon/law-1"]
    assert heard == parts == list(report.seconds)
    assert report.as_json()["seconds"] == 0.0


def test_azure_is_not_asked_where_no_sweep_is_wanted() -> None:
    fake = FakeAzure()
    read(health(FakeStore(), fake), deep=True)
    assert fake.asked == []


def test_without_an_identity_azure_is_asked_nothing_more() -> None:
    fake = FakeAzure(token=Unanswered(Trouble.NO_IDENTITY, "token"))
    status, checks = deep(fake)
    assert (status, wrong(checks), fake.asked) == ("degraded", {"identity": "no-identity"}, ["token"])


def test_a_store_that_refuses_to_be_written_is_failing() -> None:
    store = FakeStore()
    store.script["put_run"].append(StoreUnavailable("Table storage answered 403 AuthorizationPermissionMismatch"))
    status, checks = deep(FakeAzure(), store)
    assert (status, list(wrong(checks))) == ("failing", ["store write"])


@pytest.mark.parametrize("part", ["token", "clusters", "resource", "KubeEvents", "flux_controllers"])
def test_what_nobody_expected_is_a_finding_of_its_check_and_shows_nothing_but_its_type(part: str) -> None:
    status, checks = deep(FakeAzure(**{part: RuntimeError("https://do-not-show-this")}))
    (words,) = wrong(checks).values()
    assert (status, words) == ("degraded", "ended in RuntimeError")


@pytest.mark.parametrize("method", ["put_run", "tracked", "marks"])
def test_a_store_that_fails_half_way_is_a_finding_of_what_was_looked_at(method: str) -> None:
    store = FakeStore()
    store.script[method].append(TypeError("do-not-show-this"))
    _, checks = deep(FakeAzure(), store)
    assert list(wrong(checks).values()) == ["ended in TypeError"]


def test_adapters_that_cannot_be_made_are_findings() -> None:
    def broken() -> Any:
        raise ImportError("do-not-show-this")

    fake = FakeAzure()
    job = Health(FakeClock(), settings(**SWEEPS, **RULES), FakeStore, azure=Azure(fake.token, *[broken] * 4))
    _, checks = read(job, deep=True)
    parts = ("Resource Graph", "workspace rg-mon/law-1", "alert rules", "alert rules: workspaces")
    assert wrong(checks) == dict.fromkeys(parts, "ended in ImportError")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FLUXWATCH_URL", ""),
        ("RUNBOOK_URL", ""),
        ("TEAMS_FALLBACK_WEBHOOK_URL", ""),
        ("FLUX_HMAC_KEY_PREVIOUS", "the-key-of-last-year"),
        ("TEAMS_POSTS_PER_5_MIN", "30"),
    ],
)
def test_settings_that_look_odd_are_notes_of_a_deep_look_only(name: str, value: str) -> None:
    assert name not in quick(FakeStore(), **{name: value})[1]
    status, checks = deep(FakeAzure(), **{name: value})
    assert (status, checks[name]["level"]) == ("ok", "note")


def marked(query: str, minutes: float) -> FakeStore:
    store = FakeStore()
    store.put_run(Run("sweep_errors", after(minutes=-1), gap=600.0))
    store.advance(Mark(WORKSPACE.upper(), query), after(minutes=-minutes))
    return store


@pytest.mark.parametrize(
    ("query", "minutes", "late"),
    [("flux_errors", 35, False), ("flux_errors", 36, True), ("flux_stalled", 95, False), ("flux_stalled", 96, True)],
)
def test_logs_that_were_read_long_ago_are_late(query: str, minutes: float, late: bool) -> None:
    _, checks = deep(FakeAzure(), marked(query, minutes))
    found = checks["workspace rg-mon/law-1: watermarks"]
    assert found["ok"] is not late
    assert query in found["detail"]


def test_a_workspace_that_was_never_read_is_a_note() -> None:
    _, checks = deep(FakeAzure())
    assert checks["workspace rg-mon/law-1: watermarks"]["level"] == "note"


@pytest.mark.parametrize(("minutes", "late"), [(4, False), (6, True)])
def test_what_is_due_and_not_told_for_five_minutes_is_late(minutes: float, late: bool) -> None:
    _, checks = deep(FakeAzure(), FakeStore(incident(after(minutes=-minutes))))
    assert checks["telling"]["ok"] is not late
    if late:
        assert checks["telling"]["detail"] == "late: 1 incident due for more than 5 min, and not told to default"


def test_what_a_broken_channel_waits_for_is_not_late() -> None:
    store = FakeStore(incident(after(minutes=-30)))
    state = ChannelState(broken=True, failures=1, error="x", retry_at=after(minutes=-1))
    store.stored = Ledger(channels=dict.fromkeys((DEFAULT, "fallback"), state))
    _, checks = deep(FakeAzure(), store)
    assert checks["telling"]["ok"]


def test_what_is_held_back_is_late_only_after_the_hold_off() -> None:
    held = replace(incident(after(minutes=-30)), due_at=after(minutes=-4))
    _, checks = deep(FakeAzure(), FakeStore(held))
    assert checks["telling"]["ok"]


def test_a_check_that_hangs_is_given_up_and_the_others_go_on() -> None:
    limits: list[float] = []

    def within(seconds: float, check: Check) -> Sequence[Finding]:
        limits.append(seconds)
        found = check()
        if any(one.name == "store write" for one in found):
            raise TimeoutError
        return found

    job = replace(health(FakeStore(), **SWEEPS), within=within)
    _, checks = read(job, deep=True)
    assert wrong(checks) == {"store write": "no answer in time"}
    assert set(limits) == {EACH}


def test_when_the_time_is_up_the_rest_is_not_looked_at_and_health_answers() -> None:
    clock = FakeClock()
    limits: list[float] = []

    def within(seconds: float, check: Check) -> Sequence[Finding]:
        limits.append(seconds)
        clock.passes(seconds=seconds)
        return check()

    job = replace(health(FakeStore(), **SWEEPS), clock=clock, within=within)
    report = job(deep=True)
    assert sum(limits) == report.took == WHOLE
    late = [one.name for one in report.findings if one.detail == "not looked at: no time is left"]
    assert (report.status, late) == ("degraded", ["watermarks", "identity"])


def test_only_a_deep_look_runs_within_limits() -> None:
    def within(seconds: float, check: Check) -> Sequence[Finding]:
        raise AssertionError

    assert replace(health(FakeStore()), within=within)().status == "ok"
