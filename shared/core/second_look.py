"""Configurations whose row does not say what is wrong in; whom to ask singly, and the sight with the answers, out.

Pure: values only. Resource Graph need not show the statuses of a configuration; Azure Resource Manager does.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace
from datetime import datetime

from shared.core.graph_rows import ConfigurationRow
from shared.core.sight import Sight


def unexplained(sight: Sight) -> list[ConfigurationRow]:
    """Those that are not compliant and do not say why; the longest so first."""
    rows = (row for some in (sight.configurations or {}).values() for row in some if row.unexplained)
    return sorted(rows, key=lambda row: (_since(row, sight), row.arm_id))


def _since(row: ConfigurationRow, sight: Sight) -> datetime:
    info = sight.inventory.get(row.cluster)
    known = info.configurations if info else ()
    return next((one.bad_since for one in known if one.name.lower() == row.name.lower() and one.bad_since), sight.now)


def with_answers(sight: Sight, seen: Mapping[str, ConfigurationRow], gone: Set[str]) -> Sight:
    """`seen` and `gone` by ARM id in lower case."""
    if not seen and not gone:
        return sight
    rows = {
        key: [seen.get(row.arm_id, row) for row in some if row.arm_id not in gone]
        for key, some in (sight.configurations or {}).items()
    }
    return replace(sight, configurations=rows, gone=sight.gone | gone)
