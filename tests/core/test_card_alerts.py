"""Cards of alerts, compared whole with tests/core/alert_cards/<case>.json; from the bytes of the action group to the card.

After a change that is meant: UPDATE_CARDS=1 .venv/bin/python -m pytest tests/core/test_card_alerts.py, then read what differs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

import pytest

from shared.core.alert_cluster import Directory, cluster_of
from shared.core.alert_observation import observe
from shared.core.alert_subject import subject_of
from shared.core.azure_alert import parse
from shared.core.card import View, card
from shared.core.card_elements import LIMIT, Element, size
from shared.core.card_links import Links
from shared.core.difference import News
from shared.core.grouping import Post
from shared.core.headline import headline
from shared.core.incident import Incident
from shared.core.inventory import ClusterInfo
from shared.core.observation import Observation, Subject
from shared.core.plan import Policy, plan
from shared.core.routing import Routing
from shared.core.told import Ledger, Said, Told, Tracked
from tests.agreed_cards import agreed, text
from tests.alerts import Json, sample
from tests.examples import after, after_all, cluster, failing, incident, subject, tracked

CARDS = Path(__file__).parent / "alert_cards"
KNOWN = ClusterInfo(cluster(), "westeurope", "Contoso Production")
LINKS = Links(
    runbooks="https://github.com/example/fluxwatch/blob/main/docs/runbooks",
    fleet="https://fluxwatch.example/api/fleet",
    workspace=f"{cluster().arm_id.rsplit('/', 4)[0]}/providers/Microsoft.OperationalInsights/workspaces/logs",
    logs_query="ContainerLogV2",
)
APPS = subject(name="platform-apps")


def heard(root: Json) -> Observation:
    alert = parse(root, after(hours=1))
    return observe(alert, subject_of(alert, cluster_of(alert, Directory.of([KNOWN])).cluster))


def shown(one: Tracked, now: datetime, *others: Tracked) -> Element:
    (post,) = plan([one, *others], Routing(), Ledger(), {}, now, Policy()).posts
    return card(post, View(now, {}, {KNOWN.cluster.key: KNOWN}, LINKS))


def told(one: Incident, at: datetime) -> Tracked:
    return tracked(one, default=Told(Said.OPEN, at, "g", (one.fingerprint,)))


# ------------------------------------------------------------------------------------------------------------ the cases


def an_alert_that_joins_a_failure() -> Element:
    first = failing(after(), of=APPS, cause="build-failed", message="kustomize build failed: no such file kustomization.yaml")
    one = after_all(first, heard(sample("prometheus-fired")), heard(sample("log-fired")))
    return shown(tracked(one), after(minutes=17))


def an_alert_that_joins_one_of_two_clusters() -> Element:
    words = "kustomize build failed: no such file kustomization.yaml"
    failed = {"cause": "build-failed", "message": words, "revision": "main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738"}
    one = after_all(failing(after(), of=APPS, **failed), heard(sample("prometheus-fired")))
    other = failing(after(), of=subject(name="platform-apps", on=cluster("aks-prod-weu-02")), **failed)
    return shown(tracked(one), after(minutes=17), tracked(after_all(other)))


def an_alert_alone_about_an_object() -> Element:
    return shown(tracked(after_all(heard(sample("prometheus-fired")))), after(minutes=17))


def an_alert_about_a_controller() -> Element:
    return shown(tracked(after_all(heard(sample("prometheus-controller-fired")))), after(minutes=17))


def an_alert_of_a_rule_on_a_cluster() -> Element:
    return shown(tracked(after_all(heard(sample("prometheus-rule-fired")))), after(minutes=17))


def an_alert_of_somebody_else() -> Element:
    return shown(tracked(after_all(heard(sample("metric-fired")))), after(minutes=17))


def an_alert_that_is_resolved() -> Element:
    one = after_all(heard(sample("prometheus-fired")), heard(sample("prometheus-resolved")))
    return shown(told(one, after(minutes=17)), after(minutes=42))


def a_rule_that_is_resolved() -> Element:
    over = sample("prometheus-rule-fired", monitorCondition="Resolved", resolvedDateTime="2026-11-20T08:41:07.7654321Z")
    return shown(told(after_all(heard(sample("prometheus-rule-fired")), heard(over)), after(minutes=17)), after(minutes=42))


CASES: Mapping[str, Callable[[], Element]] = {
    "an-alert-that-joins-a-failure": an_alert_that_joins_a_failure,
    "an-alert-that-joins-one-of-two-clusters": an_alert_that_joins_one_of_two_clusters,
    "an-alert-alone-about-an-object": an_alert_alone_about_an_object,
    "an-alert-about-a-controller": an_alert_about_a_controller,
    "an-alert-of-a-rule-on-a-cluster": an_alert_of_a_rule_on_a_cluster,
    "an-alert-of-somebody-else": an_alert_of_somebody_else,
    "an-alert-that-is-resolved": an_alert_that_is_resolved,
    "a-rule-that-is-resolved": a_rule_that_is_resolved,
}


@pytest.mark.parametrize("case", CASES)
def test_a_card_is_as_it_was_agreed(case: str) -> None:
    made = text(CASES[case]())
    assert made == agreed(CARDS / f"{case}.json", made)


def test_no_agreed_card_is_left_over() -> None:
    assert {file.stem for file in CARDS.iterdir()} == set(CASES)


# ----------------------------------------------------------------------------------------------------- one thing at a time


def urls(made: Element) -> dict[str, str]:
    return {action["title"]: action["url"] for action in made.get("actions", [])}


def test_the_runbook_is_that_of_the_alert_if_it_is_one_of_ours() -> None:
    assert urls(an_alert_alone_about_an_object())["Runbook"].endswith("/FluxKustomizationNotReady.md")
    assert urls(an_alert_of_a_rule_on_a_cluster())["Runbook"].endswith("/FluxHighReconciliationTime.md")
    assert urls(an_alert_of_somebody_else())["Runbook"].endswith("/AzureAlert.md")
    assert urls(an_alert_that_joins_a_failure())["Runbook"].endswith("/KustomizeBuild.md")


@pytest.mark.parametrize("name", ["Flux/../x", "FluxX y", "Flux", "Fluxé"])
def test_a_name_that_is_no_file_of_ours_leads_to_no_file_of_its_own(name: str) -> None:
    named = sample("prometheus-fired", labels={"alertname": name, "cluster": cluster().name})
    made = shown(tracked(after_all(heard(named))), after(minutes=17))
    assert urls(made)["Runbook"].endswith("/AzureAlert.md")


def test_no_controller_writes_about_a_rule_so_there_is_no_button_for_its_logs() -> None:
    assert "Logs" in urls(an_alert_alone_about_an_object())
    assert "Logs" not in urls(an_alert_of_a_rule_on_a_cluster())


def test_the_longest_words_of_an_alert_leave_room_for_the_rest() -> None:
    long = sample("prometheus-fired", annotations={"summary": "\N{FIRE}" * 9_000, "description": "x" * 9_000})
    one = after_all(failing(after(), of=APPS, message="\N{FIRE}" * 4_000), heard(long))
    assert size(shown(tracked(one), after(minutes=17))) <= LIMIT


@pytest.mark.parametrize(
    ("news", "said"),
    [
        (News.OPENED, "Alert FluxX fires for Kustomization platform-apps on aks-prod-weu-01"),
        (News.REMINDER, "Alert FluxX still fires for Kustomization platform-apps on aks-prod-weu-01"),
        (News.RESOLVED, "Alert FluxX is over for Kustomization platform-apps on aks-prod-weu-01"),
        (News.FLAPPING, "Alert FluxX fires for Kustomization platform-apps on and off on aks-prod-weu-01"),
    ],
)
def test_what_only_an_alert_says_is_not_said_to_fail(news: News, said: str) -> None:
    assert headline(Post("default", news, (of(APPS),), {})) == said


def of(whom: Subject, alert: str = "FluxX") -> Tracked:
    return tracked(incident(of=whom, cause="alert-fired", reason=alert))


def test_alerts_of_many_are_counted() -> None:
    rules = [of(Subject(cluster(name), "AlertRule", "", name)) for name in ("a", "b")]
    assert headline(Post("default", News.OPENED, tuple(rules), {})) == "2 alerts fire on 2 clusters"
    assert headline(Post("default", News.RESOLVED, tuple(rules), {})) == "2 alerts are over on 2 clusters"
    two = (of(subject(on=cluster("a"))), of(subject(on=cluster("b")), "FluxY"))
    assert headline(Post("default", News.OPENED, two, {})) == "An alert fires for Kustomization apps on 2 clusters"


def test_a_rule_with_a_hostile_name_is_not_read_as_markdown() -> None:
    rule = of(Subject(cluster("a"), "AlertRule", "", "[x](https://evil.example)"))
    assert "](" not in headline(Post("default", News.OPENED, (rule,), {}))
