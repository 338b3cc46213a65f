"""A value of a KQL result and its Kusto type in; the value as the service puts it into JSON out.

Pure.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any


def graph_value(value: Any) -> Any:
    """Resource Graph: dynamic values are JSON."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S}.{value.microsecond:06}0Z"  # Azure has a seventh digit
    if isinstance(value, timedelta):
        return str(value)
    return float(value) if isinstance(value, Decimal) else value


def log_value(value: Any, kind: str) -> Any:
    """Log Analytics: a dynamic value is text, JSON or a plain line."""
    if kind == "dynamic" and value is not None and not isinstance(value, str):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return graph_value(value)
