"""Incidents, what was told of them, and the ledger, as JSON texts and back. Fields at their defaults are left out.

Law: what an older version wrote can be read; unknown fields are ignored.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from shared.adapters.json_fields import (
    MOMENT,
    Codec,
    Json,
    decode_fields,
    dense,
    encode_fields,
    fields_of,
    moment,
    parse_moment,
)
from shared.core.causes import Severity
from shared.core.cluster import Cluster
from shared.core.incident import Incident
from shared.core.observation import Health, Subject
from shared.core.told import ChannelState, Ledger, Said, Told


def _moments(times: tuple[datetime, ...]) -> list[float]:
    return [moment(at) for at in times]


def _parse_moments(times: list[float]) -> tuple[datetime, ...]:
    return tuple(parse_moment(at) for at in times)


def _subject(subject: Subject) -> list[str]:
    return [subject.cluster.arm_id, subject.kind, subject.namespace, subject.name]


def _parse_subject(parts: list[str]) -> Subject:
    return Subject(_cluster(parts[0]), *parts[1:])


def _cluster(arm_id: str) -> Cluster:
    """An id that we wrote ourselves: taken apart without the checks that guard the door."""
    _, _, subscription, _, group, _, _, kind, name = arm_id.split("/")
    return Cluster(subscription, group, kind, name)


def _alerts(alerts: Mapping[str, tuple[datetime, bool]]) -> dict[str, list[Json]]:
    return {rule: [moment(at), fires] for rule, (at, fires) in alerts.items()}


def _parse_alerts(alerts: dict[str, list[Json]]) -> dict[str, tuple[datetime, bool]]:
    return {rule: (parse_moment(at), bool(fires)) for rule, (at, fires) in alerts.items()}


_CODECS: Mapping[str, Codec] = {
    "subject": (_subject, _parse_subject),
    "ready": (str, Health),
    "seen": (list, tuple),
    "alerts": (_alerts, _parse_alerts),
    "severity": (str, Severity),
    "openings": (_moments, _parse_moments),
    **dict.fromkeys(("observed_at", "opened_at", "due_at", "last_seen_at", "resolved_at", "turned_at", "cause_at"), MOMENT),
}
_FIELDS = fields_of(Incident, _CODECS, apart=("message",))  # a column of its own: long, and not needed to decide


def encode_incident(incident: Incident) -> str:
    """Everything but the message."""
    return dense(encode_fields(incident, _FIELDS))


def decode_incident(text: str, message: str = "") -> Incident:
    """The incident; raises ValueError, KeyError, TypeError or AttributeError if this is none."""
    return Incident(**decode_fields(json.loads(text), _FIELDS), message=message)


def encode_told(told: Mapping[str, Told]) -> str:
    """What each channel was told."""
    return json.dumps(
        {c: [t.said, moment(t.at), t.group, list(t.fingerprints), t.step] for c, t in told.items()}, separators=(",", ":")
    )


def decode_told(text: str) -> dict[str, Told]:
    """The other way round; an empty text is nothing told."""
    if not text:
        return {}
    return {
        channel: Told(Said(said), parse_moment(at), group, tuple(prints), step)
        for channel, (said, at, group, prints, step) in json.loads(text).items()
    }


def encode_ledger(ledger: Ledger) -> dict[str, str]:
    """Columns. Posts in milliseconds: a hundred busy connections fit into what a column holds."""
    channels = {
        name: {
            "last_post_at": state.last_post_at and state.last_post_at.isoformat(),
            "broken": state.broken,
            "error": state.error,
            "failures": state.failures,
            "retry_at": state.retry_at and state.retry_at.isoformat(),
        }
        for name, state in ledger.channels.items()
    }
    posts = {connection: [round(at.timestamp() * 1000) for at in times] for connection, times in ledger.posts.items()}
    return {
        "channels": json.dumps(channels, separators=(",", ":")),
        "posts": json.dumps(posts, separators=(",", ":")),
        "swept_at": ledger.swept_at.isoformat() if ledger.swept_at else "",
    }


def decode_ledger(row: Mapping[str, str], version: str) -> Ledger:
    """The other way round."""
    channels = {
        name: ChannelState(
            last_post_at=_maybe(state["last_post_at"]),
            broken=state["broken"],
            error=state["error"],
            failures=state["failures"],
            retry_at=_maybe(state["retry_at"]),
        )
        for name, state in json.loads(row["channels"]).items()
    }
    posts = {
        connection: tuple(datetime.fromtimestamp(at / 1000, UTC) for at in times)
        for connection, times in json.loads(row["posts"]).items()
    }
    return Ledger(channels, posts, _maybe(row["swept_at"]), version)


def _maybe(at: str | None) -> datetime | None:
    return datetime.fromisoformat(at) if at else None
