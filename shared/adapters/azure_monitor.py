"""Alert rules in; the same in Azure Monitor out, and those that are there. Resource Manager, through the SDK's clients.

Law: what is written is the whole of a rule, so writing it again does no harm; what was read is all of it, or an error.

The SDK's clients carry the requests and not their models: those of azure-mgmt-monitor 7 drop fields that they do not know (also
of receivers), drop nulls and write PT60M as PT1H, so that a rule read and written again would be another one.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from shared.adapters.azure_answer import Answer, Json, answer
from shared.adapters.azure_client import AzureClient
from shared.core.alert_rule import MAX_NAME, Rule, RuleKind
from shared.core.trouble import Trouble, Unanswered
from shared.once import once

if TYPE_CHECKING:
    from azure.core.rest import HttpRequest, HttpResponse
    from azure.mgmt.monitor import MonitorManagementClient
    from azure.mgmt.prometheusrulegroups import PrometheusRuleGroupsMgmtClient

VERSIONS: Mapping[RuleKind, str] = {
    RuleKind.METRICS: "2023-03-01",
    RuleKind.LOGS: "2023-12-01",
    RuleKind.ACTIONS: "2023-01-01",
}
EXTRAS: Mapping[RuleKind, Json] = {RuleKind.LOGS: {"kind": "LogAlert"}}  # beside the properties
WAITS = 10.0  # seconds that repeats may take in 30, which is as long as Event Grid waits for an answer
MOST_PAGES = 200  # of one list, in case that it never ends
_WRITTEN = frozenset({200, 201})
_DELETED = frozenset({200, 202, 204})
_GONE = frozenset({"NotFound", "ResourceNotFound"})
_GONE_WITH_ALL = _GONE | {"ResourceGroupNotFound", "SubscriptionNotFound"}

log = logging.getLogger(__name__)


class MonitorClient:
    """Fits AlertRules. `group` is the id of the resource group; `waits` are seconds for repeats within 30."""

    def __init__(self, azure: AzureClient, group: str, *, waits: float = WAITS) -> None:
        self._azure, self._group, self._waits = azure, group.rstrip("/"), waits

    def groups(self) -> Sequence[Rule]:
        """See the port."""
        return self._list(RuleKind.METRICS)

    def log_rules(self) -> Sequence[Rule]:
        """See the port."""
        return self._list(RuleKind.LOGS)

    def action_group(self, name: str) -> Rule | None:
        """See the port. A resource group that does not exist is a trouble: nothing could be put into it."""
        said = self._ask("GET", RuleKind.ACTIONS, name)
        if said.status == 404 and _GONE.intersection(said.codes):
            return None
        found = rule_of(RuleKind.ACTIONS, said.document())
        if found is None:
            raise said.unanswered(Trouble.UNREADABLE)
        return found

    def put(self, rule: Rule) -> None:
        """See the port."""
        body = {"location": rule.location, "tags": dict(rule.tags), "properties": rule.properties}
        said = self._ask("PUT", rule.kind, rule.name, body | EXTRAS.get(rule.kind, {}))
        if said.status not in _WRITTEN:
            raise said.unanswered()

    def delete(self, rule: Rule) -> None:
        """See the port."""
        said = self._ask("DELETE", rule.kind, rule.name)
        gone = said.status == 404 and _GONE_WITH_ALL.intersection(said.codes)
        if said.status not in _DELETED and not gone:
            raise said.unanswered()

    def _list(self, kind: RuleKind) -> list[Rule]:
        rows = list(self._rows(kind))
        found = [rule for row in rows if (rule := rule_of(kind, row))]
        if len(found) < len(rows):
            log.warning(
                "%d resources of Azure Monitor (%s) have no name and are passed over", len(rows) - len(found), short(kind)
            )
        return found

    def _rows(self, kind: RuleKind) -> Iterator[Any]:
        about = f"Azure Monitor ({short(kind)})"
        asked = [f"{self._path(kind)}?api-version={VERSIONS[kind]}"]
        for _ in range(MOST_PAGES):
            page = self._send(kind, about, "GET", asked[-1]).document()
            rows, link = page.get("value"), page.get("nextLink")
            if not isinstance(rows, list):
                raise Unanswered(Trouble.UNREADABLE, about)
            yield from rows
            if not link:
                return
            here = self._here(link)
            if not here or here in asked:
                break
            asked.append(here)
        raise Unanswered(Trouble.CUT, about, "nextLink")

    def _here(self, link: Any) -> str:
        """The link's path and query, for Azure names other hosts and ports of its own there: a token goes to none of them.
        Empty if it leads elsewhere than to a list of this resource group.
        """
        try:
            url = urlsplit(link if isinstance(link, str) else "")
        except ValueError:
            return ""
        inside = url.path.lower().startswith(f"{self._group.lower()}/providers/") and ".." not in url.path
        return f"{url.path}?{url.query}" if inside else ""

    def _ask(self, method: str, kind: RuleKind, name: str, body: Json | None = None) -> Answer:
        about = f"Azure Monitor ({short(kind)} {name[:MAX_NAME]})"
        if not name or name in (".", "..") or len(name) > MAX_NAME:
            raise Unanswered(Trouble.UNREADABLE, f"Azure Monitor (name of {short(kind)})")
        try:
            path = f"{self._path(kind)}/{quote(name, safe='-._~()')}"
        except UnicodeEncodeError:  # half of a character
            raise Unanswered(Trouble.UNREADABLE, f"Azure Monitor (name of {short(kind)})") from None
        return self._send(kind, about, method, f"{path}?api-version={VERSIONS[kind]}", body)

    def _send(self, kind: RuleKind, about: str, method: str, where: str, body: Json | None = None) -> Answer:
        from azure.core.rest import HttpRequest

        return answer(about, self._metrics if kind is RuleKind.METRICS else self._others, HttpRequest(method, where, json=body))

    def _path(self, kind: RuleKind) -> str:
        return f"{self._group}/providers/{kind}"

    def _metrics(self, request: HttpRequest) -> HttpResponse:
        return self._rule_groups.send_request(request)

    def _others(self, request: HttpRequest) -> HttpResponse:
        return self._monitor._send_request(request)

    @once
    def _rule_groups(self) -> PrometheusRuleGroupsMgmtClient:
        from azure.mgmt.prometheusrulegroups import PrometheusRuleGroupsMgmtClient

        return self._azure.of_subscription(PrometheusRuleGroupsMgmtClient, self._subscription, self._waits)

    @once
    def _monitor(self) -> MonitorManagementClient:
        from azure.mgmt.monitor import MonitorManagementClient

        return self._azure.of_subscription(MonitorManagementClient, self._subscription, self._waits)

    @property
    def _subscription(self) -> str:
        return self._group.split("/")[2]


def short(kind: RuleKind) -> str:
    """Without its provider: `prometheusRuleGroups`."""
    return kind.rpartition("/")[2]


def rule_of(kind: RuleKind, row: Any) -> Rule | None:
    """A resource as ARM shows it; None without a name, for then nobody can say which it is. What else is unreadable is empty,
    so that it differs from what it shall be.
    """
    given = row if isinstance(row, dict) else {}
    name, location, tags, properties = (given.get(key) for key in ("name", "location", "tags", "properties"))
    if not isinstance(name, str) or not name:
        return None
    told = tags if isinstance(tags, dict) else {}
    return Rule(
        kind,
        name,
        location if isinstance(location, str) else "",
        properties if isinstance(properties, dict) else {},
        {key: value for key, value in told.items() if isinstance(value, str)},
    )
