"""The benchmark of alert rules measures what it says, on a tiny fleet: nothing is judged by time here."""

from __future__ import annotations

from dataclasses import replace

import pytest

pytest.importorskip("azure_functions_runtime", reason="Microsoft's worker library exists for Python 3.13 and newer")

from bench import rules
from bench.rules import Kept
from bench.scale import QUICK
from local.azure.faults import FAULTS, KINDS
from shared.adapters.rule_files import shipped
from shared.core import extension_event
from shared.core.rule_estate import Member

CLUSTERS = 3


@pytest.fixture(scope="module")
def kept() -> Kept:
    """Azure and the jobs, each in a process of its own."""
    return rules.measure(CLUSTERS, events=1, fleets=1)


def test_a_first_event_writes_the_catalogue_and_the_action_group_and_each_write_arrives_once(kept: Kept) -> None:
    known = shipped()
    assert kept.first["written"] == rules.writes(kept.first) == len(known.groups) + len(known.logs) + 1
    assert kept.clusters == CLUSTERS


def test_calls_are_counted_where_they_arrive_and_for_each_round_by_itself(kept: Kept) -> None:
    [again], [fleet] = kept.events, kept.fleets
    assert (rules.reads(again), again["calls"]["graph"], rules.writes(again)) == (rules.READS, 3, 0)
    assert (rules.asked(fleet), rules.writes(fleet)) == (rules.CALLS, 0)


def test_tokens_are_none_of_the_calls() -> None:
    assert rules.asked({"calls": {"token": 2, "arm": 1, "graph": 3, "rules": 2}}) == 6


def test_memory_and_processor_time_are_those_of_the_jobs_alone(kept: Kept) -> None:
    assert 20 < kept.peak_mb < 100
    assert all(0 < one["cpu"] <= one["seconds"] * 4 for one in (kept.first, *kept.events, *kept.fleets))


def test_every_figure_of_calls_is_within_its_target(kept: Kept) -> None:
    assert {one.name: one.verdict for one in rules._calls(kept) if one.verdict != "ok"} == {
        "questions to Resource Graph for an event": ""
    }


def test_a_write_more_than_rules_is_over(kept: Kept) -> None:
    more = replace(kept, first={**kept.first, "calls": {"rule-writes": kept.first["written"] + 1}})
    assert [one.name for one in rules._calls(more) if one.verdict == "over"] == ["writes for a first event"]


def test_the_event_is_about_a_cluster_of_that_fleet() -> None:
    assert extension_event.read(rules.event(CLUSTERS)).name == "flux"


def test_a_tenth_of_the_clusters_that_are_planned_for_has_rules_of_its_own() -> None:
    members = rules.estate(30).members or dict[str, Member]()
    assert (len(members), sum(bool(one.tags) for one in members.values())) == (30, 3)
    cost, growth = rules.plans(QUICK)
    assert cost.value > 0
    assert growth.target == rules.GROWTH


def test_a_slow_azure_takes_a_second_for_every_sort_of_call_that_the_jobs_make(kept: Kept) -> None:
    made = {kind for one in (kept.first, *kept.fleets) for kind in one["calls"]} - {"token"}
    assert set(rules.SLOW) == made
    assert made < set(KINDS)
    assert {FAULTS[name].wait for name in rules.SLOW.values()} == {1}


def test_the_targets_are_those_that_were_set() -> None:
    assert (rules.CALLS, rules.READS, rules.SECONDS) == (6, 3, 30.0)
