"""Whom to call in; the action group that does, as a rule, out.

Pure. The key is in its address, for action groups send no headers; a tag holds a digest of it, for Azure may not show it again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import quote

from shared.core.alert_rule import OWNER, OWNER_TAG, Rule, RuleKind

NAME = "fluxwatch"  # of the group, its short name (12 characters at most) and its receiver
KEY_TAG = "fluxwatch-key"
PATH = "/api/azure/alerts"


@dataclass(frozen=True, slots=True)
class Receiver:
    """`address` is Fluxwatch's own (FLUXWATCH_URL); `key` is that of receive_azure_alert. With `app` the group signs in to it
    first ("secure webhook"): ids of the app, of its tenant and of its enterprise application (`object`).
    """

    address: str
    key: str = field(repr=False)
    tenant: str = ""
    app: str = ""
    object: str = ""


def action_group(to: Receiver) -> Rule:
    """Microsoft.Insights/actionGroups 2023-01-01."""
    webhook = {
        "name": NAME,
        "serviceUri": f"{to.address.rstrip('/')}{PATH}?code={quote(to.key, safe='')}",
        "useCommonAlertSchema": True,
        "useAadAuth": bool(to.app),
    }
    if to.app:
        webhook |= {"objectId": to.object, "identifierUri": f"api://{to.app}", "tenantId": to.tenant}
    tags = {OWNER_TAG: OWNER, KEY_TAG: sha256(to.key.encode()).hexdigest()[:12]}
    properties = {"groupShortName": NAME, "enabled": True, "webhookReceivers": [webhook]}
    return Rule(RuleKind.ACTIONS, NAME, "Global", properties, tags)


def id_of(group: str) -> str:
    """The id of Fluxwatch's own action group in a resource group."""
    return f"{group}/providers/{RuleKind.ACTIONS}/{NAME}"
