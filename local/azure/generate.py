"""How many clusters and objects, and a seed, in; a fleet with names as people give them out.

The same arguments make the same fleet: chance is `random.Random(seed)` only, time is an argument.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import NamedTuple

from local.azure.fleet import AKS, ARC, FluxConfiguration, Member
from local.azure.world import World
from shared.core.cluster import Cluster

BEGIN = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
WORKSPACE = (
    "/subscriptions/7f0c1a52-0d7e-4c1f-9a52-6f1f2f0a1b01/resourceGroups/rg-logs"
    "/providers/Microsoft.OperationalInsights/workspaces/law-platform"
)
METRICS = (
    "/subscriptions/7f0c1a52-0d7e-4c1f-9a52-6f1f2f0a1b01/resourceGroups/rg-logs"
    "/providers/Microsoft.Monitor/accounts/amw-platform"
)
RULES_GROUP = "/subscriptions/7f0c1a52-0d7e-4c1f-9a52-6f1f2f0a1b01/resourceGroups/rg-alerts"
_NAMESPACE = uuid.UUID("7f0c1a52-0d7e-4c1f-9a52-6f1f2f0a1b00")


class _Landscape(NamedTuple):
    """Where clusters of a kind live, and how they are called. `share` of ten."""

    subscription: str
    group: str
    type: str
    name: str
    region: str
    share: int


class _Stack(NamedTuple):
    """A configuration that many clusters have, and what is in it."""

    namespace: str
    name: str
    source: str
    kustomizations: tuple[str, ...]
    apps: tuple[str, ...]


_LANDSCAPES = (
    _Landscape("Contoso Production", "rg-prod-weu", AKS, "aks-prod-weu-{n:03}", "westeurope", 4),
    _Landscape("Contoso Production", "rg-prod-neu", AKS, "aks-prod-neu-{n:03}", "northeurope", 2),
    _Landscape("Contoso Staging", "rg-stage", AKS, "aks-stage-{n:03}", "westeurope", 2),
    _Landscape("Contoso Stores", "rg-stores", ARC, "arc-store-{n:04}", "uksouth", 2),
)
_STACKS = (
    _Stack(
        "cluster-config",
        "platform",
        "https://github.com/contoso/fleet",
        ("infra", "policies", "apps"),
        ("ingress-nginx", "cert-manager", "external-dns", "kube-prometheus", "external-secrets", "velero"),
    ),
    _Stack(
        "payments",
        "payments",
        "https://dev.azure.com/contoso/Payments/_git/deploy",
        ("database", "services"),
        ("payments-api", "ledger", "fraud-check", "settlement", "card-vault", "notifier"),
    ),
    _Stack(
        "shop",
        "shop",
        "https://gitlab.com/contoso/shop/deploy",
        ("frontend", "backend"),
        ("storefront", "cart-api", "search", "recommendations", "checkout", "media"),
    ),
)


def generate(
    clusters: int,
    objects_per_cluster: int = 20,
    seed: int = 1,
    *,
    at: datetime = BEGIN,
    configurations: int = 2,
    workspace: str = WORKSPACE,
) -> World:
    """A healthy fleet whose agents reported at `at`; all of it is some hours old. `workspace` empty: no logs. One Azure Monitor
    workspace is for all, and `RULES_GROUP` for their alert rules.

    Every configuration has its source and at least one Kustomization; HelmReleases hang below the Kustomizations.
    """
    world, random = World(), Random(seed)  # noqa: S311 - chance for names, not for keys
    world.add_metrics_workspace(METRICS)
    world.add_group(RULES_GROUP)
    for number, landscape in enumerate(_spread(clusters), 1):
        member = _member(world, landscape, number, random, workspace)
        for place in range(min(configurations, len(_STACKS))):
            room = objects_per_cluster // configurations + (place < objects_per_cluster % configurations)
            revision = revision_of(seed * 10 + place)
            _configure(world, member, _STACKS[place], room, revision, at - timedelta(hours=random.randrange(6, 200)))
    world.report(at)
    return world


def revision_of(number: int, branch: str = "main") -> str:
    """Some commit of that number."""
    return f"{branch}@sha1:{hashlib.sha256(f'commit/{number}'.encode()).hexdigest()[:40]}"


def _spread(clusters: int) -> Iterator[_Landscape]:
    """Ten at a time, by share: a small fleet has a cluster of every kind too."""
    ring = [one for turn in range(4) for one in _LANDSCAPES if turn < one.share]
    return (ring[number % len(ring)] for number in range(clusters))


def _member(world: World, place: _Landscape, number: int, random: Random, workspace: str) -> Member:
    subscription = str(uuid.uuid5(_NAMESPACE, place.subscription))
    world.add_subscription(subscription, place.subscription, "contoso")
    cluster = Cluster.of(subscription, place.group, place.type, place.name.format(n=number))
    tags = {"environment": place.group.split("-")[1], "owner": random.choice(("platform", "retail", "payments"))}
    kubernetes = random.choice(("1.32.9", "1.33.4", "1.33.5"))
    member = world.add_cluster(cluster, region=place.region, tags=tags, kubernetes=kubernetes, workspace=workspace)
    world.add_extension(member)
    return member


def _configure(world: World, member: Member, stack: _Stack, room: int, revision: str, at: datetime) -> FluxConfiguration:
    """Names as Azure gives them: the source is called like the configuration, Kustomizations begin with it and a hyphen."""
    configuration = world.add_configuration(member, stack.namespace, stack.name, stack.source, revision=revision, synced_at=at)
    world.add_object(configuration, configuration.source_kind, stack.namespace, stack.name, at)
    names = stack.kustomizations[: max(1, min(len(stack.kustomizations), room - 1))]
    for name in names:
        checked = name not in ("policies", "database")
        world.add_object(configuration, "Kustomization", stack.namespace, f"{stack.name}-{name}", at, checked=checked)
    parent = (stack.namespace, f"{stack.name}-{names[-1]}")
    for number in range(room - 1 - len(names)):
        turn, app = divmod(number, len(stack.apps))
        name = f"{stack.apps[app]}-{turn + 1}" if turn else stack.apps[app]
        kind = "HelmRepository" if number == 0 else "HelmRelease"
        chart = f"{name}@{turn + 1}.{app}.0" if kind == "HelmRelease" else ""
        called = "contoso-charts" if kind == "HelmRepository" else name
        world.add_object(configuration, kind, stack.namespace, called, at, applied_by=parent, chart=chart)
    return configuration
