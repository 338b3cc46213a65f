"""Rows of KubeEvents in; what Kubernetes warned of out, by executing the query."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from random import Random

from local.kql import Database
from tests.queries.rows import AKS, ARC, START, after, ask, event


def test_a_reason_is_one_row_with_the_latest_words(logs: Database):
    rows = [
        event("UpgradeFailed", "first", 10, Count=3.0, FirstSeen=after(-7200)),
        event("UpgradeFailed", "latest", 40, Count=5.0, FirstSeen=after(-7200), _ResourceId=AKS.lower()),
        event("UpgradeFailed", "between", 20, Count=4.0),
        event("UpgradeFailed", "elsewhere", 30, _ResourceId=ARC),
        event("RetriesExceeded", "another", 5),
    ]
    first, edge, other = ask(logs, "flux_events", rows)
    assert first == {
        "_ResourceId": AKS.lower(),
        "Kind": "HelmRelease",
        "Namespace": "media",
        "Name": "transcoder",
        "Reason": "UpgradeFailed",
        "Occurrences": 5,
        "FirstSeen": after(-7200),
        "LastSeen": after(40),
        "SampleText": "latest",
    }
    assert (edge["_ResourceId"], edge["SampleText"], other["Reason"]) == (ARC.lower(), "elsewhere", "RetriesExceeded")


def test_only_warnings_of_flux_about_flux_are_read(logs: Database):
    rows = [
        event("A", "of source-controller", ObjectKind="Bucket", SourceComponent="source-controller"),
        event("B", "of somebody", SourceComponent=""),
        event("C", "of the Azure agent", ObjectKind="FluxConfig", SourceComponent="fluxconfig-agent"),
        event("D", "of another operator", ObjectKind="Bucket", SourceComponent="managed/bucket.s3.aws"),
        event("E", "not a warning", KubeEventType="Normal"),
        event("F", "not of Flux", ObjectKind="Pod"),
        event("G", "the object has been modified; please apply your changes to the latest version"),
    ]
    assert sorted(row["Reason"] for row in ask(logs, "flux_events", rows)) == ["A", "B", "C"]


def test_missing_times_and_counts_are_made_up_for_and_long_words_cut(logs: Database):
    rows = [event("A", "x" * 1_000_000, 7, Count=None, FirstSeen=None, LastSeen=None), event("B", None, 6, Name=None)]
    long, bare = ask(logs, "flux_events", rows)
    assert (long["Occurrences"], long["FirstSeen"], long["LastSeen"], len(long["SampleText"])) == (1, after(7), after(7), 2000)
    assert (bare["Name"], bare["SampleText"]) == ("", "")


def test_each_event_is_read_once_however_late_it_came(logs: Database):
    random, middle = Random(3), START + timedelta(seconds=250)
    rows = [event(f"R{at % 5}", f"at {at}", at, late=random.choice([1, 100, 500])) for at in range(-300, 600, 10)]
    whole = {row["Reason"]: row for row in ask(logs, "flux_events", rows)}
    parts = ask(logs, "flux_events", rows, end=middle) + ask(logs, "flux_events", rows, start=middle)
    parts.sort(key=lambda row: (row["Reason"], row["LastSeen"]))
    for reason, found in groupby(parts, key=lambda row: row["Reason"]):
        several = list(found)
        assert min(row["FirstSeen"] for row in several) == whole[reason]["FirstSeen"]
        assert (several[-1]["LastSeen"], several[-1]["SampleText"]) == (whole[reason]["LastSeen"], whole[reason]["SampleText"])
    assert {row["Reason"] for row in parts} == set(whole)
