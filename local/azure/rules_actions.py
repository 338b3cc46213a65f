"""The properties of an action group as they were PUT in; as Azure keeps them out, or `Refused`.

Microsoft.Insights/actionGroups 2023-01-01: learn.microsoft.com/azure/azure-monitor/alerts/action-groups.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.azure.estate import Estate
from local.azure.fleet import RuleResource
from local.azure.rule_checks import Refused, a_flag, a_list, a_map, a_text

LONGEST_SHORT_NAME = 12
RECEIVERS: Mapping[str, tuple[int, tuple[str, ...]]] = {  # how many there may be, and what each must have besides a name
    "armRoleReceivers": (10, ("roleId",)),
    "automationRunbookReceivers": (10, ("automationAccountId", "runbookName", "webhookResourceId")),
    "azureAppPushReceivers": (10, ("emailAddress",)),
    "azureFunctionReceivers": (10, ("functionAppResourceId", "functionName", "httpTriggerUrl")),
    "emailReceivers": (1000, ("emailAddress",)),
    "eventHubReceivers": (10, ("eventHubNameSpace", "eventHubName", "subscriptionId")),
    "itsmReceivers": (10, ("workspaceId", "connectionId", "ticketConfiguration", "region")),
    "logicAppReceivers": (10, ("resourceId", "callbackUrl")),
    "smsReceivers": (10, ("countryCode", "phoneNumber")),
    "voiceReceivers": (10, ("countryCode", "phoneNumber")),
    "webhookReceivers": (10, ("serviceUri",)),
}
_SCHEMALESS = (
    "smsReceivers",
    "voiceReceivers",
    "azureAppPushReceivers",
    "itsmReceivers",
)  # the common schema is none of theirs


def accept(estate: Estate, rule: RuleResource) -> dict[str, Any]:
    """Every kind of receiver is in the answer, if only as an empty list; whoever has no schema of his own gets the old one."""
    given = rule.properties
    if rule.location != "global":
        raise Refused("An action group's location is Global.", "LocationNotAvailableForResourceType")
    made: dict[str, Any] = {
        "groupShortName": a_text(given.get("groupShortName"), "groupShortName", LONGEST_SHORT_NAME),
        "enabled": a_flag(given.get("enabled"), "enabled", usual=True),
    }
    for kind, (most, needed) in RECEIVERS.items():
        listed = a_list(given.get(kind), kind, most)
        made[kind] = [_receiver(kind, a_map(one, kind), needed) for one in listed]
    names = [one["name"].lower() for kind in RECEIVERS for one in made[kind]]
    if len(names) != len(set(names)):
        raise Refused("Two receivers have one name.", "ReceiverNameNotUnique")
    return made


def _receiver(kind: str, given: dict[str, Any], needed: tuple[str, ...]) -> dict[str, Any]:
    made = dict(given) | {name: a_text(given.get(name), f"{kind}.{name}") for name in ("name", *needed)}
    if kind not in _SCHEMALESS:
        made["useCommonAlertSchema"] = a_flag(given.get("useCommonAlertSchema"), f"{kind}.useCommonAlertSchema", usual=False)
    return _webhook(made) if kind == "webhookReceivers" else made


def _webhook(made: dict[str, Any]) -> dict[str, Any]:
    """A "secure webhook" must say whose token it carries."""
    if not made["serviceUri"].lower().startswith(("https://", "http://")):
        raise Refused("'webhookReceivers.serviceUri' must be an address.")
    made["useAadAuth"] = a_flag(made.get("useAadAuth"), "webhookReceivers.useAadAuth", usual=False)
    if made["useAadAuth"]:
        made |= {name: a_text(made.get(name), f"webhookReceivers.{name}") for name in ("objectId", "identifierUri")}
    return made
