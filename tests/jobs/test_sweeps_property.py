"""Random fleets in which things fail, recover, vanish and are suspended, while events are lost, late and doubled.

Law: whatever came of the events, two sweeps after the last change the incidents that fail are those that really do; and nothing
is ever over before it began.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from local.azure.fleet import FluxObject
from local.azure.generate import BEGIN, generate, revision_of
from local.azure.voices import Sent
from local.azure.world import World
from shared.core.coverage import KINDS
from shared.core.incident import Incident
from shared.core.observation import Health
from shared.core.routing import DEFAULT
from shared.core.told import Said
from shared.jobs.notify_teams import NotifyTeams
from shared.jobs.receive_flux_event import ReceiveFluxEvent
from shared.jobs.sweep_compliance import SweepCompliance
from tests.azure import ArmOf, GraphOf
from tests.fakes import FakeChannel, FakeClock, FakeStore
from tests.senders import KEY, body, headers, path

EVERY = timedelta(minutes=5)  # a sweep
STAMPED = timedelta(seconds=90)  # how much later than what it tells a report may be stamped
LOST, LATE, TWICE = 0.2, 0.15, 0.1  # of the events
WINDOW = timedelta(minutes=15)  # in which events are taken
GAPS = frozenset(KINDS.values())

FAILURES = (
    ("BuildFailed", "kustomize build failed: no such file or directory"),
    ("HealthCheckFailed", "health check failed after 5m0.01s: timeout waiting for: [Deployment/apps/web status: 'InProgress']"),
    ("ReconciliationFailed", "Deployment/apps/web dry-run failed (Invalid): spec.selector: field is immutable"),
)


@dataclass
class Story:
    """A fleet, what is told of it, and what Fluxwatch makes of that."""

    world: World
    random: Random
    clock: FakeClock = field(default_factory=lambda: FakeClock(BEGIN))
    store: FakeStore = field(default_factory=FakeStore)
    late: list[tuple[datetime, Sent]] = field(default_factory=list)
    told: set[str] = field(default_factory=set)  # keys of incidents that the channel takes to be open

    def __post_init__(self) -> None:
        self.sweep = SweepCompliance(GraphOf(self.world), ArmOf(self.world), self.store, self.store, self.store, self.clock)
        self.receive = ReceiveFluxEvent(self.store, self.clock, [KEY])
        self.tell = NotifyTeams(self.store, self.store, {DEFAULT: FakeChannel()}, self.clock)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def deliver(self) -> None:
        """What is on its way: lost, late, doubled, or simply delivered."""
        due = [sent for at, sent in self.late if at <= self.now]
        self.late = [(at, sent) for at, sent in self.late if at > self.now]
        for sent in self.world.happenings:
            chance = self.random.random()
            if chance < LOST:
                continue
            if chance < LOST + LATE:
                self.late.append((sent.at + timedelta(seconds=self.random.randrange(30, 800)), sent))
            else:
                due += [sent] * (2 if chance < LOST + LATE + TWICE else 1)
        self.world.happenings.clear()
        self.random.shuffle(due)
        for sent in due:
            raw = body(sent.happening, sent.at, sent.cluster)
            expected = 202 if self.now - sent.at <= WINDOW else 400  # too old: Flux gives it up
            assert self.receive(path(sent.cluster), headers(raw, sent.cluster), raw).status == expected

    def happens(self) -> None:
        """One thing, to somebody."""
        self.clock.passes(seconds=self.random.randrange(1, 200))
        self.random.choice(HAPPENINGS)(self)
        self.deliver()
        self.tells()

    def look(self, changes: int = 0) -> None:
        """The agents report, perhaps with a stamp that is later than what they saw; things go on; then a sweep."""
        reported = self.now
        for member in list(self.world.members.values()):
            self.world.report(reported + self.random.random() * STAMPED, [member])
        for _ in range(changes):
            self.clock.passes(seconds=self.random.randrange(1, 30))
            self.random.choice(OF_OBJECTS)(self)
            self.deliver()
        self.clock.at = max(self.now, reported + timedelta(seconds=self.random.randrange(100, 130)))
        right = self.right()
        self.sweep()
        assert right <= self.right()
        self.deliver()
        self.tells()

    def settle(self) -> None:
        """Nothing is in progress any more, and what is late comes in time for the second of two sweeps."""
        for one in self.world.objects():
            if one.health is Health.PROGRESSING:
                self.world.recover(one, self.now, silent=True)
        self.deliver()
        self.late = [(min(at, self.now + EVERY), sent) for at, sent in self.late]
        for _ in range(2):
            self.clock.at += EVERY
            self.deliver()
            self.look()

    def open(self) -> set[tuple[str, str, str, str]]:
        """Keys of what fails, as far as Fluxwatch knows."""
        held = (row.incident for row in self.store.rows.values())
        return {one.subject.key for one in held if one.failing and not one.suspended and one.subject.kind not in GAPS}

    def right(self) -> set[tuple[str, str, str, str]]:
        """Keys of what Fluxwatch has heard the last word of, and holds for what it is: what no older word may undo."""
        held = {row.incident.subject.key: row.incident for row in self.store.rows.values()}
        true = self.world.truth()
        return {
            one.subject.key
            for one in self.world.objects()
            if (known := held.get(one.subject.key)) and known.observed_at and known.observed_at >= one.since
            if known.failing == (one.subject.key in true) and not known.suspended
        }

    def tells(self) -> None:
        """Nothing is over before it began: not in an incident, and not on a card."""
        for row in self.store.rows.values():
            assert _in_order(row.incident)
        for post in self.tell().posts:
            for part in post.rest or (post,):
                over = {key for key, mark in part.told.items() if mark.said is Said.RESOLVED}
                assert over <= self.told
                self.told = (self.told | part.told.keys()) - over


def _in_order(one: Incident) -> bool:
    times = [at for at in (one.opened_at, one.last_seen_at, None if one.failing else one.resolved_at) if at is not None]
    return times == sorted(times)


# ------------------------------------------------------------------------------------------------------- what may happen


def _some(story: Story, *healths: Health) -> FluxObject | None:
    """Of what Flux takes care of: nothing happens to what is suspended."""
    held = story.world.suspended()
    found = [one for one in story.world.objects() if one.subject.key not in held and (not healths or one.health in healths)]
    return story.random.choice(found) if found else None


def fails(story: Story) -> None:
    if one := _some(story):
        reason, message = story.random.choice(FAILURES)
        story.world.fail(one, reason, message, story.now, silent=story.random.random() < LOST)


def recovers(story: Story) -> None:
    if one := _some(story, Health.FAILING, Health.WAITING, Health.PROGRESSING):
        story.world.recover(one, story.now)


def waits(story: Story) -> None:
    if one := _some(story, Health.HEALTHY):
        story.world.wait(one, "dependency 'shop/database' is not ready", story.now)


def progresses(story: Story) -> None:
    if one := _some(story):
        story.world.progress(one, story.now)


def is_pruned(story: Story) -> None:
    """Never its source, without which there is no configuration; for statuses that are empty say nothing."""
    one = _some(story)
    if one and one.kind != one.configuration.source_kind:
        story.world.delete_object(one)


def is_suspended(story: Story) -> None:
    if found := list(story.world.objects()):
        hold = story.random.choice((story.world.suspend, story.world.resume))
        hold(story.random.choice(found), story.now)


def configuration_is_suspended(story: Story) -> None:
    if found := list(story.world.configurations()):
        hold = story.random.choice((story.world.suspend_configuration, story.world.resume_configuration))
        hold(story.random.choice(found), story.now)


def configuration_is_deleted(story: Story) -> None:
    if story.random.random() < 0.3 and (found := list(story.world.configurations())):
        story.world.delete_configuration(story.random.choice(found))


def cluster_is_deleted(story: Story) -> None:
    if story.random.random() < 0.3 and len(story.world.members) > 1:
        story.world.delete_cluster(story.random.choice(list(story.world.members.values())))


def is_committed(story: Story) -> None:
    if found := list(story.world.configurations()):
        story.world.commit(story.random.choice(found).source, revision_of(story.random.randrange(99)), story.now)


def a_sweep_comes(story: Story) -> None:
    story.look(story.random.randrange(4))


def a_sweep_sees_nothing(story: Story) -> None:
    """A role is lost, and given back."""
    member = story.random.choice(list(story.world.members.values()))
    story.world.hide(member)
    story.look()
    story.world.show(member)


OF_OBJECTS: tuple[Callable[[Story], None], ...] = (
    *(fails,) * 6,
    *(recovers,) * 4,
    *(waits,) * 2,
    *(progresses,) * 2,
    *(is_pruned,) * 2,
)
HAPPENINGS = (
    *OF_OBJECTS,
    is_suspended,
    configuration_is_suspended,
    configuration_is_deleted,
    cluster_is_deleted,
    is_committed,
    *(a_sweep_comes,) * 4,
    a_sweep_sees_nothing,
)


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32), clusters=st.integers(1, 4), objects=st.integers(2, 7), changes=st.integers(0, 40))
def test_two_sweeps_after_the_last_change_what_is_open_is_what_fails(
    seed: int, clusters: int, objects: int, changes: int
) -> None:
    story = Story(generate(clusters, objects, seed % 97), Random(seed))
    story.look()
    for _ in range(changes):
        story.happens()
    story.settle()
    assert story.open() == story.world.truth()
