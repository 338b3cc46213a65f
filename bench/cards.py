"""One commit that breaks many clusters in; the size of the one card that tells it, and the time to make it, out."""

from __future__ import annotations

import time

from bench import fleet
from bench.figure import Figure, Report, figure
from bench.scale import Scale
from shared.core.card import View, card
from shared.core.card_elements import LIMIT, size
from shared.core.card_links import Links
from shared.core.grouping import Post
from shared.core.inventory import ClusterInfo
from shared.core.plan import Policy, plan
from shared.core.routing import Routing
from shared.core.told import Ledger

BROKEN = 1  # which of a cluster's objects


def run(scale: Scale) -> Report:
    """Each number of clusters has its own card."""
    figures = [one for clusters in scale.clusters for one in _figures(clusters, scale.runs)]
    return Report("the card of one broken commit, with messages, as Teams counts it", figures)


def _figures(clusters: int, runs: int) -> list[Figure]:
    post, view = scene(clusters)
    costs = []
    for _ in range(runs):
        begin = time.process_time()
        made = card(post, view)
        costs.append((time.process_time() - begin) * 1e3)
    name = f"{clusters} cluster{'s' if clusters > 1 else ''}"
    return [figure(f"{name}: size", "B", [size(made)], target=LIMIT), figure(f"{name}: processor time", "ms", costs)]


def scene(clusters: int) -> tuple[Post, View]:
    """The post, and what its card needs to know."""
    some = fleet.untold([fleet.incident(number * fleet.OBJECTS + BROKEN) for number in range(clusters)])
    posts = plan(some, Routing(), Ledger(), {}, fleet.NOW, Policy()).posts
    assert len(posts) == 1, "one cause is one card"
    infos = {
        one.incident.subject.cluster.key: ClusterInfo(one.incident.subject.cluster, "westeurope", "Contoso Production")
        for one in some
    }
    links = Links(runbooks="https://example.com/runbooks", fleet="https://fluxwatch.example.com/api/fleet")
    return posts[0], View(fleet.NOW, {one.key: one.incident.message for one in some}, infos, links)
