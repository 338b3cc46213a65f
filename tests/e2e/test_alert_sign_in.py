"""An action group that signs in, before the host as it runs in Azure; Entra ID's keys come from a server of the test."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

pytest.importorskip("azure_functions_runtime", reason="Microsoft's worker library exists for Python 3.13 and newer")

from local.azurite import Azurite
from tests.alerts import sample
from tests.parts import Answering
from tests.stage import ALERT_KEY, TIMEOUT, stage
from tests.tokens import APP, TENANT, published, token

MASTER = "the-master-key"
KEYS = f'{{"master": "{MASTER}", "functions": {{"receive_azure_alert": {{"default": "{ALERT_KEY}"}}}}}}'


class Door:
    """The function, and what publishes the keys."""

    def __init__(self, found: Any, entra: Answering) -> None:
        self.stage, self.entra = found, entra

    def answers(self, authorization: str = "", key: str = ALERT_KEY) -> tuple[int, str]:
        """To an alert: status and outcome."""
        headers = {"Authorization": authorization} if authorization else {}
        to = f"{self.stage.host.url}/api/azure/alerts"
        got = requests.post(to, params={"code": key}, json=sample("log-fired"), headers=headers, timeout=TIMEOUT)
        return got.status_code, got.json()["outcome"] if got.text.startswith("{") else ""


@pytest.fixture(scope="module")
def door(storage: Azurite, app: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    keys = tmp_path_factory.mktemp("keys") / "keys.json"
    keys.write_text(KEYS)
    with Answering(published("one")) as entra:
        settings = {
            "ALERT_ENTRA_TENANT": TENANT,
            "ALERT_ENTRA_APP": APP,
            "ALERT_ENTRA_OBJECT": APP,
            "ALERT_ENTRA_AUTHORITY": f"http://127.0.0.1:{entra.port}",
        }
        with stage(app, storage.connection_string, settings, keys=keys, key=MASTER) as found:
            yield Door(found, entra)


def test_key_and_token_are_wanted_both_and_nothing_of_either_is_written_down(door: Door) -> None:
    now = datetime.now(UTC)
    right = token(at=now)
    assert door.answers("") == (401, "refused")
    assert door.answers(right) == (202, "opened")
    assert door.answers(right) == (202, "unchanged")
    assert door.answers(right, key="another")[0] == 401
    for wrong in ({"aud": "api://another"}, {"appid": APP}, {"iss": "https://sts.windows.net/another/"}, {"exp": 1}):
        assert door.answers(token(at=now, **wrong)) == (401, "refused")
    for forged in (token(at=now, by="two"), right[:-6] + "AAAAAA", right.rpartition(".")[0] + "."):
        assert door.answers(forged) == (401, "refused")
    assert len(door.entra.heard) == 1
    output = "\n".join(door.stage.host.output)
    assert "the token's audience is wrong" in output
    for secret in (ALERT_KEY, right.rpartition(".")[2], right.split(".")[1], TENANT, str(door.entra.port)):
        assert secret not in output
