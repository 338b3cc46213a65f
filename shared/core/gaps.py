"""A cluster as Azure shows it in; what is missing in the watch over it, or that nothing is, out. One function for each gap.

Pure: time is an argument. Each function judges all its subjects: `Wrong`, HEALTHY where it is well, GONE where it is not asked
or cannot be judged any more (a cluster that is stopped owes nothing), PROGRESSING where nobody can say now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from shared.core import gaps_of_configurations as configurations
from shared.core import gaps_of_extensions as extensions
from shared.core.coverage import Gap
from shared.core.measures import Fleet, Judged, Wrong, hours, runs, silent_since, suspended
from shared.core.observation import Health
from shared.core.sight import Place, Standing

NAMESPACE = "flux-system"
AGENT = "fluxconfig-agent"

_DISCONNECTED = frozenset({"offline", "expired"})


def _agent_silent(place: Place, fleet: Fleet) -> Iterator[Judged]:
    since = silent_since(place, fleet)
    if since is not None:
        said = f"The cluster runs, but its Flux agent has not reported for longer than {hours(fleet.coverage.agent_limit)}."
        yield NAMESPACE, AGENT, Wrong(said, origin=place.cluster.subscription.lower(), since=since)
    elif place.kept and not place.rows:
        yield NAMESPACE, AGENT, Health.PROGRESSING
    elif runs(place) and (rows := [row for row in place.rows if not suspended(row)]):
        yield NAMESPACE, AGENT, Health.HEALTHY if any(row.reported_at for row in rows) else Health.PROGRESSING


def _cluster_disconnected(place: Place, fleet: Fleet) -> Iterator[Judged]:
    state, name = place.info.state, place.cluster.name
    if state.lower() in _DISCONNECTED and place.cluster.type == "connectedClusters":
        since = place.row.last_connectivity if place.row else None
        said = f"Azure Arc reports the cluster as {state}."
        yield "", name, Wrong(said, state, place.cluster.subscription.lower(), since)
    else:
        yield "", name, Health.HEALTHY if runs(place) else Health.PROGRESSING


def _visibility_lost(place: Place, fleet: Fleet) -> Iterator[Judged]:
    name = place.cluster.name
    if not place.hidden:
        yield "", name, Health.HEALTHY if place.standing is Standing.LISTED else Health.PROGRESSING
        return
    what = "the Flux configurations of the cluster" if place.standing is Standing.LISTED else "the cluster"
    said = f"Azure no longer shows {what}, and does not say that anything was deleted."
    yield "", name, Wrong(said, origin=place.cluster.subscription.lower(), since=place.info.hidden_since)


GAPS: Mapping[Gap, Callable[[Place, Fleet], Iterator[Judged]]] = {
    Gap.EXTENSION_MISSING: extensions.missing,
    Gap.EXTENSION_FAILED: extensions.failed,
    Gap.EXTENSION_UNSUPPORTED: extensions.unsupported,
    Gap.EXTENSION_PINNED: extensions.pinned,
    Gap.CONFIGURATION_FAILED: configurations.failed,
    Gap.CONFIGURATION_SUSPENDED: configurations.suspended,
    Gap.SOURCE_NOT_SYNCED: configurations.not_synced,
    Gap.AGENT_SILENT: _agent_silent,
    Gap.CLUSTER_DISCONNECTED: _cluster_disconnected,
    Gap.VISIBILITY_LOST: _visibility_lost,
}
"""Gap → how to find it."""
