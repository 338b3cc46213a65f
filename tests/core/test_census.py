"""What is known of a cluster after a sweep: carried over, made anew, and worth a write or not."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from shared.core.census import STILL
from shared.core.compliance import decide
from shared.core.coverage import Coverage
from shared.core.inventory import Extension
from shared.core.second_look import unexplained, with_answers
from tests.examples import START, after, cluster
from tests.sights import COMMIT, Row, Watch, cluster_row, configuration_row, extension_row, iso, status, subscription_row

B = "main@sha1:" + "b" * 40


def twice(first: Row, second: Row, *, minutes: float = 5) -> Watch:
    """A configuration as it was, and as it is."""
    watch = Watch(configurations=[first])
    watch.sweep()
    watch.configurations = [second]
    watch.sweep(minutes=minutes)
    return watch


def test_a_cluster_is_known_by_all_that_its_rows_say() -> None:
    watch = Watch([cluster_row(tags={"fluxwatch-mute-until": "2026-12-01T06:00:00Z"})])
    watch.sweep()
    info = watch.info()
    assert (info.region, info.subscription_name, info.state, info.kubernetes) == (
        *("westeurope", "Contoso Production"),
        *("Running", "1.33.4"),
    )
    assert info.mute_until is not None
    assert info.extension == Extension("flux", "1.24.1", "Stable", True, "Succeeded")
    assert [(one.namespace, one.name, one.revision) for one in info.configurations] == [("cluster-config", "platform", COMMIT)]


@pytest.mark.parametrize(
    ("tags", "off"),
    [
        ({"fluxwatch-alert-rules": "off"}, True),
        ({"Fluxwatch-Alert-Rules": " OFF "}, True),
        ({"fluxwatch-alert-rules": "own"}, False),
        ({"fluxwatch-alert-rules": ""}, False),
        ({}, False),
    ],
)
def test_a_tag_says_that_alerts_about_a_cluster_are_ignored(tags: dict[str, str], off: bool) -> None:
    watch = Watch([cluster_row(tags=tags)])
    watch.sweep()
    assert watch.info().alerts_off is off


def test_a_tag_that_is_taken_away_is_worth_a_write() -> None:
    watch = Watch([cluster_row(tags={"fluxwatch-alert-rules": "off"})])
    watch.sweep()
    watch.clusters = [cluster_row()]
    assert [info.alerts_off for info in watch.sweep(minutes=5).changed] == [False]


@pytest.mark.parametrize("spelling", [str.lower, str.upper])
def test_a_cluster_stays_spelled_as_it_was(spelling: Any) -> None:
    watch = Watch()
    watch.sweep()
    watch.clusters = [cluster_row(id=spelling(cluster().arm_id))]
    assert watch.sweep(minutes=5).changed == ()
    assert watch.info().cluster == cluster()


def test_the_order_of_rows_changes_nothing() -> None:
    rows = [configuration_row(status(f"{name}-x"), name=name) for name in "abc"]
    watch = Watch(configurations=rows)
    watch.sweep()
    watch.configurations = rows[::-1]
    assert watch.sweep(minutes=5).changed == ()


@pytest.mark.parametrize(
    "rows",
    [
        {"clusters": [cluster_row(state="Stopped")]},
        {"clusters": [cluster_row(kubernetesVersion="1.34.0")]},
        {"clusters": [cluster_row(location="uksouth")]},
        {"clusters": [cluster_row(tags={"fluxwatch-mute-until": "2026-12-01"})]},
        {"extensions": [extension_row(version="1.24.2")]},
        {"subscriptions": [subscription_row(subscriptionName="Contoso Production 2")]},
        {"configurations": [configuration_row(status(), syncedCommit=B)]},
        {"configurations": [configuration_row(status(), status("new"))]},
    ],
)
def test_what_is_new_is_worth_one_write(rows: dict[str, Any]) -> None:
    watch = Watch()
    watch.sweep()
    for table, some in rows.items():
        setattr(watch, table, some)
    assert len(watch.sweep(minutes=5).changed) == 1
    assert watch.sweep(minutes=5).changed == ()


@pytest.mark.parametrize("tags", [{"owner": "me"}, {"cost": "7"}])
def test_tags_that_mean_nothing_here_are_worth_none(tags: Row) -> None:
    watch = Watch()
    watch.sweep()
    watch.clusters = [cluster_row(tags=tags)]
    assert watch.sweep(minutes=5).changed == ()


def test_a_subscription_keeps_its_name_while_nobody_says_it() -> None:
    watch = Watch()
    watch.sweep()
    watch.subscriptions = []
    assert watch.sweep(minutes=5).changed == ()
    assert watch.info().subscription_name == "Contoso Production"


# ------------------------------------------------------------------------------------------------------ since when


@pytest.mark.parametrize(
    ("first", "second", "since"),
    [
        ({}, {}, None),
        ({}, {"complianceState": "Pending"}, after(minutes=10)),
        ({"complianceState": "Pending"}, {"complianceState": "Non-Compliant"}, after(minutes=5)),
        ({"complianceState": "Pending"}, {"complianceState": "Suspended"}, None),
        ({"complianceState": "Pending"}, {}, None),
        ({"complianceState": "Weird"}, {"complianceState": "Weird"}, after(minutes=5)),
        ({}, {"complianceState": "Non-Compliant", "statuses": [status(ready="False", at=after(hours=-3))]}, after(hours=-3)),
        ({}, {"complianceState": "Non-Compliant", "statuses": [status(ready="False", at=None)]}, after(minutes=10)),
    ],
)
def test_bad_since_its_oldest_failing_condition_or_else_first_seen(first: Row, second: Row, since: datetime | None) -> None:
    watch = twice(configuration_row(status(), **first), configuration_row(status(), **second))
    assert watch.info().configurations[0].bad_since == since


@pytest.mark.parametrize(
    ("first", "second", "since"),
    [
        ({"suspended": True}, {"suspended": True}, after(minutes=5)),
        ({"suspended": True}, {}, None),
        ({}, {"suspended": True}, after(minutes=10)),
        ({"suspended": True}, {"complianceState": "Suspended"}, after(minutes=5)),
    ],
)
def test_suspended_since_first_seen_so(first: Row, second: Row, since: datetime | None) -> None:
    watch = twice(configuration_row(status(), **first), configuration_row(status(), **second))
    assert watch.info().configurations[0].suspended_since == since


@pytest.mark.parametrize(("commit", "moved"), [(COMMIT, False), (B, True)])
def test_a_source_has_moved_only_if_its_revision_has(commit: str, moved: bool) -> None:
    later = iso(after(minutes=4))
    watch = twice(configuration_row(status()), configuration_row(status(), syncedCommit=commit, sourceUpdatedAt=later))
    assert (watch.info().configurations[0].synced_at == after(minutes=4)) is moved


@pytest.mark.parametrize(("later", "news"), [(STILL / 2, False), (STILL, True), (-STILL / 2, False), (-STILL, True)])
def test_a_report_is_news_an_hour_later(later: Any, news: bool) -> None:
    watch = twice(configuration_row(status(), at=START), configuration_row(status(), at=START + later), minutes=56)
    assert (watch.info().configurations[0].reported_at != START) is news


def test_without_a_row_of_the_cluster_nothing_becomes_known_of_it() -> None:
    decision = decide(Watch([], [configuration_row(status())]).sight(), Coverage())
    assert (decision.changed, decision.counts["configurations"]) == ((), 0)


@pytest.mark.parametrize("columns", [{"namespace": None}, {"name": "Platform"}, {"namespace": "", "name": "PLATFORM"}])
def test_a_configuration_is_the_same_whatever_its_spelling_and_without_its_namespace(columns: Row) -> None:
    watch = Watch(configurations=[configuration_row(provisioningState="Failed")])
    watch.sweep()
    watch.configurations = [configuration_row(provisioningState="Failed", **columns)]
    assert watch.sweep(minutes=5).changed == ()
    assert watch.open == {("FluxConfiguration", "platform")}
    assert len(watch.incidents) == 1


# ---------------------------------------------------------------------------------------------------- the second look


def untold(name: str) -> Row:
    return configuration_row(name=name, complianceState="Non-Compliant", statuses=None)


def test_who_does_not_say_why_for_the_first_time_is_looked_at_first() -> None:
    watch = Watch(configurations=[untold("a"), untold("b"), configuration_row(status(ready="False"), name="says")])
    watch.sweep()
    watch.configurations = [untold("a"), untold("new"), untold("b")]
    assert unexplained(watch.sight())[0].name == "new"
    watch.sweep(minutes=5)
    first = set[str]()
    for hour in range(20):
        watch.now = after(hours=hour)
        first.add(unexplained(watch.sight())[0].name)
    assert first == {"a", "b", "new"}


def quiet(name: str = "platform", **more: Any) -> Row:
    return configuration_row(name=name, complianceState="Compliant", statuses=None, **more)


def test_who_says_nothing_is_looked_at_as_long_as_something_fails_that_nobody_shows() -> None:
    watch = Watch(configurations=[configuration_row(status(ready="False")), quiet("other")])
    watch.sweep()
    assert unexplained(watch.sight()) == []
    watch.configurations = [quiet(), quiet("other")]
    assert [row.name for row in unexplained(watch.sight())] == ["platform"]  # which reported it
    watch.inventory.clear()
    assert {row.name for row in unexplained(watch.sight())} == {"platform", "other"}
    watch.incidents.clear()
    assert unexplained(watch.sight()) == []


def test_what_is_newly_bad_comes_before_what_may_be_well_again() -> None:
    watch = Watch(configurations=[configuration_row(status(ready="False"))])
    watch.sweep()
    watch.configurations = [quiet(), untold("new")]
    for hour in range(5, 15):
        watch.now = after(hours=hour)
        assert [row.name for row in unexplained(watch.sight())] == ["new", "platform"]


def test_what_fails_is_well_again_though_resource_graph_shows_no_statuses() -> None:
    watch = Watch(configurations=[untold("platform")])
    resource = {"complianceState": "Non-Compliant", "statusUpdatedAt": iso(START), "statuses": [status(ready="False")]}
    watch.looks = {untold("platform")["id"]: {"properties": resource}}
    watch.sweep()
    assert watch.open == {("Kustomization", "platform-apps")}
    watch.configurations, watch.looks = [quiet(at=after(minutes=20))], {}
    well = {"complianceState": "Compliant", "statusUpdatedAt": iso(after(minutes=20)), "statuses": [status()]}
    asked = [row.arm_id for row in unexplained(watch.sight())]
    watch.looks = {arm_id: {"properties": well} for arm_id in asked}
    watch.sweep(minutes=20)
    assert watch.open == set()


def test_answers_take_the_place_of_rows_and_who_is_gone_has_none() -> None:
    sight = Watch(configurations=[untold("a"), untold("b")]).sight()
    a, b = unexplained(sight)
    after_it = with_answers(sight, {}, {a.arm_id})
    assert [row.name for row in (after_it.configurations or {})[cluster().key]] == [b.name]
    assert after_it.gone == {a.arm_id}
    assert with_answers(sight, {}, set()) is sight
