"""What a compliance sweep gathered in; what was wrong with the looking itself, for health, out.

Pure: names and numbers only, nothing of what a row held.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from shared.core.azure_values import Reading, parse_time
from shared.core.coverage import MUTE_TAG
from shared.core.finding import Finding
from shared.core.sight import Place, Sight

NAMED = 5  # clusters that a finding names


def findings(sight: Sight, known: Sequence[Place]) -> tuple[Finding, ...]:
    """Of the fleet as it is shown."""
    return (*_fleet(sight), *_hidden(known), *_mutes(known), *_strangers(sight))


def of_reading(reading: Reading) -> tuple[Finding, ...]:
    """Of what could not be read."""
    found = []
    if reading.unread:
        rows = "1 row" if len(reading.unread) == 1 else f"{len(reading.unread)} rows"
        remedy = "The rest was read. The log of the run names some of them; report it, if they look well in the portal."
        found.append(Finding("rows", False, f"{rows} could not be read", remedy))
    if reading.wrong_clocks:
        times = "1 time lies" if reading.wrong_clocks == 1 else f"{reading.wrong_clocks} times lie"
        remedy = "Set the clocks of the clusters' nodes by NTP; times in the future are not believed."
        found.append(Finding("clocks", False, f"{times} more than 15 min in the future", remedy))
    return tuple(found)


def _fleet(sight: Sight) -> Iterator[Finding]:
    if sight.clusters is None or sight.clusters:
        return
    if sight.inventory:
        known = len(sight.inventory)
        remedy = "Give the app's identity Reader on the scope again (docs/permissions.md). Nothing is taken for gone."
        said = f"none of the {known} clusters that were known" if known > 1 else "not the one cluster that was known"
        yield Finding("clusters", False, f"Azure shows {said}", remedy)
    else:
        remedy = "Check FLEET_SCOPES, and the role of the app's identity there (docs/permissions.md)."
        yield Finding("clusters", False, "the identity sees no cluster", remedy)


def _hidden(known: Iterable[Place]) -> Iterator[Finding]:
    names = [place.cluster.name for place in known if place.hidden]
    if names:
        remedy = "Give the app's identity Reader on their scope again (docs/permissions.md). What was open stays open."
        yield Finding("visibility", False, f"{_clusters(names)} out of sight: {_some(names)}", remedy)


def _mutes(known: Iterable[Place]) -> Iterator[Finding]:
    said = ((place.cluster.name, place.row.tags.get(MUTE_TAG, "").strip()) for place in known if place.row)
    if names := [name for name, until in said if until and parse_time(until) is None]:
        remedy = f"Write the tag {MUTE_TAG} as an ISO 8601 time, for example 2026-12-01T06:00:00Z."
        yield Finding("mutes", False, f"{_clusters(names)} not muted, for the tag is no time: {_some(names)}", remedy)


def _strangers(sight: Sight) -> Iterator[Finding]:
    """A role that shows what is on a cluster, but not the cluster."""
    if sight.clusters is None or not sight.configurations:
        return
    unknown = [key for key in sight.configurations if key not in sight.clusters and key not in sight.inventory]
    if unknown:
        names = [key.rpartition("/")[2] for key in unknown]
        remedy = "Give the app's identity Reader on the clusters too; of clusters that it does not see nothing is concluded."
        yield Finding("clusters", False, f"{_clusters(names)} shown by their configurations only: {_some(names)}", remedy)


def _clusters(names: Sequence[str]) -> str:
    return "1 cluster is" if len(names) == 1 else f"{len(names)} clusters are"


def _some(names: Sequence[str]) -> str:
    first = sorted(names)[:NAMED]
    return ", ".join(first) + (f" and {len(names) - len(first)} more" if len(names) > len(first) else "")
