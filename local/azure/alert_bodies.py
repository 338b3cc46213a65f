"""A rule as Azure Monitor keeps it, a cluster and labels in; the alert in the common alert schema out.

Pure. Shapes: learn.microsoft.com/azure/azure-monitor/alerts/alerts-common-schema and alerts-payload-samples, for the services
Prometheus and Log Alerts V2.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.azure.fleet import Alarm, RuleResource
from shared.core.alert_rule import RuleKind

_TEMPLATE = re.compile(r"\{\{(.*?)\}\}")
_LABEL = re.compile(r"\s*\$labels\.(\w+)\s*")
_SPELT: Mapping[str, Callable[[str], str]] = {"humanizePercentage": lambda value: f"{float(value) * 100:.4g}%"}
"""A function of text/template and what it makes of a value; any other leaves the value as it is."""
_ALSO = {"namespace": "resource_namespace"}  # what a dimension is called, and the label of the same


@dataclass(frozen=True, slots=True)
class Found:
    """The rule that an alarm is of. `alert` is the one of its group; of log rules, its properties."""

    resource: RuleResource
    alert: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Of the rule; of a Prometheus alert without its group."""
        return str(self.alert.get("alert") or self.resource.id.rpartition("/")[2])


def body(found: Found, alarm: Alarm, fired: datetime, now: datetime) -> dict[str, Any]:
    """`fired` is when it began, `now` is now."""
    prometheus = found.resource.kind is RuleKind.METRICS
    id_ = uuid.uuid5(
        uuid.NAMESPACE_URL, f"{found.resource.id}/{found.name}/{alarm.member.cluster.key}/{sorted(alarm.labels.items())}"
    )
    essentials = {
        "alertId": f"/subscriptions/{found.resource.id.split('/')[2]}/providers/Microsoft.AlertsManagement/alerts/{id_}",
        "essentialsVersion": "1.0",
        "alertContextVersion": "1.0",
        "severity": f"Sev{found.alert['severity']}",
        "monitorCondition": "Fired" if alarm.fires else "Resolved",
        "originAlertId": f"{id_}-origin",
        "firedDateTime": _stamp(fired),
        **(_of_metrics if prometheus else _of_logs)(found, alarm),
    }
    if prometheus and not alarm.fires:  # of log alerts Azure does not say when
        essentials["resolvedDateTime"] = _stamp(now)
    context = _series(found, alarm) if prometheus else _row(found, alarm, now)
    data = {"essentials": essentials, "alertContext": context, "customProperties": None}
    return {"schemaId": "azureMonitorCommonAlertSchema", "data": data}


def _of_metrics(found: Found, alarm: Alarm) -> dict[str, Any]:
    """The target is what the group watches: of a fleet's the workspace only."""
    scopes = found.resource.properties["scopes"]
    return {
        "alertRule": f"{_last(found.resource.id)}/{found.name}",
        "signalType": "Metric",
        "monitoringService": "Prometheus",
        "alertTargetIDs": list(scopes),
        "configurationItems": [_last(one) for one in scopes],
        "description": "",
    }


def _of_logs(found: Found, alarm: Alarm) -> dict[str, Any]:
    cluster = alarm.member.cluster.arm_id.lower()
    return {
        "alertRule": found.name,
        "signalType": "Log",
        "monitoringService": "Log Alerts V2",
        "alertTargetIDs": [cluster],
        "configurationItems": [cluster],
        "description": str(found.alert.get("description", "")),
    }


def _series(found: Found, alarm: Alarm) -> dict[str, Any]:
    cluster = found.resource.properties.get("clusterName") or alarm.member.cluster.name
    own = {"alertname": found.name, "cluster": cluster}
    labels = {**alarm.labels, **own, **found.alert.get("labels", {})}
    return {
        "interval": found.resource.properties["interval"],
        "expression": found.alert["expression"],
        "expressionValue": alarm.value,
        "for": found.alert.get("for", "PT0S"),
        "labels": labels,
        "annotations": {name: _filled(text, labels, alarm.value) for name, text in found.alert["annotations"].items()},
        "ruleGroup": found.resource.id.lower(),
    }


def _filled(text: str, labels: Mapping[str, str], value: str) -> str:
    """As Prometheus does it: labels by their names, and whatever else is the value."""

    def fill(template: re.Match[str]) -> str:
        named = _LABEL.fullmatch(template[1])
        return labels.get(named[1], "") if named else _SPELT.get(template[1].partition("|")[2].strip(), str)(value)

    return _TEMPLATE.sub(fill, text)


def _row(found: Found, alarm: Alarm, now: datetime) -> dict[str, Any]:
    [condition] = found.alert["criteria"]["allOf"]
    known = {name.lower(): text for name, text in alarm.labels.items()}
    known |= {name: known[label] for name, label in _ALSO.items() if label in known}
    names = [one["name"] for one in condition["dimensions"]]
    dimensions = [{"name": "_ResourceId", "value": alarm.member.cluster.arm_id.lower()}]
    dimensions += [{"name": name, "value": known.get(name.lower(), "")} for name in names]
    told = {
        "searchQuery": condition["query"],
        "metricMeasureColumn": condition.get("metricMeasureColumn"),
        "targetResourceTypes": "['Microsoft.OperationalInsights/workspaces']",
        "operator": condition["operator"],
        "threshold": f"{condition['threshold']:g}",
        "timeAggregation": condition["timeAggregation"],
        "dimensions": dimensions,
        "metricValue": float(alarm.value) if alarm.fires else None,
        "failingPeriods": condition["failingPeriods"],
        "linkToSearchResultsUI": "https://portal.azure.example/",
    }
    window = {"windowSize": found.alert["windowSize"], "windowStartTime": _stamp(now), "windowEndTime": _stamp(now)}
    return {
        "properties": found.alert["actions"].get("customProperties") or {},
        "conditionType": "LogQueryCriteria",
        "condition": {**window, "allOf": [told]},
    }


def _last(arm_id: str) -> str:
    return arm_id.rpartition("/")[2]


def _stamp(at: datetime) -> str:
    """With a seventh digit."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond:06}0Z"
