"""Why Azure gave no answer in; what to do about it out.

Pure: values only. The texts are for health and the log: they hold no address, no key and nothing that Azure quoted.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from shared.core.finding import Finding


class Trouble(StrEnum):
    """Every way in which a question to Azure fails."""

    FORBIDDEN = "forbidden"  # 403
    UNAUTHORIZED = "unauthorized"  # 401: who asks is not believed
    THROTTLED = "throttled"  # 429, and repeating it within reason did not help
    BUSY = "busy"  # 409: somebody else writes it just now, or a lock keeps it
    UNREGISTERED = "unregistered"  # the subscription does not know the resource provider
    UNREACHABLE = "unreachable"  # no connection, or 5xx to the end
    TIMEOUT = "timeout"  # the query itself took too long
    REFUSED = "refused"  # 400: the question is wrong
    NO_TABLE = "no-table"  # the workspace has no such table (yet)
    NOT_FOUND = "not-found"  # 404
    CUT = "cut"  # less than everything, and no way to ask for the rest
    TOO_WIDE = "too-wide"  # the scope covers more subscriptions than Resource Graph looks at
    NO_IDENTITY = "no-identity"  # no token
    UNREADABLE = "unreadable"  # an answer, but not in the form that was agreed


class Unanswered(Exception):
    """Azure gave no answer that could be used. `about` names what was asked; `detail` is a code of Azure's, never its text."""

    def __init__(self, trouble: Trouble, about: str, detail: str = "") -> None:
        super().__init__(f"{about}: {trouble}{f' ({detail})' if detail else ''}")
        self.trouble, self.about, self.detail = trouble, about, detail

    @property
    def finding(self) -> Finding:
        """As health shows it."""
        what = f"{self.trouble}{f' ({self.detail})' if self.detail else ''}"
        return Finding(self.about, False, what, REMEDIES[self.trouble])


REMEDIES: Mapping[Trouble, str] = {
    Trouble.FORBIDDEN: "Give the app's identity the role that docs/permissions.md lists for this; it takes minutes to arrive.",
    Trouble.UNAUTHORIZED: "Nothing, if it passes. If it lasts: the app's token is refused; restart the app, and check its "
    "identity and AZURE_CLIENT_ID.",
    Trouble.THROTTLED: "Nothing: the next run asks again. If it lasts, raise the schedule's interval, and look who else asks.",
    Trouble.BUSY: "Nothing: the next run tries it again. If it lasts, look at the code, and for a lock on the resource group.",
    Trouble.UNREGISTERED: "Register the resource provider in the subscription: az provider register --namespace "
    "Microsoft.AlertsManagement, and Microsoft.Insights; it takes minutes.",
    Trouble.UNREACHABLE: "Nothing: the next run asks again. If it lasts, check the way out of the app, and Azure's own health.",
    Trouble.TIMEOUT: "Run the sweep more often, so that each run reads less; check the workspace's size and health.",
    Trouble.REFUSED: "This version of Fluxwatch and Azure do not agree on the query: report it, with the code.",
    Trouble.NO_TABLE: "Switch on Container insights for the clusters (ContainerLogV2), or take the workspace out of "
    "LOG_ANALYTICS_WORKSPACES.",
    Trouble.NOT_FOUND: "It does not exist, or the identity may not see it: check the id in the settings.",
    Trouble.CUT: "Nothing was changed by this run, for nobody can say what was cut off. Report it, with the code.",
    Trouble.TOO_WIDE: "Set FLEET_SCOPES to the management groups or subscriptions with clusters: at most 10,000 subscriptions.",
    Trouble.NO_IDENTITY: "Assign a managed identity to the app, and set AZURE_CLIENT_ID if it is a user-assigned one. At a "
    "developer's machine: sign in with az login.",
    Trouble.UNREADABLE: "Nothing was changed by what could not be read. If it lasts, report it, with the code.",
}
