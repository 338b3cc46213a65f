"""Posts in; one thing at a time of their cards out: who is named, what is linked, colours, lengths, and what is left out.

Law: whole cards are compared in test_card.py.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.core import headline
from shared.core.card import View, card
from shared.core.card_elements import LIMIT, Element, size
from shared.core.causes import CAUSES
from shared.core.difference import News
from shared.core.grouping import Post
from shared.core.inventory import ClusterInfo, Configuration, object_digest
from shared.core.observation import Health
from tests.examples import after, after_all, cluster, seen, subject, tracked
from tests.posts import LINKS, is_told, on, posted, shown, well


def texts(made: Element) -> str:
    return json.dumps(made, ensure_ascii=False)


def titles(made: Element) -> list[str]:
    return [action["title"] for action in made.get("actions", [])]


def test_an_update_about_the_last_one_that_fails_says_who_is_well_again() -> None:
    still, gone = is_told(on("aks-prod-01")), is_told(well(on("aks-prod-02"), after(minutes=5)))
    post = posted(still, gone, now=after(minutes=10))
    assert post.news is News.UPDATED
    assert "1: aks-prod-02" in texts(shown(post, after(minutes=10)))


def test_an_update_does_not_call_well_what_is_gone() -> None:
    still, over = is_told(on("aks-prod-01")), is_told(well(on("aks-prod-02"), after(minutes=5)))
    made = texts(
        shown(
            posted(still, replace(over, incident=replace(over.incident, gone=True)), now=after(minutes=10)), after(minutes=10)
        )
    )
    assert "1: aks-prod-02" in made
    assert '"Gone"' in made
    assert '"Well again"' not in made


def test_what_waits_is_counted_beside_several_failures_too() -> None:
    source, other = on(kind="GitRepository", named="platform", cause="git-failed"), on(named="other", cause="build-failed")
    waits = on(cause="source-not-ready")
    made = shown(posted(*map(tracked, (source, other, waits)), now=after(minutes=20)), after(minutes=20))
    assert "1 object waiting for it: Kustomization platform-apps" in texts(made)


def test_a_commit_is_linked_only_where_the_source_is_known_and_never_where_a_message_says() -> None:
    post = posted(tracked(on(origin="https://github.com/evil/trap")), now=after())
    assert "Commit" in titles(shown(post, after()))
    assert "evil" not in texts(shown(post, after()))
    assert "Commit" not in titles(card(post, View(after(), links=LINKS)))


def test_the_logs_of_one_object_are_a_button_where_there_is_a_workspace() -> None:
    post = posted(tracked(on()), now=after())
    workspace = f"{cluster().arm_id.rsplit('/', 4)[0]}/providers/Microsoft.OperationalInsights/workspaces/logs"
    links = replace(LINKS, workspace=workspace, logs_query="ContainerLogV2")
    assert titles(shown(post, after(), links)) == ["Open in Azure", "Logs", "Commit", "Runbook", "Fleet"]
    assert "Logs" not in titles(shown(post, after()))


def test_the_longest_message_leaves_room_for_the_rest() -> None:
    many = tuple(tracked(on(named=f"n{n}", message="\N{FIRE}" * 4_000, fingerprint=f"fp:{n}")) for n in range(60))
    made = shown(Post("default", News.OPENED, many, {}), after())
    assert LIMIT / 2 < size(made) <= LIMIT
    assert "more: see the fleet" in texts(made)


@pytest.mark.parametrize(("news", "style"), [(News.OPENED, "attention"), (News.RESOLVED, "good"), (News.FLAPPING, "warning")])
def test_the_head_has_the_colour_of_its_news(news: News, style: str) -> None:
    assert shown(Post("default", news, (tracked(on()),), {}), after())["body"][0]["style"] == style


def test_what_is_not_failing_but_waiting_is_said_to_wait() -> None:
    waits = tracked(after_all(seen(Health.WAITING, of=subject(on=cluster("aks-prod-01")))))
    assert "is stuck waiting" in shown(posted(waits, now=after(minutes=15)), after(minutes=15))["speak"]


def test_every_cause_can_be_shown() -> None:
    for cause in CAUSES.values():
        assert cause.title in texts(shown(Post("default", News.OPENED, (tracked(on(cause=cause.id)),), {}), after()))


def test_a_duration_is_said_in_its_two_largest_units() -> None:
    long_ago = replace(on(), opened_at=after() - timedelta(days=3, hours=4, minutes=5))
    assert "(3 d 4 h)" in texts(shown(Post("default", News.OPENED, (tracked(long_ago),), {}), after()))


@pytest.mark.parametrize("seconds", [0, 1, 59, 60, 3_599, 3_600, 86_399, 86_400, 90_061, 9_000_000])
def test_a_length_is_the_larger_unit_of_the_duration(seconds: int) -> None:
    assert headline.duration(timedelta(seconds=seconds)).startswith(headline.length(timedelta(seconds=seconds)))


@pytest.mark.parametrize(
    ("cause", "icon"), [("helm-upgrade-failed", "🔴"), ("build-failed", "🟠"), ("image-scan-failed", "🔵")]
)
def test_how_severe_a_failure_is_can_be_seen_without_colours(cause: str, icon: str) -> None:
    one = tracked(replace(on(), cause=cause, severity=CAUSES[cause].severity))
    made = card(Post("default", News.OPENED, (one,), {}), View(after()))
    assert made["body"][0]["items"][0]["text"].startswith(icon)


def test_a_card_stays_under_what_teams_takes() -> None:
    assert LIMIT == 26_000  # of 28,672; MicrosoftDocs/msteams-docs issue 11274 tells of a failure just above


def test_a_date_that_a_message_asks_for_is_not_written_out() -> None:
    one = tracked(replace(on(), message="{{DATE(2026-11-20T00:00:00Z)}} {{ .Values }}"))
    made = card(Post("default", News.OPENED, (one,), {}), View(after()))
    assert "{{DATE(" not in texts(made)
    assert "{{ .Values }}" in texts(made)


@pytest.mark.parametrize(
    ("some", "style"),
    [
        ((News.RESOLVED, News.RESOLVED), "good"),
        ((News.RESOLVED, News.OPENED), "attention"),
        ((News.RESOLVED, News.FLAPPING), "warning"),
    ],
)
def test_a_digest_is_green_only_if_all_of_it_is_good(some: tuple[News, ...], style: str) -> None:
    one = tracked(on())
    rest = tuple(Post("default", news, (one,), {}) for news in some)
    made = card(Post("default", some[0], (one, one), {}, rest=rest), View(after()))
    assert made["body"][0]["style"] == style


def test_the_configuration_that_reports_an_object_is_named_whatever_the_object_is_called() -> None:
    release = on(kind="HelmRelease", named="checkout")
    digest = object_digest("HelmRelease", "cluster-config", "checkout")
    known = Configuration("flux-system", "shop", "https://github.com/contoso/shop", objects=frozenset({digest}))
    clusters = {release.subject.cluster.key: ClusterInfo(release.subject.cluster, configurations=(known,))}
    post = posted(tracked(release), now=after())
    assert "flux-system/shop · https://github.com/contoso/shop" in texts(card(post, View(after(), {}, clusters, LINKS)))
    assert "Configuration" not in texts(shown(post, after()))
