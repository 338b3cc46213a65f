"""A property of a rule in any of its spellings in; one value for all of them out: tables of what is compared, and how.

Pure: never fails. What is not in the tables is Azure's own affair: read-only fields, and what it may add.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from shared.core.azure_values import label, truth
from shared.core.durations import iso, of_iso


class Field(NamedTuple):
    """`read` makes one value of all spellings of the same; `default` is what Azure takes where nothing is said."""

    read: Callable[[Any], Any]
    default: Any = None
    quoted: bool = True


_LEFT_OUT = re.compile(r'label_replace\(vector\(1\), "cluster", "[^"\n]*"')  # as rule_target.py writes it
DIMENSION = ("name", "operator", "values")


def _word(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


def prose(value: Any) -> Any:
    """A text; white space at the ends of its lines says nothing."""
    return "\n".join(line.rstrip() for line in value.strip().splitlines()) if isinstance(value, str) else value


def shown(value: Any, most: int) -> str:
    """A text of somebody else's in a line for people; empty for what is none."""
    return " ".join(label(value, most).split())


def _caseless(value: Any) -> Any:
    """A text with names of places in it."""
    return _word(prose(value))


def _promql(value: Any) -> Any:
    """Names of clusters that are left out have no letter case."""
    return _LEFT_OUT.sub(lambda found: found[0].lower(), prose(value)) if isinstance(value, str) else value


def _flag(value: Any) -> Any:
    known = truth(value)
    return value if known is None else known


def _length(value: Any) -> Any:
    found = of_iso(value)
    return iso(found) if found is not None else value


def _number(value: Any) -> Any:
    try:
        return float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else value
    except (ValueError, OverflowError):
        return value


def words(value: Any) -> Any:
    """Names or ids, in no order and without letter case."""
    return tuple(sorted(_word(one) for one in value if isinstance(one, str))) if isinstance(value, list | tuple) else value


def _dimensions(value: Any) -> Any:
    known = [one for one in value if isinstance(one, Mapping)] if isinstance(value, list | tuple) else []
    return tuple(sorted(tuple(str(words(one.get(part)) or "").lower() for part in DIMENSION) for one in known))


def _called(value: Any) -> Any:
    """`actions` of an alert: ids, in any order."""
    known = [one for one in value if isinstance(one, Mapping)] if isinstance(value, list | tuple) else []
    return words([one.get("actionGroupId") for one in known])


def _address(value: Any) -> Any:
    """Without its key, which Azure may not show; a tag has its digest."""
    if not isinstance(value, str):
        return value
    try:
        parts = urlsplit(value)
    except ValueError:
        return "no address"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}".lower()


def count(value: Any) -> Any:
    """How many there are."""
    return float(len(value)) if isinstance(value, list | tuple) else 0.0


_TRUE, _FALSE = Field(_flag, True), Field(_flag, False)
_TEXT, _NAME, _LENGTH, _NUMBER = (
    Field(prose, "", quoted=False),
    Field(_word, ""),
    Field(_length, "PT0S"),
    Field(_number, 0.0),
)
_IDS = Field(words, (), quoted=False)
_EXPRESSION = Field(_promql, "", quoted=False)

type Fields = Mapping[str, Field]
GROUP: Fields = MappingProxyType(
    {
        "description": Field(_caseless, "", quoted=False),
        "enabled": _TRUE,
        "interval": Field(_length, "PT1M"),
        "scopes": _IDS,
        "clusterName": _NAME,
    }
)
RECORDING: Fields = MappingProxyType({"record": _NAME, "expression": _EXPRESSION, "enabled": _TRUE})
ALERT: Fields = MappingProxyType(
    {
        "alert": _NAME,
        "expression": _EXPRESSION,
        "enabled": _TRUE,
        "for": _LENGTH,
        "severity": Field(_number, 3.0),
        "actions": Field(_called, (), quoted=False),
    }
)
RESOLUTION: Fields = MappingProxyType({"autoResolved": _TRUE, "timeToResolve": Field(_length, "PT5M")})
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
        "dimensions": Field(_dimensions, (), quoted=False),
        "operator": _NAME,
        "threshold": _NUMBER,
    }
)
PERIODS: Fields = MappingProxyType(
    {"numberOfEvaluationPeriods": Field(_number, 1.0), "minFailingPeriodsToAlert": Field(_number, 1.0)}
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
        "serviceUri": Field(_address, "", quoted=False),
        "useCommonAlertSchema": _FALSE,
        "useAadAuth": _FALSE,
    }
)
SIGN_IN: Fields = MappingProxyType({"objectId": _NAME, "identifierUri": _NAME, "tenantId": _NAME})
"""Of a webhook with `useAadAuth`; of another one they say nothing."""
