"""What a sweep gathered in; every cluster beside what was known of it, and what is known of it now, out.

Pure: time is an argument. What is not shown, and not known to be gone, is kept as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from shared.core.azure_values import parse_time
from shared.core.cluster import Cluster
from shared.core.coverage import MUTE_TAG
from shared.core.graph_rows import ClusterRow, ConfigurationRow, ExtensionRow
from shared.core.incident import BAD
from shared.core.inventory import ClusterInfo, Compliance, Configuration, Extension, object_digest
from shared.core.rule_tags import RULES_TAG, Mode
from shared.core.sight import Place, Sight, Standing, configuration_id, extension_id

STILL = timedelta(hours=1)  # a report that came so much later is news; a sooner one is worth no write
REMEMBERED = timedelta(days=1)  # how long an object that left is remembered
MAX_DEPARTED = 500  # of a cluster

_WELL = frozenset({Compliance.COMPLIANT, Compliance.SUSPENDED})


def places(sight: Sight) -> Iterator[Place]:
    """Every cluster that Azure shows, that was known, or that something fails on."""
    listed: Iterable[str] = sight.clusters or ()
    for key in dict.fromkeys([*listed, *sight.inventory, *sight.failing]):
        row = sight.clusters.get(key) if sight.clusters is not None else None
        old = sight.inventory.get(key)
        if row is not None:
            yield _listed(key, row, old, sight)
        else:
            yield _unlisted(key, old, sight)


def _unlisted(key: str, old: ClusterInfo | None, sight: Sight) -> Place:
    """A cluster without a row of its own. What its other rows say of objects counts, but its inventory stays as it was."""
    cluster = old.cluster if old else Cluster.from_arm_id(key)
    standing = sight.standing(key)
    info = old or ClusterInfo(cluster)
    hidden = standing is Standing.HIDDEN and old is not None
    if hidden:
        info = replace(info, hidden_since=info.hidden_since or sight.now)
    rows = sight.configurations.get(key, ()) if old and sight.configurations else ()
    return Place(cluster, standing, None, old, info, rows, failing=sight.failing.get(key, {}), hidden=hidden)


def _listed(key: str, row: ClusterRow, old: ClusterInfo | None, sight: Sight) -> Place:
    cluster = old.cluster if old else row.cluster  # spelled as before, whatever the row's letter case
    before = old or ClusterInfo(cluster)
    rows = sight.configurations.get(key, ()) if sight.configurations is not None else ()
    kept = _kept(before, rows, sight)
    hidden = _all_hidden(before, rows, kept, sight)
    configurations = (*(_configuration(one, before, sight.now) for one in rows), *kept)
    vanished = _vanished(before, configurations)
    extension = sight.extensions.get(key) if sight.extensions is not None else None
    info = ClusterInfo(
        cluster,
        row.region,
        _subscription(cluster, before, sight.subscriptions),
        parse_time(row.tags.get(MUTE_TAG, "").strip()),
        row.state,
        row.kubernetes,
        _extension(before, extension, sight),
        tuple(sorted(configurations, key=lambda one: (one.namespace, one.name))),
        _hidden_since(before, sight, hidden=hidden),
        _departed(before, vanished, configurations, sight.now),
        alerts_off=row.tags.get(RULES_TAG, "").strip().lower() == Mode.OFF,
    )
    names = frozenset(one.name for one in kept)
    failing = sight.failing.get(key, {})
    return Place(cluster, Standing.LISTED, row, old, info, rows, extension, failing, names, vanished, hidden)


def _subscription(cluster: Cluster, before: ClusterInfo, names: Mapping[str, str] | None) -> str:
    return (names or {}).get(cluster.subscription.lower()) or before.subscription_name


def _kept(before: ClusterInfo, rows: Sequence[ConfigurationRow], sight: Sight) -> list[Configuration]:
    """Configurations that are not shown, and not known to be gone."""
    shown = {row.name.lower() for row in rows}
    return [
        one
        for one in before.configurations
        if one.name.lower() not in shown and configuration_id(before.cluster, one.name).lower() not in sight.gone
    ]


def _all_hidden(before: ClusterInfo, rows: Sequence[ConfigurationRow], kept: Sequence[Configuration], sight: Sight) -> bool:
    """All its configurations are out of sight at once, and it is not that Resource Graph lags."""
    if rows or sight.configurations is None:
        return False
    return any(sight.out_of_sight(configuration_id(before.cluster, one.name).lower(), before) for one in kept)


def _hidden_since(before: ClusterInfo, sight: Sight, *, hidden: bool) -> datetime | None:
    """As before where there was no answer: whether its configurations are in sight again, nobody knows."""
    if sight.configurations is None:
        return before.hidden_since
    return (before.hidden_since or sight.now) if hidden else None


def _configuration(row: ConfigurationRow, before: ClusterInfo, now: datetime) -> Configuration:
    old = next((one for one in before.configurations if one.name.lower() == row.name.lower()), None)
    bad = [one for one in row.objects if one.health in BAD]
    suspended = row.suspended or row.compliance is Compliance.SUSPENDED
    return Configuration(
        row.namespace or (old.namespace if old else ""),
        old.name if old else row.name,  # spelled as before: else it would be another one
        row.source,
        row.source_kind,
        row.ref,
        row.revision,
        row.compliance,
        row.provisioning,
        suspended,
        suspended_since=((old and old.suspended_since) or now) if suspended else None,
        bad_since=None if row.compliance in _WELL else (old and old.bad_since) or _oldest(row, now),
        synced_at=old.synced_at if old and old.synced_at and old.revision == row.revision else row.synced_at,
        reported_at=row.reported_at,
        failing=old.failing if old and row.unexplained and not row.asked else len(bad),
        objects=_objects(row, old),
    )


def _oldest(row: ConfigurationRow, now: datetime) -> datetime:
    return min((one.since for one in row.objects if one.since and one.health in BAD), default=now)


def _objects(row: ConfigurationRow, old: Configuration | None) -> frozenset[str]:
    """Where there are no statuses, or not all could be read, nothing has left."""
    shown = frozenset(object_digest(*one.identity) for one in row.objects)
    return shown if row.whole or old is None else shown | old.objects


def _vanished(before: ClusterInfo, configurations: Iterable[Configuration]) -> frozenset[str]:
    """Digests of objects that were shown before and are no more, neither by their own configuration nor by another."""
    now = frozenset(digest for one in configurations for digest in one.objects)
    return frozenset(digest for one in before.configurations for digest in one.objects) - now


def _departed(
    before: ClusterInfo, vanished: frozenset[str], configurations: Iterable[Configuration], now: datetime
) -> Mapping[str, int]:
    """Who left lately, the latest last. What has been remembered long enough is forgotten when there is something to write."""
    back = frozenset(digest for one in configurations for digest in one.objects) & before.departed.keys()
    if not vanished and not back:
        return before.departed
    since = int((now - REMEMBERED).timestamp())
    known = {digest: at for digest, at in before.departed.items() if at >= since and digest not in back}
    known |= dict.fromkeys(sorted(vanished), int(now.timestamp()))
    return dict(list(known.items())[-MAX_DEPARTED:])


def _extension(before: ClusterInfo, row: ExtensionRow | None, sight: Sight) -> Extension | None:
    if row is not None:
        return Extension(row.name, row.version, row.train, row.auto_upgrade, row.provisioning)
    if before.extension is None or extension_id(before.cluster, before.extension.name).lower() in sight.gone:
        return None
    return before.extension


def settled(place: Place, *, silent: bool) -> ClusterInfo:
    """What is worth a write: the very value that is stored, if nothing has changed but that its agent has reported again.

    `silent`: the agent had not reported for long, so that its report is news.
    """
    old, info = place.old, place.info
    if old is None:
        return info
    known = {one.name: one for one in old.configurations}
    still = tuple(one if silent else _still(known.get(one.name), one) for one in info.configurations)
    after = replace(info, configurations=still)
    return old if after == old else after


def _still(old: Configuration | None, one: Configuration) -> Configuration:
    if old is None or old.reported_at is None or one.reported_at is None:
        return one
    return replace(one, reported_at=old.reported_at) if abs(one.reported_at - old.reported_at) < STILL else one
