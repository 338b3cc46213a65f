"""Where Azure's APIs are and who asks in; one client for each of them, made when it is first wanted, out.

Law: nothing here writes a line or follows a redirect; SDKs are imported where a client is made.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from shared.core.trouble import Trouble, Unanswered
from shared.once import once
from shared.ports import Clock

if TYPE_CHECKING:
    from azure.core import PipelineClient
    from azure.core.credentials import AccessTokenInfo, TokenRequestOptions
    from azure.core.rest import HttpRequest, HttpResponse
    from azure.mgmt.resourcegraph import ResourceGraphClient
    from azure.monitor.query import LogsQueryClient

PUBLIC = "https://management.azure.com/.default"
SCOPES: Mapping[str, str] = {  # of tokens, by host of Azure Resource Manager: learn.microsoft.com/azure/azure-government/
    "management.azure.com": PUBLIC,
    "management.usgovcloudapi.net": "https://management.core.usgovcloudapi.net/.default",
    "management.chinacloudapi.cn": "https://management.chinacloudapi.cn/.default",
}
PUBLIC_LOGS = "https://api.loganalytics.io/.default"  # elsewhere it follows the endpoint
QUERY_LIMIT = 90  # seconds that Log Analytics may work on a query; by itself it would take 180
RULES_LIMIT = 15  # seconds for a request about alert rules with all its repeats: Event Grid waits 30 for a handful
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_QUIET = {"azure": logging.WARNING, "azure.identity": logging.ERROR, "msal": logging.WARNING, "urllib3": logging.INFO}


def token_scope(management: str) -> str:
    """Of tokens for Azure Resource Manager. What listens on this machine stands for the public cloud."""
    host = urlsplit(management).hostname or ""
    return PUBLIC if host in _LOOPBACK else SCOPES.get(host, f"{management}/.default")


def logs_scope(logs: str) -> str:
    """Of tokens for Log Analytics; as above."""
    return PUBLIC_LOGS if urlsplit(logs).hostname in _LOOPBACK else f"{logs}/.default"


class Identity:
    """A credential of azure-core. `managed`: the platform has an identity endpoint; else it is a developer's own sign-in."""

    def __init__(self, client_id: str, *, managed: bool, clock: Clock) -> None:
        self._client_id, self._managed, self._clock = client_id or None, managed, clock

    def get_token_info(self, *scopes: str, options: TokenRequestOptions | None = None) -> AccessTokenInfo:
        """See azure-core. Raises `Unanswered`."""
        try:
            token: AccessTokenInfo = self._credential.get_token_info(*scopes, options=options)
        except Exception as fault:  # msal raises what it likes, with the endpoint's answer in the text
            raise Unanswered(Trouble.NO_IDENTITY, "identity", type(fault).__name__) from None
        return token

    @once
    def _credential(self) -> Any:
        """One for each process: tokens are kept in it."""
        from azure.core.pipeline.policies import ContentDecodePolicy
        from azure.identity import DefaultAzureCredential, ManagedIdentityCredential  # the dearest import of all

        from shared.adapters.azure_retry import ReadingRetry

        if not self._managed:
            return DefaultAzureCredential(managed_identity_client_id=self._client_id)
        policies = [ContentDecodePolicy(), ReadingRetry(self._clock.sleep)]
        return ManagedIdentityCredential(client_id=self._client_id, policies=policies, connection_timeout=5, read_timeout=30)


class AzureClient:
    """What the adapters send their requests through. One for each process; safe for threads."""

    def __init__(self, *, management: str, logs: str, client_id: str, managed: bool, clock: Clock) -> None:
        self._management, self._logs, self._clock = management.rstrip("/"), logs.rstrip("/"), clock
        self._identity: Any = Identity(client_id, managed=managed, clock=clock)
        for name, level in _QUIET.items():  # what they write below that holds addresses, and what endpoints answered
            logging.getLogger(name).setLevel(level)

    def sign_in(self) -> None:
        """Get a token for Azure Resource Manager, or see that there is one. Raises `Unanswered`."""
        self._identity.get_token_info(token_scope(self._management))

    def manage(self, request: HttpRequest) -> HttpResponse:
        """To Azure Resource Manager. Raises what azure-core raises."""
        request.url = self._manager.format_url(request.url)
        return self._manager.send_request(request)

    def graph(self, request: HttpRequest) -> HttpResponse:
        """To Azure Resource Graph. Its client's own `resources` walks through every value of every row: seven times what
        parsing the JSON costs, 0.7 s for 10,000 Flux objects.
        """
        return self._graph._send_request(request)

    def query(self, request: HttpRequest) -> HttpResponse:
        """To Log Analytics; the path begins at /workspaces."""
        return self._querier.send_request(request)

    def of_subscription[C](self, kind: Callable[..., C], subscription: str, waits: float) -> C:
        """A client of the SDK for the resources of one subscription. `waits`: seconds that the repeats of its requests may take
        within 30 s.
        """
        from shared.adapters.azure_retry import Allowance, RuleRetry

        scope, allowance = token_scope(self._management), Allowance(waits, self._clock.now)
        retry = RuleRetry(self._clock.sleep, allowance, patience=RULES_LIMIT)
        return kind(
            self._identity,
            subscription,
            base_url=self._management,
            credential_scopes=[scope],
            policies=self._policies(scope, retry),
            connection_timeout=5,
            read_timeout=10,
        )

    @once
    def _manager(self) -> PipelineClient[HttpRequest, HttpResponse]:
        from azure.core import PipelineClient

        return PipelineClient(
            self._management, policies=self._policies(token_scope(self._management)), connection_timeout=5, read_timeout=60
        )

    @once
    def _graph(self) -> ResourceGraphClient:
        from azure.mgmt.resourcegraph import ResourceGraphClient

        return ResourceGraphClient(
            self._identity,
            self._management,
            policies=self._policies(token_scope(self._management)),
            connection_timeout=5,
            read_timeout=60,
        )

    @once
    def _querier(self) -> LogsQueryClient:
        from azure.monitor.query import LogsQueryClient

        return LogsQueryClient(
            self._identity,
            endpoint=self._logs,
            policies=self._policies(logs_scope(self._logs), self._reading(final=(504,), reads=0)),  # the query took too long
            connection_timeout=5,
            read_timeout=QUERY_LIMIT + 15,
        )

    def _reading(self, **retry: Any) -> Any:
        from shared.adapters.azure_retry import ReadingRetry

        return ReadingRetry(self._clock.sleep, **retry)

    def _policies(self, scope: str, retry: Any = None) -> list[Any]:
        """Without those that log, that follow redirects, and that register resource providers (and wait for it without end)."""
        from azure.core.pipeline.policies import BearerTokenCredentialPolicy, RequestIdPolicy, UserAgentPolicy

        from shared.adapters.azure_retry import Loopback

        tokens = BearerTokenCredentialPolicy[Any, Any](self._identity, scope)
        return [RequestIdPolicy(), UserAgentPolicy("fluxwatch"), Loopback(), retry or self._reading(), tokens]
