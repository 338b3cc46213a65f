"""Azure Table storage: incidents, what was told of them, the ledger, the clusters and the sweeps' journal, in one
partition.

Law: writers of one row own different columns (`incident`, `message`, … are what was seen, `told` is notify's), so neither can
undo the other; one partition, so that what was told and the ledger are written in one transaction.
"""

from __future__ import annotations

from shared.adapters.table_board import LEDGER, BoardRows
from shared.adapters.table_fleet import FleetRows, cluster_key
from shared.adapters.table_incidents import IncidentRows, incident_key
from shared.adapters.table_journal import JournalRows
from shared.adapters.table_writes import PARTITION, TRANSACTION

__all__ = ["LEDGER", "PARTITION", "TRANSACTION", "TableStore", "cluster_key", "incident_key"]


class TableStore(IncidentRows, BoardRows, FleetRows, JournalRows):
    """Fits every port of the store. One per process; safe for many threads."""
