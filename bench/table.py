"""Reports in; a table to read, as text or as Markdown, out.

Pure: no I/O.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench.figure import Figure, Report

HEAD = ("figure", "measured", "spread", "target", "of target", "")
_WIDTHS = (44, 10, 19, 10, 9, 4)


def as_text(report: Report) -> str:
    """For a terminal: a line for each figure."""
    rows = [HEAD, *(_row(one) for one in report.figures)]
    return "\n".join([report.about, *("  " + _padded(row) for row in rows)]) + "\n"


def as_markdown(report: Report) -> str:
    """For docs/benchmarks.md."""
    rows = [HEAD, ("---", "---:", "---:", "---:", "---:", "---"), *(_row(one) for one in report.figures)]
    return "\n".join([f"### {report.about}", "", *(_piped(row) for row in rows)]) + "\n"


def _row(one: Figure) -> Sequence[str]:
    spread = f"{short(one.low)} … {short(one.high)}" if one.samples > 1 and one.low != one.high else ""
    target = f"{short(one.target)} {one.unit}".rstrip() if one.target is not None else ""
    share = f"{one.share:.2f}" if one.share is not None else ""
    return (one.name, f"{short(one.value)} {one.unit}".rstrip(), spread, target, share, one.verdict)


def _padded(row: Sequence[str]) -> str:
    name, *rest, verdict = (cell for cell in row)
    cells = [name.ljust(_WIDTHS[0]), *(cell.rjust(width) for cell, width in zip(rest, _WIDTHS[1:-1], strict=True)), verdict]
    return "  ".join(cells).rstrip()


def _piped(row: Iterable[str]) -> str:
    return f"| {' | '.join(row)} |"


def short(value: float) -> str:
    """Three digits that count; whole from a hundred on."""
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
