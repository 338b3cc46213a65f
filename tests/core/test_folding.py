"""What waits for something else is folded under it, and nothing is folded away for good."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from shared.core.folding import GRACE, fold
from shared.core.told import Tracked
from tests.examples import START, after, after_all, cluster, failing, healthy, incident, subject, tracked


def waiting(
    kind: str, name: str, namespace: str = "cluster-config", needs: str = "", cause: str = "dependency-not-ready"
) -> Tracked:
    of = subject(kind, name, namespace)
    return tracked(after_all(failing(of=of, cause=cause, needs=needs)))


def failed(kind: str, name: str, namespace: str = "cluster-config", on: str = "aks-prod-weu-01") -> Tracked:
    return tracked(incident(of=subject(kind, name, namespace, cluster(on))))


SOURCE = failed("GitRepository", "platform")


def folded(*some: Tracked) -> Mapping[str, str]:
    """By name, not by key."""
    names = {one.key: one.incident.subject.name for one in some}
    return {names[child]: names[parent] for child, parent in fold(some, START).items()}


@pytest.mark.parametrize(
    ("child", "parent"),
    [
        (waiting("Kustomization", "platform-apps", cause="source-not-ready"), SOURCE),
        (waiting("Kustomization", "platform"), SOURCE),
        (waiting("Kustomization", "apps"), failed("Kustomization", "infra")),
        (waiting("HelmRelease", "web", "shop"), failed("HelmChart", "shop-web", "flux-system")),
        (waiting("HelmRelease", "web", "shop", "infra/certs"), failed("HelmRelease", "certs", "infra")),
        (waiting("Kustomization", "web", needs="sources/git"), failed("GitRepository", "git", "sources")),
    ],
    ids=["its source", "a source of its name", "any kustomization", "its chart", "by its message", "a source by it"],
)  # fmt: skip
def test_what_waits_is_folded_under_what_it_waits_for(child: Tracked, parent: Tracked) -> None:
    assert fold([child, parent], START) == {child.key: parent.key}


@pytest.mark.parametrize(
    ("child", "other"),
    [
        (waiting("Kustomization", "platform-apps", cause="build-failed"), SOURCE),
        (waiting("Kustomization", "platform-apps", "elsewhere"), SOURCE),
        (waiting("Kustomization", "platforms"), SOURCE),
        (waiting("HelmRelease", "web", "shop", "infra/certs"), failed("Kustomization", "certs", "infra")),
        (waiting("Kustomization", "platform-apps"), failed("GitRepository", "platform", on="b")),
        (waiting("Kustomization", "a"), waiting("Kustomization", "b")),
    ],
    ids=["fails by itself", "another namespace", "a longer name", "another kind", "another cluster", "one that waits too"],
)  # fmt: skip
def test_what_does_not_wait_for_it_is_not(child: Tracked, other: Tracked) -> None:
    assert fold([child, other], START) == {}


def test_a_source_is_nearer_to_the_cause_than_a_kustomization() -> None:
    other = failed("Kustomization", "a")
    assert folded(waiting("Kustomization", "platform-apps"), other, SOURCE) == {"platform-apps": "platform"}


def test_a_parent_that_is_folded_itself_passes_its_children_on() -> None:
    chart = waiting("HelmChart", "shop-web", "shop", "sources/charts", "source-not-ready")
    source = failed("HelmRepository", "charts", "sources")
    assert folded(waiting("HelmRelease", "web", "shop"), chart, source) == {"web": "charts", "shop-web": "charts"}


def test_who_waits_in_a_circle_is_not_folded_for_nobody_would_hear_of_it() -> None:
    circle = [waiting("HelmRelease", "a", "x", "x/b"), waiting("HelmRelease", "b", "x", "x/a")]
    assert folded(*circle) == {}
    assert folded(*circle, waiting("HelmRelease", "c", "x", "x/a")) == {}


def test_when_a_source_is_well_again_what_depends_on_it_has_its_turn_first() -> None:
    source = SOURCE.incident.subject
    parent = tracked(after_all(failing(of=source), healthy(after(minutes=1), of=source)))
    child = waiting("Kustomization", "platform-apps")
    assert fold([child, parent], after(minutes=1) + GRACE / 2) == {child.key: parent.key}
    assert fold([child, parent], after(minutes=1) + GRACE) == {}
