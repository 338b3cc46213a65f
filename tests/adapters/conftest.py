"""Nothing in; real tables, one for each test, an Azure that follows a script, and a client of a simulated one, out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from azure.data.tables import TableClient

from local.azure import AzureServer
from local.azurite import Azurite
from shared.adapters.azure_client import AzureClient
from shared.adapters.tables import TableStore
from tests import parts
from tests.adapters.scripted_azure import ScriptedAzure
from tests.fakes import FakeClock


@pytest.fixture(scope="session")
def storage() -> Azurite:
    return parts.azurite()


@pytest.fixture
def requests_made() -> parts.Requests:
    return parts.Requests()


@pytest.fixture
def table(storage: Azurite, requests_made: parts.Requests) -> Iterator[TableClient]:
    """A client that counts."""
    with parts.fresh_table(storage, raw_request_hook=requests_made.saw) as client:
        yield client


@pytest.fixture
def store(table: TableClient) -> TableStore:
    """Of which not even the table exists."""
    return TableStore(table)


@pytest.fixture(scope="session")
def stage() -> Iterator[ScriptedAzure]:
    with ScriptedAzure() as azure:
        yield azure


@pytest.fixture
def scripted(stage: ScriptedAzure, monkeypatch: pytest.MonkeyPatch) -> ScriptedAzure:
    """With the identity endpoint that App Service announces in the environment."""
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{stage.url}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "x")
    stage.rewind()
    return stage


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def client(azure: AzureServer, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> AzureClient:
    """Of the simulated Azure that a file runs as `azure`, with the identity that App Service announces for it."""
    for name in ("IDENTITY_ENDPOINT", "IDENTITY_HEADER"):
        monkeypatch.setenv(name, azure.settings[name])
    return AzureClient(management=azure.url, logs=azure.url, client_id="", managed=True, clock=clock)
