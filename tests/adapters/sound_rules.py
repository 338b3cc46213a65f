"""Nothing in; a sound alert rule of each kind out; and of an act of the adapter that fails, its trouble.

Law: no trouble tells a key or an address.
"""

from __future__ import annotations

from typing import Any

import pytest

from shared.adapters.azure_monitor import short
from shared.core.alert_rule import Rule, RuleKind
from shared.core.trouble import Trouble, Unanswered
from tests.local.azure.rule_bodies import KEY, action_group, group, log_rule

OWN = {"managed-by": "fluxwatch"}
RULES = {
    RuleKind.METRICS: Rule(RuleKind.METRICS, "flux-slo-amw-1a2b3c", "westeurope", group()["properties"], OWN),
    RuleKind.LOGS: Rule(RuleKind.LOGS, "FluxErrors-law-1a2b3c", "westeurope", log_rule()["properties"], OWN),
    RuleKind.ACTIONS: Rule(RuleKind.ACTIONS, "fluxwatch", "Global", action_group()["properties"], OWN),
}
EACH = pytest.mark.parametrize("rule", RULES.values(), ids=[short(kind) for kind in RULES])


def refused(act: Any, *given: Any) -> tuple[Trouble, str]:
    with pytest.raises(Unanswered) as raised:
        act(*given)
    assert KEY not in str(raised.value) + repr(raised.value)
    assert "contoso" not in str(raised.value)
    assert "127.0.0.1" not in str(raised.value)
    return raised.value.trouble, raised.value.detail
