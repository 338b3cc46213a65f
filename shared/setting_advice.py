"""Settings that are right in; what is odd about them all the same, and what would be better, out.

Pure: values only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from shared.core.finding import Finding
from shared.core.routing import FALLBACK
from shared.settings import Settings

_ODD: Mapping[str, tuple[Callable[[Settings], bool], str, str]] = {
    "FLUXWATCH_URL": (
        lambda settings: not settings.own_url,
        "is empty: cards have no Fleet button",
        "Set it to the app's own address, https://<app>.azurewebsites.net.",
    ),
    "RUNBOOK_URL": (
        lambda settings: not settings.runbook_url,
        "is empty: cards have no Runbook button",
        "Set it to where people can read docs/runbooks.",
    ),
    "TEAMS_FALLBACK_WEBHOOK_URL": (
        lambda settings: FALLBACK not in settings.webhooks,
        "is empty: while a channel is broken, nobody hears of its incidents",
        "Make a second webhook, with another owner and in another team, and set its URL.",
    ),
    "FLUX_HMAC_KEY_PREVIOUS": (
        lambda settings: len(settings.hmac_keys) > 1,
        "is set: two keys are accepted",
        "Remove it as soon as every cluster has its token of the new key: docs/operations.md.",
    ),
    "TEAMS_POSTS_PER_5_MIN": (
        lambda settings: settings.policy.pace.posts > 25,
        "is more than the 25 that Teams takes",
        "Set it to 20: what Teams throttles comes later, not sooner.",
    ),
    "ALERT_RESOURCE_GROUP": (
        lambda settings: not settings.alerts.group and bool(settings.alerts.metrics or settings.alerts.actions),
        "is empty: settings of alert rules are set, and no rules are made",
        "Set it to the id of the resource group for the rules, or remove AZURE_MONITOR_WORKSPACE and ACTION_GROUP.",
    ),
    "AZURE_MONITOR_WORKSPACE": (
        lambda settings: bool(settings.alerts.group) and not settings.alerts.metrics,
        "is empty: no Prometheus rules are made",
        "Set it to the ids of the Azure Monitor workspaces that the clusters' metrics go to.",
    ),
    "LOG_ANALYTICS_WORKSPACES": (
        lambda settings: bool(settings.alerts.group) and not settings.azure.workspaces,
        "is empty: no log alert rules are made",
        "Set it to the ids of the workspaces that Container insights writes to; sweep_errors reads them too.",
    ),
    "ALERT_KEY": (
        lambda settings: bool(settings.alerts.key) and bool(settings.alerts.actions),
        "is set, and nobody uses it: ACTION_GROUP calls with the key that is in it",
        "Remove it, or remove ACTION_GROUP: then Fluxwatch makes an action group of its own.",
    ),
}
"""Setting → whether it is odd, what that means, and what would be better. None of it is wrong."""


def advice(settings: Settings) -> list[Finding]:
    """Notes: well, and could be better."""
    return [Finding(name, True, what, remedy) for name, (odd, what, remedy) in _ODD.items() if odd(settings)]
