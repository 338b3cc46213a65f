"""FLEET_SCOPES in; which subscriptions and management groups Azure Resource Graph is asked about out.

Pure: no I/O.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import batched

SUBSCRIPTIONS = 300  # in one request: more make it slow, and 1,000 are refused
GROUPS = 10  # management groups in one request: as many as Azure's own command line sends
EVERYTHING = "*"

_SUBSCRIPTION = re.compile(r"(?:/subscriptions/)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE | re.ASCII)
_GROUP = re.compile(r"(?:/providers/Microsoft\.Management/managementGroups/)?([\w.()-]{1,90})", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Scope:
    """`everything`: whatever the identity may see. All three empty: nothing, and there is no sweep."""

    subscriptions: tuple[str, ...] = ()
    management_groups: tuple[str, ...] = ()
    everything: bool = False

    @classmethod
    def of(cls, words: Iterable[str]) -> Scope:
        """Raises ValueError for a word that is no id of a subscription, no management group and not `*`."""
        subscriptions, groups, everything = list[str](), list[str](), False
        for word in words:
            if word == EVERYTHING:
                everything = True
            elif found := _SUBSCRIPTION.fullmatch(word):
                subscriptions.append(found[1].lower())
            elif found := _GROUP.fullmatch(word):
                groups.append(found[1])
            else:
                raise ValueError(word)
        return cls(tuple(dict.fromkeys(subscriptions)), tuple(dict.fromkeys(groups)), everything)

    def __bool__(self) -> bool:
        return bool(self.everything or self.subscriptions or self.management_groups)

    def excludes(self, subscription: str) -> bool:
        """That nobody looks there any more. What is in a management group nobody here can say."""
        known = self.subscriptions and not (self.everything or self.management_groups)
        return bool(known) and subscription.lower() not in self.subscriptions

    @property
    def requests(self) -> tuple[Scope, ...]:
        """One for each request: Resource Graph takes subscriptions or management groups, and not too many at once."""
        if self.everything:
            return (Scope(everything=True),)
        groups = (Scope(management_groups=some) for some in batched(self.management_groups, GROUPS))
        return (*groups, *(Scope(subscriptions=some) for some in batched(self.subscriptions, SUBSCRIPTIONS)))
