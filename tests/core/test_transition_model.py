"""Deliveries in any order, any number of times, against a model that is two lines long.

Law: the model is written from the design: of each voice the newest word that arrived counts, and one bad word is enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from shared.core.causes import CAUSES
from shared.core.incident import Flap, Incident, State, state_of
from shared.core.observation import Health, Observation, Source
from shared.core.transition import Outcome, reduce
from tests.examples import START, after, after_all, seen

FLAP = Flap(window=timedelta(minutes=10))
BAD = (Health.FAILING, Health.WAITING, Health.REMEDIATED)
VOICES = ("", "FluxNotReady")  # the object itself, and the alert of a rule
_CAUSES = st.sampled_from(["build-failed", "dns-failed", "health-check-failed", "dependency-not-ready"])


def word(voice: str, health: Health, cause: str, at: datetime, source: Source = Source.FLUX_EVENT) -> Observation:
    known = {"cause": CAUSES[cause], "fingerprint": f"fp:{cause}", "message": cause} if health in BAD else {}
    return seen(health, at, source=Source.ALERT if voice else source, rule=voice, **known)


def is_bad(words: Sequence[Observation]) -> bool:
    """The model."""
    newest = {one.rule: one.health for one in sorted(words, key=lambda one: one.at)}
    return any(health in BAD for health in newest.values())


def in_order(incident: Incident) -> bool:
    times = [at for at in (incident.opened_at, incident.last_seen_at, incident.resolved_at) if at is not None]
    return times == sorted(times)


_VOICES, _HEALTHS = st.sampled_from(VOICES), st.sampled_from([*BAD, Health.HEALTHY, Health.HEALTHY])


@settings(max_examples=300)
@given(st.data(), st.lists(st.tuples(_VOICES, _HEALTHS, _CAUSES), min_size=2, max_size=5))
def test_in_whatever_order_words_arrive_the_last_of_each_voice_counts(data: st.DataObject, said: list[Any]) -> None:
    words = [word(*one, after(minutes=minute)) for minute, one in enumerate(said)]
    incident = after_all(*data.draw(st.permutations(words)), flap=FLAP)
    assert incident.failing == is_bad(words)
    assert in_order(incident)


class Deliveries(RuleBasedStateMachine):
    """Things happen one after the other; of each, word arrives later, earlier than another's, again, or never."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = START
        self.in_flight: list[Observation] = []
        self.delivered: list[Observation] = []
        self.incident: Incident | None = None
        self.count = 0  # of the incident's present episode
        self.openings = 0

    # ------------------------------------------------------------------------------------------------------ what happens

    @rule(
        voice=_VOICES,
        health=_HEALTHS,
        cause=_CAUSES,
        passed=st.integers(1, 300),
        source=st.sampled_from([Source.FLUX_EVENT, Source.COMPLIANCE]),
    )
    def happens(self, voice: str, health: Health, cause: str, passed: int, source: Source) -> None:
        self.clock += timedelta(seconds=passed)
        self.in_flight.append(word(voice, health, cause, self.clock, source))

    @precondition(lambda self: self.in_flight)
    @rule(data=st.data())
    def arrives(self, data: st.DataObject) -> None:
        one = self.in_flight.pop(data.draw(st.integers(0, len(self.in_flight) - 1)))
        change = reduce(self.incident, one, FLAP)
        self.delivered.append(one)
        self.openings += change.outcome is Outcome.OPENED
        assert change.reason
        assert (change.incident is self.incident) or change.outcome is not Outcome.UNCHANGED
        self.incident = change.incident

    @precondition(lambda self: self.delivered)
    @rule(data=st.data())
    def arrives_again(self, data: st.DataObject) -> None:
        change = reduce(self.incident, data.draw(st.sampled_from(self.delivered)), FLAP)
        assert (change.incident, change.outcome) == (self.incident, Outcome.UNCHANGED)
        assert change.incident is self.incident

    @precondition(lambda self: self.incident is not None and self.incident.failing)
    @rule(health=st.sampled_from([Health.FAILING, Health.HEALTHY]), text=st.sampled_from("ab"))
    def is_in_the_log(self, health: Health, text: str) -> None:
        before = self.incident
        assert before is not None
        line = seen(health, self.clock, source=Source.LOGS, fingerprint=text, message=text)
        self.incident = reduce(before, line, FLAP).incident
        assert self.incident is not None
        assert (self.incident.failing, self.incident.count, self.incident.cause) == (True, before.count, before.cause)

    # ------------------------------------------------------------------------------------------------------ what holds

    @invariant()
    def it_fails_if_and_only_if_the_newest_word_of_some_voice_is_bad(self) -> None:
        assert (self.incident is not None and self.incident.failing) == is_bad(self.delivered)

    @invariant()
    def it_is_resolved_if_and_only_if_it_was_opened_and_fails_no_more(self) -> None:
        if self.incident is not None:
            over = self.incident.opened_at is not None and not self.incident.failing
            assert (self.incident.resolved_at is not None) == over

    @invariant()
    def its_times_are_in_order(self) -> None:
        assert self.incident is None or in_order(self.incident)

    @invariant()
    def its_count_never_falls_within_an_episode(self) -> None:
        one = self.incident
        count = one.count if one is not None and one.failing else 0
        assert count == 0 or count >= self.count
        self.count = count

    @invariant()
    def what_fails_says_why(self) -> None:
        if self.incident is not None and self.incident.failing:
            assert self.incident.cause in CAUSES
            assert self.incident.fingerprint
            assert self.incident.due_at is not None

    @invariant()
    def it_flaps_only_after_enough_openings(self) -> None:
        if self.incident is not None and self.incident.flapping:
            assert self.openings >= FLAP.count

    @invariant()
    def its_state_is_told_by_the_same_facts(self) -> None:
        if self.incident is not None:
            calm = self.clock + timedelta(hours=1)
            assert (state_of(self.incident, calm, flap=FLAP) is State.RESOLVED) != self.incident.failing


TestDeliveries = Deliveries.TestCase
TestDeliveries.settings = settings(max_examples=30, stateful_step_count=30)
