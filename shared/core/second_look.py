"""Configurations whose row does not say what is wrong in; whom to ask singly, and the sight with the answers, out.

Pure: values only. Resource Graph need not show the statuses of a configuration; Azure Resource Manager does.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace
from zlib import crc32

from shared.core.graph_rows import ConfigurationRow
from shared.core.sight import Sight


def unexplained(sight: Sight) -> list[ConfigurationRow]:
    """Those that are not compliant and do not say why; first those that are so for the first time. Beyond that the order is
    another one at each moment, so that everybody has a turn.
    """
    rows = [row for some in (sight.configurations or {}).values() for row in some if row.unexplained]
    return sorted(rows, key=lambda row: (_known_bad(row, sight), crc32(f"{row.arm_id} {sight.now}".encode())))


def _known_bad(row: ConfigurationRow, sight: Sight) -> bool:
    info = sight.inventory.get(row.cluster)
    known = info.configurations if info else ()
    return any(one.bad_since is not None for one in known if one.name.lower() == row.name.lower())


def with_answers(sight: Sight, seen: Mapping[str, ConfigurationRow], gone: Set[str]) -> Sight:
    """`seen` and `gone` by ARM id in lower case."""
    if not seen and not gone:
        return sight
    rows = {
        key: [seen.get(row.arm_id, row) for row in some if row.arm_id not in gone]
        for key, some in (sight.configurations or {}).items()
    }
    return replace(sight, configurations=rows, gone=sight.gone | gone)
