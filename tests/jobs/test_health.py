"""Whether all is well, and what to do where it is not: a quick look."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.core.finding import Finding, Run
from shared.core.health_telling import REMEDIES
from shared.core.told import ChannelState
from shared.jobs.health import Health, Store
from shared.ports import StoreUnavailable
from tests.examples import after
from tests.fakes import FakeClock, FakeStore
from tests.patients import (
    RULES,
    SWEEPS,
    FakeAzure,
    faulty,
    given,
    health,
    quick,
    ran,
    read,
    settings,
    with_channel,
    wrong,
)


def test_where_all_is_well_every_check_says_so() -> None:
    status, checks = quick(FakeStore())
    assert status == "ok"
    assert list(checks) == [
        "settings",
        "notify_teams",
        "sweep_compliance",
        "sweep_errors",
        "reconcile_alert_rules",
        "store",
        "channel default",
        "channel fallback",
    ]
    assert {check["level"] for check in checks.values()} == {"ok"}


def test_a_quick_look_asks_nothing_of_azure_and_writes_nothing() -> None:
    fake, store = FakeAzure(), FakeStore()
    health(store, fake, **SWEEPS, **RULES)()
    assert (fake.asked, store.calls) == ([], ["ledger", "runs"])


def test_a_sweep_without_anything_to_sweep_is_off_and_that_is_well() -> None:
    _, checks = quick(FakeStore())
    assert checks["sweep_compliance"] == {"ok": True, "detail": "off: FLEET_SCOPES is empty", "level": "ok"}
    assert checks["sweep_errors"] == {"ok": True, "detail": "off: LOG_ANALYTICS_WORKSPACES is empty", "level": "ok"}
    assert checks["reconcile_alert_rules"] == {"ok": True, "detail": "off: ALERT_RESOURCE_GROUP is empty", "level": "ok"}


def test_wrong_settings_are_all_named_and_the_store_is_not_even_asked() -> None:
    def no_store() -> Store:
        raise AssertionError("asked")

    fault = faulty(FLUX_HMAC_KEY="", EVENT_WINDOW="soon")
    report = Health(FakeClock(), fault.settings, no_store, fault.faults)()
    assert report.status == "failing"
    assert [one.detail.split()[0] for one in report.findings] == ["FLUX_HMAC_KEY", "EVENT_WINDOW"]
    assert all(one.remedy for one in report.findings)


def test_a_store_that_does_not_answer_is_failing_and_has_a_remedy() -> None:
    store = FakeStore()
    store.script["ledger"].append(StoreUnavailable("Table storage answered 403"))
    status, checks = quick(store)
    assert status == "failing"
    assert checks["store"]["detail"] == "Table storage answered 403"
    assert "Storage Table Data Contributor" in checks["store"]["remedy"]


@pytest.mark.parametrize(
    ("fault", "detail"),
    [(StoreUnavailable("no such account"), "no such account"), (KeyError("do-not-show-this"), "ended in KeyError")],
    ids=["unavailable", "unexpected"],
)
def test_a_store_that_cannot_even_be_made_is_failing_too(fault: Exception, detail: str) -> None:
    status, checks = read(Health(FakeClock(), settings(), lambda: given(fault)))
    assert (status, wrong(checks)) == ("failing", {"store": detail})


@pytest.mark.parametrize("code", REMEDIES)
def test_a_broken_channel_is_degraded_and_names_the_code_and_its_remedy(code: str) -> None:
    status, checks = quick(with_channel(ChannelState(broken=True, failures=3, error=code)))
    assert status == "degraded"
    assert checks["channel default"] == {
        "ok": False,
        "detail": f"broken: {code}",
        "remedy": REMEDIES[code],
        "level": "warn",
    }
    assert checks["channel fallback"]["ok"]


def test_a_broken_channel_with_an_unknown_code_has_a_remedy_as_well() -> None:
    _, checks = quick(with_channel(ChannelState(broken=True, failures=1, error="HTTP 418")))
    assert "latest runs" in checks["channel default"]["remedy"]


def test_a_channel_that_is_tried_again_says_that_nothing_is_to_be_done() -> None:
    status, checks = quick(with_channel(ChannelState(failures=1, error="HTTP 429", retry_at=after(seconds=30))))
    assert (status, checks["channel default"]["detail"]) == ("degraded", "retrying: HTTP 429")
    assert checks["channel default"]["remedy"].startswith("Nothing: it is tried again by itself")


@pytest.mark.parametrize(
    ("job", "setting", "status"),
    [
        ("notify_teams", "NOTIFY_SCHEDULE", "failing"),
        ("sweep_compliance", "COMPLIANCE_SCHEDULE", "degraded"),
        ("sweep_errors", "ERRORS_SCHEDULE", "degraded"),
        ("reconcile_alert_rules", "RULES_SCHEDULE", "degraded"),
    ],
)
def test_without_a_schedule_a_job_does_not_run_and_health_says_so(job: str, setting: str, status: str) -> None:
    found, checks = quick(FakeStore(), **{**SWEEPS, **RULES, setting: ""})
    assert (found, wrong(checks)) == (status, {job: f"{setting} is missing"})
    assert job in checks[job]["remedy"]


def test_a_sweep_that_has_not_run_yet_is_a_note() -> None:
    status, checks = quick(FakeStore(), **SWEEPS)
    assert (status, checks["sweep_errors"]["level"], checks["sweep_errors"]["detail"]) == ("ok", "note", "has not run yet")


def test_a_sweep_that_ran_says_when_and_how_often() -> None:
    _, checks = quick(ran(4), **SWEEPS)
    assert checks["sweep_compliance"]["detail"] == "ran 4 min ago, took 2.5 s; 5 min after the run before"


@pytest.mark.parametrize(
    ("minutes", "gap", "late"),
    [(15, 60, False), (16, 60, True), (16, 600, False), (31, 600, True), (15, 0, False), (16, 0, True), (-5, 300, False)],
    ids=["quarter", "longer", "slow", "slow-late", "first", "first-late", "clock-behind"],
)
def test_a_sweep_is_late_after_three_intervals_and_never_before_a_quarter_of_an_hour(
    minutes: float, gap: float, late: bool
) -> None:
    status, checks = quick(ran(minutes, gap=gap), **SWEEPS)
    assert checks["sweep_compliance"]["ok"] is not late
    assert (status == "degraded") is late


def test_what_the_latest_run_could_not_see_is_shown_under_its_name() -> None:
    lost = Finding("visibility", False, "2 clusters are not seen any more", "Give Reader.")
    status, checks = quick(ran(1, Finding("rows", True), lost), **SWEEPS)
    assert (status, wrong(checks)) == ("degraded", {"sweep_compliance: visibility": "2 clusters are not seen any more"})


def test_a_thousand_findings_of_a_run_are_counted() -> None:
    _, checks = quick(ran(1, *(Finding(f"row {n}", False, "bad", "Look.") for n in range(1_000))), **SWEEPS)
    assert len(wrong(checks)) == 21
    assert checks["sweep_compliance: more"]["detail"] == "980 findings besides"


def test_alerts_whose_cluster_nobody_could_tell_are_shown_for_a_day() -> None:
    unplaced = Finding("cluster aks-7", False, "FluxSystemDown", "Correct its cluster_alias.")
    for hours, shown in ((23, {"ok": False, "detail": "FluxSystemDown"}), (24, None)):
        store = FakeStore()
        store.put_run(Run("receive_azure_alert", after(hours=-hours), findings=(unplaced,)))
        check = quick(store)[1].get("receive_azure_alert: cluster aks-7")
        assert (check and {"ok": check["ok"], "detail": check["detail"]}) == shown


def test_the_run_of_a_sweep_that_is_off_by_now_does_not_count() -> None:
    status, checks = quick(ran(600, Finding("rows", False, "bad", "Look.")))
    assert (status, checks["sweep_compliance"]["detail"]) == ("ok", "off: FLEET_SCOPES is empty")


@pytest.mark.parametrize(
    ("store", "status", "code"),
    [(FakeStore, "ok", 200), (lambda: with_channel(ChannelState(failures=1, error="x")), "degraded", 200)],
)
def test_ok_and_degraded_are_200(store: Callable[[], FakeStore], status: str, code: int) -> None:
    found, answered = health(store()).answer({})
    assert (found["status"], answered, found["deep"]) == (status, code, False)


def test_failing_is_503() -> None:
    found, answered = health(FakeStore(), NOTIFY_SCHEDULE="").answer({"deep": "1"})
    assert (found["status"], answered, found["deep"]) == ("failing", 503, True)
    assert found["summary"] == "Fluxwatch does not do its work: 1 thing is wrong."


@pytest.mark.parametrize("asked", ["0", "", "yes please", "false"])
def test_only_one_and_true_are_deep(asked: str) -> None:
    assert health(FakeStore()).answer({"deep": asked})[0]["deep"] is False
