"""Queries of the real client in; pages, refusals and quotas as Azure Resource Graph gives them out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from azure.core.exceptions import HttpResponseError

from local.azure import QUOTA, Limits, failure_of, generate
from local.azure.generate import BEGIN
from local.azure.resource_graph import ResourceGraph

CONFIGURATIONS = """
kubernetesconfigurationresources
| where type =~ "microsoft.kubernetesconfiguration/fluxconfigurations"
| project id, name, state = tostring(properties.complianceState), statuses = properties.statuses
| order by id asc
"""
CLUSTERS = 'resources | where type =~ "microsoft.containerservice/managedclusters" | project id, name | order by id asc'
NAMES = "resources | project name | order by name asc"
SOME = "resources | project id | order by id asc | take 3"


def names(answer) -> set[str]:
    return {row["name"] for row in answer.data}


def detail(error: HttpResponseError) -> str:
    return error.error.details[0].code


def test_rows_are_json_with_what_the_query_projects(page, world):
    answer, _ = page()
    assert answer.total_records == answer.count == len(answer.data) == 8
    assert (answer.skip_token, answer.result_truncated) == (None, "false")
    assert set(answer.data[0]) == {"id", "name", "state", "statuses"}
    assert isinstance(answer.data[0]["statuses"], list)


def test_pages_follow_each_other_until_there_is_no_token(page):
    whole, token, pages = page()[0].data, None, []
    while not pages or token:
        answer, _ = page(token=token, top=3)
        pages.append(answer.data)
        token = answer.skip_token
    assert [len(each) for each in pages] == [3, 3, 2]
    assert [row for each in pages for row in each] == whole


@pytest.mark.parametrize("query", [NAMES, SOME], ids=["no id", "take"])
def test_without_an_id_or_with_take_the_rest_is_cut_and_there_is_no_token(page, query):
    answer, _ = page(query, top=2)
    assert (len(answer.data), answer.skip_token, answer.result_truncated) == (2, None, "true")


def test_a_token_is_good_for_its_own_query_only(page):
    token = page(top=3)[0].skip_token
    for wrong in ("nonsense", token[:-4] + "AAAA"):
        with pytest.raises(HttpResponseError) as refused:
            page(token=wrong)
        assert detail(refused.value) == "InvalidSkipToken"
    with pytest.raises(HttpResponseError):
        page(CLUSTERS, token=token)


@pytest.mark.parametrize("top", [1_001, -1])
def test_pages_have_at_most_a_thousand_rows(page, top):
    with pytest.raises(HttpResponseError) as refused:
        page(top=top)
    assert (refused.value.status_code, detail(refused.value)) == (400, "InvalidRequest")


@pytest.mark.parametrize("query", ["resources | wherever true", "nowhere | project id", "resources | project nothing"])
def test_a_wrong_query_is_refused(page, query):
    with pytest.raises(HttpResponseError) as refused:
        page(query)
    assert (refused.value.status_code, detail(refused.value)) == (400, "InvalidQuery")


def test_an_answer_over_the_limit_is_refused_and_a_smaller_page_is_not(page, azure):
    azure.limits = Limits(payload_bytes=20_000)
    with pytest.raises(HttpResponseError) as refused:
        page()
    assert detail(refused.value) == "ResponsePayloadTooLarge"
    assert len(page(top=2)[0].data) == 2


def test_every_answer_says_how_much_of_the_quota_is_left(page, azure, clock):
    azure.limits = replace(Limits(), quota=QUOTA)
    left = [page(CLUSTERS)[1]["x-ms-user-quota-remaining"] for _ in range(15)]
    assert left == [str(number) for number in reversed(range(15))]
    with pytest.raises(HttpResponseError) as refused:
        page(CLUSTERS)
    assert (refused.value.status_code, refused.value.error.code) == (429, "RateLimiting")
    headers = refused.value.response.headers
    assert (headers["x-ms-user-quota-remaining"], headers["x-ms-user-quota-resets-after"]) == ("0", "00:00:05")
    clock.turn(5)
    assert page(CLUSTERS)[1]["x-ms-user-quota-remaining"] == "14"


def test_what_changes_in_the_world_is_in_the_next_answer(page, world):
    assert {row["state"] for row in page()[0].data} == {"Compliant"}
    one = next(world.objects())
    world.fail(one, *failure_of(one), BEGIN + timedelta(minutes=1))
    world.report(BEGIN + timedelta(minutes=2))
    bad = [row for row in page()[0].data if row["state"] == "Non-Compliant"]
    assert [row["id"].lower() for row in bad] == [one.configuration.arm_id.lower()]


def test_missing_rights_are_fewer_rows_and_none_at_all_is_403(page, world, azure):
    hidden, *rest = [one for one in world.members.values() if one.cluster.type == "managedClusters"]
    world.hide(hidden)
    assert names(page(CLUSTERS)[0]) == {one.cluster.name for one in rest}
    for subscription in world.subscriptions:
        world.hide(subscription)
    with pytest.raises(HttpResponseError) as refused:
        page(CLUSTERS)
    assert (refused.value.status_code, refused.value.error.code) == (403, "AuthorizationFailed")
    azure.limits = Limits(empty_is_forbidden=False)
    assert page(CLUSTERS)[0].data == []


def test_a_scope_is_subscriptions_or_management_groups(page, world):
    stage = next(one for one in world.subscriptions.values() if one.name == "Contoso Staging")
    assert names(page(CLUSTERS, subscriptions=[stage.id.upper()])[0]) == {"aks-stage-003"}
    assert len(page(CLUSTERS, management_groups=["Contoso"])[0].data) == 3
    with pytest.raises(HttpResponseError) as refused:
        page(CLUSTERS, management_groups=["fabrikam"])
    assert refused.value.status_code == 403


def test_more_subscriptions_than_azure_looks_at_are_said_in_a_header(page, azure):
    assert "x-ms-tenant-subscription-limit-hit" not in page(CLUSTERS)[1]
    azure.limits = Limits(subscriptions=1)
    answer, headers = page(CLUSTERS)
    assert headers["x-ms-tenant-subscription-limit-hit"] == "true"
    assert len(answer.data) < 3


def test_a_fleet_of_500_clusters_and_10_000_objects_is_told_in_pages():
    service = ResourceGraph(generate(500, 20, workspace=""))
    token, told = None, 0
    for rows in (400, 400, 200):
        answer = service.answer({"query": CONFIGURATIONS, "options": {"$top": 400, "$skipToken": token}}, BEGIN)
        token, told = (
            answer.body.get("$skipToken"),
            told + sum(len(row["statuses"]) for row in answer.body["data"]),
        )
        assert answer.body["count"] == rows
    assert (token, told) == (None, 10_000)
