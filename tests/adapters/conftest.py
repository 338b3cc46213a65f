"""Nothing in; real table storage out, one for all tests, with a table for each of them; and an Azure that follows a script."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from azure.data.tables import TableClient

from local.azurite import Azurite
from shared.adapters.tables import TableStore
from tests import parts
from tests.adapters.scripted_azure import ScriptedAzure


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
