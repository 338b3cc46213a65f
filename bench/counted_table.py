"""A connection string in; a client of the product's table, which counts requests and written rows, out.

Law: it is the SDK's own client and transport; what storage refuses is not counted as written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from azure.core.pipeline.transport import RequestsTransport
from azure.data.tables import TableClient

from shared.adapters.table_client import PATIENCE, TABLE


class Counting(RequestsTransport):  # type: ignore[misc]  # azure-core gives Any here
    """The SDK's own transport, which counts what goes out, retries and all."""

    sent = 0

    def send(self, request: Any, **kwargs: Any) -> Any:
        """See the SDK."""
        self.sent += 1
        return super().send(request, **kwargs)


class CountedTable(TableClient):
    """`written` are rows by kind: what their keys begin with."""

    written: Counter[str]

    def submit_transaction(self, operations: Iterable[Any], **kwargs: Any) -> Any:
        """See the SDK."""
        some = list(operations)
        done = super().submit_transaction(some, **kwargs)
        self.written.update(_kind(one[1]) for one in some)
        return done

    def create_entity(self, entity: Mapping[str, Any], **kwargs: Any) -> Any:
        """See the SDK."""
        return self._counted(entity, super().create_entity(entity, **kwargs))

    def update_entity(self, entity: Mapping[str, Any], *args: Any, **kwargs: Any) -> Any:
        """See the SDK."""
        return self._counted(entity, super().update_entity(entity, *args, **kwargs))

    def upsert_entity(self, entity: Mapping[str, Any], *args: Any, **kwargs: Any) -> Any:
        """See the SDK."""
        return self._counted(entity, super().upsert_entity(entity, *args, **kwargs))

    def _counted(self, entity: Mapping[str, Any], done: Any) -> Any:
        self.written[_kind(entity)] += 1
        return done


def counted_table(storage: str, name: str = TABLE) -> tuple[CountedTable, Counting]:
    """The client, and the transport that it sends through."""
    transport = Counting()
    table = CountedTable.from_connection_string(storage, name, transport=transport, **PATIENCE)
    table.written = Counter()
    return table, transport


def _kind(row: Mapping[str, Any]) -> str:
    return str(row["RowKey"]).partition(":")[0]
