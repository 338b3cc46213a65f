"""The configured settings in; everything that Fluxwatch depends on, looked at from this machine, as a table out.

python -m local.doctor, or make doctor. Settings come from the environment, then from local.settings.json; Azure is asked as
whoever is signed in here (az login). Posts nothing. Exit status: 0 ok, 1 degraded, 2 failing.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from local.host.settings import SettingsError, local_values
from shared.core.finding import Finding
from shared.core.health_report import Level, Report, Status
from shared.wiring import App

HOME = Path(__file__).parents[1]
EXIT: Mapping[Status, int] = {Status.OK: 0, Status.DEGRADED: 1, Status.FAILING: 2}
WIDEST = 120  # columns: longer lines are hard to read
_COLOURS: Mapping[Level, str] = {Level.FAIL: "1;31", Level.WARN: "1;33", Level.NOTE: "36", Level.OK: "32"}


def examine(folder: Path, environment: Mapping[str, str], tell: Callable[[str], None]) -> Report:
    """Raises `SettingsError` if local.settings.json cannot be read; what is in it may be as wrong as it likes."""
    return App({**local_values(folder), **environment}).health(deep=True, tell=tell)


def table(report: Report, width: int = WIDEST, *, colour: bool = False) -> Iterator[str]:
    """Lines: the sentence, then each finding, the gravest first, its remedy under it."""
    yield f"{report.summary} ({report.took:.1f} s)"
    yield ""
    indent = min(max((len(one.name) for one in report.findings), default=0), 44) + 8
    for level, findings in report.by_level.items():
        word = f"\033[{_COLOURS[level]}m{level:<4}\033[0m" if colour else f"{level:<4}"
        for one in findings:
            yield from _rows(one, word, indent, max(width, indent + 30))


def _rows(one: Finding, word: str, indent: int, width: int) -> Iterator[str]:
    whole = textwrap.TextWrapper(width - indent, break_on_hyphens=False)  # names that can be copied
    lines = whole.wrap(one.detail) or [""]
    whole.initial_indent, whole.subsequent_indent = "→ ", "  "
    lines += whole.wrap(one.remedy)
    name = f"{one.name:<{indent - 8}}"
    if len(name) > indent - 8:
        yield f"{word}  {name}"
        name, word = " " * (indent - 8), "    "
    yield f"{word}  {name}  {lines[0]}".rstrip()
    yield from (" " * indent + line for line in lines[1:])


def main(folder: Path = HOME, environment: Mapping[str, str] = os.environ) -> int:
    """See the module."""
    logging.getLogger("azure").setLevel(logging.CRITICAL)  # each of a developer's credentials says why it is none
    file = "local.settings.json" if (folder / "local.settings.json").is_file() else "no local.settings.json here"
    _say(f"settings: the environment, then {file}")
    try:
        report = examine(folder, environment, lambda part: _say(f"looking at {part} …"))
    except SettingsError as wrong:
        print(f"doctor: {wrong}", file=sys.stderr)
        return EXIT[Status.FAILING]
    colour = sys.stdout.isatty() and "NO_COLOR" not in environment
    _print(table(report, min(shutil.get_terminal_size((WIDEST, 24)).columns, WIDEST), colour=colour))
    return EXIT[report.status]


def _say(line: str) -> None:
    print(f"doctor: {line}", file=sys.stderr, flush=True)


def _print(lines: Iterator[str] | Sequence[str]) -> None:
    print()
    for line in lines:
        print(line)


if __name__ == "__main__":
    if "IDENTITY_ENDPOINT" not in os.environ:
        os.environ.setdefault("AZURE_TOKEN_CREDENTIALS", "dev")  # no waiting for an identity that no machine here has
    sys.exit(main())
