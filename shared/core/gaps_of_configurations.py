"""A cluster in; what is wrong with its fluxConfigurations, or that nothing is, out. One function for each gap.

Pure: see gaps.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from shared.core.graph_rows import ConfigurationRow
from shared.core.inventory import Compliance, Configuration
from shared.core.measures import Fleet, Judged, Wrong, asleep, hours, silent_since
from shared.core.observation import Health
from shared.core.sight import Place

_FAILED = frozenset({"failed", "canceled"})
_PINNED = ("commit:", "digest:")
_LATE = frozenset({Compliance.NON_COMPLIANT, Compliance.PENDING})


def _each(place: Place, judge: Callable[[Configuration, ConfigurationRow], Wrong | Health]) -> Iterator[Judged]:
    """Of what is known and not shown nobody can say anything now."""
    rows = {row.name.lower(): row for row in place.rows}
    for one in place.info.configurations:
        row = rows.get(one.name.lower())
        yield one.namespace, one.name, Health.PROGRESSING if row is None else judge(one, row)


def failed(place: Place, fleet: Fleet) -> Iterator[Judged]:
    def judge(one: Configuration, row: ConfigurationRow) -> Wrong | Health:
        if asleep(place):
            return Health.GONE
        if row.provisioning.lower() in _FAILED or row.error:
            said = row.error or f"Azure reports the configuration as {row.provisioning}."
            return Wrong(said, label if (label := row.provisioning).lower() in _FAILED else "", one.source)
        return _not_compliant(one, row, fleet)

    return _each(place, judge)


def _not_compliant(one: Configuration, row: ConfigurationRow, fleet: Fleet) -> Wrong | Health:
    if one.suspended:
        return Health.GONE
    if one.compliance in _LATE and one.bad_since and fleet.now - one.bad_since > fleet.coverage.configuration_limit:
        said = f"Azure has reported it as {one.compliance} for longer than {hours(fleet.coverage.configuration_limit)}."
        return Wrong(said, "NotCompliant", one.source, one.bad_since, cause="configuration-failing")
    if row.unexplained and not row.asked:
        return Health.PROGRESSING  # nobody has looked yet
    if one.compliance is Compliance.NON_COMPLIANT and not one.failing and not any(_moves(row)):
        said = "Azure reports it as Non-Compliant, and names no object that fails."
        return Wrong(said, "", one.source, one.bad_since)
    return Health.HEALTHY


def _moves(row: ConfigurationRow) -> Iterator[bool]:
    """Whether something is in progress: it will soon be known how it ends."""
    return (shown.health is Health.PROGRESSING for shown in row.objects)


def suspended(place: Place, fleet: Fleet) -> Iterator[Judged]:
    def judge(one: Configuration, row: ConfigurationRow) -> Wrong | Health:
        if not one.suspended:
            return Health.HEALTHY
        limit = fleet.coverage.configuration_limit
        if one.suspended_since is None or fleet.now - one.suspended_since <= limit or asleep(place):
            return Health.GONE
        said = f"It has been suspended for longer than {hours(limit)}."
        return Wrong(said, origin=one.source, since=one.suspended_since)

    return _each(place, judge)


def not_synced(place: Place, fleet: Fleet) -> Iterator[Judged]:
    silent = silent_since(place, fleet) is not None

    def judge(one: Configuration, row: ConfigurationRow) -> Wrong | Health:
        if one.suspended or one.ref.startswith(_PINNED) or asleep(place):
            return Health.GONE
        if silent:
            return Health.PROGRESSING  # what Azure shows is old: another gap says so
        return _never_synced(one, fleet) if not one.revision else _behind(one, fleet)

    return _each(place, judge)


def _never_synced(one: Configuration, fleet: Fleet) -> Wrong | Health:
    limit = fleet.coverage.sync_limit
    if one.provisioning.lower() != "succeeded" or one.bad_since is None or fleet.now - one.bad_since <= limit:
        return Health.HEALTHY
    said = f"It has not synced anything for longer than {hours(limit)}."
    return Wrong(said, origin=f"{one.source} {one.ref}".strip(), since=one.bad_since)


def _behind(one: Configuration, fleet: Fleet) -> Wrong | Health:
    revision, at = fleet.ahead.get((one.source, one.ref), (one.revision, fleet.now))
    if revision == one.revision or one.synced_at is None or one.synced_at >= at:
        return Health.HEALTHY
    limit = hours(fleet.coverage.sync_limit)
    said = f"Other clusters with the same source and ref have had a newer revision for longer than {limit}."
    note = f"Here: {one.revision[:120]}. Elsewhere: {revision[:120]}."
    return Wrong(said, origin=f"{one.source} {one.ref}".strip(), since=at, note=note)
