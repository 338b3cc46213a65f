"""What every source says, in one form: at this time, that source saw this object so.

Pure: no I/O.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.core.causes import Cause
from shared.core.cluster import Cluster


class Health(StrEnum):
    """What was seen. Only `FAILING`, `REMEDIATED` and `WAITING` can open an incident, only `HEALTHY` and `GONE` close one."""

    HEALTHY = "healthy"
    FAILING = "failing"
    WAITING = "waiting"  # on something else, so far without an error of its own
    REMEDIATED = "remediated"  # rolled back after a failure: runs, but not what was wanted
    PROGRESSING = "progressing"
    SUSPENDED = "suspended"
    GONE = "gone"
    NOTED = "noted"  # heard, and of no consequence


class Source(StrEnum):
    """Who saw it. Flux events and compliance speak for the object's readiness, alerts for their own rule, logs add detail."""

    FLUX_EVENT = "flux-event"
    COMPLIANCE = "compliance"  # what Azure shows of the object's state: Resource Graph, and the inventory of pods
    ALERT = "alert"
    LOGS = "logs"


ALERT_RULE = "AlertRule"  # the kind of a subject that is itself an alert, for want of an object
READINESS = frozenset({Source.FLUX_EVENT, Source.COMPLIANCE})


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom an incident is about: one object on one cluster. For what is no Flux object `kind` is `Cluster`, `Extension`, …"""

    cluster: Cluster
    kind: str
    namespace: str
    name: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Equal for the same subject whatever the letter case of the ARM id."""
        return (self.cluster.key, self.kind, self.namespace, self.name)


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing seen. Times are aware; texts are redacted, but not escaped."""

    subject: Subject
    health: Health
    at: datetime  # by the clock of the source: so it was then
    source: Source
    reason: str = ""
    message: str = ""
    cause: Cause | None = None  # of failing, waiting and remediated
    fingerprint: str = ""
    revision: str = ""
    origin: str = ""  # what it is made from, where the message tells: a source's URL, or chart@version
    note: str = ""  # what the user's Alert says of it (`summary`)
    needs: str = ""  # namespace/name of what it waits for
    heartbeat: bool = False  # healthy as ever: worth no write
    rule: str = ""  # of an alert
    since: datetime | None = None  # so it has been since then, where the source knows; never after `at`
    held_from: datetime | None = None  # its cause's hold-off begins here, for who learns of it late; None: when it began
