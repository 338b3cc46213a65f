"""The catalogue of Prometheus rules in; one change at a time, and whether a scenario notices, out: `make mutants`.

Law: what survives is printed. A change of timing, of a window, of a comparison, of a matcher, of a part of an expression is a
mutant each. What changes nothing by its nature is named in EQUIVALENT with the reason, printed, and not counted.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import promql_parser as promql

from tests.rules.promtool import MISSING, Group, Rule, catalogue, find_promtool, name_of, narrowed, scenarios, verdict

SETS = {"and", "or", "unless"}
TURNED = {">": "<", ">=": "<", "<": ">"}
ENOUGH = 0.92
EQUIVALENT = {
    "FluxControllerMemoryHigh: without namespace": "either side alone would do; without it that side is the whole fleet",
    "flux:reconcile_errors:ratio_rate15m: three times [15m] at 242": "what is multiplied with 0 only has to be there",
}
"""Rule and beginning of the change → why nobody can notice it."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A rule of a file, as it is after one change."""

    file: str
    rule: Rule
    change: str


def mutants(groups: Mapping[str, Group]) -> Iterator[Mutant]:
    """All of them, in the order of the rules."""
    for file, group in groups.items():
        for rule in group["rules"]:
            yield from (Mutant(file, {**rule, **keys}, change) for change, keys in _changes(rule))


def _changes(rule: Rule) -> Iterator[tuple[str, dict[str, str]]]:
    yield "never true", {"expr": "vector(0) > 1"}
    if "for" in rule:
        number, unit = re.fullmatch(r"(\d+)([mh])", rule["for"]).groups()  # type: ignore[union-attr]
        yield "for 0", {"for": "0m"}
        yield "for three times as long", {"for": f"{int(number) * 3}{unit}"}
    seen = {rule["expr"]}
    made = (_turned, _without_matchers, _without_parts, _other_windows)
    for change, text in (found for one in made for found in one(rule["expr"])):
        if text not in seen:
            seen.add(text)
            yield change, {"expr": text}


def _turned(text: str) -> Iterator[tuple[str, str]]:
    for found in re.finditer(r"(?<= )(>=|>|<)(?= )", text):
        yield f"{found[0]} turned", text[: found.start()] + TURNED[found[0]] + text[found.end() :]
    for found in re.finditer(r"== (\d)", text):
        yield f"without {found[0]}", text[: found.start()] + text[found.end() :]


def _without_matchers(text: str) -> Iterator[tuple[str, str]]:
    for found in re.finditer(r'(\w+)(?:=~|!~|!=|=)"[^"]*"(?:, )?', text):
        yield f"without {found[0][:40]} at {found.start()}", text[: found.start()] + text[found.end() :]


def _without_parts(text: str) -> Iterator[tuple[str, str]]:
    whole = promql.parse(text)
    printed, nodes = str(whole), list[Any]()
    promql.walk(whole, nodes.append)
    for node in nodes:
        if isinstance(node, promql.BinaryExpr) and str(node.op) in SETS:
            sides = {f"without {node.op} {str(node.rhs)[:60]}": node.lhs}
            if str(node.op) == "or":
                sides[f"without {str(node.lhs)[:60]} or"] = node.rhs
            yield from ((change, printed.replace(str(node), f"({side})", 1)) for change, side in sides.items())


def _other_windows(text: str) -> Iterator[tuple[str, str]]:
    for found in re.finditer(r"\[(\d+)([mh])\]", text):
        minutes = int(found[1]) * (60 if found[2] == "h" else 1)
        for change, other in (("three times", minutes * 3), ("a third of", max(minutes // 3, 2))):
            yield f"{change} {found[0]} at {found.start()}", f"{text[: found.start()]}[{other}m]{text[found.end() :]}"


def equivalent(mutant: Mutant) -> str:
    """Why nobody can notice it; empty: a scenario should."""
    change = f"{name_of(mutant.rule)}: {mutant.change}"
    return next((why for beginning, why in EQUIVALENT.items() if change.startswith(beginning)), "")


def noticed(mutant: Mutant) -> bool:
    """Whether a scenario that reads the rule ends in another way."""
    groups = dict(catalogue())
    name = name_of(mutant.rule)
    rules = [mutant.rule if name_of(one) == name else one for one in groups[mutant.file]["rules"]]
    groups[mutant.file] = {**groups[mutant.file], "rules": rules}
    readers = [one for one in scenarios() if any(name_of(r) == name for g in narrowed(catalogue(), one) for r in g["rules"])]
    with TemporaryDirectory() as folder:
        return verdict(Path(folder), groups, readers) != ""


def main(wanted: list[str]) -> int:
    """`wanted` are beginnings of names of rules; none: all. 1 if less than ENOUGH are noticed."""
    if not find_promtool():
        print(MISSING, file=sys.stderr)
        return 2
    named = [one for one in mutants(catalogue()) if not wanted or name_of(one.rule).startswith(tuple(wanted))]
    for one in named:
        if why := equivalent(one):
            print(f"not counted: {name_of(one.rule)}: {one.change}: {why}")
    chosen, killed = [one for one in named if not equivalent(one)], 0
    with ThreadPoolExecutor(2) as workers:
        for mutant, seen in zip(chosen, workers.map(noticed, chosen), strict=True):
            killed += seen
            if not seen:
                print(f"survives: {name_of(mutant.rule)}: {mutant.change}", flush=True)
    print(f"{killed} of {len(chosen)} changes are noticed")
    return 0 if killed >= ENOUGH * len(chosen) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
