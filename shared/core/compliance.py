"""What a compliance sweep gathered in; what it observes, what is to be known of the fleet, its counts and its findings out.

Pure: time is an argument. "No rows" is never "all is well": what is not shown stays as it was until Azure says that it is gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from shared.core.causes import CAUSES
from shared.core.census import places, settled
from shared.core.compliance_findings import findings
from shared.core.coverage import KINDS, Coverage, Gap
from shared.core.finding import Finding
from shared.core.fingerprint import fingerprint
from shared.core.gaps import AGENT, GAPS, NAMESPACE
from shared.core.incident import BAD, Incident
from shared.core.inventory import ClusterInfo
from shared.core.measures import Fleet, Wrong
from shared.core.observation import Health, Observation, Source, Subject
from shared.core.sight import Identity, Place, Sight, Standing
from shared.core.sightings import gone, of_departures, of_objects

_GAP_OF: Mapping[str, Gap] = {kind: gap for gap, kind in KINDS.items()}
_OF_EXTENSIONS = frozenset({Gap.EXTENSION_MISSING, Gap.EXTENSION_FAILED, Gap.EXTENSION_UNSUPPORTED, Gap.EXTENSION_PINNED})
_OF_CONFIGURATIONS = frozenset({Gap.CONFIGURATION_FAILED, Gap.CONFIGURATION_SUSPENDED, Gap.SOURCE_NOT_SYNCED, Gap.AGENT_SILENT})


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done: `observations` first, then the inventory (`dropped` are keys of clusters)."""

    observations: tuple[Observation, ...]
    changed: tuple[ClusterInfo, ...]
    dropped: tuple[str, ...]
    counts: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def decide(sight: Sight, coverage: Coverage) -> Decision:
    """What follows from what was gathered."""
    found = [*places(sight)]
    known = [place for place in found if place.standing is not Standing.GONE and (place.old or place.row)]
    fleet = Fleet.of((place.info for place in known), coverage, sight.now)
    return Decision(
        tuple(one for place in found for one in _observations(place, fleet, sight)),
        tuple(info for place in known if (info := settled(place, silent=_was_silent(place))) is not place.old),
        tuple(place.cluster.key for place in found if place.standing is Standing.GONE and place.old),
        _counts(known),
        findings(sight, known),
    )


def _was_silent(place: Place) -> bool:
    return (KINDS[Gap.AGENT_SILENT], NAMESPACE, AGENT) in place.failing


def _observations(place: Place, fleet: Fleet, sight: Sight) -> Iterator[Observation]:
    if place.standing is Standing.GONE:
        yield from (gone(place, identity, sight.now) for identity in place.failing)
        return
    yield from of_objects(place, sight.now)
    yield from of_departures(place, sight.now)
    yield from _of_gaps(place, fleet, sight)


# ---------------------------------------------------------------------------------------------------------------- gaps


def _of_gaps(place: Place, fleet: Fleet, sight: Sight) -> Iterator[Observation]:
    """Every gap, and the end of those that are none any more."""
    judged: dict[Identity, Wrong | Health] = {}
    for gap, judge in GAPS.items():
        if gap not in fleet.coverage.off and _can_judge(gap, place, sight):
            judged |= {(KINDS[gap], namespace, name): said for namespace, name, said in judge(place, fleet)}
    for identity, said in judged.items():
        if isinstance(said, Wrong):
            yield _wrong(Subject(place.cluster, *identity), _GAP_OF[identity[0]], said, fleet)
    for identity, incident in place.failing.items():
        gap_of = _gap(identity, incident, place)
        if gap_of is None or not (gap_of in fleet.coverage.off or _can_judge(gap_of, place, sight)):
            continue
        if (verdict := judged.get(identity, Health.GONE)) in (Health.HEALTHY, Health.GONE):
            yield Observation(Subject(place.cluster, *identity), Health(verdict), fleet.now, Source.COMPLIANCE, heartbeat=True)


def _can_judge(gap: Gap, place: Place, sight: Sight) -> bool:
    """Nothing is concluded from an answer that did not come, nor of a cluster that is not shown."""
    if gap is Gap.VISIBILITY_LOST:
        return place.hidden or (place.standing is Standing.LISTED and sight.configurations is not None)
    if gap in _OF_EXTENSIONS and sight.extensions is None:
        return False
    if gap in _OF_CONFIGURATIONS and sight.configurations is None:
        return False
    return place.standing is Standing.LISTED


def _gap(identity: Identity, incident: Incident, place: Place) -> Gap | None:
    """Which gap an incident is about. The controllers and their logs are of kind Extension too."""
    kind, _, name = identity
    gap = _GAP_OF.get(kind)
    if gap is Gap.EXTENSION_FAILED and incident.cause != gap:
        extensions = (place.info.extension, place.old.extension if place.old else None)
        return gap if any(one is not None and one.name == name for one in extensions) else None
    return gap if incident.ready in BAD else None


def _wrong(subject: Subject, gap: Gap, said: Wrong, fleet: Fleet) -> Observation:
    cause = CAUSES[said.cause or gap]
    return Observation(
        subject,
        Health.FAILING,
        fleet.now,
        Source.COMPLIANCE,
        reason=said.reason,
        message=said.text,
        cause=cause,
        fingerprint=fingerprint(subject.kind, said.text, subject.namespace, subject.name),
        origin=said.origin,
        note=said.note,
        since=min(said.since, fleet.now) if said.since else None,
    )


# -------------------------------------------------------------------------------------------------------------- counts


def _counts(known: Sequence[Place]) -> Mapping[str, int]:
    configurations = [one for place in known for one in place.info.configurations]
    states = Counter(one.compliance.value.lower().replace("-", "_") for one in configurations)
    return {
        "clusters": len(known),
        "configurations": len(configurations),
        **{state: states[state] for state in ("compliant", "non_compliant", "pending", "suspended", "unknown")},
        "objects": sum(len(one.objects) for one in configurations),
        "failing": sum(one.failing for one in configurations),
        "clusters_without_extension": sum(place.info.extension is None for place in known),
    }
