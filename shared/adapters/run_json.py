"""What the latest run of a sweep left, as a JSON text that fits into a property of a table, and back.

Law: it always fits: findings are shortened first, and the last one says how many there is no room for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

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
from shared.core.finding import Finding, Run

LONGEST = 1_000  # characters of a text of a finding

_TEXT: Codec = (lambda text: whole(text[:LONGEST]), same)
_FINDING = fields_of(Finding, {"at": MOMENT, **dict.fromkeys(("name", "detail", "remedy"), _TEXT)})


def _findings(findings: tuple[Finding, ...]) -> list[Json]:
    return [encode_fields(one, _FINDING) for one in findings]


def _parse_findings(rows: list[Mapping[str, Json]]) -> tuple[Finding, ...]:
    return tuple(Finding(**decode_fields(row, _FINDING)) for row in rows)


def _counts(counts: Mapping[str, int]) -> dict[str, int]:
    return {whole(name): count for name, count in counts.items()}


_RUN = fields_of(
    Run,
    {
        "at": MOMENT,
        "counts": (_counts, same),
        "before": (_counts, same),
        "findings": (_findings, _parse_findings),
    },
)


def encode_run(run: Run) -> str:
    """As much of it as fits."""
    texts = (dense(encode_fields(shorter, _RUN)) for shorter in _ever_shorter(run))
    return next(text for text in texts if units(text) <= PROPERTY)


def decode_run(text: str) -> Run:
    """The other way round; raises ValueError, KeyError, TypeError or AttributeError if this is none."""
    return Run(**decode_fields(json.loads(text), _RUN))


def _ever_shorter(run: Run) -> Iterator[Run]:
    yield run
    kept = len(run.findings)
    while kept:
        kept //= 2
        more = Finding("findings", False, f"{len(run.findings) - kept} more than there is room for")
        yield replace(run, findings=(*run.findings[:kept], more))
    yield replace(run, counts={}, before={}, findings=())
