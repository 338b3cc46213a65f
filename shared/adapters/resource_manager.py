"""The ARM id of a resource in; whether it is there, and what it is, out. Azure Resource Manager, one GET for each.

Law: an id becomes an address only if it has the form of one; gone is only what Azure itself calls not found.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from shared.adapters.azure_answer import Answer, answer
from shared.adapters.azure_client import AzureClient
from shared.core.trouble import Trouble, Unanswered
from shared.ports import Presence

VERSIONS: Mapping[str, str] = {  # api-version by type, in lower case
    "microsoft.containerservice/managedclusters": "2024-05-01",
    "microsoft.kubernetes/connectedclusters": "2024-01-01",
    "microsoft.hybridcontainerservice/provisionedclusters": "2022-09-01-preview",  # the last one that had the type
    "microsoft.kubernetesconfiguration/extensions": "2023-05-01",
    "microsoft.kubernetesconfiguration/fluxconfigurations": "2025-04-01",  # with ociRepository in the answer
    "microsoft.operationalinsights/workspaces": "2023-09-01",
    "microsoft.operationalinsights/workspaces/tables": "2023-09-01",
}
LONGEST_ID = 1024
_NAME = r"[^/?#%\\\s\x00-\x1f\ud800-\udfff]+"  # of a segment; half a character has no bytes
_ID = re.compile(
    rf"(?:/subscriptions/[0-9a-f-]{{36}}/resourceGroups/{_NAME})((?:/providers(?:/{_NAME}){{3,}})+)", re.IGNORECASE
)
_NOT_FOUND = re.compile(r"(Resource|ResourceGroup|Subscription|ParentResource|Extension)?NotFound")


class ArmClient:
    """Fits ResourceManager."""

    def __init__(self, azure: AzureClient) -> None:
        self._azure = azure

    def presence(self, arm_id: str) -> Presence:
        """See the port."""
        said = self._read(arm_id)
        if said.status == 403:
            return Presence.HIDDEN
        if _is_gone(said):
            return Presence.GONE
        said.document()
        return Presence.THERE

    def get(self, arm_id: str) -> Mapping[str, Any] | None:
        """See the port."""
        said = self._read(arm_id)
        return None if _is_gone(said) else said.document()

    def _read(self, arm_id: str) -> Answer:
        from azure.core.rest import HttpRequest

        path, version = address(arm_id)
        about = f"Azure Resource Manager ({path.rsplit('/', 2)[-2]})"
        return answer(about, self._azure.manage, HttpRequest("GET", path, params={"api-version": version}))


def address(arm_id: str) -> tuple[str, str]:
    """Path and api-version. Raises `Unanswered` for what is no id of a resource whose type is read here."""
    found = _ID.fullmatch(arm_id) if len(arm_id) <= LONGEST_ID else None
    segments = arm_id.split("/")
    kind = found[1].lower().rpartition("/providers/")[2].split("/") if found else []
    version = VERSIONS.get("/".join([*kind[:1], *kind[1::2]]))
    if version is None or len(kind) % 2 == 0 or {".", ".."} & set(segments):
        raise Unanswered(Trouble.UNREADABLE, "Azure Resource Manager (resource id)")
    return quote(arm_id, safe="/-._~()"), version


def _is_gone(said: Answer) -> bool:
    """Another 404, of a proxy or of a wrong api-version, says nothing about the resource."""
    return said.status == 404 and any(_NOT_FOUND.fullmatch(code) for code in said.codes)
