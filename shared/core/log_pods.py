"""A row of the inventory of pods in; what it says of its controller out.

Pure: no I/O. An OOM kill writes no line, so only the inventory shows it. One restart is noise: an upgrade makes as much.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from shared.core.headline import count
from shared.core.log_entries import Entry, Look, Row, at_of, controller_of, count_of, logged, text_of
from shared.core.observation import Health, Observation, Source, Subject
from shared.core.redact import clean

RESTARTS = 2  # in one window
OOM = "OOMKilled"

BAD_STATES = {
    "CrashLoopBackOff": "CrashLoopBackOff",
    "ImagePullBackOff": "ImagePullBackOff",
    "ErrImagePull": "ErrImagePull",
    "InvalidImageName": "ErrImagePull",
    "CreateContainerConfigError": "CreateContainerConfigError",
    "CreateContainerError": "CreateContainerConfigError",
    "RunContainerError": "CreateContainerConfigError",
    "Pending": "CrashLoopBackOff",
    "Unknown": "CrashLoopBackOff",
}
"""A state that does not pass by itself, of a container (kubelet, pkg/kubelet/container) or its pod → the reason that is akin.

A pod that Failed was evicted, and another took its place; Error is what stands between two restarts.
"""

_OOM, _BAD, _RESTARTED = 3, 2, 1


def pod(row: Row, look: Look) -> Entry:
    """Noise is noted: it opens nothing, but the controller is not calm."""
    subject, at = controller_of(row, look), at_of(row, "LastSeen", look)
    restarts, total = count_of(row, "Restarts"), count_of(row, "TotalRestarts")
    status, state, last = (text_of(row, column) for column in ("PodStatus", "StatusReason", "LastTermination"))
    bad = next((one for one in (state, status) if one in BAD_STATES), "")
    container = _word(text_of(row, "Container")) or subject.name
    if state == OOM or (last == OOM and (restarts or bad)):
        text = f"Container {container}: {OOM}. {_all(total)}."
        return Entry(_state(subject, at, look, OOM, OOM, text), grave=_OOM)
    if bad:
        text = f"Container {container}: {bad}. {_all(total)}."
        return Entry(_state(subject, at, look, BAD_STATES[bad], bad, text), grave=_BAD)
    if restarts >= RESTARTS:
        text = f"Container {container} restarted {restarts} times{f', last after {_word(last)}' if _word(last) else ''}."
        return Entry(_state(subject, at, look, "Restarted", "Restarted", text), grave=_RESTARTED)
    return Entry(Observation(subject, Health.NOTED, at, Source.COMPLIANCE), opens=False)


def _state(subject: Subject, at: datetime, look: Look, reason: str, said: str, text: str) -> Observation:
    """The inventory of pods is state, and nobody else tells of it: nothing better is waited for."""
    seen = logged(subject, at, look, text, reason=reason, said=said)
    return replace(seen, source=Source.COMPLIANCE, held_from=look.now)


def _all(total: int) -> str:
    return f"{count(total, 'restart')} in all" if total else "No restart so far"


def _word(text: str) -> str:
    return clean(text)[:63].strip()
