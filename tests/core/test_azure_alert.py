"""What an action group sends, in every shape: what is understood, what is forgiven, and what is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.azure_alert import MAX_BODY, MAX_FIELDS, MAX_LABELS, MAX_PAIRS, Alert, from_http, parse
from shared.core.causes import Severity
from shared.core.refusal import NotJson, Refused, TooLarge
from tests.alerts import ALERTS, Json, body, dimensions, sample
from tests.examples import cluster

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def read(root: Json) -> Alert:
    return from_http({"content-type": "application/json; charset=utf-8"}, body(root), now=NOW)


@pytest.mark.parametrize("case", ALERTS)
def test_every_sample_is_understood(case: str) -> None:
    alert = read(sample(case))
    assert alert.name
    assert alert.fires is not case.endswith("resolved")
    assert alert.at <= NOW


def test_a_prometheus_alert_says_its_rule_its_series_and_its_words() -> None:
    alert = read(sample("prometheus-fired"))
    assert (alert.name, alert.severity, alert.signal) == ("FluxKustomizationNotReady", Severity.CRITICAL, "metric")
    assert alert.at == datetime(2026, 11, 20, 8, 16, 3, 123456, UTC)
    assert alert.labels["resource_namespace"] == "cluster-config"
    assert alert.summary.startswith("Kustomization cluster-config/platform-apps")


def test_a_log_alert_has_its_dimensions_for_labels_and_its_name_without_what_it_is_for() -> None:
    alert = read(sample("log-fired"))
    assert (alert.name, alert.labels["kind"], alert.measured) == ("FluxControllerErrors", "Kustomization", "12")
    assert alert.resources[0] == (cluster().arm_id.lower(),)
    assert (alert.summary, alert.description[:12]) == ("Flux logs errors", "A controller")


@pytest.mark.parametrize(
    ("given_", "name"),
    [
        ({"alertRule": "group/FluxX", "labels": {}}, "FluxX"),
        ({"alertRule": "group/FluxX", "labels": {"AlertName": "FluxY"}}, "FluxY"),
        ({"alertRule": "FluxX-law-weu-4d5e6f"}, "FluxX"),
        ({"alertRule": "node-cpu-4d5e6f"}, "node-cpu-4d5e6f"),
        ({"alertRule": None, "alertRuleId": "/subscriptions/x/rules/by-id"}, "by-id"),
        ({"alertRule": 7}, "Unnamed alert"),
    ],
)
def test_the_name_is_that_of_the_rule(given_: Json, name: str) -> None:
    assert read(sample("prometheus-fired", **({"labels": {}} | given_))).name == name


@pytest.mark.parametrize(
    ("severity", "label", "meant"),
    [
        *((f"Sev{number}", "", meant) for number, meant in enumerate(("critical", "critical", "warning", "info", "info"))),
        ("SEV1", "", "critical"),
        (None, "info", "info"),
        ("Verbose", "Critical", "critical"),
        (3, None, "warning"),
    ],
)
def test_severities_are_azures_else_the_labels(severity: Any, label: Any, meant: str) -> None:
    assert read(sample("prometheus-fired", severity=severity, labels={"severity": label})).severity == meant


@pytest.mark.parametrize("value", [None, "", "yesterday", 7, "0001-01-01T00:00:00Z", "2026-11-20T09:00:01Z", [], "9" * 400])
def test_a_time_that_is_missing_wrong_or_yet_to_come_is_that_of_receipt(value: Any) -> None:
    assert read(sample("prometheus-fired", firedDateTime=value)).at == NOW


def test_what_is_resolved_counts_from_its_end_or_else_from_receipt() -> None:
    assert read(sample("prometheus-resolved")).at == datetime(2026, 11, 20, 8, 41, 7, 765432, UTC)
    assert read(sample("log-resolved")).at == NOW


@pytest.mark.parametrize("end", ["2026-11-20T08:16:03Z", "2026-11-20T08:16:03.1234560Z", "1999-12-31T00:00:00Z"])
def test_an_end_is_later_than_its_beginning_whatever_it_says(end: str) -> None:
    fired = read(sample("prometheus-fired"))
    resolved = read(sample("prometheus-fired", monitorCondition="Resolved", resolvedDateTime=end))
    assert fired.at < resolved.at <= fired.at + timedelta(seconds=1)


@pytest.mark.parametrize("number", [10**400, -(10**400), 10**4_299])
def test_a_number_of_hundreds_of_digits_is_no_label_and_no_measure(number: int) -> None:
    alert = read(sample("prometheus-fired", labels={"cluster": "a", "build": number}))
    assert "build" not in alert.labels
    root = sample("log-fired")
    root["data"]["alertContext"]["condition"]["allOf"][0]["metricValue"] = number
    assert read(root).measured == ""


def test_of_thousands_of_dimensions_the_first_are_looked_at() -> None:
    nothing = {f"empty-{n}": "" for n in range(MAX_PAIRS - 1)}
    assert read(dimensions(**nothing, one="1", two="2")).labels == {"one": "1"}


def test_of_an_object_of_thousands_of_fields_the_first_are_looked_at() -> None:
    root = sample("prometheus-fired")
    root["data"]["essentials"] = {f"field-{n}": n for n in range(MAX_FIELDS)} | root["data"]["essentials"]
    alert = read(root)
    assert (alert.name, alert.fires) == ("FluxKustomizationNotReady", None)
    root["data"]["essentials"] = dict(reversed(root["data"]["essentials"].items()))
    assert read(root).fires is True


@pytest.mark.parametrize(("word", "fires"), [("FIRED", True), ("resolved ", False), ("Acknowledged", None), (None, None)])
def test_the_condition_has_no_letter_case_and_may_be_another(word: Any, fires: bool | None) -> None:
    assert read(sample("prometheus-fired", monitorCondition=word)).fires is fires


def test_keys_have_no_letter_case() -> None:
    shouted = json.loads(
        json.dumps(sample("log-fired")).replace('"essentials"', '"Essentials"').replace('"dimensions"', '"DIMENSIONS"')
    )
    assert read(shouted) == read(sample("log-fired"))


def test_one_instance_has_one_voice_from_beginning_to_end_in_whatever_letter_case() -> None:
    fired, resolved = read(sample("prometheus-fired")), read(sample("prometheus-resolved"))
    assert fired.voice == resolved.voice
    quiet = {
        name.upper(): value.lower() for name, value in sample("prometheus-fired")["data"]["alertContext"]["labels"].items()
    }
    assert read(sample("prometheus-fired", labels=quiet | {"severity": "info"})).voice.partition("#")[2] == fired.voice[-12:]


def test_each_series_of_a_rule_has_a_voice_of_its_own() -> None:
    some = {read(sample("prometheus-fired", labels={"alertname": "A", "pod": pod})).voice for pod in ("a", "b", "A")}
    assert len(some) == 2
    assert read(sample("prometheus-fired", labels={"alertname": "A"})).voice == "A"


@pytest.mark.parametrize(
    ("value", "shown"),
    [("12.7m", "12.7m"), ("1", ""), ("+Inf", ""), ("921.4M", "921.4M"), (None, ""), ("1e+06", "1e+06"), ("<b>", ""), (3, "3")],
)
def test_what_was_measured_is_shown_as_azure_wrote_it_if_it_is_a_number(value: Any, shown: str) -> None:
    root = sample("prometheus-fired")
    root["data"]["alertContext"]["expressionValue"] = value
    assert read(root).measured == shown


def test_the_test_of_the_portal_is_known_by_its_group() -> None:
    assert read(sample("portal-test")).is_test
    assert not read(sample("prometheus-fired", alertRule="test-rule")).is_test


def test_of_too_many_labels_the_first_count() -> None:
    alert = read(sample("prometheus-fired", labels={f"label{number}": "x" for number in range(1_000)}))
    assert len(alert.labels) == MAX_LABELS


def test_control_characters_and_secrets_do_not_get_into_labels() -> None:
    labels = {"kind\x00": "Kustom\u202eization", "url": "https://user:Zq7Zq7@host/x"}
    assert read(sample("prometheus-fired", labels=labels)).labels == {"kind": "Kustomization", "url": "https://***@host/x"}


# -------------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    "root",
    [
        *([], "text", None, 7, {}),
        {"schemaId": "azureMonitorCommonAlertSchema"},
        {"schemaId": "azureMonitorCommonAlertSchema", "data": {"essentials": []}},
        {"schemaId": "Microsoft.Insights/activityLogs", "data": {"essentials": {}}},
        {"schemaId": None, "data": {"essentials": {}}},
    ],
)
def test_what_is_not_the_common_alert_schema_is_refused(root: Any) -> None:
    with pytest.raises(Refused) as refused:
        read(root)
    assert refused.value.status == 400


@pytest.mark.parametrize(
    ("sent", "headers", "refusal"),
    [
        (b"", {}, Refused),
        (b"{", {}, Refused),
        (b"\xff", {}, Refused),
        (b'{"a": NaN}', {}, Refused),
        (b"[" * 200_000, {}, Refused),
        (b'{"a":' * 150_000, {}, Refused),
        (b"{}", {"content-encoding": "gzip"}, NotJson),
        (b"a=b", {"content-type": "application/x-www-form-urlencoded"}, NotJson),
        (b" " * (MAX_BODY + 1), {}, TooLarge),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_in_words_that_repeat_nothing(
    sent: bytes, headers: dict[str, str], refusal: type[Refused]
) -> None:
    with pytest.raises(refusal):
        from_http(headers, sent, now=NOW)


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)
PLACES = (
    *(("essentials", key) for key in sample("log-fired")["data"]["essentials"]),
    *(("alertContext", key) for key in ("condition", "labels", "annotations", "properties", "expressionValue")),
    *((key,) for key in ("alertContext", "customProperties")),
)


@given(place=st.sampled_from(PLACES), value=ANY, case=st.sampled_from(["log-fired", "prometheus-fired", "unknown-service"]))
def test_whatever_stands_anywhere_in_it_an_alert_is_read(place: tuple[str, ...], value: Any, case: str) -> None:
    root = sample(case)
    inner = root["data"]
    for key in place[:-1]:
        inner[key] = inner.get(key) or {}
        inner = inner[key]
    inner[place[-1]] = value
    alert = parse(root, NOW)
    assert alert.name.strip()
    assert alert.at.utcoffset() == timedelta()
    assert alert.voice.startswith(alert.name)


@given(value=ANY)
def test_whatever_dimensions_are_an_alert_is_read(value: Any) -> None:
    root = dimensions()
    root["data"]["alertContext"]["condition"]["allOf"] = [
        value,
        {"dimensions": value},
        {"dimensions": [value, {"name": value}]},
    ]
    assert parse(root, NOW).name
