"""Which channel hears of an incident."""

from __future__ import annotations

import pytest

from shared.core.causes import Severity
from shared.core.routing import DEFAULT, FIELDS, Route, Routing
from tests.examples import SUBSCRIPTION, cluster, incident, subject

ONE = incident(of=subject("HelmRelease", "web", "shop", cluster("aks-prod-weu-01", "rg-shop")), severity=Severity.CRITICAL)


@pytest.mark.parametrize(
    ("field", "pattern"),
    [
        ("subscription", SUBSCRIPTION),
        ("resource_group", "rg-shop"),
        ("cluster", "aks-prod-*"),
        ("namespace", "sho?"),
        ("kind", "HelmRelease"),
        ("severity", "critical"),
    ],
)
def test_every_field_can_be_matched_whatever_its_letter_case(field: str, pattern: str) -> None:
    assert Route("team", {field: (pattern.upper(),)}).takes(ONE)
    assert not Route("team", {field: ("other-*",)}).takes(ONE)


def test_no_field_is_without_a_test() -> None:
    assert set(FIELDS) == {"subscription", "resource_group", "cluster", "namespace", "kind", "severity"}


def test_one_pattern_of_a_field_is_enough_but_every_field_has_to_match() -> None:
    assert Route("team", {"namespace": ("infra", "shop"), "kind": ("HelmRelease",)}).takes(ONE)
    assert not Route("team", {"namespace": ("infra", "shop"), "kind": ("Kustomization",)}).takes(ONE)


def test_the_first_route_that_matches_wins() -> None:
    routing = Routing((Route("a", {"namespace": ("infra",)}), Route("b", {"namespace": ("shop",)}), Route("c")))
    assert routing.channel_of(ONE) == "b"


def test_there_is_always_a_channel() -> None:
    assert Routing().channel_of(ONE) == DEFAULT
    assert Routing((Route("a", {"namespace": ("infra",)}),)).channel_of(ONE) == DEFAULT
