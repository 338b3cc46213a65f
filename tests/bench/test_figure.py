"""Samples become figures: the median, its range, and how it stands to its target."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bench.figure import Report, figure, in_turn, ratio
from bench.table import as_markdown, as_text, short


def test_a_figure_is_the_median_and_keeps_its_range() -> None:
    found = figure("answer", "ms", [9, 1, 2])
    assert (found.value, found.low, found.high, found.samples) == (2, 1, 9, 3)


def test_a_figure_without_samples_is_an_error() -> None:
    with pytest.raises(ValueError, match="answer: nothing was measured"):
        figure("answer", "ms", [])


@pytest.mark.parametrize(("value", "verdict"), [(299, "ok"), (300, "ok"), (301, "over")])
def test_a_figure_is_over_only_beyond_its_target(value: float, verdict: str) -> None:
    assert figure("cost", "us", [value], target=300).verdict == verdict


def test_a_figure_without_a_target_has_no_verdict() -> None:
    found = figure("cost", "us", [1])
    assert (found.verdict, found.share) == ("", None)


def test_a_ratio_is_that_of_the_medians_and_its_range_that_of_the_pairs() -> None:
    found = ratio("ours to theirs", [2, 4, 9], [1, 2, 3], target=1.4)
    assert (found.value, found.low, found.high, found.verdict) == (2, 2, 3, "over")


def test_measures_run_in_turn_and_the_first_round_does_not_count() -> None:
    order: list[str] = []

    def measure(name: str) -> Callable[[], float]:
        def run() -> float:
            order.append(name)
            return float(len(order))

        return run

    assert in_turn(2, {"a": measure("a"), "b": measure("b")}) == {"a": [3, 5], "b": [4, 6]}
    assert order == ["a", "b"] * 3


@pytest.mark.parametrize(
    ("value", "text"), [(6, "6"), (0.4321, "0.432"), (26_000, "26,000"), (123.4, "123"), (1.354, "1.35"), (0, "0")]
)
def test_numbers_are_told_with_three_digits(value: float, text: str) -> None:
    assert short(value) == text


def test_a_report_is_a_line_for_each_figure() -> None:
    report = Report("a run", [figure("time", "s", [0.75, 0.5, 1], target=0.5), figure("posts", "", [0])])
    assert [line.split() for line in as_text(report).splitlines()] == [
        ["a", "run"],
        ["figure", "measured", "spread", "target", "of", "target"],
        ["time", "0.75", "s", "0.5", "…", "1", "0.5", "s", "1.50", "over"],
        ["posts", "0"],
    ]
    assert as_markdown(report).splitlines()[-2:] == [
        "| time | 0.75 s | 0.5 … 1 | 0.5 s | 1.50 | over |",
        "| posts | 0 |  |  |  |  |",
    ]
