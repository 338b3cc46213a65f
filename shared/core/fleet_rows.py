"""One incident, one cluster, one configuration in; what the fleet shows of it, as JSON, out.

Pure: no I/O. Times are ISO 8601 in UTC, null where there is none; addresses are built by links.py, null where none is certain.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from shared.core import links, revision
from shared.core.advice import advice
from shared.core.card_links import Links, runbook_of
from shared.core.causes import Severity
from shared.core.fleet_known import Known, Seen, Standing
from shared.core.incident import Incident
from shared.core.inventory import ClusterInfo, Compliance, Configuration, Extension

_STANDINGS = {standing: standing.rank for standing in Standing}
_SEVERITIES = (*Severity, None)
_COMPLIANCES = tuple(Compliance)  # iterating an enumeration is slow

type Json = dict[str, Any]
type _Hosts = tuple[tuple[str, str], ...]


def iso(at: datetime | None) -> str | None:
    """ISO 8601, or None."""
    return at.isoformat() if at else None


@lru_cache(maxsize=2_048)  # as _commit_url
def short(text: str) -> str:
    """A revision as people write it: main@5394cb7."""
    return revision.parse(text).short if text else ""


def commit_of(incident: Incident, info: ClusterInfo, to: Links) -> str | None:
    """The page of the commit; of a source that the inventory knows, never of one that a message names."""
    source = info.source_of(incident.subject.namespace, incident.subject.name)
    return _commit_url(source, incident.revision, _hosts(to))


def _hosts(to: Links) -> _Hosts:
    return tuple(to.git_hosts.items())


@lru_cache(maxsize=2_048)  # a fleet has few commits, and each of them thousands of times
def _commit_url(source: str, at: str, hosts: _Hosts) -> str | None:
    sha = revision.parse(at).commit if source and at else None
    return links.commit_url(source, sha, dict(hosts)) if sha else None


def incident_row(one: Seen, known: Known, to: Links) -> Json:
    """`configuration` is the fluxConfiguration that reports the object, where one does."""
    incident, subject = one.one.incident, one.one.incident.subject
    info = known.clusters.get(one.where) or ClusterInfo(subject.cluster)
    return {
        "cluster": subject.cluster.name,
        "cluster_id": subject.cluster.arm_id,
        "kind": subject.kind,
        "namespace": subject.namespace,
        "name": subject.name,
        "state": one.state,
        "severity": incident.severity,
        "reason": incident.reason,
        "cause": incident.cause,
        "title": one.cause.title,
        "fingerprint": incident.fingerprint,
        "message": incident.message,
        "detail": incident.detail,
        "note": incident.note,
        "revision": incident.revision,
        "commit_url": commit_of(incident, info, to),
        "configuration": info.configuration_of(subject.kind, subject.namespace, subject.name),
        "count": incident.count,
        "opened_at": iso(incident.opened_at),
        "last_seen_at": iso(incident.last_seen_at),
        "resolved_at": iso(incident.resolved_at),
        "told_at": iso(max((told.at for told in one.one.told.values()), default=None)),
    }


def instructions(one: Seen, to: Links) -> Json:
    """What to do about one incident: the remedy with its names filled in, and where to read on."""
    subject = one.one.incident.subject
    query = links.logs_query(to.logs_query, subject.kind, subject.namespace, subject.name, subject.cluster.key)
    return {
        "remedy": advice(one.cause.remedy, subject, one.one.incident.message),
        "runbook_url": links.runbook(to.runbooks, runbook_of(one.one.incident)),
        "logs_url": links.logs(to.workspace, query, portal=to.portal) if to.workspace and to.logs_query else None,
    }


def cluster_row(key: str, info: ClusterInfo, known: Known, to: Links) -> Json:
    """One cluster. `synced_at` and `revision` are those of the source that moved last; `compliance` counts configurations.

    The values within are shared with the rows of other looks: nobody changes them.
    """
    failing = known.failing.get(key, ())
    worst = min((one.severity for one in failing if one.broken), key=lambda severity: severity.rank, default=None)
    return _of_inventory(info, to.portal, _hosts(to)) | {
        "state": known.standings[key],
        "severity": worst,
        "incidents": dict(Counter(one.state for one in failing)) if failing else {},
        "muted_until": iso(known.mutes.get(key)),
    }


@lru_cache(maxsize=2_048)  # about 5 KB each
def _of_inventory(info: ClusterInfo, portal: str, hosts: _Hosts) -> Json:
    """What changes only with the inventory: between two sweeps the same for every look."""
    cluster = info.cluster
    newest = max(info.configurations, key=_moved, default=Configuration("", ""))
    return {
        "name": cluster.name,
        "id": cluster.arm_id,
        "type": cluster.type,
        "subscription": info.subscription_name or cluster.subscription,
        "subscription_id": cluster.subscription,
        "resource_group": cluster.resource_group,
        "region": info.region,
        "azure_state": info.state,
        "kubernetes": info.kubernetes,
        "state": None,
        "severity": None,
        "incidents": {},
        "compliance": compliance(info.configurations),
        "flux": _flux(info.extension),
        "revision": short(newest.revision),
        "commit_url": _commit_url(newest.source, newest.revision, hosts),
        "synced_at": iso(newest.synced_at),
        "reported_at": iso(max((one.reported_at for one in info.configurations if one.reported_at), default=None)),
        "muted_until": None,
        "hidden_since": iso(info.hidden_since),
        "portal_url": links.portal_gitops(cluster, portal),
        "configurations": [_configuration(one, hosts) for one in info.configurations],
    }


def order(row: Json) -> tuple[Any, ...]:
    """Of clusters: the most pressing first, then by name."""
    return (_STANDINGS[row["state"]], _SEVERITIES.index(row["severity"]), row["name"].lower(), row["id"].lower())


def compliance(configurations: Iterable[Configuration]) -> dict[str, int]:
    """How many there are in each state, in Azure's words, those that there are; the best first."""
    found = [one.compliance for one in configurations]
    return {state: number for state in _COMPLIANCES if (number := found.count(state))}


def _moved(one: Configuration) -> tuple[float, str]:
    return (one.synced_at.timestamp() if one.synced_at else 0.0, one.revision)


def _flux(extension: Extension | None) -> Json | None:
    if extension is None:
        return None
    return {
        "version": extension.version,
        "train": extension.train,
        "auto_upgrade": extension.auto_upgrade,
        "provisioning": extension.provisioning,
    }


def _configuration(one: Configuration, hosts: _Hosts) -> Json:
    return {
        "namespace": one.namespace,
        "name": one.name,
        "source": one.source,
        "ref": one.ref,
        "revision": one.revision,
        "commit_url": _commit_url(one.source, one.revision, hosts),
        "compliance": one.compliance,
        "provisioning": one.provisioning,
        "suspended": one.suspended,
        "suspended_since": iso(one.suspended_since),
        "bad_since": iso(one.bad_since),
        "failing": one.failing,
        "synced_at": iso(one.synced_at),
        "reported_at": iso(one.reported_at),
    }
