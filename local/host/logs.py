"""Log records in; lines on standard output out, each with the function that wrote it.

The SDKs speak from WARNING up: below, they would write a screenful for every request.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable

from local.host.ledger import Ledger


def to_stdout(ledger: Ledger, invocation_id: Callable[[], str | None]) -> None:
    """Sends all records from INFO up to standard output. `invocation_id` tells in which invocation the caller is."""

    def fit(record: logging.LogRecord) -> bool:
        tag = record.__dict__.get("function") or ledger.name(invocation_id())
        record.tag = f"[{tag}] " if tag else ""
        record.level = "" if record.name == __package__ else f"{record.levelname} "
        return record.levelno >= logging.WARNING or not record.name.startswith("azure.")

    logging.getLogger("azure.functions").setLevel(logging.WARNING)  # the library's own: a record for every call
    handler = logging.StreamHandler(sys.stdout)
    handler.addFilter(fit)
    handler.setFormatter(logging.Formatter("%(asctime)s %(tag)s%(level)s%(message)s", "%H:%M:%S"))
    logging.raiseExceptions = False  # whoever reads our output may be gone
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.INFO)
