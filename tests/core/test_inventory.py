"""Which repository is behind an object: Azure names the objects of a flux configuration after it."""

from __future__ import annotations

import pytest

from shared.core.inventory import ClusterInfo, with_sources
from tests.examples import cluster

INFO = ClusterInfo(
    cluster(),
    configurations=with_sources(
        {"cluster-config/platform": "https://g/platform", "cluster-config/platform-edge": "https://g/edge"}
    ),
)


@pytest.mark.parametrize(
    ("namespace", "name", "url"),
    [
        ("cluster-config", "platform", "https://g/platform"),
        ("cluster-config", "platform-apps", "https://g/platform"),
        ("cluster-config", "platform-edge", "https://g/edge"),
        ("cluster-config", "platform-edge-apps", "https://g/edge"),
        ("cluster-config", "platforms", ""),
        ("other", "platform-apps", ""),
    ],
)
def test_an_object_belongs_to_the_configuration_with_the_longest_name_that_fits(namespace: str, name: str, url: str) -> None:
    assert INFO.source_of(namespace, name) == url


def test_of_a_cluster_that_nobody_looked_at_nothing_is_known() -> None:
    assert ClusterInfo(cluster()).source_of("cluster-config", "platform") == ""
