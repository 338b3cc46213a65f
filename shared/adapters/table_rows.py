"""Azure Table storage, one partition of one table: rows in and out, faults as ours.

Law: whoever wrote in between is found by the row's version, and only that row is left unwritten; one row that cannot be read or
written must not hold up the others.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Concatenate

from azure.core.exceptions import AzureError, HttpResponseError, ResourceNotFoundError
from azure.data.tables import TableClient, TableEntity, TableTransactionError

from shared.adapters.table_writes import PARTITION, Write, portions
from shared.ports import Conflict, StoreUnavailable

log = logging.getLogger(__name__)

PAGE = 1_000  # rows: the most that the service gives
FEW = 3  # rows of a transaction that the service may refuse before it is taken for a fault

BARE: Mapping[str, str] = {"Accept": "application/json;odata=nometadata"}  # without etags: half the work for thousands of rows

_RACES = frozenset(
    {"EntityAlreadyExists", "UpdateConditionNotSatisfied", "ConditionNotMet", "ResourceNotFound", "EntityNotFound"}
)


def known[R](decode: Callable[[], R]) -> R | None:
    """None for a row that another version wrote and this one cannot read: one row must not silence all the others."""
    try:
        return decode()
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        log.warning("a row of the table cannot be read (%s): passed over", type(fault).__name__)
        return None


@contextmanager
def faults() -> Iterator[None]:
    """The service's errors as ours. Never their text: it may hold the address, and with it the signature."""
    try:
        yield
    except (Conflict, StoreUnavailable):
        raise
    except HttpResponseError as error:
        if _race(error):
            raise Conflict from None
        raise StoreUnavailable(f"Table storage answered {error.status_code} {_code(error)}".rstrip()) from None
    except AzureError as error:
        raise StoreUnavailable(f"Table storage cannot be reached ({type(error).__name__})") from None


def guarded[T: Table, **P, R](method: Callable[Concatenate[T, P], R]) -> Callable[Concatenate[T, P], R]:
    """Faults as ours; and where the table is missing, it is made and the method tried once more."""

    @wraps(method)
    def call(self: T, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with faults():
            try:
                return method(self, *args, **kwargs)
            except HttpResponseError as error:
                if not _no_table(error):
                    raise
                self.create()
                return method(self, *args, **kwargs)

    return call


def _code(error: HttpResponseError) -> str:
    """The service's word for it. The SDK gives it as an enumeration, as a text or, for an insert, not at all."""
    code = getattr(error, "error_code", None)
    return str(getattr(code, "value", code) or "")


def _no_table(error: HttpResponseError) -> bool:
    """An insert has nothing else to miss."""
    return (_code(error) or "TableNotFound") == "TableNotFound" and error.status_code == 404


def _race(error: HttpResponseError) -> bool:
    return _code(error) in _RACES or error.status_code in (409, 412)


def _about_a_row(error: TableTransactionError, before: int) -> bool:
    """Whether the transaction can be tried without the row that failed; `before` rows have failed in it already."""
    if _race(error) and not _no_table(error):
        return True
    if error.status_code != 400 or before > FEW:
        return False
    log.warning("storage refuses a row (%s): left out", _code(error))
    return True


class Table:
    """What the parts of the store have in common. Its own methods are for them: whoever calls them is `guarded`."""

    def __init__(self, table: TableClient) -> None:
        self._table = table

    def create(self) -> None:
        """The table, unless it is there."""
        with faults():
            try:
                self._table.create_table()
            except HttpResponseError as error:
                if error.status_code != 409:
                    raise

    def _get(self, key: str, select: Sequence[str] | None = None) -> TableEntity | None:
        try:
            return self._table.get_entity(PARTITION, key, select=list(select) if select else None)
        except ResourceNotFoundError as error:
            if _no_table(error):
                raise
            return None

    def _write_all(self, writes: Iterable[Write]) -> set[str]:
        """By transactions. The keys of the rows that were not written: somebody was quicker, or storage refuses the row."""
        ordered = sorted({one.key: one for one in writes}.values(), key=lambda one: one.key)
        return {key for some in portions(ordered) for key in self._write_some(some)}

    def _write_some(self, left: list[Write]) -> list[str]:
        """One transaction, again and again without the row that it failed for. After the second time all versions are compared:
        who was quicker has usually written more than one row.
        """
        missed = list[str]()
        while left:
            try:
                self._table.submit_transaction([one.operation for one in left])
                break
            except TableTransactionError as error:
                if not _about_a_row(error, len(missed)):
                    raise
                missed.append(left.pop(min(error.index, len(left) - 1)).key)
            if len(missed) == 2 and left:
                stored = self._versions(left[0].key, left[-1].key)
                missed += [one.key for one in left if one.raced(stored.get(one.key))]
                left = [one for one in left if not one.raced(stored.get(one.key))]
        return missed

    def _versions(self, first: str, last: str) -> Mapping[str, str | None]:
        wanted = "PartitionKey eq 'fleet' and RowKey ge @first and RowKey le @last"
        rows = self._table.query_entities(
            wanted, parameters={"first": first, "last": last}, results_per_page=PAGE, select=["RowKey"]
        )
        return {row["RowKey"]: row.metadata["etag"] for row in rows}
