"""A mapping of texts in; typed values, and what is wrong with them, out.

Law: a fault names its setting and repeats nothing of its value: it may be a secret.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

VAULT = "@Microsoft.KeyVault("
UNRESOLVED = "is an unresolved Key Vault reference: the app's identity may not read the secret"
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
LONGEST = timedelta(days=36_500)  # a hundred years before now there is still a date
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_FLAGS = {"true": True, "1": True, "on": True, "false": False, "0": False, "off": False}


class Reader:
    """Reads one setting at a time and collects what is wrong."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env, self.faults = env, list[str]()

    def text(self, name: str, default: str = "") -> str:
        return self.env.get(name, "").strip() or default

    def fault(self, name: str, what: str) -> None:
        self.faults.append(f"{name} {what}")

    def parsed[T](self, name: str, default: str, parse: Callable[[str], T], what: str) -> T:
        try:
            return parse(self.text(name, default))
        except (ValueError, KeyError, IndexError, OverflowError):
            self.fault(name, what)
            return parse(default)

    def duration(self, name: str, default: str) -> timedelta:
        return self.parsed(name, default, duration_of, "is not a duration such as 90s, 15m, 4h or 30d")

    def number(self, name: str, default: int) -> int:
        return self.parsed(name, str(default), _positive, "is not a whole number above 0")

    def flag(self, name: str) -> bool:
        return self.parsed(name, "false", lambda text: _FLAGS[text.lower()], "is neither true nor false")

    def words(self, name: str) -> tuple[str, ...]:
        """Separated by commas."""
        return tuple(word for part in self.text(name).split(",") if (word := part.strip()))

    def json(self, name: str, default: str) -> Any:  # JSON; the caller checks its form
        text = self.text(name, default)
        try:
            return json.loads(Path(text).read_text("utf-8") if text[0] not in "[{" else text)
        except (OSError, ValueError, RecursionError):
            self.fault(name, "is neither JSON nor a file with JSON in it")
            return json.loads(default)

    def address(self, name: str, default: str = "") -> str:
        """https, or http to this machine."""
        url = self.text(name, default).rstrip("/")
        if url and not is_web(url):
            self.fault(name, "is not an https:// address")
        return url


def duration_of(text: str) -> timedelta:
    length = timedelta(seconds=int(text[:-1]) * _UNITS[text[-1]])
    if not timedelta() < length <= LONGEST:
        raise ValueError(text)
    return length


def _positive(text: str) -> int:
    if int(text) <= 0:
        raise ValueError(text)
    return int(text)


def is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK))
    except ValueError:
        return False
