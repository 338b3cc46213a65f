"""Cards, compared whole with tests/core/cards/<case>.json.


After a change that is meant: UPDATE_CARDS=1 .venv/bin/python -m pytest tests/core/test_card.py, then read the difference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from shared.core.card_elements import Element
from shared.core.coverage import Coverage, Gap
from shared.core.incident import Incident
from shared.core.plan import Policy, plan
from shared.core.routing import Routing
from shared.core.told import Ledger
from tests.agreed_cards import agreed, text
from tests.examples import after, after_all, cluster, failing, healthy, subject, tracked
from tests.posts import is_told, on, posted, shown, well
from tests.sights import Watch, cluster_row, configuration_row, extension_row, status

CARDS = Path(__file__).parent / "cards"


def one_failing() -> Element:
    return shown(posted(tracked(on(note="Page the shop team before noon.")), now=after(minutes=1)), after(minutes=1))


def a_source_and_what_waits_for_it() -> Element:
    source = on(kind="GitRepository", named="platform", cause="git-authentication", message="no access", revision="")
    waits = [on(named=f"platform-{name}", cause="source-not-ready", message="") for name in ("apps", "infra", "tenants")]
    return shown(posted(*map(tracked, (source, *waits)), now=after(minutes=20)), after(minutes=20))


def several_objects_on_one_cluster() -> Element:
    some = [
        on(kind="HelmRelease", named="web", cause="helm-upgrade-failed", message="deadline exceeded", revision="1.4.2"),
        on(cause="build-failed", message="kustomize build failed: no such file kustomization.yaml"),
    ]
    return shown(posted(*map(tracked, some), now=after(minutes=1)), after(minutes=1))


def fleet(clusters: int) -> list[Incident]:
    return [on(f"aks-prod-{number:02}", at=after(seconds=10 * number)) for number in range(1, clusters + 1)]


def one_cause_on_48_clusters() -> Element:
    return shown(posted(*map(tracked, fleet(48)), now=after(minutes=10)), after(minutes=10))


def an_update() -> Element:
    some = fleet(6)
    group = posted(*map(tracked, some), now=after(minutes=2)).told[tracked(some[0]).key].group
    known = [is_told(one, at=after(minutes=1), group=group) for one in some[:4]]
    known[0] = replace(known[0], incident=well(known[0].incident, after(minutes=3)))
    return shown(posted(*known, *map(tracked, some[4:]), now=after(minutes=6)), after(minutes=6))


def flapping() -> Element:
    of = subject("HelmRelease", "checkout", "shop", cluster("aks-prod-01"))
    known = {"cause": "helm-upgrade-failed", "message": "deadline exceeded", "of": of}
    rounds = [one for n in (0, 5, 10) for one in (failing(after(minutes=n), **known), healthy(after(minutes=n + 2), of=of))]
    return shown(posted(tracked(after_all(*rounds[:-1])), now=after(minutes=11)), after(minutes=11))


def a_reminder() -> Element:
    return shown(posted(is_told(replace(on(), count=48)), now=after(hours=4)), after(hours=4))


def resolved() -> Element:
    return shown(posted(is_told(well(on(), after(minutes=42))), now=after(minutes=43)), after(minutes=43))


def a_digest() -> Element:
    causes = ("build-failed", "prune-failed") * 8
    some = [tracked(on(f"aks-prod-{n:02}", cause=cause, fingerprint=f"fp:{n}")) for n, cause in enumerate(causes)]
    used = Ledger(posts={"default": (after(),) * 19})
    (post,) = plan(some, Routing(), used, {}, after(minutes=1), Policy()).posts
    return shown(post, after(minutes=1))


def an_extension_that_is_missing() -> Element:
    watch = Watch(configurations=[], extensions=[], coverage=Coverage(expect=("*",)))
    watch.sweep()
    return shown(posted(tracked(watch.gap(Gap.EXTENSION_MISSING)), now=after(minutes=16)), after(minutes=16))


def sight_lost_of_twelve_clusters() -> Element:
    some = [cluster(f"aks-prod-{number:02}") for number in range(1, 13)]
    watch = Watch([cluster_row(one) for one in some], [], [extension_row(one) for one in some])
    watch.sweep()
    watch.clusters = watch.extensions = []
    watch.sweep(minutes=5)
    return shown(posted(*map(tracked, watch.incidents.values()), now=after(minutes=21)), after(minutes=21))


def an_agent_that_is_silent() -> Element:
    arc = cluster("arc-store-0008", "rg-stores", "connectedClusters")
    watch = Watch([cluster_row(arc)], [configuration_row(status(), on=arc)], [extension_row(arc)])
    watch.sweep(minutes=70)
    return shown(posted(tracked(watch.gap(Gap.AGENT_SILENT)), now=after(minutes=76)), after(minutes=76))


CASES: Mapping[str, Callable[[], Element]] = {
    "one-failing": one_failing,
    "a-source-and-what-waits-for-it": a_source_and_what_waits_for_it,
    "several-objects-on-one-cluster": several_objects_on_one_cluster,
    "one-cause-on-48-clusters": one_cause_on_48_clusters,
    "an-update": an_update,
    "flapping": flapping,
    "a-reminder": a_reminder,
    "resolved": resolved,
    "a-digest": a_digest,
    "an-extension-that-is-missing": an_extension_that_is_missing,
    "sight-lost-of-twelve-clusters": sight_lost_of_twelve_clusters,
    "an-agent-that-is-silent": an_agent_that_is_silent,
}


@pytest.mark.parametrize("case", CASES)
def test_a_card_is_as_it_was_agreed(case: str) -> None:
    made = text(CASES[case]())
    assert made == agreed(CARDS / f"{case}.json", made)


def test_no_agreed_card_is_left_over() -> None:
    assert {file.stem for file in CARDS.iterdir()} == set(CASES)
