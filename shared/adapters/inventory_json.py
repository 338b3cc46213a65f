"""What is known of a cluster as columns of a table, and back. Fields at their defaults are left out.

Law: every column fits into a property, and all of them into a row: what is beyond the caps is left out, never a fault. What an
older version wrote can be read.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from itertools import chain, count, islice, repeat
from typing import Any

from shared.adapters.json_fields import (
    MOMENT,
    PROPERTY,
    Codec,
    Json,
    decode_fields,
    dense,
    encode_fields,
    fields_of,
    same,
    units,
    whole,
)
from shared.core.cluster import Cluster
from shared.core.inventory import ClusterInfo, Compliance, Configuration, Extension, with_sources

log = logging.getLogger(__name__)

MAX_OBJECTS = 10_000  # of a cluster
MAX_DEPARTED = 5_000  # objects of a cluster that left
MAX_CONFIGURATIONS = 120_000  # characters of JSON: two hundred and more of the usual length
LONGEST = 2_048  # characters of any one text
BRIEF = ("cluster", "region", "subscription_name", "sources", "mute_until")
"""The columns that people can read, and all that cards need."""
_FULL: Mapping[str, int] = {"info_1": PROPERTY // 2, "objects_0": PROPERTY, "departed_0": PROPERTY}  # see `_split`
USUAL = ("cluster", "region", "subscription_name", "mute_until", "info_0", *_FULL)
"""All that `decode_cluster` needs of nearly every row; of which it needs more tells `goes_on`."""

_DIGEST = re.compile("[0-9a-f]{8}")
_DEPARTED = re.compile("([0-9a-f]{8})([0-9a-f]{8})")  # which, and when
_LATEST = 0xFFFFFFFF  # second: in 2106
_FIRST_YEAR = 1601  # before which no property of a table may lie


def _short(text: str) -> str:
    return whole(text[:LONGEST])


_TEXT: Codec = (_short, str)
_NUMBER: Codec = (same, int)
_YES_OR_NO: Codec = (same, bool)
_EXTENSION = fields_of(
    Extension, {**dict.fromkeys(("name", "version", "train", "provisioning"), _TEXT), "auto_upgrade": _YES_OR_NO}
)
_CONFIGURATION = fields_of(
    Configuration,
    {
        **dict.fromkeys(("namespace", "name", "source", "source_kind", "ref", "revision", "provisioning"), _TEXT),
        "compliance": (str, Compliance),
        "suspended": _YES_OR_NO,
        "failing": _NUMBER,
        **dict.fromkeys(("suspended_since", "bad_since", "synced_at", "reported_at"), MOMENT),
    },
    apart=("objects",),
)
_INFO = fields_of(
    ClusterInfo,
    {
        "state": _TEXT,
        "kubernetes": _TEXT,
        "extension": (lambda known: encode_fields(known, _EXTENSION), lambda row: Extension(**decode_fields(row, _EXTENSION))),
        "hidden_since": MOMENT,
        "alerts_off": _YES_OR_NO,
    },
    apart=("cluster", "region", "subscription_name", "mute_until", "configurations", "departed"),
)


def encode_cluster(info: ClusterInfo) -> dict[str, str | datetime]:
    """Columns: those of `BRIEF`; `info_0`… with JSON; `objects_0`… with the digests, in the order of the configurations;
    `departed_0`… with the digests of those that left, each with its second in hexadecimal digits.

    Of the digests the first 10,000 are kept: the other objects are not watched for their disappearance. Of the departed those
    5,000 are kept that left last, the latest last. Configurations that do not fit are left out, and the log says how many.
    """
    kept = list(_fitting(info.configurations))
    mute = info.mute_until if info.mute_until and info.mute_until.year > _FIRST_YEAR else None
    return {
        "cluster": info.cluster.arm_id,
        "region": _short(info.region),
        "subscription_name": _short(info.subscription_name),
        "sources": _sources(info.sources),
        **({"mute_until": mute} if mute else {}),
        **_split("info", dense({**encode_fields(info, _INFO), "configurations": [row for _, row in kept]})),
        **_split("objects", _objects([configuration for configuration, _ in kept])),
        **_split("departed", _departed(info.departed)),
    }


def decode_brief(row: Mapping[str, Any]) -> ClusterInfo:
    """What the columns of `BRIEF` tell. Raises ValueError or KeyError if they are none."""
    lines = (line.partition(" ") for line in (row["sources"] or "").split("\n"))
    sources = {name: url for name, _, url in lines if url}
    return ClusterInfo(
        Cluster.from_arm_id(row["cluster"]),
        row["region"],
        row["subscription_name"],
        _moment(row.get("mute_until")),
        configurations=with_sources(sources),
    )


def decode_cluster(row: Mapping[str, Any]) -> ClusterInfo:
    """Everything. A row without `info_0`, as an older version wrote it, is brief. Raises ValueError, KeyError, TypeError or
    AttributeError if it is none.
    """
    return _decoded(tuple(row.items())) if row.get("info_0") else decode_brief(row)


def goes_on(row: Mapping[str, Any]) -> bool:
    """Whether the `USUAL` columns may not be enough: one of them is full, or an older version wrote the row."""
    return not row.get("info_0") or any(len(str(row.get(name) or "")) >= full for name, full in _FULL.items())


@lru_cache(maxsize=1_024)  # about 10 KB each
def _decoded(columns: tuple[tuple[str, Any], ...]) -> ClusterInfo:
    """Most rows are as they were at the sweep before: those are not decoded again."""
    row = dict(columns)
    known, configurations = _details(_joined("info", row), _joined("objects", row))
    departed = {digest: int(at, 16) for digest, at in _DEPARTED.findall(_joined("departed", row))}
    return ClusterInfo(
        Cluster.from_arm_id(row["cluster"]),
        row["region"],
        row["subscription_name"],
        _moment(row.get("mute_until")),
        configurations=configurations,
        departed=departed,
        **known,
    )


def _moment(value: datetime | str | None) -> datetime | None:
    """A text, where the service was asked for values without their types."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _details(info: str, objects: str) -> tuple[Mapping[str, Any], tuple[Configuration, ...]]:
    known = json.loads(info)
    digests = chain((frozenset(_DIGEST.findall(text)) for text in objects.split(",")), repeat(frozenset[str]()))
    configurations = (
        Configuration(**decode_fields(row, _CONFIGURATION), objects=some)
        for row, some in zip(known["configurations"], digests, strict=False)
    )
    return decode_fields(known, _INFO), tuple(configurations)


def _fitting(configurations: tuple[Configuration, ...]) -> Iterator[tuple[Configuration, Json]]:
    room, left_out = MAX_CONFIGURATIONS, 0
    for configuration in configurations:
        row = encode_fields(configuration, _CONFIGURATION)
        room -= (length := len(dense(row)) + 1)
        if room >= 0:
            yield configuration, row
        else:
            room += length
            left_out += 1
    if left_out:
        log.warning("a cluster has more configurations than its row holds: %d are left out", left_out)


def _objects(configurations: list[Configuration]) -> str:
    """Digests one after the other; a comma between configurations."""
    room, texts = MAX_OBJECTS, list[str]()
    for configuration in configurations:
        some = list(islice(sorted(configuration.objects), room))
        room -= len(some)
        texts.append("".join(some))
    return ",".join(texts)


def _departed(departed: Mapping[str, int]) -> str:
    latest = sorted(departed.items(), key=lambda one: (one[1], one[0]))[-MAX_DEPARTED:]
    return "".join(f"{digest}{min(max(at, 0), _LATEST):08x}" for digest, at in latest)


def _sources(sources: Mapping[str, str]) -> str:
    """A line for each, as many as fit; what would not be a line is only in `info_0`."""
    lines, room = list[str](), PROPERTY
    for name, url in sorted(sources.items()):
        line = _short(f"{name} {url}")
        room -= units(line) + 1
        if room >= 0 and " " not in name and "\n" not in line:
            lines.append(line)
    return "\n".join(lines)


def _split(name: str, text: str) -> dict[str, str]:
    """As many columns as it takes, `name_0`…: none for an empty text."""
    width = PROPERTY if text.isascii() else PROPERTY // 2  # a character may be two units
    return {f"{name}_{place}": text[begin : begin + width] for place, begin in enumerate(range(0, len(text), width))}


def _joined(name: str, row: Mapping[str, Any]) -> str:
    texts = list[str]()
    for place in count():
        if not (text := row.get(f"{name}_{place}")):
            return "".join(texts)
        texts.append(text)
    return ""
