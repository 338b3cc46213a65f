"""Storage that goes away and comes back in; events that Flux is asked to send again, and nothing lost, out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.azurite import Azurite, start_azurite
from local.flux import encode, event
from tests import senders
from tests.examples import cluster
from tests.parts import Relay, connection_string


class Outage:
    """Storage that keeps its state in a folder, behind an address that stays the same."""

    def __init__(self, relay: Relay, folder: Path) -> None:
        self._relay, self._folder, self._azurite = relay, folder, None
        self.string = connection_string(relay.url)
        self.end()

    def begin(self) -> None:
        """Azurite ends; calls are refused."""
        self._relay.down()
        self._running.stop()

    def end(self) -> None:
        """It is back, with everything that was stored."""
        self._azurite: Azurite | None = start_azurite(location=self._folder)
        tables = self._azurite.connection_string.partition("TableEndpoint=")[2]
        self._relay.target = tables.partition("/devstoreaccount1")[0]
        self._relay.up()

    def close(self) -> None:
        self._running.stop()

    @property
    def _running(self) -> Azurite:
        assert self._azurite is not None
        return self._azurite


@pytest.fixture(scope="module")
def outage(storage: Azurite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outage]:
    """`storage` is wanted for its skips only."""
    relay = Relay("")
    relay.up()
    relay.down()  # it has its port
    found = Outage(relay, tmp_path_factory.mktemp("azurite"))
    yield found
    relay.down()
    found.close()


@pytest.fixture(scope="module")
def fluxwatch(outage: Outage, app: Path) -> Iterator[Any]:
    from tests.stage import stage

    with stage(app, outage.string) as found:
        yield found


def test_what_cannot_be_stored_is_asked_for_again_and_is_taken_when_storage_is_back(fluxwatch: Any, outage: Outage) -> None:
    assert fluxwatch.outcome(senders.failure("before")) == "opened"
    fluxwatch.notify()
    during = encode(event(senders.failure("during"), cluster(), fluxwatch.moment()))

    outage.begin()
    answer = fluxwatch.send_bytes(during)
    assert (answer.status_code, answer.json()["outcome"], answer.headers["retry-after"]) == (503, "not-stored", "5")
    forged = fluxwatch.send_bytes(during, cluster("aks-prod-weu-02"))
    assert forged.status_code == 503  # of a good signature
    assert fluxwatch.get("fleet").status_code == 503
    health = fluxwatch.get("health")
    [finding] = [check for check in health.json()["checks"] if not check["ok"]]
    assert (health.status_code, health.json()["status"], finding["name"]) == (503, "failing", "store")
    assert "127.0.0.1" not in health.text + answer.text

    outage.end()
    assert fluxwatch.send_bytes(during).json()["outcome"] == "opened"  # the very bytes that were refused
    assert fluxwatch.outcome(senders.recovery("before")) == "closed"  # and what was stored is still known
    fluxwatch.notify()
    assert fluxwatch.told() == [
        "Kustomization before is failing on aks-prod-weu-01",
        "Kustomization during is failing on aks-prod-weu-01",
        "Kustomization before is well again on aks-prod-weu-01",
    ]
    assert fluxwatch.get("health").json()["status"] == "ok"
