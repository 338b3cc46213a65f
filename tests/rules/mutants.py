"""The catalogue of Prometheus rules in; one change at a time, and whether a scenario notices, out: `make mutants`.

Law: what survives is printed. A change of timing, of a comparison, of a matcher, of a part of an expression is a mutant each.
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
ENOUGH = 0.9


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
    for change, text in (*_turned(rule["expr"]), *_without_matchers(rule["expr"]), *_without_parts(rule["expr"])):
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
    """`wanted` are beginnings of names of rules; none: all. 1 if less than nine tenths are noticed."""
    if not find_promtool():
        print(MISSING, file=sys.stderr)
        return 2
    chosen = [one for one in mutants(catalogue()) if not wanted or name_of(one.rule).startswith(tuple(wanted))]
    killed = 0
    with ThreadPoolExecutor(2) as workers:
        for mutant, seen in zip(chosen, workers.map(noticed, chosen), strict=True):
            killed += seen
            if not seen:
                print(f"survives: {name_of(mutant.rule)}: {mutant.change}", flush=True)
    print(f"{killed} of {len(chosen)} changes are noticed")
    return 0 if killed >= ENOUGH * len(chosen) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
