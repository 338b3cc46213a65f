"""A fleet of which any part is out of sight for a while in; the rules that it had, all of them, out."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.core.rule_estate import QUERIES
from shared.jobs.ensure_alert_rules import EnsureAlertRules, NotEnsured
from shared.jobs.reconcile_alert_rules import ReconcileAlertRules
from tests.estates import LOGS, METRICS, OTHER, WANTED, Place
from tests.examples import cluster
from tests.fake_rules import FakeRules
from tests.fakes import FakeStore

NAMES = [f"aks-{number}" for number in range(4)]
WISH = st.sampled_from(
    [{}, {"fluxwatch-alert-rules": "own"}, {"fluxwatch-alert-rules": "off"}, {"fluxwatch-rule-FluxSlow": "off"}]
)
REGIONS = {METRICS: "westeurope", LOGS: "westeurope", OTHER: "norwayeast"}


@st.composite
def fleets(draw: st.DrawFn) -> Place:
    regions = {name: draw(st.sampled_from(["westeurope", "norwayeast"])) for name in NAMES}
    return Place({name: draw(WISH) for name in NAMES}, {METRICS: {}, OTHER: {}, LOGS: {}}, regions=REGIONS | regions)


@settings(max_examples=12)  # of 18 runs and events each
@given(
    fleets(),
    st.sets(st.sampled_from(NAMES)),
    st.sets(st.sampled_from(NAMES)),
    st.sets(st.sampled_from([METRICS, OTHER, LOGS])),
    st.sets(st.sampled_from(QUERIES), max_size=1),
)
def test_what_is_out_of_sight_is_neither_deleted_nor_moved_and_in_sight_again_it_is_as_it_was(
    place: Place, hidden: set[str], late: set[str], unseen: set[str], unanswered: set[str]
) -> None:
    rules = FakeRules()
    book = place.book(rules, replace(WANTED, metrics=(METRICS, OTHER)))
    sweep, ensure = ReconcileAlertRules(book, FakeStore()), EnsureAlertRules(book)
    sweep()
    before = dict(rules.rules)
    workspaces = dict(place.workspaces)

    place.hidden, place.late, place.unanswered = set(hidden), set(late), set(unanswered)
    place.workspaces = {key: tags for key, tags in workspaces.items() if key not in unseen}
    for _ in range(2):
        sweep()
        for name in NAMES:
            arm_id = f"{cluster(name).arm_id}/providers/Microsoft.KubernetesConfiguration/extensions/flux"
            try:
                ensure({"eventType": "Microsoft.Resources.ResourceWriteSuccess", "subject": arm_id})
            except NotEnsured:
                continue
    assert before.keys() <= rules.rules.keys()
    assert all(
        rules.rules[key].properties["scopes"] == rule.properties["scopes"]
        for key, rule in before.items()
        if rule.tags and "scopes" in rule.properties
    )

    place.hidden, place.late, place.unanswered, place.workspaces = set(), set(), set(), workspaces
    sweep()
    assert rules.rules == before
    rules.written.clear()
    assert not sweep().findings
    assert not rules.written
