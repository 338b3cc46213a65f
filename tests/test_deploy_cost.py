"""What docs/deploy.md says that Fluxwatch costs in; that the arithmetic is right, and the rules are those that there are, out.

Law: quantities follow from assumptions that stand in the document; sums of money from the prices beside them.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import yaml

from tests.test_alert_docs import section

HOME = Path(__file__).parents[1]
DEPLOY = (HOME / "docs/deploy.md").read_text("utf-8")
SELF = [yaml.safe_load(path.read_text("utf-8")) for path in sorted((HOME / "infra/alerts").glob("*.yaml"))]
MINUTES_OF_30_DAYS = 30 * 24 * 60
ROW = re.compile(r"^\| (.+?) \| ([\d.,]+) \| ([\d.,]+) \| ([\d.,]+) \|$", re.MULTILINE)
COST = {row[0]: [float(one.replace(",", "")) for one in row[1:]] for row in ROW.findall(section(DEPLOY, "## What it costs"))}
FLEETS = (10, 100, 500)


def executions(per_minute: int) -> list[float]:
    """Of timers and events in 30 days."""
    timers = MINUTES_OF_30_DAYS * per_minute + MINUTES_OF_30_DAYS / 5 + MINUTES_OF_30_DAYS / 10 + MINUTES_OF_30_DAYS / 60
    return [timers + 3_000 * clusters for clusters in FLEETS]


def gigabyte_seconds(per_minute: int, gigabytes: float) -> list[float]:
    """With a second for notify and events, 5, 10 and 3 s for the others."""
    timers = MINUTES_OF_30_DAYS * (per_minute + 5 // 5 + 10 // 10) + MINUTES_OF_30_DAYS // 60 * 3
    return [gigabytes * (timers + 3_000 * clusters) for clusters in FLEETS]


def test_executions_and_seconds_are_what_their_assumptions_come_to() -> None:
    assert COST["executions, `NOTIFY_SCHEDULE` each 10 s"] == executions(6)
    assert COST["executions, each 60 s"] == executions(1)
    assert COST["GB-s, each 10 s"] == gigabyte_seconds(6, 2)
    assert COST["GB-s, each 60 s"] == gigabyte_seconds(1, 2)
    assert COST["GB-s, each 60 s, with 512 MB"] == gigabyte_seconds(1, 0.5)
    assert COST["always-ready GB-s"] == [2 * 60 * MINUTES_OF_30_DAYS] * 3


def test_transactions_telemetry_and_samples_are_what_their_assumptions_come_to() -> None:
    sweeps = MINUTES_OF_30_DAYS / 5 * 4 + MINUTES_OF_30_DAYS / 10 * 10
    notify = [6 * MINUTES_OF_30_DAYS * requests for requests in (2, 2, 4)]
    assert COST["storage transactions, each 10 s"] == [
        told + sweeps + 2 * 3_000 * clusters for told, clusters in zip(notify, FLEETS, strict=True)
    ]
    assert COST["GB of telemetry, each 10 s"] == [round(runs * 5e-6, 1) for runs in executions(6)]
    assert COST["GB of telemetry, each 60 s"] == [round(runs * 5e-6, 1) for runs in executions(1)]
    series = 20 * 14 + 500
    assert COST["million samples of Managed Prometheus"] == [
        round(series * 2 * MINUTES_OF_30_DAYS * clusters / 1e6) for clusters in FLEETS
    ]


def test_the_rules_that_are_paid_for_are_those_that_there_are() -> None:
    shipped = [yaml.safe_load(path.read_text("utf-8")) for path in (HOME / "shared/rules/logs").glob("*.yaml")]
    every, of_workspaces = (Counter(rule["frequency"] for rule in rules) for rules in ([*shipped, *SELF], shipped))
    text = " ".join(section(DEPLOY, "## What it costs").split())
    assert f"{every['5m']} each 5 minutes, {every['15m']} each 15 minutes" in text
    assert f"of these {of_workspaces['5m']} and {of_workspaces['15m']} for each Log Analytics workspace" in text
    groups = [
        group
        for path in (HOME / "shared/rules/prometheus").glob("*.yaml")
        for group in yaml.safe_load(path.read_text("utf-8"))["groups"]
    ]
    assert f"Prometheus groups: {len(groups)} for each" in text


PRICES = {
    name: float(price)
    for name, price in re.findall(r"^\| (.+?) \| ([\d.]+) \| [^|]+ \|$", section(DEPLOY, "### In money"), re.MULTILINE)
}


def test_sums_of_money_are_quantities_times_prices() -> None:
    def paid(name: str, place: int, free: float = 0) -> float:
        return max(0.0, COST[name][place] - free) * PRICES[name.split(",")[0]]

    for place, clusters in enumerate(FLEETS):
        app = paid("GB-s, each 10 s", place, 100_000) + paid("always-ready GB-s", place)
        app += paid("executions, `NOTIFY_SCHEDULE` each 10 s", place, 250_000) / 1e6
        app += paid("storage transactions, each 10 s", place) / 1e6
        rest = (
            paid("GB of telemetry, each 10 s", place) + 7 * PRICES["log rule each 5 min"] + 6 * PRICES["log rule each 15 min"]
        )
        metrics = COST["million samples of Managed Prometheus"][place] / 10 * PRICES["10 million samples"]
        said = [f"{round(sum_):,}" for sum_ in (app, rest, metrics, app + rest + metrics)]
        assert f"| {clusters} clusters | {' | '.join(said)} |" in DEPLOY
