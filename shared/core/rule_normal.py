"""Two rules, as wanted and as Azure has it, in; in words, how they differ, out. Nothing if they say the same.

Pure. Content is compared, not text: letter case of ids, spellings of a length of time, defaults that Azure fills in, the order
of what has none. What is not in the tables is Azure's own affair. No reason holds a key, or any text of more than a few words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from shared.core.alert_rule import Rule, RuleKind
from shared.core.durations import iso, of_iso

MISSING = "missing"
WORDY = 60  # characters: a longer text is not quoted


class _Field(NamedTuple):
    """`read` makes one value of all spellings of the same; `default` is what Azure takes where nothing is said."""

    read: Callable[[Any], Any]
    default: Any = None
    quoted: bool = True


def _word(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


def _prose(value: Any) -> Any:
    return "\n".join(line.rstrip() for line in value.strip().splitlines()) if isinstance(value, str) else value


def _length(value: Any) -> Any:
    found = of_iso(value)
    return iso(found) if found is not None else value


def _number(value: Any) -> Any:
    try:
        return float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else value
    except ValueError:
        return value


def _words(value: Any) -> Any:
    return tuple(sorted(_word(one) for one in value if isinstance(one, str))) if isinstance(value, list | tuple) else value


def _dimensions(value: Any) -> Any:
    known = [one for one in value if isinstance(one, Mapping)] if isinstance(value, list | tuple) else []
    return tuple(
        sorted(
            (_word(one.get("name")) or "", _word(one.get("operator")) or "", _words(one.get("values")) or ()) for one in known
        )
    )


def _called(value: Any) -> Any:
    """`actions` of an alert: ids, in any order."""
    known = [one for one in value if isinstance(one, Mapping)] if isinstance(value, list | tuple) else []
    return _words([one.get("actionGroupId") for one in known])


def _address(value: Any) -> Any:
    """Without its key, which Azure may not show; a tag has its digest."""
    if not isinstance(value, str):
        return value
    try:
        parts = urlsplit(value)
    except ValueError:
        return "no address"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}".lower()


def _count(value: Any) -> Any:
    return float(len(value)) if isinstance(value, list | tuple) else 0.0


_TRUE, _FALSE = _Field(bool, True), _Field(bool, False)
_TEXT, _NAME, _LENGTH, _NUMBER = (
    _Field(_prose, "", quoted=False),
    _Field(_word, ""),
    _Field(_length, "PT0S"),
    _Field(_number, 0.0),
)
_IDS = _Field(_words, (), quoted=False)

type Fields = Mapping[str, _Field]
GROUP: Fields = MappingProxyType(
    {"description": _TEXT, "enabled": _TRUE, "interval": _Field(_length, "PT1M"), "scopes": _IDS, "clusterName": _NAME}
)
RECORDING: Fields = MappingProxyType({"record": _NAME, "expression": _TEXT, "enabled": _TRUE})
ALERT: Fields = MappingProxyType(
    {
        "alert": _NAME,
        "expression": _TEXT,
        "enabled": _TRUE,
        "for": _LENGTH,
        "severity": _Field(_number, 3.0),
        "actions": _Field(_called, (), quoted=False),
    }
)
RESOLUTION: Fields = MappingProxyType({"autoResolved": _TRUE, "timeToResolve": _Field(_length, "PT5M")})
LOG_RULE: Fields = MappingProxyType(
    {
        "description": _TEXT,
        "severity": _NUMBER,
        "enabled": _TRUE,
        "scopes": _IDS,
        "evaluationFrequency": _LENGTH,
        "windowSize": _LENGTH,
        "autoMitigate": _TRUE,
        "muteActionsDuration": _LENGTH,
    }
)
CONDITION: Fields = MappingProxyType(
    {
        "query": _TEXT,
        "timeAggregation": _NAME,
        "metricMeasureColumn": _NAME,
        "resourceIdColumn": _NAME,
        "dimensions": _Field(_dimensions, (), quoted=False),
        "operator": _NAME,
        "threshold": _NUMBER,
    }
)
PERIODS: Fields = MappingProxyType(
    {"numberOfEvaluationPeriods": _Field(_number, 1.0), "minFailingPeriodsToAlert": _Field(_number, 1.0)}
)
ACTIONS: Fields = MappingProxyType({"groupShortName": _NAME, "enabled": _TRUE})
OTHERS = (  # ways in which an action group calls others than Fluxwatch
    "emailReceivers",
    "smsReceivers",
    "voiceReceivers",
    "azureAppPushReceivers",
    "itsmReceivers",
    "automationRunbookReceivers",
    "logicAppReceivers",
    "azureFunctionReceivers",
    "armRoleReceivers",
    "eventHubReceivers",
)
WEBHOOK: Fields = MappingProxyType(
    {
        "serviceUri": _Field(_address, ""),
        "useCommonAlertSchema": _FALSE,
        "useAadAuth": _FALSE,
        "objectId": _NAME,
        "identifierUri": _NAME,
        "tenantId": _NAME,
    }
)

type Normal = dict[str, tuple[Any, bool]]
"""What is said, by what it is about, in words; and whether it may be quoted. The order is that of the rule."""


def differences(wanted: Rule, actual: Rule) -> tuple[str, ...]:
    """Reasons to write; none if there is nothing to do. Of tags only those that are wanted are looked at."""
    want, have = normal(wanted), normal(actual)
    found = [reason for about in {**want, **have} if (reason := _difference(about, want, have))]
    return (*found, *_tags(wanted, actual))


def moved(wanted: Rule, actual: Rule) -> str:
    """Why it cannot be written over: a resource never changes its region. Empty if it can be."""
    here, there = ("".join(rule.location.lower().split()) for rule in (actual, wanted))
    return f"location {here}, wanted {there}" if here != there and here else ""


def _difference(about: str, want: Normal, have: Normal) -> str:
    if about not in want:
        return f"{about}: not wanted"
    if about not in have:
        return f"{about}: {MISSING}"
    (wanted, quoted), (found, _) = want[about], have[about]
    if wanted == found:
        return ""
    told = [_shown(value) for value in (found, wanted)]
    if quoted and all(len(text) <= WORDY for text in told):
        return f"{about} {told[0]}, wanted {told[1]}"
    return f"{about} differs"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:g}"
    return "nothing" if value in (None, "", timedelta()) else str(value)


def _tags(wanted: Rule, actual: Rule) -> Iterator[str]:
    there = {name.lower(): value for name, value in actual.tags.items()}
    for name, value in wanted.tags.items():
        if there.get(name.lower()) != value:
            yield f"tag {name}: another one is wanted"


def normal(rule: Rule) -> Normal:
    """Never fails, whatever Azure answers."""
    return dict(_NORMAL[rule.kind](rule.properties))


type Said = Iterator[tuple[str, tuple[Any, bool]]]


def _read(fields: Fields, given: Any, about: str = "") -> Said:
    known = given if isinstance(given, Mapping) else {}
    for name, field in fields.items():
        value = known.get(name)
        yield f"{about}{name}", (field.read(field.default if value is None else value), field.quoted)


def _group(properties: Mapping[str, Any]) -> Said:
    yield from _read(GROUP, properties)
    rules = [one for one in _list(properties.get("rules")) if isinstance(one, Mapping)]
    names = list(_names(rules))
    for name, rule in zip(names, rules, strict=True):
        yield from _rule(name, rule)
    yield "order of rules", (tuple(name.lower() for name in names), False)


def _names(rules: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A recording rule may be there twice, with other labels."""
    seen = dict[str, int]()
    for rule in rules:
        name = str(rule.get("alert") or rule.get("record") or "a rule without a name")
        seen[name] = seen.get(name, 0) + 1
        yield name if seen[name] == 1 else f"{name} ({seen[name]})"


def _rule(name: str, rule: Mapping[str, Any]) -> Said:
    about = f"{name}: "
    alerts = bool(rule.get("alert"))
    yield from _read(ALERT if alerts else RECORDING, rule, about)
    if alerts:
        yield from _read(RESOLUTION, rule.get("resolveConfiguration"), about)
    for kind in ("labels", "annotations") if alerts else ("labels",):
        texts = rule.get(kind)
        known = texts if isinstance(texts, Mapping) else {}
        yield f"{about}{kind}", ({key: _prose(text) for key, text in known.items() if text is not None}, False)


def _log_rule(properties: Mapping[str, Any]) -> Said:
    yield from _read(LOG_RULE, properties)
    actions = properties.get("actions")
    yield "actions", (_words(actions.get("actionGroups") or ()) if isinstance(actions, Mapping) else (), False)
    criteria = properties.get("criteria")
    conditions = _list(criteria.get("allOf")) if isinstance(criteria, Mapping) else []
    yield "conditions", (float(len(conditions)), True)
    for one in conditions[:1]:
        yield from _read(CONDITION, one)
        yield from _read(PERIODS, one.get("failingPeriods") if isinstance(one, Mapping) else None)


def _action_group(properties: Mapping[str, Any]) -> Said:
    yield from _read(ACTIONS, properties)
    for kind in OTHERS:
        yield kind, (_count(properties.get(kind)), True)
    for hook in _list(properties.get("webhookReceivers")):
        known = hook if isinstance(hook, Mapping) else {}
        yield from _read(WEBHOOK, known, f"webhook {str(known.get('name') or '')[:WORDY]}: ")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


_NORMAL: Mapping[RuleKind, Callable[[Mapping[str, Any]], Said]] = MappingProxyType(
    {RuleKind.METRICS: _group, RuleKind.LOGS: _log_rule, RuleKind.ACTIONS: _action_group}
)
