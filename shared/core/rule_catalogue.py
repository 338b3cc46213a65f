"""The rule files, parsed, in; the catalogue of alert rules as values out: Prometheus groups and log rules.

Pure. Every fault is named, all at once: a catalogue with a fault is none, or rules that are well would be deleted in Azure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from shared.core.durations import of_words

SEVERITIES: Mapping[str, int] = MappingProxyType({"critical": 1, "warning": 2, "info": 3})
"""The words of the catalogue → Azure's numbers. 0 is not used: azurerm drops it (terraform-provider-azurerm#27403)."""


class BadCatalogue(ValueError):
    """The rule files do not make a catalogue; `faults` says for each place what is wrong with it."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class MetricRule:
    """An alert or a recording rule, as Prometheus knows it. A recording rule has neither `wait` nor severity."""

    name: str
    expression: str
    alerts: bool
    wait: timedelta = timedelta()  # `for`
    severity: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MetricGroup:
    """A group: its rules run in their order."""

    name: str
    rules: tuple[MetricRule, ...]
    interval: timedelta = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class LogRule:
    """A query that raises an alert if the total of `measure` is over `threshold`; of its rows, if it has no measure."""

    name: str
    query: str
    severity: str
    frequency: timedelta
    window: timedelta
    summary: str = ""
    description: str = ""
    measure: str = ""
    threshold: float = 0
    dimensions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """`thresholds`: name of a metric alert → the part of its expression with the threshold, as `> 60`; it is there once."""

    groups: tuple[MetricGroup, ...] = ()
    logs: tuple[LogRule, ...] = ()
    thresholds: Mapping[str, str] = field(default_factory=dict)

    @property
    def metric_alerts(self) -> tuple[MetricRule, ...]:
        """Without what is only recorded."""
        return tuple(rule for group in self.groups for rule in group.rules if rule.alerts)

    @property
    def alerts(self) -> Mapping[str, str]:
        """The names of all alerts, by themselves in lower case."""
        names = (*(one.name for one in self.metric_alerts), *(one.name for one in self.logs))
        return {name.lower(): name for name in names}


def catalogue(metrics: Iterable[tuple[str, Any]], logs: Mapping[str, tuple[Any, str]], thresholds: Any = None) -> Catalogue:
    """`metrics`: (file, its YAML); `logs`: name → (its YAML, its KQL); `thresholds`: that YAML. Raises `BadCatalogue`."""
    faults = list[str]()
    groups = tuple(one for file, document in metrics for one in _groups(file, document, faults))
    made = Catalogue(
        groups,
        tuple(_log_rule(name, meta, text, faults) for name, (meta, text) in sorted(logs.items())),
        {str(name): str(text) for name, text in thresholds.items()} if isinstance(thresholds, Mapping) else {},
    )
    faults += [*_twice(made), *_thresholds(made)]
    if faults:
        raise BadCatalogue(faults)
    return made


def _groups(file: str, document: Any, faults: list[str]) -> Iterator[MetricGroup]:
    found = document.get("groups") if isinstance(document, Mapping) else None
    if not isinstance(found, list):
        faults.append(f"{file}: has no groups")
        return
    for place, group in enumerate(found):
        known = group if isinstance(group, Mapping) else {}
        name, rules, interval = known.get("name"), known.get("rules"), of_words(known.get("interval", "1m"))
        if not isinstance(name, str) or not isinstance(rules, list) or not rules or interval is None:
            faults.append(f"{file}: group {place} lacks a name or rules, or its interval is no length of time")
            continue
        yield MetricGroup(name, tuple(_metric_rule(f"{name}[{at}]", rule, faults) for at, rule in enumerate(rules)), interval)


def _metric_rule(where: str, rule: Any, faults: list[str]) -> MetricRule:
    known = rule if isinstance(rule, Mapping) else {}
    alerts = "alert" in known
    name, expression = known.get("alert", known.get("record")), known.get("expr")
    labels, annotations = _texts(known.get("labels")), _texts(known.get("annotations"))
    wait = of_words(known.get("for", "0s"))
    if not isinstance(name, str) or not isinstance(expression, str) or not expression.strip():
        faults.append(f"{where}: lacks a name or an expression")
    if alerts and labels.get("severity") not in SEVERITIES:
        faults.append(f"{where}: severity is none of {', '.join(SEVERITIES)}")
    if wait is None:
        faults.append(f"{where}: for is no length of time")
    severity = labels.get("severity", "") if alerts else ""
    return MetricRule(str(name), str(expression).strip(), alerts, wait or timedelta(), severity, labels, annotations)


def _texts(value: Any) -> Mapping[str, str]:
    return {str(name): str(text).strip() for name, text in value.items()} if isinstance(value, Mapping) else {}


def _log_rule(name: str, meta: Any, text: str, faults: list[str]) -> LogRule:
    known = meta if isinstance(meta, Mapping) else {}
    frequency, window = of_words(known.get("frequency")), of_words(known.get("window"))
    severity, threshold, dimensions = known.get("severity"), known.get("threshold", 0), known.get("dimensions") or []
    measure = known.get("measure") or ""
    sound = {
        "frequency is no length of time": bool(frequency),
        "window is no length of time": bool(window),
        f"severity is none of {', '.join(SEVERITIES)}": severity in SEVERITIES,
        "threshold is no number": isinstance(threshold, int | float) and not isinstance(threshold, bool),
        "dimensions is no list of names": isinstance(dimensions, list) and all(isinstance(one, str) for one in dimensions),
        "measure is no name": isinstance(measure, str),
        "has no query": bool(query := _without_comments(text)),
    }
    if wrong := [said for said, well in sound.items() if not well]:
        faults += [f"{name}: {said}" for said in wrong]
        return LogRule(name, query, "info", timedelta(), timedelta())
    return LogRule(
        name=name,
        query=query,
        severity=str(severity),
        frequency=frequency or timedelta(),
        window=window or timedelta(),
        summary=str(known.get("summary") or "").strip(),
        description=str(known.get("description") or "").strip(),
        measure=measure,
        threshold=threshold,
        dimensions=tuple(dimensions),
    )


def _without_comments(text: str) -> str:
    """A filter is put behind it, and must not end up in a comment."""
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("//"))


def _twice(made: Catalogue) -> Iterator[str]:
    """Azure's names have no letter case."""
    alerts = Counter(name.lower() for name in (*(one.name for one in made.metric_alerts), *(one.name for one in made.logs)))
    groups = Counter(group.name.lower() for group in made.groups)
    yield from (f"{name}: is there {count} times" for name, count in (alerts + groups).items() if count > 1)


def _thresholds(made: Catalogue) -> Iterator[str]:
    known = {rule.name: rule.expression for rule in made.metric_alerts}
    for name, text in made.thresholds.items():
        if known.get(name, "").count(text) != 1:
            yield f"thresholds: {name} has {text!r} not exactly once"
