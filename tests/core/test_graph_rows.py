"""Rows of Resource Graph, whole and in every way spoilt: what can be read is, the rest is counted, and nothing fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.core import graph_rows
from shared.core.azure_values import Reading
from shared.core.graph_rows import MAX_STATUSES, ConfigurationRow, with_statuses
from shared.core.inventory import Compliance
from tests.examples import START, SUBSCRIPTION, after, cluster
from tests.sights import (
    COMMIT,
    JSON,
    Row,
    cluster_row,
    configuration_row,
    extension_row,
    iso,
    status,
    subscription_row,
)

KEY = cluster().key
READERS: dict[str, tuple[Callable[..., Any], Row]] = {
    "clusters": (graph_rows.clusters, cluster_row()),
    "configurations": (graph_rows.configurations, configuration_row(status())),
    "extensions": (graph_rows.extensions, extension_row()),
    "subscriptions": (graph_rows.subscriptions, subscription_row()),
}


def reading() -> Reading:
    return Reading(after(minutes=5))


def read(**columns: Any) -> ConfigurationRow:
    ((row,),) = graph_rows.configurations([configuration_row(status()) | columns], reading()).values()
    return row


def upper(row: Row) -> Row:
    return {key.upper(): upper(value) if isinstance(value, dict) else value for key, value in row.items()}


# ---------------------------------------------------------------------------------------------------------- every table


@pytest.mark.parametrize("table", READERS)
def test_a_row_is_read_whatever_the_letter_case_of_its_columns(table: str) -> None:
    reader, row = READERS[table]
    assert reader([upper(row)], reading()) == reader([row], reading()) != {}


@pytest.mark.parametrize("table", READERS)
@pytest.mark.parametrize("bad", [None, 7, "row", [], {}, {"id": None}, {"id": "/subscriptions/x"}])
def test_what_is_no_row_is_counted_and_the_rest_is_read(table: str, bad: Any) -> None:
    reader, row = READERS[table]
    counted = reading()
    assert reader([bad, row, bad], counted) == reader([row], reading())
    assert len(counted.unread) == 2


@pytest.mark.parametrize("value", [None, 7, "", [], {}, True, "x" * 1_000_000, "\x00\u202e\ud800"])
@pytest.mark.parametrize("table", READERS)
def test_any_one_column_may_be_anything(table: str, value: Any) -> None:
    reader, row = READERS[table]
    for column in row:
        counted = reading()
        assert len(reader([{**row, column: value}], counted)) + len(counted.unread) >= 1


@settings(max_examples=20)
@given(data=st.data())
def test_a_row_of_anything_is_read_or_counted(data: st.DataObject) -> None:
    for reader, row in READERS.values():
        spoilt = data.draw(JSON | st.dictionaries(st.sampled_from(sorted(row)), JSON, max_size=3).map(row.__or__))
        counted = reading()
        assert len(reader([spoilt], counted)) + len(counted.unread) >= 1


def test_what_is_noted_of_a_bad_row_is_its_id_and_nothing_else() -> None:
    counted = reading()
    graph_rows.configurations([configuration_row(name="not/a name", errorMessage="hunter2")], counted)
    (noted,) = counted.unread
    assert "fluxconfigurations" in noted
    assert "hunter2" not in noted


# ------------------------------------------------------------------------------------------------------------ clusters


@pytest.mark.parametrize("spell", [str.lower, str.upper, str])
@pytest.mark.parametrize("kind", ["managedClusters", "connectedClusters", "provisionedClusters"])
def test_a_cluster_is_the_same_in_every_letter_case(spell: Callable[[str], str], kind: str) -> None:
    of = cluster(kind=kind)
    assert list(graph_rows.clusters([cluster_row(of, id=spell(of.arm_id))], reading())) == [of.key]


def test_tags_have_lower_case_names_and_text_for_values() -> None:
    tags = {"Fluxwatch-Mute-Until": "2026", "cost": 7, "none": None}
    assert graph_rows.clusters([cluster_row(tags=tags)], reading())[KEY].tags == {"fluxwatch-mute-until": "2026"}


@pytest.mark.parametrize("tags", [None, "a=b", ["a"], 7])
def test_tags_that_are_none_are_none(tags: Any) -> None:
    assert graph_rows.clusters([cluster_row(tags=tags)], reading())[KEY].tags == {}


# ------------------------------------------------------------------------------------------------------ configurations


def test_a_configuration_says_all_that_is_known_of_it() -> None:
    row = read(suspended="true", sourceUrl="https://me:hunter2@GitHub.com/contoso/fleet.git", provisioningState="Failed")
    assert (row.source, row.ref, row.revision) == ("https://github.com/contoso/fleet", "branch:main", COMMIT)
    assert (row.suspended, row.provisioning, row.whole) == (True, "Failed", True)
    assert row.arm_id == f"{KEY}/providers/microsoft.kubernetesconfiguration/fluxconfigurations/platform"


@pytest.mark.parametrize(
    ("said", "compliance"),
    [
        ("Compliant", Compliance.COMPLIANT),
        ("NON-COMPLIANT", Compliance.NON_COMPLIANT),
        ("pending", Compliance.PENDING),
        ("Suspended", Compliance.SUSPENDED),
        ("Marvellous", Compliance.UNKNOWN),
        ("", Compliance.UNKNOWN),
        (None, Compliance.UNKNOWN),
        ({"code": "Compliant"}, Compliance.UNKNOWN),
    ],
)
def test_a_state_that_nobody_knows_is_unknown(said: Any, compliance: Compliance) -> None:
    assert read(complianceState=said).compliance is compliance


HASH = "0ba6" * 10


@pytest.mark.parametrize(
    ("said", "canonical"),
    [
        (f"main/{HASH}", f"main@sha1:{HASH}"),
        (f"main@sha1:{HASH}", f"main@sha1:{HASH}"),
        (HASH, f"sha1:{HASH}"),
        (f"feature/x/{HASH}", f"feature/x@sha1:{HASH}"),
        (f"latest@sha256:{'ab' * 32}", f"latest@sha256:{'ab' * 32}"),
        ("1.4.2", "1.4.2"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_commit_is_written_as_events_write_it(said: Any, canonical: str) -> None:
    assert read(syncedCommit=said).revision == canonical


@pytest.mark.parametrize("url", ["https://tok3n-hunter2@host/x y", "hunter2 https://a:hunter2@b/../c", "https://x:hunter2@["])
def test_a_source_that_is_no_address_is_kept_without_its_credentials(url: str) -> None:
    assert "hunter2@" not in read(sourceUrl=url).source


def test_who_owns_it_is_told_by_the_id_where_the_column_is_missing() -> None:
    assert read(clusterId=None).cluster == read(clusterId="").cluster == read(clusterId=cluster().arm_id).cluster == KEY


@pytest.mark.parametrize("column", ["sourceUpdatedAt", "statusUpdatedAt"])
def test_a_clock_that_is_ahead_is_not_believed(column: str) -> None:
    counted = reading()
    ((row,),) = graph_rows.configurations([configuration_row() | {column: iso(after(hours=2))}], counted).values()
    assert (row.synced_at if column == "sourceUpdatedAt" else row.reported_at) is None
    assert counted.wrong_clocks == 1


@pytest.mark.parametrize("statuses", [None, [], "statuses", {}, 7])
def test_without_statuses_nothing_is_whole(statuses: Any) -> None:
    row = read(statuses=statuses, complianceState="Non-Compliant")
    assert (row.objects, row.whole, row.unexplained) == ((), False, True)


def test_an_entry_that_cannot_be_read_spoils_the_whole_but_not_the_others() -> None:
    counted = reading()
    ((row,),) = graph_rows.configurations([configuration_row(status(), status(name="B A D"), status("b"))], counted).values()
    assert ([one.name for one in row.objects], row.whole) == (["platform-apps", "b"], False)
    assert [noted.rpartition(" ")[2] for noted in counted.unread] == ["statuses[1]"]


def test_of_far_too_many_entries_the_first_are_read() -> None:
    row = read(statuses=[status(f"a{number}") for number in range(MAX_STATUSES + 1)])
    assert (len(row.objects), row.whole) == (MAX_STATUSES, False)


@pytest.mark.parametrize(
    ("columns", "unexplained"),
    [
        ({"complianceState": "Non-Compliant", "statuses": []}, True),
        ({"complianceState": "Non-Compliant"}, False),
        ({"complianceState": "Compliant", "statuses": []}, False),
        ({"complianceState": "Non-Compliant", "statuses": [], "suspended": True}, False),
    ],
)
def test_what_is_wrong_and_does_not_say_with_what_is_unexplained(columns: Row, unexplained: bool) -> None:
    assert read(**columns).unexplained is unexplained


def test_a_resource_says_more_than_its_row() -> None:
    row = read(complianceState="Non-Compliant", statuses=None)
    properties = {"StatusUpdatedAt": iso(after(minutes=3)), "Statuses": [status()], "ComplianceState": "Compliant"}
    seen = with_statuses(row, {"id": row.arm_id, "Properties": properties}, reading())
    assert (seen.reported_at, len(seen.objects), seen.compliance, seen.asked) == (
        *(after(minutes=3), 1, Compliance.COMPLIANT),
        True,
    )


@pytest.mark.parametrize("resource", [{}, {"properties": None}, {"properties": []}, {"properties": {"statuses": "x"}}])
def test_a_resource_that_says_nothing_changes_nothing_but_that_it_was_asked(resource: Row) -> None:
    row = read(complianceState="Non-Compliant", statuses=None)
    seen = with_statuses(row, resource, reading())
    assert (seen.asked, seen.compliance, seen.reported_at, seen.objects) == (True, row.compliance, START, ())


# ------------------------------------------------------------------------------------------- extensions, subscriptions


@pytest.mark.parametrize(
    ("columns", "error"),
    [
        ({"errorMessage": "no room"}, "no room"),
        ({"provisioningState": "Failed", "statusMessage": "timed out"}, "timed out"),
        ({"provisioningState": "failed", "errorMessage": "no room", "statusMessage": "timed out"}, "no room"),
        ({"provisioningState": "Succeeded", "statusMessage": "Successfully installed"}, ""),
        ({"errorMessage": "password=hunter2"}, "password=***"),
        ({"errorMessage": None, "statusMessage": None, "provisioningState": None}, ""),
    ],
)
def test_the_status_of_an_extension_is_its_error_only_if_it_failed(columns: Row, error: str) -> None:
    assert graph_rows.extensions([extension_row(**columns)], reading())[KEY].error == error


def test_the_names_of_subscriptions_are_found_by_id_in_lower_case() -> None:
    found = graph_rows.subscriptions([subscription_row(subscriptionId=SUBSCRIPTION.upper())], reading())
    assert found == {SUBSCRIPTION: "Contoso Production"}
