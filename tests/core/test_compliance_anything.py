"""Rows of anything, sweep after sweep: nothing fails, what is bad is counted, and the same rows again change nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import after, cluster
from tests.sights import JSON, Row, Watch, cluster_row, configuration_row, extension_row, iso, status, subscription_row

WELL = cluster("aks-well")
TIMES = st.sampled_from([None, "x", iso(after(minutes=-90)), iso(after(minutes=4)), iso(after(hours=9))])
STATES = st.sampled_from(["Compliant", "Non-Compliant", "Pending", "Suspended", "SUSPENDED", "", None, 7])
STATUSES = st.builds(
    status,
    name=st.sampled_from(["platform", "platform-apps", "web", "B A D"]),
    ready=st.sampled_from(["True", "False", "Unknown", "?"]),
    at=st.sampled_from([None, after(minutes=-90), after(minutes=3), after(minutes=9)]),
    kind=st.sampled_from(["Kustomization", "GitRepository", "HelmRelease", "Extension", None]),
    complianceState=STATES,
    reason=st.sampled_from(["BuildFailed", "DependencyNotReady", "RollbackSucceeded", "", None]),
)
CONFIGURATIONS = st.builds(
    configuration_row,
    name=st.sampled_from(["platform", "Platform", "shop", "not/a name"]),
    on=st.sampled_from([cluster(), WELL, cluster("aks-unknown")]),
    complianceState=STATES,
    statusUpdatedAt=TIMES,
    sourceUpdatedAt=TIMES,
    suspended=st.sampled_from([True, False, None, "true"]),
    provisioningState=st.sampled_from(["Succeeded", "Failed", None]),
    errorMessage=st.sampled_from(["", "no room", None]),
    statuses=st.lists(STATUSES | JSON, max_size=3) | JSON,
)
CLUSTERS = st.builds(cluster_row, state=st.sampled_from(["Running", "Stopped", "", None, 7]), tags=JSON, id=JSON | st.none())
EXTENSIONS = st.builds(extension_row, version=JSON, autoUpgrade=JSON, provisioningState=JSON, errorMessage=JSON)


def rows(of: st.SearchStrategy[Any]) -> st.SearchStrategy[Sequence[Row] | None]:
    return st.none() | st.lists(of | JSON, max_size=3)


SWEEPS = st.lists(
    st.tuples(rows(CLUSTERS), rows(CONFIGURATIONS), rows(EXTENSIONS), rows(st.builds(subscription_row, state=JSON) | JSON)),
    min_size=1,
    max_size=3,
)


def in_order(times: Sequence[datetime | None]) -> bool:
    known = [at for at in times if at is not None]
    return known == sorted(known)


@settings(max_examples=30)
@given(sweeps=SWEEPS, expect=st.booleans())
def test_nothing_makes_a_sweep_fail_and_nothing_is_done_twice(sweeps: Sequence[Any], expect: bool) -> None:
    watch = Watch()
    watch.sweep()
    for tables in sweeps:
        watch.clusters, watch.configurations, watch.extensions, watch.subscriptions = tables
        if watch.clusters is not None:
            watch.clusters = [cluster_row(WELL), *watch.clusters]
        watch.sweep(minutes=5)
        before = dict(watch.incidents)
        again = watch.sweep(minutes=0.5)
        assert (again.changed, again.dropped) == ((), ())
        assert watch.incidents == before
        assert WELL.key in watch.inventory or watch.clusters is None
        for one in watch.incidents.values():
            assert in_order([one.opened_at, one.last_seen_at])
