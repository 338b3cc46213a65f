"""A number of clusters in; what Fluxwatch remembers of such a fleet on a bad morning out: always the same.

Law: values only. For pictures, for the tests of the fleet page and for its figures; the sentences are the controllers' own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from shared.core import words
from shared.core.cluster import Cluster
from shared.core.coverage import KINDS, Gap
from shared.core.finding import Finding, Run
from shared.core.incident import Flap, Incident
from shared.core.inventory import ClusterInfo, Compliance, Configuration, Extension, object_digest
from shared.core.observation import Health, Observation, Source, Subject
from shared.core.told import ChannelState, Ledger, Said, Told, Tracked
from shared.core.transition import reduce

NOW = datetime(2026, 11, 20, 8, 42, tzinfo=UTC)
GOOD, BAD = "main@sha1:9c2f41d07be8a6f1c3d5e7092b4a6c8e0f1d3b57", "main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738"
PLATFORM, APPS = "https://github.com/contoso/fleet-platform", "https://dev.azure.com/contoso/shop/_git/deploy"
OBJECTS = 20  # on each cluster

_PLACES = (
    ("Contoso Production", "prod", "westeurope", "weu"),
    ("Contoso Production", "prod", "northeurope", "neu"),
    ("Contoso Staging", "stg", "westeurope", "weu"),
    ("Contoso Stores", "store", "germanywestcentral", "gwc"),
    ("Contoso Development", "dev", "swedencentral", "swc"),
)
_SUBSCRIPTIONS = tuple(dict.fromkeys(place[0] for place in _PLACES))


class Ill(NamedTuple):
    """What fails on some clusters: every `every`th from `first` on, at most `most` of them."""

    first: int
    every: int
    most: int
    kind: str
    name: str
    reason: str
    text: str
    minutes: int  # since
    revision: str = ""
    health: Health = Health.FAILING
    namespace: str = "cluster-config"


_CHECK = (
    "health check failed after 5m0.012s: timeout waiting for: [Deployment/checkout/checkout-api status: 'InProgress', "
    "Deployment/checkout/checkout-worker status: 'Failed']"
)
_BUILD = (
    "kustomize build failed: accumulating resources: accumulation err='accumulating resources from '../base/ingress.yaml': "
    "open /tmp/kustomization-1803265124/base/ingress.yaml: no such file or directory'"
)
_AUTH = (
    "failed to checkout and determine revision: unable to clone 'https://github.com/contoso/fleet-platform': "
    "authentication required: Invalid username or token"
)
_HELM = (
    "Helm upgrade failed for release ingress/ingress-nginx.v14 with chart ingress-nginx@4.15.1: "
    "context deadline exceeded\n\nLast Helm logs:\n\nbeginning wait for 11 resources with timeout of 5m0s"
)
_DNS = "failed to fetch index: Get https://charts.contoso.example/index.yaml: lookup charts.contoso.example: no such host"
_WAITS = "Source artifact not found, retrying in 30s"
_ILLS = (
    Ill(0, 11, 45, "Kustomization", "apps-checkout", "HealthCheckFailed", _CHECK, 26, BAD),
    Ill(0, 11, 45, "Kustomization", "apps-catalogue", "HealthCheckFailed", _CHECK.replace("checkout", "catalogue"), 25, BAD),
    Ill(4, 17, 29, "GitRepository", "platform", "GitOperationFailed", _AUTH, 190),
    Ill(
        4, 17, 29, "Kustomization", "platform-infra", "DependencyNotReady", "Source artifact not found", 180, "", Health.WAITING
    ),
    Ill(2, 130, 3, "HelmRelease", "ingress-nginx", "UpgradeFailed", _HELM, 95, "4.15.1", namespace="ingress"),
    Ill(5, 70, 6, "Kustomization", "platform-tenants", "BuildFailed", _BUILD, 61, GOOD),
    Ill(7, 90, 5, "HelmRepository", "contoso", "Failed", _DNS, 4, namespace="shared"),
    Ill(9, 61, 7, "Kustomization", "apps-orders", "HealthCheckFailed", _CHECK.replace("checkout", "orders"), 410, GOOD),
)
_GAPS = (
    (8, 120, 4, Gap.AGENT_SILENT, "flux", "No report from the cluster's agent since 2026-11-20 05:11 UTC.", 210),
    (13, 45, 9, Gap.EXTENSION_UNSUPPORTED, "flux", "microsoft.flux 1.16.9 is more than 2 minor versions behind 1.24.", 4_000),
)


@dataclass(frozen=True)
class Showcase:
    """Fits Archive, FleetBook, Journal and, as far as it is read, Board."""

    tracked: Sequence[Tracked]
    infos: Sequence[ClusterInfo]
    latest: Mapping[str, Run]
    channels: Mapping[str, ChannelState]

    def incidents(self) -> Sequence[Tracked]:
        return self.tracked

    def inventory(self) -> Sequence[ClusterInfo]:
        return self.infos

    def runs(self) -> Mapping[str, Run]:
        return self.latest

    def ledger(self, now: datetime) -> tuple[Ledger, Mapping[str, datetime]]:
        mutes = {one.cluster.key: one.mute_until for one in self.infos if one.mute_until and one.mute_until > now}
        return Ledger(channels=self.channels), mutes


def showcase(clusters: int, *, over: int = 400) -> Showcase:
    """`over` incidents are past already. One in forty clusters is muted, and one webhook of a large fleet is broken."""
    infos = [_info(number) for number in range(clusters)]
    open_ = [one for ill in _ILLS for one in _failing(ill, infos)] + [one for gap in _GAPS for one in _missing(gap, infos)]
    past = [_past(number, infos) for number in range(min(over, clusters * 4))]
    tracked = [_told(f"incident:{number}", one) for number, one in enumerate([*open_, *past])]
    broken = {"payments": ChannelState(NOW - timedelta(hours=3), broken=True, error="WorkflowTriggerIsNotEnabled", failures=7)}
    return Showcase(tracked, _looking_bad(infos, open_), _runs(clusters, len(open_)), broken if clusters > 10 else {})


def cluster(number: int) -> Cluster:
    """The cluster of this number."""
    name, stage, _, region = _PLACES[number % len(_PLACES)]
    kind = "connectedClusters" if stage == "store" else "managedClusters"
    subscription = f"7f0c1a52-0d7e-4c1f-9a52-{_SUBSCRIPTIONS.index(name):012}"
    return Cluster.of(
        subscription, f"rg-{stage}-{region}", kind, f"{'arc' if stage == 'store' else 'aks'}-{stage}-{region}-{number:03}"
    )


def _info(number: int) -> ClusterInfo:
    name, _, region, _ = _PLACES[number % len(_PLACES)]
    of = cluster(number)
    objects = frozenset(object_digest("Kustomization", "cluster-config", f"apps-{n}") for n in range(OBJECTS // 2))
    reported = NOW - timedelta(minutes=2 + number % 7)
    common = {"source_kind": "GitRepository", "ref": "branch:main", "revision": GOOD, "compliance": Compliance.COMPLIANT}
    some = tuple(
        Configuration("cluster-config", name, source, synced_at=NOW - age, reported_at=reported, objects=objects, **common)
        for name, source, age in (("apps", APPS, timedelta(minutes=37)), ("platform", PLATFORM, timedelta(days=2, hours=3)))
    )
    version = "1.16.9" if number % 45 == 13 else "1.24.1" if number % 3 else "1.23.4"
    return ClusterInfo(
        of,
        region,
        name,
        mute_until=NOW + timedelta(hours=2) if number % 40 == 22 else None,
        state="Connected" if of.type == "connectedClusters" else "Running",
        kubernetes="1.34.2" if number % 4 else "1.33.6",
        extension=Extension("flux", version, "Stable", auto_upgrade=True, provisioning="Succeeded"),
        configurations=some,
    )


def _failing(ill: Ill, infos: Sequence[ClusterInfo]) -> Iterator[Incident]:
    for place, info in enumerate(infos[ill.first :: ill.every][: ill.most]):
        said = words.read(ill.kind, ill.namespace, ill.name, ill.reason, ill.text, ill.health)
        subject = Subject(info.cluster, ill.kind, ill.namespace, ill.name)
        at = NOW - timedelta(minutes=ill.minutes, seconds=-17 * place % 600)
        yield _opened(subject, ill.health, at, Source.FLUX_EVENT, ill.reason, said, ill.revision)


def _missing(gap: tuple[int, int, int, Gap, str, str, int], infos: Sequence[ClusterInfo]) -> Iterator[Incident]:
    first, every, most, what, name, text, minutes = gap
    for info in infos[first::every][:most]:
        said = words.read(KINDS[what], "flux-system", name, "", text, Health.FAILING)
        subject = Subject(info.cluster, KINDS[what], "flux-system", name)
        yield _opened(subject, Health.FAILING, NOW - timedelta(minutes=minutes), Source.COMPLIANCE, "", said, "")


def _opened(
    of: Subject, health: Health, at: datetime, source: Source, reason: str, said: words.Words, revision: str
) -> Incident:
    seen = Observation(
        of, health, at, source, reason, said.message, said.cause, said.fingerprint, revision, said.origin, needs=said.needs
    )
    made = reduce(None, seen, Flap()).incident
    assert made is not None, "a failure opens an incident"  # noqa: S101  # what is generated is checked here
    return replace(made, count=1 + int((NOW - at) / timedelta(minutes=10)), last_seen_at=max(at, NOW - timedelta(minutes=3)))


def _past(number: int, infos: Sequence[ClusterInfo]) -> Incident:
    ill = _ILLS[number % len(_ILLS)]
    (made,) = _failing(ill._replace(first=number % len(infos), every=len(infos), most=1, name=f"{ill.name}-{number}"), infos)
    end = NOW - timedelta(minutes=35 + 11 * number)
    begin = end - timedelta(minutes=3 + number * 7 % 90)
    return replace(
        made, ready=Health.HEALTHY, opened_at=begin, last_seen_at=begin, observed_at=end, resolved_at=end, turned_at=end
    )


def _told(key: str, incident: Incident) -> Tracked:
    said = Said.RESOLVED if incident.resolved_at else Said.OPEN
    at = incident.resolved_at or incident.opened_at or NOW
    return Tracked(key, incident, {"default": Told(said, at, "group", () if incident.resolved_at else (incident.fingerprint,))})


def _looking_bad(infos: Sequence[ClusterInfo], incidents: Sequence[Incident]) -> list[ClusterInfo]:
    """The configurations of what fails are not compliant, and a commit that fails is the one that was synced."""
    failing: dict[str, list[Incident]] = {}
    for one in incidents:
        failing.setdefault(one.subject.cluster.key, []).append(one)
    return [
        replace(info, configurations=tuple(_bad(one, failing.get(info.cluster.key, ())) for one in info.configurations))
        for info in infos
    ]


def _bad(one: Configuration, incidents: Sequence[Incident]) -> Configuration:
    mine = [i for i in incidents if i.subject.name == one.name or i.subject.name.startswith(f"{one.name}-")]
    if not mine:
        return one
    revision = next((i.revision for i in mine if i.revision), one.revision)
    since = min(i.opened_at or NOW for i in mine)
    return replace(one, compliance=Compliance.NON_COMPLIANT, revision=revision, failing=len(mine), bad_since=since)


def _runs(clusters: int, failing: int) -> dict[str, Run]:
    counts = {"clusters": clusters, "configurations": 2 * clusters, "objects": OBJECTS * clusters, "failing": failing}
    before = counts | {"failing": max(0, failing - clusters // 12)}
    late = Finding("log-prod-weu", False, "throttled (429)", "Nothing: the next run asks again.")
    return {
        "sweep_compliance": Run("sweep_compliance", NOW - timedelta(minutes=2), 4.2, 300.0, counts, before),
        "sweep_errors": Run(
            "sweep_errors", NOW - timedelta(minutes=9), 11.8, 600.0, {"rows": failing}, {}, (late,) if clusters > 10 else ()
        ),
    }
