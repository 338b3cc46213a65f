"""Incidents in; the post that tells of them, and the card of that post, out.

Law: values only; the links, and what is known of a cluster, are the same for every card.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from shared.core.card import View, card
from shared.core.card_elements import Element
from shared.core.card_links import Links
from shared.core.cluster import Cluster
from shared.core.grouping import Post
from shared.core.incident import Incident
from shared.core.inventory import ClusterInfo, with_sources
from shared.core.observation import Health
from shared.core.plan import Policy, plan
from shared.core.routing import Routing
from shared.core.told import Ledger, Said, Told, Tracked
from tests.examples import after, after_all, cluster, failing, subject, tracked

COMMIT = "main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738"
LINKS = Links(
    runbooks="https://github.com/example/fluxwatch/blob/main/docs/runbooks", fleet="https://fluxwatch.example/api/fleet"
)
TIMEOUT = "health check failed after 5m0.01s: timeout waiting for: [Deployment/apps/checkout status: 'InProgress']"


def info(of: Cluster) -> ClusterInfo:
    region = "westeurope" if of.name < "aks-prod-25" else "northeurope"
    return ClusterInfo(
        of,
        region,
        "Contoso Production",
        configurations=with_sources({"cluster-config/platform": "https://github.com/contoso/fleet"}),
    )


def shown(post: Post, now: datetime, links: Links = LINKS) -> Element:
    clusters = {one.incident.subject.cluster.key: info(one.incident.subject.cluster) for one in post.about}
    return card(post, View(now, {}, clusters, links))


def posted(*some: Tracked, now: datetime) -> Post:
    (post,) = plan(some, Routing(), Ledger(), {}, now, Policy()).posts
    return post


def on(name: str = "aks-prod-01", kind: str = "Kustomization", named: str = "platform-apps", **known: Any) -> Incident:
    """A health check that failed, unless told otherwise."""
    known = {"cause": "health-check-failed", "message": TIMEOUT, "revision": COMMIT} | known
    return after_all(failing(known.pop("at", after()), of=subject(kind, named, on=cluster(name)), **known))


def is_told(one: Incident, said: Said = Said.OPEN, at: datetime | None = None, group: str = "g") -> Tracked:
    return tracked(one, default=Told(said, at or after(), group, (one.fingerprint,)))


def well(one: Incident, at: datetime) -> Incident:
    return replace(one, ready=Health.HEALTHY, resolved_at=at, turned_at=at)
