"""A row of the inventory of pods in; what it says of its controller out.

Pure: no I/O. An OOM kill writes no line, so only the inventory shows it. One restart is noise: an upgrade makes as much.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from shared.core.log_rows import Look, Row, Sight, at_of, controller_of, count_of, logged, text_of
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
}
"""What Kubernetes calls a state that does not pass by itself (kubelet, pkg/kubelet/container) → the reason that is its kin."""

_OOM, _BAD, _RESTARTED, _NOISE = 3, 2, 1, 0


def pod(row: Row, look: Look) -> Sight:
    """Noise is noted: it opens nothing, but the controller is not calm."""
    subject, at = controller_of(row, look), at_of(row, "LastSeen", look)
    restarts, total = count_of(row, "Restarts"), count_of(row, "TotalRestarts")
    state, last = text_of(row, "StatusReason"), text_of(row, "LastTermination")
    container = _word(text_of(row, "Container")) or subject.name
    times = f"Container {container} restarted {restarts} times"
    if state == OOM or (last == OOM and (restarts or state in BAD_STATES)):
        return Sight(_state(subject, at, look, OOM, OOM, f"Container {container}: {OOM}. {_all(total)}."), grave=_OOM)
    if state in BAD_STATES:
        return Sight(
            _state(subject, at, look, BAD_STATES[state], state, f"Container {container}: {state}. {_all(total)}."), grave=_BAD
        )
    if restarts >= RESTARTS:
        ended = f", the last time after {_word(last)}" if _word(last) else ""
        return Sight(_state(subject, at, look, "Restarted", "Restarted", f"{times}{ended}."), grave=_RESTARTED)
    return Sight(Observation(subject, Health.NOTED, at, Source.COMPLIANCE), opens=False, grave=_NOISE)


def _state(subject: Subject, at: datetime, look: Look, reason: str, said: str, text: str) -> Observation:
    """The inventory of pods is state, and nobody else tells of it: nothing better is waited for."""
    seen = logged(subject, at, look, text, reason=reason, said=said)
    return replace(seen, source=Source.COMPLIANCE, held_from=look.now)


def _all(total: int) -> str:
    return f"{total} restarts in all" if total else "No restart so far"


def _word(text: str) -> str:
    return clean(text)[:63].strip()
