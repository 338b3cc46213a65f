"""A post in; the buttons of its card out: portal, logs, commit, runbook, fleet.

Pure: no I/O. Every address is built from parsed parts (links.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.core import links, revision
from shared.core.difference import News
from shared.core.grouping import Post
from shared.core.incident import Incident
from shared.core.inventory import ClusterInfo
from shared.core.observation import ALERT_RULE
from shared.core.reasons import cause_by_id

_SHIPPED = re.compile(r"Flux[A-Za-z0-9]{1,80}", re.ASCII)  # names of our alerts; a runbook for each


@dataclass(frozen=True, slots=True)
class Links:
    """Where links lead. An empty address leaves its button out. `logs_query` is the template of the query for one object."""

    portal: str = "https://portal.azure.com"
    workspace: str = ""
    logs_query: str = ""
    runbooks: str = ""
    fleet: str = ""
    git_hosts: Mapping[str, str] = field(default_factory=dict)


def buttons(post: Post, to: Links, clusters: Mapping[str, ClusterInfo]) -> dict[str, str | None]:
    """Title → address, in the order of their use; None where there is nothing to link to."""
    incident = post.about[0].incident
    one_cause = len({one.incident.fingerprint for one in post.about}) == 1 and not post.rest
    one_cluster = len(post.clusters) == 1
    info = clusters.get(incident.subject.cluster.key)
    return {
        "Open in Azure": links.portal_gitops(incident.subject.cluster, to.portal) if one_cluster else None,
        "Logs": _logs(incident, to) if len(post.about) == 1 and post.news is not News.RESOLVED else None,
        "Commit": _commit(incident, info, to) if one_cause else None,
        "Runbook": _runbook(incident, to) if one_cause and post.news is not News.RESOLVED else None,
        "Fleet": links.fleet(to.fleet, **_filter(incident, one_cluster=one_cluster, one_cause=one_cause)),
    }


def _filter(incident: Incident, *, one_cluster: bool, one_cause: bool) -> dict[str, str]:
    """What the fleet page is to show: the cluster, or all clusters with the cause."""
    if one_cluster:
        return {"cluster": incident.subject.cluster.name}
    return {"cause": cause_by_id(incident.cause).id} if one_cause else {}


def _logs(incident: Incident, to: Links) -> str | None:
    subject = incident.subject
    if not (to.workspace and to.logs_query) or subject.kind == ALERT_RULE:
        return None  # no controller writes about a rule
    query = links.logs_query(to.logs_query, subject.kind, subject.namespace, subject.name, subject.cluster.key)
    return links.logs(to.workspace, query, portal=to.portal)


def _commit(incident: Incident, info: ClusterInfo | None, to: Links) -> str | None:
    sha = revision.parse(incident.revision).commit if incident.revision else None
    url = info.source_of(incident.subject.namespace, incident.subject.name) if info else ""  # never one that a message names
    return links.commit_url(url, sha, to.git_hosts) if sha and url else None


def _runbook(incident: Incident, to: Links) -> str | None:
    return links.runbook(to.runbooks, runbook_of(incident)) if to.runbooks else None


def runbook_of(incident: Incident) -> str:
    """The file of docs/runbooks, without .md: of an alert that Fluxwatch ships its own, else that of the cause."""
    shipped = incident.cause == "alert-fired" and _SHIPPED.fullmatch(incident.reason)
    return incident.reason if shipped else cause_by_id(incident.cause).runbook
