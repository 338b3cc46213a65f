"""Nothing in; one incident with every field at something else than its default out.

Law: values only. A field that is added to `Incident` is added here: a test says so.
"""

from __future__ import annotations

from shared.core.causes import Severity
from shared.core.cluster import Cluster
from shared.core.incident import Incident
from shared.core.observation import Health, Subject
from tests.examples import SUBSCRIPTION, after

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
