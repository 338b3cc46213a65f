"""Events of Event Grid in; the change of an extension, or why it is none, out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.extension_event import NotAnExtension, read
from tests.examples import START, cluster

AKS = cluster("aks-1")
FLUX = f"{AKS.arm_id}/providers/Microsoft.KubernetesConfiguration/extensions/flux"
WRITTEN = {
    "id": "1",
    "eventType": "Microsoft.Resources.ResourceWriteSuccess",
    "subject": FLUX,
    "eventTime": START.isoformat(),
    "data": {"resourceUri": FLUX, "correlationId": "c-1", "claims": {"name": "secret"}},
}


def test_both_schemas_tell_the_same():
    cloud = {"specversion": "1.0", "type": WRITTEN["eventType"], "time": WRITTEN["eventTime"], **WRITTEN}
    del cloud["eventType"], cloud["eventTime"]
    assert read(WRITTEN) == read(cloud)
    assert read(WRITTEN).arm_id == FLUX
    assert (read(WRITTEN).deleted, read(WRITTEN).at, read(WRITTEN).correlation) == (False, START, "c-1")


def test_letter_case_and_a_missing_uri_do_not_matter():
    event = {"EVENTTYPE": "microsoft.resources.resourcedeletesuccess", "Subject": FLUX.upper(), "data": None}
    assert (read(event).deleted, read(event).cluster.key, read(event).at) == (True, AKS.key, None)


@pytest.mark.parametrize(
    "event",
    [
        None,
        [],
        {},
        {**WRITTEN, "eventType": "Microsoft.Resources.ResourceWriteFailure"},
        {**WRITTEN, "data": {"resourceUri": AKS.arm_id}},
        {**WRITTEN, "data": {"resourceUri": FLUX + "/operations/1"}},
        {**WRITTEN, "data": {"resourceUri": FLUX.replace("managedClusters", "virtualMachines")}},
        {**WRITTEN, "data": {"resourceUri": FLUX + "\n"}},
    ],
)
def test_what_is_something_else_is_refused_without_repeating_it(event):
    with pytest.raises(NotAnExtension) as raised:
        read(event)
    assert AKS.name not in str(raised.value)


@given(st.recursive(st.none() | st.text() | st.integers(), lambda inner: st.dictionaries(st.sampled_from([*WRITTEN]), inner)))
def test_anything_else_is_refused(event):
    with pytest.raises(NotAnExtension):
        read(event)
