"""Dashboards and PromQL in; panels, queries with their variables filled in, and the metrics that are read, out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import promql_parser as promql

HOME = Path(__file__).parents[2]
FILES = sorted((HOME / "infra/dashboards").glob("*.json"))

type Panel = Mapping[str, Any]
type Dashboard = Mapping[str, Any]

PROMETHEUS = {
    "$__rate_interval": "5m",
    "$__range": "1h",
    "$cluster": "aks-1|aks-2",
    "$kind": "Alert|GitRepository|HelmRelease|Kustomization",
}
"""What Grafana would put in place of a variable: of several values a pattern."""


@dataclass(frozen=True, slots=True)
class Query:
    """One target. `panel` is its title, `ref` its letter; `text` as it stands in the file."""

    panel: str
    ref: str
    text: str
    form: str
    instant: bool = False
    legend: str = ""

    @property
    def key(self) -> str:
        """As scenarios name it."""
        return f"{self.panel}/{self.ref}"


@cache
def dashboard(name: str) -> Dashboard:
    """By the name of its file."""
    found: Dashboard = json.loads((HOME / "infra/dashboards" / f"{name}.json").read_text("utf-8"))
    return found


def panels(found: Dashboard) -> Iterator[Panel]:
    """Also those in rows that are folded."""
    for panel in found["panels"]:
        yield panel
        yield from panel.get("panels", ())


def promql_of(found: Dashboard) -> list[Query]:
    """Every PromQL of its panels."""
    return [
        Query(
            panel["title"],
            target["refId"],
            target["expr"],
            target.get("format", "time_series"),
            target.get("instant", False),
            target["legendFormat"],
        )
        for panel in panels(found)
        for target in panel.get("targets", ())
        if "expr" in target
    ]


def kql_of(found: Dashboard) -> list[Query]:
    """Every KQL of its panels."""
    return [
        Query(
            panel["title"], target["refId"], target["azureLogAnalytics"]["query"], target["azureLogAnalytics"]["resultFormat"]
        )
        for panel in panels(found)
        for target in panel.get("targets", ())
        if "azureLogAnalytics" in target
    ]


def filled(text: str, values: Mapping[str, str]) -> str:
    """With values for variables. KeyError: a variable that nobody declares."""
    return re.sub(r"\$[a-z_]\w*", lambda found: values[found[0]], text)


def metrics_read(expression: str) -> set[str]:
    """The names of metrics in it. ValueError: it is no PromQL, or has a selector without a name, which Azure refuses."""
    names = set()

    def look(node: Any) -> None:
        if isinstance(node, promql.VectorSelector):
            if not node.name:
                raise ValueError("a selector has no metric name")
            names.add(node.name)

    promql.walk(promql.parse(expression), look)
    return names
