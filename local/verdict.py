"""What was to come of a scenario, and everything that can be looked at in the end, in; whether it did, in words, out.

Law: it looks at what is there for all to see: cards, the store, what the host wrote; and at the truth of the simulated fleet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from local.alert_lines import rules_in
from local.azure import World
from local.expectations import Expected, ExpectedDetail, ExpectedFinding, ExpectedRules
from local.scenario import Scenario
from local.sweep_lines import Found, account, read
from local.teams import TeamsServer
from shared.adapters.tables import TableStore
from shared.core.coverage import KINDS
from shared.core.incident import Incident
from shared.core.observation import ALERT_RULE

_OURS = frozenset({*KINDS.values(), ALERT_RULE})


class Verdict:
    """On one performance; `lines` gives what the host wrote so far."""

    def __init__(
        self, scenario: Scenario, world: World, teams: TeamsServer, store: TableStore, lines: Callable[[], Sequence[str]]
    ) -> None:
        self._scenario, self._world, self._teams, self._store, self._lines = scenario, world, teams, store, lines

    def missing(self) -> list[str]:
        """What is not as expected, and where Fluxwatch holds other objects for failing than those that fail."""
        looks: Mapping[type, Callable[[], Any]] = {
            Expected: self._cards,
            ExpectedFinding: self._findings,
            ExpectedDetail: self._details,
            ExpectedRules: lambda: rules_in(self._world),
        }
        said = [one.wrong(looks[type(one)]()) for one in self._scenario.expected]
        return [wrong for wrong in said if wrong] or self._untrue()

    def unexpected(self) -> list[str]:
        """Cards that nobody expects, in words."""
        wanted = [one for one in self._scenario.expected if isinstance(one, Expected)]
        strange = [card for card in self._cards() if not any(one.means(*card) for one in wanted)]
        return [f"{channel}: nobody expects: {text}" for channel, text in strange]

    def account(self) -> list[str]:
        """What the sweeps did, how it ended, and a line for each card that Teams took and did not show."""
        failing = self._failing()
        own = sum(one.subject.kind in _OURS for one in failing)
        fail = len(self._world.truth())
        end = (
            f"Flux objects that fail: {fail}; incidents open about objects: {len(failing) - own}, about the watch itself: {own}"
        )
        refused = [f"  failed inside the flow: {run.channel}: {run.error}" for run in self._teams.runs if run.error]
        return [*account(self._lines()), end, *refused]

    def _cards(self) -> list[tuple[str, str]]:
        return [(post.channel, first_text(post.card)) for post in self._teams.posts()]

    def _findings(self) -> list[tuple[str, str]]:
        return [(one.name, one.detail) for one in read(self._lines()) if isinstance(one, Found)]

    def _details(self) -> list[tuple[str, str, str]]:
        held = [one.incident for one in self._store.incidents()]
        return [(one.subject.cluster.name, "/".join(one.subject.key[1:]), one.detail) for one in held]

    def _failing(self) -> list[Incident]:
        return [one.incident for one in self._store.failing() if one.incident]

    def _untrue(self) -> list[str]:
        """Fluxwatch's own findings, of gaps and of controllers, and alerts about no object are no part of what objects are."""
        truth, suspended = self._world.truth(), self._world.suspended()
        open_ = {one.subject.key for one in self._failing() if one.subject.kind not in _OURS}
        more, less = len(open_ - truth - suspended), len(truth - open_)
        return (
            [f"incidents are open about {more} objects that do not fail, and missing for {less} that do"]
            if more or less
            else []
        )


def first_text(card: Any) -> str:
    """What a notification would show of a card."""
    if isinstance(card, dict):
        if card.get("type") == "TextBlock":
            return str(card.get("text", ""))
        return next((text for value in card.values() if (text := first_text(value))), "")
    if isinstance(card, list):
        return next((text for value in card if (text := first_text(value))), "")
    return ""
