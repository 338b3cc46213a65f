"""A cluster in; what is wrong with its microsoft.flux extension, or that nothing is, out. One function for each gap.

Pure: see gaps.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from shared.core.coverage import SUPPORTED
from shared.core.measures import Fleet, Judged, Wrong, asleep, minor, runs
from shared.core.observation import Health
from shared.core.sight import Place

FLUX = "microsoft.flux"
NAMESPACE = "flux-system"

_FAILED = frozenset({"failed", "canceled"})


def missing(place: Place, fleet: Fleet) -> Iterator[Judged]:
    if place.info.extension is not None:
        yield NAMESPACE, FLUX, Health.HEALTHY
    elif runs(place) and place.row is not None and fleet.coverage.expects_flux(place.cluster, place.row.tags):
        said = "The cluster is expected to run Flux, and has no extension microsoft.flux."
        yield NAMESPACE, FLUX, Wrong(said, origin=place.cluster.subscription.lower())


def failed(place: Place, fleet: Fleet) -> Iterator[Judged]:
    row = place.extension
    if row is None:
        yield from _unseen(place)
    elif asleep(place):
        yield NAMESPACE, row.name, Health.GONE
    elif row.provisioning.lower() in _FAILED or row.error:
        failed = row.provisioning.lower() in _FAILED
        said = row.error or f"Azure reports the extension as {row.provisioning}."
        yield NAMESPACE, row.name, Wrong(said, row.provisioning if failed else "Failed", f"{FLUX} {row.version}".strip())
    else:
        yield NAMESPACE, row.name, Health.HEALTHY


def _unseen(place: Place) -> Iterator[Judged]:
    """An extension that is known and not shown."""
    if place.info.extension is not None:
        yield NAMESPACE, place.info.extension.name, Health.PROGRESSING


def unsupported(place: Place, fleet: Fleet) -> Iterator[Judged]:
    extension = place.info.extension
    if extension is None or (version := minor(extension.version)) is None:
        return
    major, last = fleet.newest
    if version >= (major, last - SUPPORTED):
        yield NAMESPACE, extension.name, Health.HEALTHY
    elif asleep(place):
        yield NAMESPACE, extension.name, Health.GONE
    else:
        old = f"{version[0]}.{version[1]}"
        said = f"Version {old} is installed; {major}.{last} and the {SUPPORTED} minor versions before it are supported."
        yield NAMESPACE, extension.name, Wrong(said, origin=f"{FLUX} {old}")


def pinned(place: Place, fleet: Fleet) -> Iterator[Judged]:
    extension = place.info.extension
    if extension is None:
        return
    if extension.auto_upgrade is False and not asleep(place):
        said = "Automatic upgrades of the minor version are off: somebody has to upgrade it by hand."
        yield NAMESPACE, extension.name, Wrong(said, origin=f"{FLUX} {extension.version}".strip())
    else:
        yield NAMESPACE, extension.name, Health.GONE if asleep(place) else Health.HEALTHY
