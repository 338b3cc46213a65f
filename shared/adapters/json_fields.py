"""Values of the core as JSON objects and back, field by field. Fields at their defaults are left out.

Law: what an older version wrote can be read; unknown fields are ignored.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, Field, fields
from datetime import UTC, datetime
from typing import Any

type Json = Any  # what json.loads gives
type Codec = tuple[Callable[[Any], Json], Callable[[Json], Any]]
type Fields = Mapping[str, tuple[object, Callable[[Any], Json], Callable[[Json], Any]]]
"""Name of a field → its default, and how its value is written and read."""

PROPERTY = 32_768  # UTF-16 units that Table storage takes in one property


def same(value: Json) -> Json:
    """For what is JSON already."""
    return value


def moment(at: datetime) -> float:
    """Seconds since 1970, whole where it can be: half as long as ISO 8601, and read five thousand times in a run."""
    seconds = at.timestamp()
    return int(seconds) if seconds.is_integer() else seconds


def parse_moment(seconds: float) -> datetime:
    """The other way round."""
    return datetime.fromtimestamp(seconds, UTC)


AS_IT_IS: Codec = (same, same)
MOMENT: Codec = (moment, parse_moment)


def fields_of(of: type, codecs: Mapping[str, Codec], *, apart: Collection[str] = ()) -> Fields:
    """Every field of a dataclass but those that are kept elsewhere; what has no codec is written as it is."""
    return {f.name: (_default(f), *codecs.get(f.name, AS_IT_IS)) for f in fields(of) if f.name not in apart}


def _default(field: Field[Any]) -> object:
    """MISSING, which equals nothing, for a field that has to be given."""
    return field.default if field.default_factory is MISSING else field.default_factory()


def encode_fields(value: object, known: Fields) -> dict[str, Json]:
    """What is not at its default."""
    row = {}
    for field, (default, encode, _) in known.items():
        if (said := getattr(value, field)) != default:
            row[field] = encode(said)
    return row


def decode_fields(row: Mapping[str, Json], known: Fields) -> dict[str, Any]:
    """Arguments for the dataclass. A wrong value raises ValueError, KeyError, TypeError or AttributeError."""
    return {field: known[field][2](value) for field, value in row.items() if field in known}


def dense(value: Json) -> str:
    """JSON without blanks. Not as ASCII: the escapes of a long text would not fit into a property of a table."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def units(text: str) -> int:
    """How long a property of a table is."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def whole(text: str) -> str:
    """With a ? for each half of a character: nobody can store those, and other systems do send them."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
