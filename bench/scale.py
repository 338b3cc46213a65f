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


FULL = Scale(runs=9, events=500, incidents=5_000, fewer=500, clusters=(1, 48, 500), storm=2_000)
QUICK = Scale(runs=1, events=20, incidents=40, fewer=20, clusters=(1, 3), storm=20)
