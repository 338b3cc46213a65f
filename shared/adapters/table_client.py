"""Settings of the host's storage in; a client of the one table out.

Law: the SDK is imported where a client is made, for it is dear (a tenth of a second).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from azure.data.tables import TableClient

TABLE = "fluxwatch"

# The emulator's account and key, the same for everybody: learn.microsoft.com/azure/storage/common/storage-use-azurite
_EMULATOR = (
    "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;"
    "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;"
    "TableEndpoint=http://127.0.0.1:10002/devstoreaccount1;"
)

# Short, for Flux waits: an event that cannot be stored in seconds is answered 503 and sent again.
PATIENCE: Mapping[str, Any] = {"retry_total": 2, "retry_backoff_factor": 0.3, "connection_timeout": 3, "read_timeout": 5}


@dataclass(frozen=True, slots=True)
class Storage:
    """AzureWebJobsStorage: a connection string, or the identity form. `endpoint` is the table service's address."""

    connection_string: str = ""
    endpoint: str = ""
    client_id: str = ""

    def __repr__(self) -> str:
        return f"Storage({urlsplit(self.endpoint).hostname or 'connection string'})"


def table_client(storage: Storage, *, patience: Mapping[str, Any] = PATIENCE) -> TableClient:
    """A lazy client: nothing is sent yet. Raises ValueError if the connection string is none. `patience` goes to azure-core."""
    from azure.data.tables import TableClient

    logging.getLogger("urllib3").setLevel(logging.INFO)  # at DEBUG it writes whole addresses, with the signature in them
    if storage.endpoint:
        from azure.identity import DefaultAzureCredential  # the dearest import of all

        credential = DefaultAzureCredential(managed_identity_client_id=storage.client_id or None)
        return TableClient(storage.endpoint, TABLE, credential=credential, **patience)
    text = _EMULATOR if storage.connection_string.strip().lower() == "usedevelopmentstorage=true" else storage.connection_string
    return TableClient.from_connection_string(text, TABLE, **patience)
