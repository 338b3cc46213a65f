"""Nothing in; a small fleet, an Azure that answers about it, and the real SDK's clients for it, out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.identity import ManagedIdentityCredential
from azure.mgmt.resourcegraph import ResourceGraphClient
from azure.mgmt.resourcegraph.models import QueryRequest, QueryRequestOptions, QueryResponse
from azure.monitor.query import LogsQueryClient

from local.azure import AzureServer, World, generate
from local.azure.generate import BEGIN
from tests.local.azure.rule_service import Service

CONFIGURATIONS = """
kubernetesconfigurationresources
| where type =~ "microsoft.kubernetesconfiguration/fluxconfigurations"
| project id, name, state = tostring(properties.complianceState), statuses = properties.statuses
| order by id asc
"""
NO_RETRIES = {"retry_total": 0}


class Clock:
    """Stands still until it is turned."""

    def __init__(self) -> None:
        self.now = BEGIN

    def __call__(self) -> datetime:
        return self.now

    def turn(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class LoopbackHttp(SansIOHTTPPolicy):
    """Tokens over plain http, to this machine only."""

    def on_request(self, request: Any) -> None:
        request.context.options["enforce_https"] = urlsplit(request.http_request.url).hostname != "127.0.0.1"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world() -> World:
    """Four clusters, one of each landscape; 8 configurations, 48 objects."""
    return generate(4, 12, seed=7)


@pytest.fixture
def azure(world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[AzureServer]:
    with AzureServer(world, clock=clock) as server:
        for name, value in server.settings.items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.fixture
def credential(azure: AzureServer) -> Iterator[ManagedIdentityCredential]:
    with ManagedIdentityCredential() as found:
        yield found


@pytest.fixture
def graph(azure: AzureServer, credential: ManagedIdentityCredential) -> Iterator[ResourceGraphClient]:
    scopes = ["https://management.azure.com/.default"]
    policies = [LoopbackHttp()]
    with ResourceGraphClient(
        credential, base_url=azure.url, credential_scopes=scopes, per_call_policies=policies, **NO_RETRIES
    ) as client:
        yield client


@pytest.fixture
def logs(azure: AzureServer, credential: ManagedIdentityCredential) -> Iterator[LogsQueryClient]:
    audience = "https://api.loganalytics.io"
    with LogsQueryClient(
        credential, endpoint=azure.url, audience=audience, per_call_policies=[LoopbackHttp()], **NO_RETRIES
    ) as client:
        yield client


Page = Callable[..., tuple[QueryResponse, dict[str, str]]]


@pytest.fixture
def page(graph: ResourceGraphClient) -> Page:
    """Asks Resource Graph once; the answer and its headers. `scope` are arguments of QueryRequest."""

    def page(query: str = CONFIGURATIONS, token: str | None = None, top: int | None = None, **scope: Any) -> Any:
        heard: list[Any] = []
        options = QueryRequestOptions(skip_token=token, top=top, result_format="objectArray")
        request = QueryRequest(query=query, options=options, **scope)
        answer = graph.resources(request, raw_response_hook=heard.append)
        return answer, {name.lower(): value for name, value in heard[0].http_response.headers.items()}

    return page


@pytest.fixture
def get(azure: AzureServer) -> Callable[..., requests.Response]:
    """GETs a path of Resource Manager with a token of the identity."""
    headers = {"X-IDENTITY-HEADER": azure.settings["IDENTITY_HEADER"]}
    asked = {"api-version": "2019-08-01", "resource": "https://management.azure.com"}
    token = requests.get(azure.settings["IDENTITY_ENDPOINT"], params=asked, headers=headers, timeout=10).json()["access_token"]

    def get(path: str, version: str = "2023-05-01") -> requests.Response:
        given = {"api-version": version} if version else {}
        return requests.get(azure.url + path, params=given, headers={"Authorization": f"Bearer {token}"}, timeout=10)

    return get


@pytest.fixture
def service() -> Service:
    """Azure Monitor's alert rules, without sockets."""
    return Service()
