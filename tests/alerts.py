"""Nothing in; alerts of Azure Monitor out, as an action group sends them: the samples, and variations of them.

Law: values only. Each call gives a fresh copy.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from tests.examples import SAMPLES

type Json = dict[str, Any]

ALERTS = sorted(path.stem for path in (SAMPLES / "alerts").glob("*.json"))


@cache
def _text(case: str) -> str:
    return (SAMPLES / "alerts" / f"{case}.json").read_text("utf-8")


def sample(case: str, *, labels: Json | None = None, annotations: Json | None = None, **essentials: Any) -> Json:
    """The sample of that name; `labels` replace all of its labels, `annotations` and `essentials` single ones."""
    root: Json = json.loads(_text(case))
    data = root["data"]
    data["essentials"] |= essentials
    if labels is not None:
        data["alertContext"]["labels"] = labels
    if annotations is not None:
        data["alertContext"]["annotations"] |= annotations
    return root


def dimensions(case: str = "log-fired", **values: Any) -> Json:
    """A log alert with these dimensions and no other sign of its cluster."""
    root = sample(case, alertTargetIDs=[], configurationItems=[])
    found = [{"name": name, "value": value} for name, value in values.items()]
    root["data"]["alertContext"]["condition"]["allOf"][0]["dimensions"] = found
    return root


def body(root: Json) -> bytes:
    return json.dumps(root).encode()
