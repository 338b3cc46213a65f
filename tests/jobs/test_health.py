"""Whether all is well, and what to do where it is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from shared.core.routing import DEFAULT, FALLBACK, Routing
from shared.core.told import ChannelState, Ledger
from shared.jobs.health import REMEDIES, Health
from shared.ports import Board, StoreUnavailable
from tests.examples import after
from tests.fakes import FakeClock, FakeStore

ROUTING = Routing((), {DEFAULT: DEFAULT, FALLBACK: FALLBACK})


def found(store: FakeStore, *faults: str) -> tuple[str, Mapping[str, dict[str, Any]]]:
    answer = Health(FakeClock(), ROUTING, lambda: store, faults)()
    return answer["status"], {check.pop("name"): check for check in answer["checks"]}


def with_channel(state: ChannelState) -> FakeStore:
    store = FakeStore()
    store.stored = Ledger(channels={DEFAULT: state})
    return store


def test_where_all_is_well_every_check_says_so() -> None:
    status, checks = found(FakeStore())
    assert status == "ok"
    assert checks == {name: {"ok": True} for name in ("settings", "store", "channel default", "channel fallback")}


def test_wrong_settings_are_all_named_and_the_store_is_not_even_asked() -> None:
    def no_store() -> Board:
        raise AssertionError("asked")

    answer = Health(FakeClock(), ROUTING, no_store, ["A is missing", "B is wrong"])()
    assert answer["status"] == "failing"
    assert [check["detail"] for check in answer["checks"]] == ["A is missing", "B is wrong"]
    assert all(check["remedy"] for check in answer["checks"])


def test_a_store_that_does_not_answer_is_failing_and_has_a_remedy() -> None:
    store = FakeStore()
    store.script["ledger"].append(StoreUnavailable("Table storage answered 403"))
    status, checks = found(store)
    assert status == "failing"
    assert checks["store"]["detail"] == "Table storage answered 403"
    assert "Storage Table Data Contributor" in checks["store"]["remedy"]


def test_a_store_that_cannot_even_be_made_is_failing_too() -> None:
    def broken() -> Board:
        raise StoreUnavailable("no such account")

    assert Health(FakeClock(), ROUTING, broken)()["status"] == "failing"


@pytest.mark.parametrize("code", REMEDIES)
def test_a_broken_channel_is_degraded_and_names_the_code_and_its_remedy(code: str) -> None:
    status, checks = found(with_channel(ChannelState(broken=True, failures=3, error=code)))
    assert status == "degraded"
    assert checks["channel default"] == {"ok": False, "detail": f"broken: {code}", "remedy": REMEDIES[code]}
    assert checks["channel fallback"] == {"ok": True}


def test_a_broken_channel_with_an_unknown_code_has_a_remedy_as_well() -> None:
    _, checks = found(with_channel(ChannelState(broken=True, failures=1, error="HTTP 418")))
    assert "latest runs" in checks["channel default"]["remedy"]


def test_a_channel_that_is_tried_again_says_that_nothing_is_to_be_done() -> None:
    status, checks = found(with_channel(ChannelState(failures=1, error="HTTP 429", retry_at=after(seconds=30))))
    assert (status, checks["channel default"]["detail"]) == ("degraded", "retrying: HTTP 429")
    assert checks["channel default"]["remedy"].startswith("Nothing: it is tried again by itself")


def test_without_a_schedule_nothing_is_told_and_health_says_so() -> None:
    answer = Health(FakeClock(), ROUTING, FakeStore, scheduled=False)()
    [missing] = [check for check in answer["checks"] if not check["ok"]]
    assert (answer["status"], missing["detail"]) == ("failing", "NOTIFY_SCHEDULE is missing")
    assert "notify_teams" in missing["remedy"]
