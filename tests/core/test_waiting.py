"""Many clusters that vanish at once: who was asked for tells of who waits for its turn. And what nobody looks at any more."""

from __future__ import annotations

import pytest

from shared.core.scope import Scope
from tests.examples import cluster
from tests.sights import Watch, cluster_row

SUBSCRIPTION = cluster().subscription
ANOTHER = "00000000-0000-0000-0000-0000000000ff"
ASKED, WAITING = cluster("aks-asked"), cluster("aks-waiting")


def vanished() -> Watch:
    """Two clusters of one subscription; there was time to ask for one of them."""
    watch = Watch([cluster_row(ASKED), cluster_row(WAITING)], [], [])
    watch.sweep()
    watch.clusters = [cluster_row(cluster("aks-other"))]
    watch.waiting = frozenset({WAITING.key})
    return watch


@pytest.mark.parametrize("found", ["gone", "there"])
def test_what_waits_is_as_it_was(found: str) -> None:
    watch = vanished()
    setattr(watch, found, frozenset({ASKED.key}))
    watch.sweep(minutes=5)
    assert watch.inventory[WAITING.key].hidden_since is None
    assert watch.gaps == set()


def test_what_waits_is_hidden_where_another_of_its_subscription_is() -> None:
    watch = vanished()
    watch.hidden = frozenset({ASKED.key})
    watch.sweep(minutes=5)
    assert watch.inventory[WAITING.key].hidden_since == watch.inventory[ASKED.key].hidden_since == watch.now


def test_what_was_hidden_before_stays_so_while_it_waits() -> None:
    watch = vanished()
    watch.hidden = frozenset({ASKED.key})
    watch.sweep(minutes=5)
    since, watch.hidden, watch.gone = watch.now, frozenset(), frozenset({ASKED.key})
    watch.sweep(minutes=5)
    assert watch.inventory[WAITING.key].hidden_since == since


def test_who_could_not_be_asked_for_is_hidden() -> None:
    watch = vanished()
    watch.waiting = frozenset()
    watch.sweep(minutes=5)
    assert watch.inventory[WAITING.key].hidden_since == watch.now


@pytest.mark.parametrize(
    ("words", "excluded"),
    [((ANOTHER,), True), ((SUBSCRIPTION.upper(),), False), ((ANOTHER, "mg-platform"), False), (("*",), False), ((), False)],
)
def test_a_subscription_is_out_of_scope_where_the_scope_names_others_only(words: tuple[str, ...], excluded: bool) -> None:
    assert Scope.of(words).excludes(SUBSCRIPTION) is excluded
