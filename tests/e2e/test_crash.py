"""A host that dies between a post and its record in; a channel that is told the end all the same out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

pytest.importorskip("azure_functions_runtime", reason="Microsoft's worker library exists for Python 3.13 and newer")

from local.teams import Fault
from tests import senders
from tests.stage import TIMEOUT


def dies_while_posting(fluxwatch: Any) -> None:
    """Teams has the request, and shows the card; the host never hears of it."""
    cards = len(fluxwatch.teams.posts("default"))
    fluxwatch.teams.fail("default", [Fault(hang=TIMEOUT)])
    requests.post(f"{fluxwatch.host.url}/admin/functions/notify_teams", json={"input": ""}, timeout=TIMEOUT)
    assert fluxwatch.teams.wait_for(lambda teams: teams.hanging, TIMEOUT)
    fluxwatch.kill()
    fluxwatch.teams.let_go()
    assert fluxwatch.teams.wait_for(lambda teams: len(teams.posts("default")) > cards, TIMEOUT)


def test_what_recovers_right_after_the_crash_is_told_to_be_over(fluxwatch: Any) -> None:
    """The ledger does not know that the channel was told; but it must not believe in the failure for ever."""
    fluxwatch.send(senders.failure("hasty"))
    dies_while_posting(fluxwatch)
    fluxwatch.send(senders.recovery("hasty"))
    fluxwatch.notify()
    fluxwatch.notify()
    assert fluxwatch.told() == [f"Kustomization hasty is {state} on aks-prod-weu-01" for state in ("failing", "well again")]


def test_what_fails_again_right_after_the_crash_is_told_to_fail(stage_of: Callable[..., Any]) -> None:
    fluxwatch = stage_of()
    fluxwatch.send(senders.failure("again"))
    fluxwatch.notify()
    fluxwatch.send(senders.recovery("again"))
    dies_while_posting(fluxwatch)
    fluxwatch.send(senders.failure("again"))
    fluxwatch.notify()
    fluxwatch.notify()
    states = ("failing", "well again", "failing")
    assert fluxwatch.told() == [f"Kustomization again is {state} on aks-prod-weu-01" for state in states]


def test_the_doubt_outlives_a_channel_that_is_throttled_after_the_crash(stage_of: Callable[..., Any]) -> None:
    fluxwatch = stage_of()
    fluxwatch.send(senders.failure("unlucky"))
    dies_while_posting(fluxwatch)
    fluxwatch.teams.fail("default", [Fault.throttled(60)])
    fluxwatch.notify()
    fluxwatch.send(senders.recovery("unlucky"))
    fluxwatch.pass_time()
    fluxwatch.notify()
    assert fluxwatch.told() == [f"Kustomization unlucky is {state} on aks-prod-weu-01" for state in ("failing", "well again")]
