"""A remedy in; its commands with the names of the object, its release and its cluster, as far as a shell can take them, out."""

from __future__ import annotations

import pytest

from shared.core.advice import advice
from shared.core.remedies import REMEDIES
from tests.examples import cluster, subject

OF = subject("Extension", "flux", "flux-system", cluster("aks-1", "rg-1"))


def test_a_command_of_the_azure_cli_names_the_cluster() -> None:
    said = advice("Run: az k8s-extension show -g GROUP -c CLUSTER -t TYPE -n NAME", OF, "")
    assert said == "Run: az k8s-extension show -g rg-1 -c aks-1 -t managedClusters -n flux"


def test_where_many_clusters_fail_none_of_them_is_named() -> None:
    said = advice("az k8s-extension show -g GROUP -c CLUSTER -n NAME", OF, "", everywhere=True)
    assert said == "az k8s-extension show -g GROUP -c CLUSTER -n flux"


def test_a_name_that_is_itself_a_word_to_be_filled_in_is_left_alone() -> None:
    assert advice("-c CLUSTER -n NS", subject("X", "a", "b", cluster("NS")), "") == "-c NS -n b"


@pytest.mark.parametrize("group", ["rg(1)", "rg-Größe"])
def test_a_group_that_a_shell_would_take_amiss_is_not_put_into_a_command(group: str) -> None:
    assert advice("-g GROUP", subject(on=cluster("aks-1", group)), "") == "-g GROUP"


def test_the_group_of_an_api_is_no_resource_group() -> None:
    assert "--api-group=GROUP" in advice(REMEDIES["crd-missing"], OF, "")
