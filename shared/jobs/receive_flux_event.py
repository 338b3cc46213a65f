"""A request of notification-controller in; its incident stored, and the answer out.

Law: 202 only after the incident is stored; anything else names what is wrong and repeats nothing that was sent.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from shared.core import flux_event
from shared.core.cluster import Cluster, NotACluster, UnknownClusterType
from shared.core.flux_observation import observe
from shared.core.incident import Flap
from shared.core.observation import Observation
from shared.core.refusal import Refused, UnknownPath
from shared.core.signature import cluster_token
from shared.core.transition import Outcome
from shared.intake import NOT_STORED, Reply, remember
from shared.ports import Clock, IncidentStore, StoreUnavailable

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReceiveFluxEvent:
    """The job. `hmac_keys` are the current one and, during a rotation, the previous one."""

    store: IncidentStore
    clock: Clock
    hmac_keys: Sequence[str] = field(repr=False)
    window: timedelta = timedelta(minutes=15)
    flap: Flap = field(default_factory=Flap)

    def __call__(self, path: Mapping[str, str], headers: Mapping[str, str], body: bytes) -> Reply:
        """`path` has the four parts of the cluster's id; `headers` have lower-case names."""
        sender = "nobody known"
        try:
            cluster = _cluster(path)
            sender = f"{cluster.resource_group}/{cluster.name}"
            seen = self._gather(cluster, headers, body)
            change = remember(self.store, seen, self.flap)
        except Refused as refused:
            log.warning("refused from %s: %s", sender, refused)
            return Reply(refused.status, "refused", str(refused))
        except StoreUnavailable as fault:
            log.error("not stored: %s", fault)
            return NOT_STORED
        subject = seen.subject
        where = (subject.kind, subject.namespace, subject.name, subject.cluster.name)
        level = logging.DEBUG if seen.heartbeat and change.outcome is Outcome.UNCHANGED else logging.INFO
        log.log(level, "%s: %s %s/%s on %s: %s", change.outcome, *where, change.reason)  # heartbeats: 72,000 a day in a fleet
        return Reply(202, change.outcome, change.reason)

    def _gather(self, cluster: Cluster, headers: Mapping[str, str], body: bytes) -> Observation:
        tokens = [cluster_token(key, cluster) for key in self.hmac_keys]
        event = flux_event.from_http(headers, body, tokens=tokens, now=self.clock.now(), window=self.window)
        return observe(event, cluster)


def _cluster(path: Mapping[str, str]) -> Cluster:
    parts = (path.get(part, "") for part in ("subscription", "resource_group", "cluster_type", "cluster"))
    try:
        return Cluster.of(*parts)
    except UnknownClusterType as unknown:
        raise UnknownPath(str(unknown)) from None
    except NotACluster as wrong:
        raise Refused(str(wrong)) from None
