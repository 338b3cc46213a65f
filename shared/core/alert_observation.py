"""An alert and its subject in; the observation that it is out.

Pure: no I/O. The alert speaks for its own rule: its name is its reason and its fingerprint, whatever its numbers are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from shared.core.azure_alert import Alert
from shared.core.causes import CAUSES
from shared.core.fingerprint import fingerprint
from shared.core.observation import ALERT_RULE, Health, Observation, Source, Subject
from shared.core.words import safe

CAUSE = "alert-fired"
MAX_SHOWN = 6  # labels of an instance
_KNOWN = frozenset({"alertname", "severity", "cluster", "component", "_resourceid", "microsoft.resourceid"})


def observe(alert: Alert, subject: Subject) -> Observation:
    """Of an alert that fires or is resolved."""
    if not alert.fires:
        return Observation(subject, Health.HEALTHY, alert.at, Source.ALERT, reason=alert.name, rule=alert.voice)
    return Observation(
        subject,
        Health.FAILING,
        alert.at,
        Source.ALERT,
        reason=alert.name,
        message=safe("\n".join(_lines(alert, subject)) or f"{alert.name} fires."),
        cause=replace(CAUSES[CAUSE], severity=alert.severity),
        fingerprint=fingerprint(ALERT_RULE, alert.name),
        rule=alert.voice,
    )


def _lines(alert: Alert, subject: Subject) -> Iterator[str]:
    """What the rule says, what it measured, and, where no object tells, which of its instances it is."""
    yield from dict.fromkeys(text for text in (alert.summary.strip(), alert.description.strip()) if text)
    if alert.measured:
        yield f"Measured: {alert.measured}"
    if subject.kind == ALERT_RULE:
        some = [f"{name}: {value}" for name, value in sorted(alert.labels.items()) if name not in _KNOWN][:MAX_SHOWN]
        yield from [", ".join(some)] if some else []
