"""Nothing in; an incident, a cluster and a run, each with every field at something else than its default, out.

Law: values only. A field that is added to one of their classes is added here: tests say so.
"""

from __future__ import annotations

from shared.core.causes import Severity
from shared.core.cluster import Cluster
from shared.core.finding import Finding, Run
from shared.core.incident import Incident
from shared.core.inventory import ClusterInfo, Compliance, Configuration, Extension, object_digest
from shared.core.observation import Health, Subject
from tests.examples import START, SUBSCRIPTION, after

FULL = Incident(
    subject=Subject(
        Cluster.of(SUBSCRIPTION, "rg-Größe_(1).x", "connectedClusters", "arc-Store.0421"), "HelmRelease", "shop", "basket/#?\\ä"
    ),
    ready=Health.REMEDIATED,
    observed_at=after(seconds=1),
    seen=("fp1:0123456789abcdef", "fp1:fedcba9876543210"),
    alerts={"FluxPodRestarts": (after(seconds=2), True), "FluxErrors": (after(seconds=3), False)},
    suspended=True,
    opened_at=after(seconds=4),
    due_at=after(minutes=5),
    last_seen_at=after(microseconds=6),
    resolved_at=after(hours=7),
    turned_at=after(hours=8),
    openings=(after(seconds=9), after(seconds=10)),
    flapping=True,
    gone=True,
    count=11,
    severity=Severity.CRITICAL,
    cause="helm-upgrade-failed",
    cause_at=after(seconds=12),
    reason="UpgradeFailed",
    fingerprint="fp1:0123456789abcdef",
    message='Helm upgrade failed: "größer" als <4> & mehr\n\tzweite Zeile 🔥',
    revision="2.14.0@sha256:" + "0" * 64,
    origin="payments-api@2.14.0",
    note="Call Team Basket",
    needs="shop/postgres",
    detail="OOMKilled",
)

FULL_CONFIGURATION = Configuration(
    namespace="cluster-config",
    name="platform",
    source="https://dev.azure.com/contoso/My%20Project/_git/größer",
    source_kind="GitRepository",
    ref="branch:main",
    revision="main@sha1:0123456789abcdef0123456789abcdef01234567",
    compliance=Compliance.NON_COMPLIANT,
    provisioning="Succeeded",
    suspended=True,
    suspended_since=after(seconds=1),
    bad_since=after(seconds=2),
    synced_at=after(microseconds=3),
    reported_at=after(hours=4),
    failing=5,
    objects=frozenset(object_digest("Kustomization", "cluster-config", name) for name in ("platform-apps", "platform-infra")),
)
FULL_CLUSTER = ClusterInfo(
    cluster=FULL.subject.cluster,
    region="uksouth",
    subscription_name="Contoso Stores & Söhne 🔥",
    mute_until=after(microseconds=6),
    state="Connected",
    kubernetes="1.33.2",
    extension=Extension("flux", "1.24.3", "Stable", False, "Failed"),
    configurations=(
        FULL_CONFIGURATION,
        Configuration("payments", "payments", "ssh://git@host/x", objects=frozenset({"00000000", "ffffffff"})),
        Configuration("bare", "bare"),
    ),
    hidden_since=after(hours=7),
    departed={"0123abcd": 1_763_625_600, "00000001": 1},
    alerts_off=True,
)
FULL_RUN = Run(
    job="sweep_compliance",
    at=after(microseconds=8),
    seconds=9.5,
    gap=300.25,
    counts={"clusters": 500, "größe": 0},
    before={"clusters": 499},
    findings=(Finding("rows of flux_configurations", False, "3 unreadable", "Report it.", START), Finding("pages", True)),
)
