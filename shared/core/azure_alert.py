"""The bytes that an action group sends in; an `Alert` out, or a named refusal.

Pure: no I/O; the clock is an argument. Format: the common alert schema (learn.microsoft.com, "Common alert schema"). Only what
is not that schema is refused: of all that is in it anything may be missing, null, of another type or in another letter case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import Any

from shared.core.azure_values import MAX_ID, get, label, parse_time, text
from shared.core.causes import Severity
from shared.core.json_body import check_body, parse_body
from shared.core.refusal import Refused

MAX_BODY = 1024 * 1024  # bytes; Azure sends 256 KiB at most
MAX_LABELS = 64  # of one alert; Azure allows fewer
MAX_PAIRS = 1_000  # that are looked at for them
MAX_FIELDS = 100  # of an object in which fields are looked for; Azure sends two dozen
MAX_RESOURCES = 100
MAX_NAME = 260  # characters, as of a rule in Azure
MAX_TEXT = 10_000  # characters of a text that are looked at
MAX_NUMBER = 10**300  # JSON knows no end of numbers, a float does
MOMENT = timedelta(milliseconds=1)

_SCHEMA = "azuremonitorcommonalertschema"
_SEVERITIES: Mapping[str, Severity] = {
    "sev0": Severity.CRITICAL,
    "sev1": Severity.CRITICAL,
    "sev2": Severity.WARNING,
    "sev3": Severity.INFO,
    "sev4": Severity.INFO,
}
_FIRES: Mapping[str, bool] = {"fired": True, "resolved": False}
_OURS = re.compile(r"(Flux[A-Za-z0-9]+)-.+-[0-9a-f]{6}", re.ASCII)  # a log rule is named for what it is for: alert_rule.name_of
_TEST_GROUP = "/resourcegroups/test-rg/"
_RESOURCE_LABELS = ("_resourceid", "microsoft.resourceid")
_VOLATILE = frozenset({"alertname", "severity"})  # the same instance, whatever they say


@dataclass(frozen=True, slots=True)
class Alert:
    """One firing of a rule, or its end. `fires` is None where it is neither; `at` is aware, in UTC.

    `labels` are those of the series, or the dimensions of the row, by their names in lower case. `resources` are the ids that
    it is about: each a list of its own, the most exact first. `summary` and `description` are raw, other texts may be shown.
    """

    name: str
    fires: bool | None
    at: datetime
    severity: Severity = Severity.WARNING
    labels: Mapping[str, str] = field(default_factory=dict)
    resources: tuple[tuple[str, ...], ...] = ()
    summary: str = ""
    description: str = ""
    measured: str = ""  # a number, as Azure wrote it: 3, or 12.7m
    signal: str = ""  # metric, log, activity log: in lower case
    is_test: bool = False  # of the portal's button

    @property
    def voice(self) -> str:
        """Equal for one instance of the rule from Fired to Resolved: other series of the rule fire and end by themselves."""
        own = sorted(f"{key}={value}".lower() for key, value in self.labels.items() if key not in _VOLATILE)
        return f"{self.name}#{sha256('\0'.join(own).encode('utf-8', 'replace')).hexdigest()[:12]}" if own else self.name


def from_http(headers: Mapping[str, str], body: bytes, *, now: datetime) -> Alert:
    """`headers` have lower-case names. Raises `Refused` (400), `TooLarge` (413), `NotJson` (415)."""
    check_body(headers, body, MAX_BODY)
    return parse(parse_body(body), now)


def parse(root: Any, now: datetime) -> Alert:
    """The alert in JSON. `now` is when it was received. Raises `Refused`."""
    root = _few(root)
    data = _few(get(root, "data"))
    essentials, context = _few(get(data, "essentials")), _few(get(data, "alertContext"))
    if text(get(root, "schemaId")).strip().lower() != _SCHEMA:
        raise Refused("not the common alert schema: switch it on for this receiver of the action group")
    if not isinstance(essentials, dict):
        raise Refused("data.essentials is not an object")
    labels = dict(islice(_labels(context), MAX_LABELS))
    rule = _line(get(essentials, "alertRule"), 2 * MAX_NAME)
    targets = _ids(get(essentials, "alertTargetIDs"))
    fires = _FIRES.get(text(get(essentials, "monitorCondition")).strip().lower())
    own = ((labels[key],) for key in _RESOURCE_LABELS if labels.get(key))
    return Alert(
        name=_name(rule, labels, essentials),
        fires=fires,
        at=_at(essentials, fires, now),
        severity=_severity(get(essentials, "severity"), labels),
        labels=labels,
        resources=(*own, _ids(get(essentials, "configurationItems")), targets),
        summary=_said("summary", root, context),
        description=_said("description", root, context) or text(get(essentials, "description"))[:MAX_TEXT],
        measured=_measured(context),
        signal=label(get(essentials, "signalType")).lower(),
        is_test=rule.lower().startswith("test-") and any(_TEST_GROUP in one.lower() for one in targets),
    )


def _few(value: Any) -> Any:
    """As it is; of an object the first fields. To look for a name in whatever letter case is to look at each of them."""
    return dict(islice(value.items(), MAX_FIELDS)) if isinstance(value, dict) and len(value) > MAX_FIELDS else value


def _name(rule: str, labels: Mapping[str, str], essentials: Mapping[str, Any]) -> str:
    """The rule's own: Prometheus puts its group before it, log rules have what they are for behind it."""
    own = labels.get("alertname") or rule.rpartition("/")[2].strip()
    made = _OURS.fullmatch(own)
    otherwise = _line(get(essentials, "alertRuleId"), MAX_ID).rpartition("/")[2] or "Unnamed alert"
    return (made[1] if made else own or otherwise)[:MAX_NAME]


def _at(essentials: Mapping[str, Any], fires: bool | None, now: datetime) -> datetime:
    """What is missing, or lies in the future, is now: a resolved log alert may have no time of its own. An end is later than
    its beginning, whatever it says: otherwise it would be of no effect, and nobody tells of it again.
    """
    fired = parse_time(get(essentials, "firedDateTime"))
    at = fired
    if fires is False:
        at = parse_time(get(essentials, "resolvedDateTime"))
        at = fired + MOMENT if at is not None and fired is not None and at <= fired else at
    return now if at is None or at > now else at


def _severity(value: Any, labels: Mapping[str, str]) -> Severity:
    known = {severity.value: severity for severity in Severity}
    said = label(value).lower()
    return _SEVERITIES.get(said) or known.get(labels.get("severity", "").lower(), Severity.WARNING)


def _labels(context: Any) -> Iterator[tuple[str, str]]:
    """Of Prometheus `labels`, of log and metric alerts the dimensions of each condition: the first of a name counts."""
    seen = set[str]()
    for key, value in islice(_pairs(context), MAX_PAIRS):
        name, worth = _line(key, MAX_NAME).lower(), _value(value)
        if name and worth and name not in seen:
            seen.add(name)
            yield name, worth


def _pairs(context: Any) -> Iterator[tuple[Any, Any]]:
    labels, conditions = get(context, "labels"), get(get(context, "condition"), "allOf")
    if isinstance(labels, dict):
        yield from labels.items()
    for condition in conditions if isinstance(conditions, list) else ():
        dimensions = get(condition, "dimensions")
        for one in dimensions if isinstance(dimensions, list) else ():
            yield get(one, "name"), get(one, "value")


def _value(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:.15g}" if isinstance(value, float) or abs(value) < MAX_NUMBER else ""
    return _line(value, MAX_ID)


def _line(value: Any, most: int) -> str:
    """A text that stands in one line of a log or a card."""
    return " ".join(label(value, most).split())


def _ids(value: Any) -> tuple[str, ...]:
    some: Iterable[Any] = value if isinstance(value, list) else [value]
    return tuple(one for given in islice(some, MAX_RESOURCES) if (one := label(given, MAX_ID)))


def _said(what: str, root: Any, context: Any) -> str:
    """An annotation, or a property that somebody gave the rule."""
    places = (get(context, "annotations"), get(context, "properties"), get(get(root, "data"), "customProperties"))
    return next((said for place in places if (said := text(get(place, what)).strip())), "")[:MAX_TEXT]


def _measured(context: Any) -> str:
    conditions = get(get(context, "condition"), "allOf")
    first = conditions[0] if isinstance(conditions, list) and conditions else None
    given = _value(get(context, "expressionValue"))
    value = "" if given == "1" else given or _value(get(first, "metricValue"))  # 1 is what a state is in Prometheus
    return value if re.fullmatch(r"[+-]?\d[\d.,]{0,20}(?:e[+-]?\d{1,3})?[a-zA-Zµ%]{0,3}", value) else ""
