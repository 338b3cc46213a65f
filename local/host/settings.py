"""host.json, local.settings.json and the environment in; settings and expanded bindings out.

Reads the two files, nothing else. The environment wins over local.settings.json, as with `func start`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

STORAGE = "AzureWebJobsStorage"
DEVELOPMENT_STORAGE = "UseDevelopmentStorage=true"
_EXPRESSION = re.compile(r"%([^%\s]+)%")
_TIMESPAN = re.compile(r"(?:(\d+)\.)?(\d{1,2}):(\d{1,2}):(\d{1,2})")


class SettingsError(Exception):
    """A settings file cannot be used; the message names the file and what is wrong."""


class MissingSetting(SettingsError):
    """A binding names a setting that is nowhere set."""


@dataclass(frozen=True, slots=True)
class HostSettings:
    """What host.json says, with Azure's defaults for what it leaves out. No timeout: None."""

    route_prefix: str = "api"
    function_timeout: timedelta | None = timedelta(minutes=30)  # the default of the Flex Consumption plan

    @classmethod
    def of(cls, app_dir: Path) -> HostSettings:
        """From the app's host.json, if it has one."""
        document = _json_object(app_dir / "host.json")
        prefix = document.get("extensions", {}).get("http", {}).get("routePrefix", cls().route_prefix)
        return cls(str(prefix).strip("/"), _timeout(document.get("functionTimeout", "00:30:00")))


def local_values(app_dir: Path) -> dict[str, str]:
    """`Values` of local.settings.json, which may hold texts only; nothing if there is no such file."""
    values = _json_object(app_dir / "local.settings.json").get("Values", {})
    wrong = [name for name, value in values.items() if not isinstance(value, str)]
    if wrong:
        raise SettingsError(f"local.settings.json: these Values are not texts: {', '.join(wrong)}")
    return dict(values)


def needs_storage(environ: Mapping[str, str], values: Mapping[str, str]) -> bool:
    """Whether nobody named a storage account, so that one has to be started."""
    named = {**values, **environ}
    if named.get(f"{STORAGE}__accountName") or environ.get(STORAGE):
        return False
    return values.get(STORAGE, "") in ("", DEVELOPMENT_STORAGE)


def expand(value: Any, environ: Mapping[str, str]) -> Any:
    """A binding with each `%NAME%` in its texts replaced. Raises `MissingSetting`."""
    match value:
        case str():
            return _EXPRESSION.sub(lambda found: _setting(found[1], environ), value)
        case dict():
            return {key: expand(part, environ) for key, part in value.items()}
        case list():
            return [expand(part, environ) for part in value]
    return value


def _setting(name: str, environ: Mapping[str, str]) -> str:
    if name not in environ:
        raise MissingSetting(f"the setting {name} is missing")
    return environ[name]


def _json_object(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        document = json.loads(path.read_text("utf-8-sig"))
    except ValueError as error:
        raise SettingsError(f"{path.name} is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise SettingsError(f"{path.name} is not a JSON object")
    return document


def _timeout(text: str) -> timedelta | None:
    if text == "-1":
        return None
    found = _TIMESPAN.fullmatch(text)
    if not found:
        raise SettingsError("host.json: functionTimeout is neither hh:mm:ss nor -1")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
