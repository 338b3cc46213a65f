"""Configurations whose row does not say how their objects are in; whom to ask singly, and the sight with the answers, out.

Pure: values only. Resource Graph need not show the statuses of a configuration; Azure Resource Manager does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from zlib import crc32

from shared.core.coverage import KINDS
from shared.core.graph_rows import ConfigurationRow
from shared.core.incident import BAD
from shared.core.inventory import ClusterInfo
from shared.core.sight import Identity, Sight

_GAPS = frozenset(KINDS.values())


def unexplained(sight: Sight) -> list[ConfigurationRow]:
    """Those that are not compliant and do not say why; first those that are so for the first time. And those without statuses
    on a cluster where something fails that no row shows: perhaps it is well again. Beyond that the order is another one at each
    moment, so that everybody has a turn.
    """
    rows = [row for key, some in (sight.configurations or {}).items() for row in _silent(key, some, sight)]
    return sorted(rows, key=lambda row: (not _newly_bad(row, sight), crc32(f"{row.arm_id} {sight.now}".encode())))


def _silent(key: str, rows: Sequence[ConfigurationRow], sight: Sight) -> Iterator[ConfigurationRow]:
    owners = {_owner(identity, sight.inventory.get(key)) for identity in _untold(key, rows, sight)}
    for row in rows:
        asked_about = not row.objects and ("" in owners or f"{row.namespace}/{row.name}" in owners)
        if row.unexplained or asked_about:
            yield row


def _untold(key: str, rows: Sequence[ConfigurationRow], sight: Sight) -> Iterator[Identity]:
    """Flux objects that fail, and that no row shows."""
    shown = {one.identity for row in rows for one in row.objects}
    for identity, incident in sight.failing.get(key, {}).items():
        if incident.ready in BAD and identity not in shown and identity[0] not in _GAPS:
            yield identity


def _owner(identity: Identity, info: ClusterInfo | None) -> str:
    """namespace/name of the configuration that reported it; empty if none ever did, so that it may be any."""
    return info.configuration_of(*identity) if info else ""


def _newly_bad(row: ConfigurationRow, sight: Sight) -> bool:
    info = sight.inventory.get(row.cluster)
    known = info.configurations if info else ()
    return row.unexplained and not any(one.bad_since is not None for one in known if one.name.lower() == row.name.lower())


def with_answers(sight: Sight, seen: Mapping[str, ConfigurationRow], gone: Set[str]) -> Sight:
    """`seen` and `gone` by ARM id in lower case."""
    if not seen and not gone:
        return sight
    rows = {
        key: [seen.get(row.arm_id, row) for row in some if row.arm_id not in gone]
        for key, some in (sight.configurations or {}).items()
    }
    return replace(sight, configurations=rows, gone=sight.gone | gone)
