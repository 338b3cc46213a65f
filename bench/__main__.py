"""Names of benchmarks in; what they measure, beside the targets, out: python -m bench [--only intake …] [--quick] [--markdown].

Law: it measures and does not judge: the exit status is 0 unless something breaks, and what is over its target is marked.
"""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Callable, Mapping, Sequence

from bench import cards, cold_start, intake, notify, page, planning, rules, storm, sweep
from bench.figure import Report
from bench.scale import FULL, QUICK, Scale
from bench.table import as_markdown, as_text

BENCHMARKS: Mapping[str, Callable[[Scale], Report]] = {
    "intake": intake.run,
    "planning": planning.run,
    "cards": cards.run,
    "cold-start": cold_start.run,
    "notify": notify.run,
    "storm": storm.run,
    "sweep": sweep.run,
    "page": page.run,
    "rules": rules.run,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Each report as soon as it is there."""
    options = _options(arguments)
    scale, shown = (QUICK if options.quick else FULL), (as_markdown if options.markdown else as_text)
    over = list[str]()
    for name in options.only or BENCHMARKS:
        print(machine(), end="\n\n", flush=True)
        report = BENCHMARKS[name](scale)
        over += [f"{name}: {one.name}" for one in report.figures if one.verdict == "over"]
        print(shown(report), flush=True)
    print("\n".join(["over their target:", *over]) if over else "every figure is within its target")


def machine() -> str:
    """What the figures were measured on, and how busy it was."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"Python {platform.python_version()}, {os.cpu_count()} cores, load {load}"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure Fluxwatch on this machine.")
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="small sizes, one run: to see that it works")
    parser.add_argument("--markdown", action="store_true", help="tables for docs/benchmarks.md")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
