"""Two rules, as wanted and as Azure has it, in; in words, how they differ, out. Nothing if they say the same.

Pure. Content is compared, not text: letter case of ids, spellings of a length of time, defaults that Azure fills in, the order
of what has none. No reason holds a key, or any text of more than a few words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from shared.core.alert_rule import Rule, RuleKind
from shared.core.azure_values import truth
from shared.core.rule_fields import (
    ACTIONS,
    ALERT,
    CONDITION,
    GROUP,
    LOG_RULE,
    OTHERS,
    PERIODS,
    RECORDING,
    RESOLUTION,
    SIGN_IN,
    WEBHOOK,
    Fields,
    count,
    prose,
    shown,
    words,
)

MISSING = "missing"
LONGEST = 100  # characters of a name
WORDY = 60  # characters: a longer text is not quoted


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
    return "nothing" if value in (None, "") else shown(str(value), LONGEST) or "something"


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
        yield f"{about}{name}", (field.read(field.default if value in (None, "") else value), field.quoted)


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
        name = shown(rule.get("alert") or rule.get("record"), LONGEST) or "a rule without a name"
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
        yield f"{about}{kind}", ({key: prose(text) for key, text in known.items() if text is not None}, False)


def _log_rule(properties: Mapping[str, Any]) -> Said:
    yield from _read(LOG_RULE, properties)
    actions = properties.get("actions")
    yield "actions", (words(actions.get("actionGroups") or ()) if isinstance(actions, Mapping) else (), False)
    criteria = properties.get("criteria")
    conditions = _list(criteria.get("allOf")) if isinstance(criteria, Mapping) else []
    yield "conditions", (float(len(conditions)), True)
    for one in conditions[:1]:
        yield from _read(CONDITION, one)
        yield from _read(PERIODS, one.get("failingPeriods") if isinstance(one, Mapping) else None)


def _action_group(properties: Mapping[str, Any]) -> Said:
    yield from _read(ACTIONS, properties)
    for kind in OTHERS:
        yield kind, (count(properties.get(kind)), True)
    for hook in _list(properties.get("webhookReceivers")):
        known = hook if isinstance(hook, Mapping) else {}
        about = f"webhook {shown(known.get('name'), WORDY)}: "
        yield from _read(WEBHOOK, known, about)
        if truth(known.get("useAadAuth")):
            yield from _read(SIGN_IN, known, about)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


_NORMAL: Mapping[RuleKind, Callable[[Mapping[str, Any]], Said]] = MappingProxyType(
    {RuleKind.METRICS: _group, RuleKind.LOGS: _log_rule, RuleKind.ACTIONS: _action_group}
)
