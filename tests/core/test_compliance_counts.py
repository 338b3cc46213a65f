"""What a sweep counts, and what the inventory knows then."""

from __future__ import annotations

from dataclasses import replace

from shared.core.inventory import Compliance
from tests.examples import START, cluster
from tests.sights import Watch, cluster_row, configuration_row, extension_row, status


def test_what_there_is_is_counted() -> None:
    other = cluster("aks-2")
    rows = [
        configuration_row(status(ready="False")),
        configuration_row(status("b"), status("c"), name="b", on=other),
        configuration_row(name="c", on=other, complianceState="Pending", statuses=None),
        configuration_row(name="d", on=other, complianceState="Suspended", statuses=None),
        configuration_row(name="e", on=other, complianceState="?", statuses=None),
    ]
    watch = Watch([cluster_row(), cluster_row(other)], rows, [extension_row()])
    assert watch.sweep().counts == {
        "clusters": 2,
        "configurations": 5,
        "compliant": 1,
        "non_compliant": 1,
        "pending": 1,
        "suspended": 1,
        "unknown": 1,
        "objects": 3,
        "failing": 1,
        "clusters_without_extension": 1,
    }


def test_the_inventory_knows_what_the_rows_said() -> None:
    watch = Watch(configurations=[configuration_row(status(ready="False"))])
    watch.sweep()
    (one,) = watch.info().configurations
    assert (one.compliance, one.failing, one.bad_since, len(one.objects)) == (Compliance.NON_COMPLIANT, 1, START, 1)
    assert watch.info().configuration_of("Kustomization", "cluster-config", "platform-apps") == "cluster-config/platform"
    assert replace(watch.info(), configurations=()).subscription_name == "Contoso Production"
