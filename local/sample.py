"""A sample event by its name in; its card printed, or the event signed and posted to a running host.

python -m local.sample card kustomization-build-failed
python -m local.sample post kustomization-build-failed --url http://127.0.0.1:7071
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from local.flux import deliver, encode
from shared.core import flux_event
from shared.core.card import View, card
from shared.core.card_elements import size
from shared.core.cluster import Cluster, NotACluster
from shared.core.flux_observation import observe
from shared.core.incident import Flap
from shared.core.plan import Policy, plan
from shared.core.refusal import Refused
from shared.core.routing import Routing
from shared.core.told import Ledger, Tracked
from shared.core.transition import reduce
from shared.wiring import App

HOME = Path(__file__).parents[1]
SAMPLES = HOME / "tests/samples/flux-events.jsonl"
CLUSTER = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-sec-weu"
    "/providers/Microsoft.ContainerService/managedClusters/aks-sec-weu-01"
)


def samples() -> dict[str, dict[str, Any]]:
    """Valid sample events by name."""
    rows = (json.loads(line) for line in SAMPLES.read_text("utf-8").splitlines())
    return {row["case"]: row["event"] for row in rows if row["valid"] and row["body"] == "json"}


def card_of(body: bytes, cluster: Cluster, env: Mapping[str, str]) -> tuple[dict[str, Any] | None, str]:
    """The card that this event alone would make once it is due, or None and why not. Raises `Refused`."""
    seen = observe(flux_event.parse(body), cluster)
    change = reduce(None, seen, Flap())
    if change.incident is None or not change.incident.failing:
        return None, f"{change.outcome}: {change.reason}"
    one = Tracked("sample", change.incident)
    now = max(seen.at, change.incident.due_at or seen.at)
    todo = plan([one], Routing(), Ledger(), {}, now, Policy())
    links = App({"FLUX_HMAC_KEY": "-" * 16, "TEAMS_WEBHOOK_URL": "https://none.example", **env}).links
    return card(todo.posts[0], View(now, {one.key: seen.message}, {}, links)), change.reason


def main() -> None:
    """Exit status 1 with one line when something is wrong, 2 for a wrong call."""
    arguments = _arguments()
    event = samples().get(arguments.sample)
    if event is None:
        names = "\n  ".join(sorted(samples()))
        sys.exit(f"which sample? make {arguments.action} SAMPLE=…\n  {names}")
    try:
        cluster = Cluster.from_arm_id(arguments.cluster)
        (_card if arguments.action == "card" else _post)(event, cluster, arguments)
    except (NotACluster, Refused) as wrong:
        sys.exit(str(wrong))
    except (requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema, requests.exceptions.InvalidURL):
        sys.exit(f"{arguments.url} is not an address such as http://127.0.0.1:7071")
    except requests.RequestException as fault:
        sys.exit(f"no host at {arguments.url} ({type(fault).__name__}): start one with make host")


def _card(event: dict[str, Any], cluster: Cluster, _: argparse.Namespace) -> None:
    made, why = card_of(encode(event), cluster, {"AzureWebJobsStorage": "UseDevelopmentStorage=true", **os.environ})
    if made is None:
        print(f"no card: {why}", file=sys.stderr)
        return
    print(json.dumps(made, indent=2, ensure_ascii=False))
    print(f"{size(made)} of 26000 bytes; {why}", file=sys.stderr)


def _post(event: dict[str, Any], cluster: Cluster, arguments: argparse.Namespace) -> None:
    values = local_settings()
    key = os.environ.get("FLUX_HMAC_KEY") or values.get("FLUX_HMAC_KEY", "")
    if not key:
        sys.exit("FLUX_HMAC_KEY is missing: set it, or copy local.settings.sample.json to local.settings.json")
    body = encode(event | {"timestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"})
    answer = deliver(arguments.url, cluster, body, hmac_key=key, function_key=os.environ.get("FLUXWATCH_FUNCTION_KEY", ""))
    print(answer.status_code, answer.text)
    sys.exit(0 if answer.ok else 1)


def local_settings() -> dict[str, str]:
    """Values of local.settings.json; none if there is no such file."""
    path = HOME / "local.settings.json"
    return json.loads(path.read_text("utf-8")).get("Values", {}) if path.is_file() else {}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.sample", description=__doc__)
    parser.add_argument("action", choices=("card", "post"))
    parser.add_argument("sample")
    parser.add_argument("--cluster", default=CLUSTER, help="ARM id")
    parser.add_argument("--url", default="http://127.0.0.1:7071")
    return parser.parse_args()


if __name__ == "__main__":
    main()
