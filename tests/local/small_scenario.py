"""What is different in a small scenario in; its text, as in a file, out; and what of Azure it can be played against.

Law: the small one as it is can be loaded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from local.azure.faults import Faults

SMALL = """
title: One cluster
seconds: 5
clusters: [{name: aks-1, subscription: 00000000-0000-0000-0000-000000000001, resource_group: rg}]
timeline:
  - {at: 0, where: aks-*, event: {object: Kustomization/flux/apps, reason: BuildFailed, message: broken}}
"""

DOWN = {"alert": "FluxSystemDown"}


@dataclass
class Switches:
    """What of Azure itself can go wrong."""

    faults: Faults = field(default_factory=Faults)


def changed(**changes: Any) -> str:
    row = yaml.safe_load(SMALL) | changes
    return yaml.safe_dump({key: value for key, value in row.items() if value is not None})


def with_source(**changes: Any) -> str:
    """The small scenario, on a cluster that Azure shows a configuration of."""
    row = yaml.safe_load(step(**changes))
    row["clusters"][0]["sources"] = {"flux/apps": "https://github.com/contoso/fleet"}
    return yaml.safe_dump(row)


def step(**changes: Any) -> str:
    first = yaml.safe_load(SMALL)["timeline"][0]
    return changed(timeline=[first | changes])
