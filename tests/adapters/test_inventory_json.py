"""What is known of clusters to columns and back: nothing is lost, everything fits, and what an older version wrote is read."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import MISSING, fields, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.inventory_json import (
    BRIEF,
    MAX_DEPARTED,
    MAX_OBJECTS,
    decode_brief,
    decode_cluster,
    encode_cluster,
)
from shared.adapters.json_fields import PROPERTY, units
from shared.core.inventory import ClusterInfo, Configuration, Extension, with_sources
from tests.examples import cluster
from tests.full import FULL_CLUSTER, FULL_CONFIGURATION

ROW = 1_000_000 // 2  # UTF-16 units: a row takes 1 MiB, names and keys among it


def defaults(of: type) -> dict[str, Any]:
    return {f.name: f.default if f.default_factory is MISSING else f.default_factory() for f in fields(of)}


def with_objects(configurations: int, each: int) -> ClusterInfo:
    def digests(first: int) -> frozenset[str]:
        return frozenset(f"{number:08x}" for number in range(first * each, (first + 1) * each))

    known = (Configuration("ns", f"c-{place:03}", objects=digests(place)) for place in range(configurations))
    return ClusterInfo(cluster(), configurations=tuple(known))


def texts(columns: Mapping[str, Any]) -> list[str]:
    return [value for value in columns.values() if isinstance(value, str)]


@pytest.mark.parametrize("full", [FULL_CLUSTER, FULL_CONFIGURATION, FULL_CLUSTER.extension], ids=lambda one: type(one).__name__)
def test_the_example_has_every_field_at_something_else_than_its_default(full: object) -> None:
    assert [name for name, default in defaults(type(full)).items() if getattr(full, name) == default] == []


def test_every_field_comes_back() -> None:
    assert decode_cluster(encode_cluster(FULL_CLUSTER)) == FULL_CLUSTER


def test_a_cluster_of_which_nothing_is_known_comes_back() -> None:
    columns = encode_cluster(ClusterInfo(cluster()))
    assert json.loads(columns["info_0"]) == {"configurations": []}
    assert not [name for name in columns if name.startswith(("objects", "mute"))]
    assert decode_cluster(columns) == ClusterInfo(cluster())


def test_fields_at_their_defaults_are_not_written() -> None:
    info = ClusterInfo(cluster(), extension=Extension("flux"), configurations=(Configuration("a", "b"),))
    written = json.loads(encode_cluster(info)["info_0"])
    assert written == {"extension": {"name": "flux"}, "configurations": [{"namespace": "a", "name": "b"}]}


def test_cards_need_only_the_columns_that_people_can_read() -> None:
    columns = {name: value for name, value in encode_cluster(FULL_CLUSTER).items() if name in BRIEF}
    brief = decode_brief(columns)
    assert (brief.cluster, brief.region) == (FULL_CLUSTER.cluster, "uksouth")
    assert (brief.subscription_name, brief.mute_until) == (FULL_CLUSTER.subscription_name, FULL_CLUSTER.mute_until)
    assert brief.sources == FULL_CLUSTER.sources


def test_a_row_that_an_older_version_wrote_is_read() -> None:
    old = {
        "cluster": cluster().arm_id,
        "region": "uksouth",
        "subscription_name": "Shop",
        "sources": "a/b https://x/y\nc/d ssh://z",
    }
    known = with_sources({"a/b": "https://x/y", "c/d": "ssh://z"})
    assert decode_cluster(old) == ClusterInfo(cluster(), "uksouth", "Shop", configurations=known)
    assert decode_cluster({**old, "sources": ""}) == ClusterInfo(cluster(), "uksouth", "Shop")


def test_fields_that_a_newer_version_wrote_are_ignored_and_columns_that_are_missing_are_empty() -> None:
    columns = encode_cluster(FULL_CLUSTER)
    known = json.loads(columns["info_0"])
    known["configurations"][0]["colour"] = known["extension"]["colour"] = known["colour"] = "green"
    row = {**columns, "info_0": json.dumps(known), "objects_0": None, "objects_1": None}  # as `select` gives what is not there
    bare = tuple(replace(one, objects=frozenset()) for one in FULL_CLUSTER.configurations)
    assert decode_cluster(row) == replace(FULL_CLUSTER, configurations=bare)


def test_many_objects_fit_into_columns_of_their_own() -> None:
    info = with_objects(20, 400)
    columns = encode_cluster(info)
    assert [name for name in columns if name.startswith("objects")] == ["objects_0", "objects_1"]
    assert max(map(units, texts(columns))) == PROPERTY
    assert decode_cluster(columns) == info


def test_of_the_departed_those_that_left_last_are_kept() -> None:
    info = ClusterInfo(cluster(), departed={f"{2**32 - 1 - number:08x}": number for number in range(MAX_DEPARTED + 7)})
    back = decode_cluster(encode_cluster(info))
    assert list(back.departed.items()) == list(info.departed.items())[7:]  # in the order in which they left
    assert decode_cluster(encode_cluster(back)) == back


def test_clocks_that_are_far_off_are_kept_within_what_fits() -> None:
    info = ClusterInfo(cluster(), departed={"0000000a": -5, "0000000b": 10**12})
    assert decode_cluster(encode_cluster(info)).departed == {"0000000a": 0, "0000000b": 2**32 - 1}


def test_beyond_the_cap_objects_are_dropped_and_nothing_else() -> None:
    info = with_objects(20, 600)
    back = decode_cluster(encode_cluster(info))
    assert sum(len(one.objects) for one in back.configurations) == MAX_OBJECTS
    assert [one.name for one in back.configurations] == [one.name for one in info.configurations]
    assert all(after.objects <= before.objects for after, before in zip(back.configurations, info.configurations, strict=True))
    assert decode_cluster(encode_cluster(back)) == back


@pytest.mark.parametrize("text", ["x" * 100_000, "ä" * 5_000, "\N{FIRE}" * 100_000, '"\\\n' * 3_000, "\ud800" * 9, "\0\x1b"])
def test_whatever_azure_says_fits_into_a_row(text: str, caplog: pytest.LogCaptureFixture) -> None:
    one = Configuration(
        text, text, text, text, text, text, provisioning=text, objects=frozenset(f"{number:08x}" for number in range(50))
    )
    info = ClusterInfo(
        cluster(), text, text, state=text, kubernetes=text, extension=Extension(text, text, text), configurations=(one,) * 500
    )
    info = replace(info, departed={f"{number:08x}": number for number in range(9_999)})
    columns = encode_cluster(info)
    assert max(map(units, texts(columns))) <= PROPERTY
    assert sum(map(units, texts(columns))) < ROW
    "".join(texts(columns)).encode()  # no halves of characters
    back = decode_cluster(columns)
    assert 0 < len(back.configurations) <= 500
    assert decode_cluster(encode_cluster(back)) == back
    assert ("are left out" in caplog.text) == (len(back.configurations) < 500)


def test_ordinary_configurations_by_the_hundred_are_kept(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    many = tuple(replace(FULL_CONFIGURATION, name=f"c-{place}") for place in range(200))
    info = replace(FULL_CLUSTER, configurations=many)
    assert decode_cluster(encode_cluster(info)) == info
    assert not caplog.text


def test_a_source_that_would_not_be_a_line_is_kept_all_the_same() -> None:
    odd = (
        Configuration("a b", "c", "https://x"),
        Configuration("d", "e", "https://y\nz"),
        Configuration("f", "g", "https://z"),
    )
    columns = encode_cluster(ClusterInfo(cluster(), configurations=odd))
    assert columns["sources"] == "f/g https://z"
    assert decode_cluster(columns).configurations == odd


def test_a_mute_that_no_table_can_hold_is_none() -> None:
    columns = encode_cluster(ClusterInfo(cluster(), mute_until=datetime(1, 1, 1, tzinfo=UTC)))
    assert "mute_until" not in columns


@pytest.mark.parametrize(
    "spoilt",
    [
        {"info_0": "{"},
        {"info_0": "[]"},
        {"info_0": "{}"},
        {"info_0": '{"configurations": [{"compliance": "Sometimes"}]}'},
        {"info_0": '{"configurations": [{"namespace": "a"}]}'},
        {"info_0": '{"configurations": [], "hidden_since": "today"}'},
        {"info_0": '{"configurations": [], "extension": 5}'},
        {"cluster": "aks-1"},
        {"cluster": None},
    ],
    ids=str,
)
def test_what_is_no_cluster_raises_one_of_few_errors(spoilt: dict[str, Any]) -> None:
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        decode_cluster({**encode_cluster(FULL_CLUSTER), **spoilt})


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), st.sets(st.integers(0, 2**32 - 1), max_size=9))
def test_any_text_and_any_objects_come_back_as_they_were(text: str, objects: set[int]) -> None:
    digests = frozenset(f"{number:08x}" for number in objects)
    odd = (replace(FULL_CONFIGURATION, name=text, source=text, objects=digests), Configuration(text, text, objects=digests))
    info = replace(FULL_CLUSTER, state=text, region=text, configurations=odd)
    assert decode_cluster(encode_cluster(info)) == info
