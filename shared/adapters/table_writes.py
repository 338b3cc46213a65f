"""Rows to be written in; transactions that the service takes out.

Law: pure. Whether somebody was quicker is told by the row's version alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from azure.core import MatchConditions
from azure.data.tables import UpdateMode

PARTITION = "fleet"
TRANSACTION = 100  # operations: the most that the service takes
BODY = 3_500_000  # bytes of a transaction: the service takes 4 MiB, and the weight of a row is an estimate

MERGE: Mapping[str, Any] = {"mode": UpdateMode.MERGE}
REPLACE: Mapping[str, Any] = {"mode": UpdateMode.REPLACE}

_RACED: Mapping[str, Callable[[str | None, str | None], bool]] = {
    "create": lambda _, stored: stored is not None,
    "update": lambda wanted, stored: stored != wanted,
    "upsert": lambda _, __: False,
    "delete": lambda _, stored: stored is None,
}
"""What is done to a row → whether somebody was quicker, by the version that was read and the one that is stored."""


@dataclass(frozen=True, slots=True)
class Write:
    """One operation of a transaction: create, update (merged, if `version` is still stored), upsert (replaced) or delete."""

    action: str
    row: Mapping[str, Any]
    version: str | None = None

    @property
    def key(self) -> str:
        """Of the row."""
        return str(self.row["RowKey"])

    @property
    def operation(self) -> tuple[str, Mapping[str, Any], Mapping[str, Any]]:
        """As the SDK takes it."""
        options = {"create": {}, "update": {**MERGE, **on_condition(self.version)}, "upsert": REPLACE, "delete": {}}
        return (self.action, self.row, options[self.action])

    @property
    def weight(self) -> int:
        """About as many bytes as it takes on the wire, where every character beyond ASCII is an escape."""
        texts = (value for value in self.row.values() if isinstance(value, str))
        return 2_000 + sum(len(json.dumps(text)) for text in texts)

    def raced(self, stored: str | None) -> bool:
        """Whether somebody was quicker."""
        return _RACED[self.action](self.version, stored)


def row_of(key: str) -> dict[str, Any]:
    """A row with nothing in it but its key."""
    return {"PartitionKey": PARTITION, "RowKey": key}


def digest_key(kind: str, *parts: str) -> str:
    """The key of a row: a digest, for names may hold anything."""
    return f"{kind}:" + hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:40]


def on_condition(version: str | None) -> Mapping[str, Any]:
    """Options of a write that fails if the row has changed since."""
    return {"etag": version or "", "match_condition": MatchConditions.IfNotModified}


def portions(writes: Iterable[Write]) -> Iterator[list[Write]]:
    """In the order given: each as long as the service takes, and at least one row."""
    some, room = list[Write](), BODY
    for write in writes:
        weight = write.weight
        if some and (weight > room or len(some) == TRANSACTION):
            yield some
            some, room = [], BODY
        some.append(write)
        room -= weight
    if some:
        yield some
