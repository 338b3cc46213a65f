"""What is true and what was told in; the difference, posted and recorded, out.

Law: a post is reserved before it is made, with whom it is about to tell, and recorded after. A crash between the two may repeat
that one post, and no other; and what it may have told is told to be over as well.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from shared.core.card import View, card
from shared.core.card_elements import message
from shared.core.card_links import Links
from shared.core.delivery import Answer, Verdict, after
from shared.core.grouping import Post
from shared.core.headline import headline
from shared.core.lag import lag
from shared.core.plan import Plan, Policy, plan
from shared.core.routing import Routing
from shared.core.told import ChannelState, Ledger, Said, Told, Tracked
from shared.ports import Board, Channel, Clock, Conflict, Inventory, StoreUnavailable

SHOWN = 10  # messages that a card shows at the most
SWEEP = timedelta(hours=6)

PAUSES = (0.5, 2.0, 5.0)  # seconds between attempts to record a post

type _Told = dict[str, Mapping[str, Told]]  # by key of the incident, then by channel

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NotifyTeams:
    """The job. `channels` by name, as `routing` names them. `deadline` is when a run stops to begin new posts."""

    board: Board
    inventory: Inventory
    channels: Mapping[str, Channel]
    clock: Clock
    routing: Routing = field(default_factory=Routing)
    policy: Policy = field(default_factory=Policy)
    links: Links = field(default_factory=Links)
    keep: timedelta = timedelta(days=30)
    deadline: timedelta = timedelta(seconds=120)

    def __call__(self) -> Plan:
        """One run. Raises `StoreUnavailable`; what Teams does is never an error here: the difference waits."""
        now = self.clock.now()
        ledger, muted = self.board.ledger(now)  # before the incidents: a run beside this one shows as a conflict
        tracked = self.board.tracked(now)
        todo = plan([_settled(one) for one in tracked], self.routing, ledger, muted, now, self.policy)
        told = {one.key: one.told for one in tracked} if todo.posts else {}
        try:
            ledger = self._post_all(todo, ledger, told, now + self.deadline)
            self._sweep(ledger, now)
        except Conflict:
            log.info("another run is posting: leaving it to that one")
        if todo.posts or any(todo.waiting.values()):
            log.info("due: %d, waiting: %d, quiet: %s", len(todo.posts), sum(todo.waiting.values()), dict(todo.quiet))
        return todo

    def _post_all(self, todo: Plan, ledger: Ledger, told: _Told, end: datetime) -> Ledger:
        for post in todo.posts:
            state = ledger.channels.get(post.channel, ChannelState())
            now = self.clock.now()
            if now < end and (state.retry_at is None or now >= state.retry_at):
                ledger = self._post(post, ledger, told)
        return ledger

    def _post(self, post: Post, ledger: Ledger, told: _Told) -> Ledger:
        rendered = message(card(post, self._view(post)))
        before = {key: told[key] for key, mark in post.told.items() if _turns(told[key].get(post.channel), mark)}
        ledger = self._reserve(post, ledger, before)
        verdict = self.channels[post.channel].post(rendered)
        self._log(post, verdict)
        now = self.clock.now()
        state = after(ledger.channels.get(post.channel, ChannelState()), verdict, now)
        if verdict.answer is not Answer.TOLD:
            return self._record(post.channel, state, ledger, {} if verdict.perhaps else before)
        news: _Told = {key: {**told[key], post.channel: replace(mark, at=now)} for key, mark in post.told.items()}
        told |= news
        return self._record(post.channel, state, ledger, news)

    def _record(self, channel: str, state: ChannelState, ledger: Ledger, news: _Told) -> Ledger:
        """What came of a post. It has been made: a short fault of the store must not make it be made again."""
        for pause in PAUSES:
            try:
                return self.board.record(replace(ledger, channels={**ledger.channels, channel: state}), news)
            except StoreUnavailable:
                self.clock.sleep(pause)
            except Conflict:
                fresh, _ = self.board.ledger(self.clock.now())
                self.board.record(replace(fresh, channels={**fresh.channels, channel: state}), news)
                raise
        return self.board.record(replace(ledger, channels={**ledger.channels, channel: state}), news)

    def _reserve(self, post: Post, ledger: Ledger, before: _Told) -> Ledger:
        """The post's place in the connection's budget, and that it is under way, written down before it is made."""
        connection = self.routing.connections.get(post.channel, post.channel)
        pace = self.policy.pace
        made = ledger.posts.get(connection, ())
        if wait := pace.wait(made, self.clock.now()):
            self.clock.sleep(wait)
        now = self.clock.now()
        doubt = {key: {**known, post.channel: _doubtful(post.told[key])} for key, known in before.items()}
        recent = {name: times for name, posts in ledger.posts.items() if (times := pace.recent(posts, now))}
        return self.board.record(replace(ledger, posts={**recent, connection: (*recent.get(connection, ()), now)}), doubt)

    def _view(self, post: Post) -> View:
        keys = [one.key for one in sorted(post.about, key=lambda one: (one.incident.severity.rank, one.incident.subject.key))]
        oldest = min(post.about, key=lambda one: (one.incident.opened_at or self.clock.now(), one.key)).key
        messages = self.board.messages([] if post.rest else dict.fromkeys([oldest, *keys[:SHOWN]]))
        clusters = self.inventory.clusters(post.clusters)
        return View(self.clock.now(), messages, clusters, self.links)

    def _sweep(self, ledger: Ledger, now: datetime) -> None:
        if ledger.swept_at is not None and now - ledger.swept_at < SWEEP:
            return
        try:
            gone = self.board.sweep(now - self.keep)
        except StoreUnavailable as fault:
            log.warning("old incidents not deleted: %s", fault)
            return
        self.board.record(replace(ledger, swept_at=now), {})
        if gone:
            log.info("deleted %d incidents resolved more than %d days ago", gone, self.keep.days)

    def _log(self, post: Post, verdict: Verdict) -> None:
        level = {Answer.TOLD: logging.INFO, Answer.LATER: logging.WARNING, Answer.BROKEN: logging.ERROR}[verdict.answer]
        code = f" ({verdict.code})" if verdict.code else ""
        late = lag(post, self.clock.now(), flap=self.policy.flap, repeat=self.policy.repeat)
        log.log(level, "%s %s: %s%s, after %d s", post.channel, verdict.answer, headline(post), code, int(late.total_seconds()))


def _turns(before: Told | None, after: Told) -> bool:
    """What the channel believes would be the opposite of what it did, or something new."""
    return before is None or before.said is not after.said


def _doubtful(mark: Told) -> Told:
    """Perhaps told: the mark that a run leaves behind which dies before it hears the answer. It names no cause."""
    return replace(mark, said=Said.OPEN, fingerprints=())


def _settled(one: Tracked) -> Tracked:
    """What was perhaps told and still fails is told again; what is over keeps its mark, and is told to be over."""
    if not one.incident.failing or all(told.fingerprints or not told.open for told in one.told.values()):
        return one
    return replace(one, told={channel: told for channel, told in one.told.items() if told.fingerprints or not told.open})
