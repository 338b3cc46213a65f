"""Workspaces that alert rules watch, and their tags, in; the rows that Resource Graph shows of them, out."""

from __future__ import annotations

from local.azure import World, generate
from local.azure.generate import METRICS, WORKSPACE


def test_workspaces_are_rows_of_resource_graph_with_their_place_and_tags():
    world = generate(1, 2)
    world.tag(world.metrics[METRICS.lower()], "fluxwatch-rule-FluxSystemDown", "for=10m")
    rows = {row["name"]: row for row in world.graph_rows()["resources"]}
    shown = rows["amw-platform"]
    assert (shown["type"], shown["location"]) == ("microsoft.monitor/accounts", "westeurope")
    assert shown["tags"] == {"fluxwatch-rule-FluxSystemDown": "for=10m"}
    assert (rows["law-platform"]["type"], rows["law-platform"]["tags"]) == ("microsoft.operationalinsights/workspaces", None)
    world.hide(METRICS)
    world.delete_workspace(WORKSPACE)
    assert not {"amw-platform", "law-platform"} & {row["name"] for row in world.graph_rows()["resources"]}
    world.delete_metrics_workspace(METRICS)
    assert not world.metrics


def test_a_tag_is_replaced_and_taken_away_in_any_letter_case():
    world = World()
    one = world.add_metrics_workspace(METRICS, "uksouth", {"Fluxwatch-Alert-Rules": "off"})
    assert world.add_metrics_workspace(METRICS.upper()) is one
    world.tag(one, "fluxwatch-alert-rules", "own")
    assert one.tags == {"fluxwatch-alert-rules": "own"}
    version = world.version
    world.tag(one, "FLUXWATCH-ALERT-RULES", None)
    assert (one.tags, world.version) == ({}, version + 1)
