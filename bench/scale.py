"""How much is measured: full, for figures to rely on; quick, to see that everything runs.

Law: values only.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """`runs` samples of each measure. The rest says how large what is measured is."""

    runs: int
    events: int  # of each sort, in one sample of intake
    incidents: int  # open, when notify has nothing to tell
    fewer: int  # the same, to see how the cost grows
    clusters: tuple[int, ...]  # on one card
    storm: int  # events
    members: int  # clusters of the fleet that is swept and shown
    fewer_members: int  # the same, to see how the cost grows
    failing: int  # of its objects


FULL = Scale(
    runs=9,
    events=500,
    incidents=5_000,
    fewer=500,
    clusters=(1, 48, 500),
    storm=2_000,
    members=500,
    fewer_members=50,
    failing=200,
)
QUICK = Scale(runs=1, events=20, incidents=40, fewer=20, clusters=(1, 3), storm=20, members=4, fewer_members=2, failing=10)
