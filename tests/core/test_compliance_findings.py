"""What a sweep says of its own looking: counted, named, and never with what a row held."""

from __future__ import annotations

from typing import Any

import pytest

from shared.core.azure_values import Reading
from shared.core.compliance_findings import NAMED, of_reading
from shared.core.finding import Finding
from tests.examples import START, cluster
from tests.sights import Row, Watch, cluster_row, extension_row


@pytest.mark.parametrize(
    ("unread", "clocks", "said"),
    [
        (0, 0, []),
        (1, 0, ["1 row could not be read"]),
        (3, 1, ["3 rows could not be read", "1 time lies more than 15 min in the future"]),
        (0, 2, ["2 times lie more than 15 min in the future"]),
    ],
)
def test_what_could_not_be_read_is_counted(unread: int, clocks: int, said: list[str]) -> None:
    found = of_reading(Reading(START, [f"/secret/{n}" for n in range(unread)], clocks))
    assert [one.detail for one in found] == said
    assert all(one.remedy and not one.ok and "/secret" not in one.detail for one in found)


def about(name: str, findings: tuple[Finding, ...]) -> str:
    return "; ".join(one.detail for one in findings if one.name == name)


def fleet(number: int, **columns: Any) -> list[Row]:
    return [cluster_row(cluster(f"aks-{one:02}"), **columns) for one in range(number)]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "1 cluster is out of sight: aks-00"),
        (2, "2 clusters are out of sight: aks-00, aks-01"),
        (NAMED + 7, "12 clusters are out of sight: aks-00, aks-01, aks-02, aks-03, aks-04 and 7 more"),
    ],
)
def test_clusters_out_of_sight_are_named_up_to_five(number: int, said: str) -> None:
    watch = Watch(fleet(number), [], [])
    watch.sweep()
    watch.clusters = []
    assert about("visibility", watch.sweep(minutes=5).findings) == said


@pytest.mark.parametrize(
    ("until", "said"),
    [
        ("2026-12-01T06:00:00Z", ""),
        ("2026-12-01", ""),
        ("", ""),
        (" ", ""),
        (None, ""),
        ("tomorrow", "1 cluster is not muted, for the tag is no time: aks-00"),
        ("2026-13-01T06:00:00Z", "1 cluster is not muted, for the tag is no time: aks-00"),
        ("hunter2" * 100, "1 cluster is not muted, for the tag is no time: aks-00"),
    ],
)
def test_a_mute_that_is_no_time_is_named_and_not_quoted(until: Any, said: str) -> None:
    watch = Watch(fleet(1, tags={"fluxwatch-mute-until": until}), [], [extension_row()])
    assert about("mutes", watch.sweep().findings) == said
