"""Every benchmark runs, on tiny sizes, and finds what it is about to measure: no figure is judged here."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("azure_functions_runtime", reason="Microsoft's worker library exists for Python 3.13 and newer")

from bench import cards, intake, notify, planning
from bench.__main__ import BENCHMARKS, main
from bench.cold_start import empty_app
from bench.figure import Report
from bench.scale import FULL, QUICK
from shared.core.card_elements import LIMIT


def values(report: Report) -> dict[str, float]:
    return {one.name: one.value for one in report.figures}


def test_each_sort_of_event_has_its_outcome_and_a_cost() -> None:
    found = intake.run(QUICK)
    assert {one.name for one in found.figures if one.target} == set(intake.cases(1))
    assert all(one.value > 0 for one in found.figures)


def test_an_event_with_another_outcome_than_expected_ends_the_benchmark() -> None:
    cases = intake.cases(2)
    with pytest.raises(AssertionError, match="opened"):
        intake.cost(intake.Case("counted", cases["failing, in words heard before"].requests))


def test_planning_covers_the_quiet_run_and_the_worst() -> None:
    assert set(values(planning.run(QUICK))) == {
        "plan, nothing to tell",
        "plan, nobody was told of anything",
        "decode every row",
    }


def test_one_commit_is_one_card_that_teams_takes() -> None:
    post, view = cards.scene(3)
    assert len(post.about) == len(view.clusters) == 3
    sizes = [one for one in cards.run(QUICK).figures if one.unit == "B"]
    assert [one.target for one in sizes] == [LIMIT] * len(QUICK.clusters)


def test_notify_with_nothing_to_tell_asks_twice_and_posts_nothing() -> None:
    """Real storage, real job, in the process of its own: the ledger, and one page of incidents."""
    cost = notify.measure(30, runs=1)
    assert (cost.requests, cost.posts) == ([2], 0)
    assert len(cost.seconds) == 1
    assert cost.peak_mb > 1


def test_the_empty_app_is_one_anonymous_function(tmp_path: Path) -> None:
    text = (empty_app(tmp_path) / "function_app.py").read_text("utf-8")
    assert text.count("@app.") == 1
    assert "ANONYMOUS" in text


def test_the_full_scale_is_that_of_the_targets() -> None:
    assert (FULL.incidents, FULL.clusters, FULL.storm) == (5_000, (1, 48, 500), 2_000)
    assert FULL.runs >= 7


def test_one_benchmark_can_be_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--only", "cards", "--quick"])
    shown = capsys.readouterr().out
    assert "the card of one broken commit" in shown
    assert shown.count("cores, load") == 1
    assert "every figure is within its target" in shown


def test_an_unknown_benchmark_is_refused_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--only", "everything"])
    refusal = capsys.readouterr().err
    assert [name for name in BENCHMARKS if name not in refusal] == []


def test_the_document_names_every_benchmark() -> None:
    text = (Path(__file__).parents[2] / "docs/benchmarks.md").read_text("utf-8")
    assert [name for name in BENCHMARKS if f"`{name}`" not in text] == []
