"""Cards, compared whole with tests/core/cards/<case>.json, and a few that show one thing only.

After a change that is meant: UPDATE_CARDS=1 .venv/bin/python -m pytest tests/core/test_card.py, then read the difference.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.core import headline
from shared.core.card import View, card
from shared.core.card_elements import LIMIT, Element, size
from shared.core.card_links import Links
from shared.core.causes import CAUSES
from shared.core.cluster import Cluster
from shared.core.coverage import Coverage, Gap
from shared.core.difference import News
from shared.core.grouping import Post
from shared.core.incident import Incident
from shared.core.inventory import ClusterInfo, Configuration, object_digest, with_sources
from shared.core.observation import Health
from shared.core.plan import Policy, plan
from shared.core.routing import Routing
from shared.core.told import Ledger, Said, Told, Tracked
from tests.examples import after, after_all, cluster, failing, healthy, seen, subject, tracked
from tests.sights import Watch, cluster_row, configuration_row, extension_row, status

CARDS = Path(__file__).parent / "cards"
COMMIT = "main@sha1:5394cb7f48332b2de7c17dd8b8384bbc84b7e738"
LINKS = Links(
    runbooks="https://github.com/example/fluxwatch/blob/main/docs/runbooks", fleet="https://fluxwatch.example/api/fleet"
)
TIMEOUT = "health check failed after 5m0.01s: timeout waiting for: [Deployment/apps/checkout status: 'InProgress']"


def info(of: Cluster) -> ClusterInfo:
    region = "westeurope" if of.name < "aks-prod-25" else "northeurope"
    return ClusterInfo(
        of,
        region,
        "Contoso Production",
        configurations=with_sources({"cluster-config/platform": "https://github.com/contoso/fleet"}),
    )


def shown(post: Post, now: datetime, links: Links = LINKS) -> Element:
    clusters = {one.incident.subject.cluster.key: info(one.incident.subject.cluster) for one in post.about}
    return card(post, View(now, {}, clusters, links))


def posted(*some: Tracked, now: datetime) -> Post:
    (post,) = plan(some, Routing(), Ledger(), {}, now, Policy()).posts
    return post


def on(name: str = "aks-prod-01", kind: str = "Kustomization", named: str = "platform-apps", **known: Any) -> Incident:
    """A health check that failed, unless told otherwise."""
    known = {"cause": "health-check-failed", "message": TIMEOUT, "revision": COMMIT} | known
    return after_all(failing(known.pop("at", after()), of=subject(kind, named, on=cluster(name)), **known))


def is_told(one: Incident, said: Said = Said.OPEN, at: datetime | None = None, group: str = "g") -> Tracked:
    return tracked(one, default=Told(said, at or after(), group, (one.fingerprint,)))


def well(one: Incident, at: datetime) -> Incident:
    return replace(one, ready=Health.HEALTHY, resolved_at=at, turned_at=at)


# ------------------------------------------------------------------------------------------------------------ the cases


def one_failing() -> Element:
    return shown(posted(tracked(on(note="Page the shop team before noon.")), now=after(minutes=1)), after(minutes=1))


def a_source_and_what_waits_for_it() -> Element:
    source = on(kind="GitRepository", named="platform", cause="git-authentication", message="no access", revision="")
    waits = [on(named=f"platform-{name}", cause="source-not-ready", message="") for name in ("apps", "infra", "tenants")]
    return shown(posted(*map(tracked, (source, *waits)), now=after(minutes=20)), after(minutes=20))


def several_objects_on_one_cluster() -> Element:
    some = [
        on(kind="HelmRelease", named="web", cause="helm-upgrade-failed", message="deadline exceeded", revision="1.4.2"),
        on(cause="build-failed", message="kustomize build failed: no such file kustomization.yaml"),
    ]
    return shown(posted(*map(tracked, some), now=after(minutes=1)), after(minutes=1))


def fleet(clusters: int) -> list[Incident]:
    return [on(f"aks-prod-{number:02}", at=after(seconds=10 * number)) for number in range(1, clusters + 1)]


def one_cause_on_48_clusters() -> Element:
    return shown(posted(*map(tracked, fleet(48)), now=after(minutes=10)), after(minutes=10))


def an_update() -> Element:
    some = fleet(6)
    group = posted(*map(tracked, some), now=after(minutes=2)).told[tracked(some[0]).key].group
    known = [is_told(one, at=after(minutes=1), group=group) for one in some[:4]]
    known[0] = replace(known[0], incident=well(known[0].incident, after(minutes=3)))
    return shown(posted(*known, *map(tracked, some[4:]), now=after(minutes=6)), after(minutes=6))


def flapping() -> Element:
    of = subject("HelmRelease", "checkout", "shop", cluster("aks-prod-01"))
    known = {"cause": "helm-upgrade-failed", "message": "deadline exceeded", "of": of}
    rounds = [one for n in (0, 5, 10) for one in (failing(after(minutes=n), **known), healthy(after(minutes=n + 2), of=of))]
    return shown(posted(tracked(after_all(*rounds[:-1])), now=after(minutes=11)), after(minutes=11))


def a_reminder() -> Element:
    return shown(posted(is_told(replace(on(), count=48)), now=after(hours=4)), after(hours=4))


def resolved() -> Element:
    return shown(posted(is_told(well(on(), after(minutes=42))), now=after(minutes=43)), after(minutes=43))


def a_digest() -> Element:
    causes = ("build-failed", "prune-failed") * 8
    some = [tracked(on(f"aks-prod-{n:02}", cause=cause, fingerprint=f"fp:{n}")) for n, cause in enumerate(causes)]
    used = Ledger(posts={"default": (after(),) * 19})
    (post,) = plan(some, Routing(), used, {}, after(minutes=1), Policy()).posts
    return shown(post, after(minutes=1))


def an_extension_that_is_missing() -> Element:
    watch = Watch(configurations=[], extensions=[], coverage=Coverage(expect=("*",)))
    watch.sweep()
    return shown(posted(tracked(watch.gap(Gap.EXTENSION_MISSING)), now=after(minutes=16)), after(minutes=16))


def sight_lost_of_twelve_clusters() -> Element:
    some = [cluster(f"aks-prod-{number:02}") for number in range(1, 13)]
    watch = Watch([cluster_row(one) for one in some], [], [extension_row(one) for one in some])
    watch.sweep()
    watch.clusters = watch.extensions = []
    watch.sweep(minutes=5)
    return shown(posted(*map(tracked, watch.incidents.values()), now=after(minutes=21)), after(minutes=21))


def an_agent_that_is_silent() -> Element:
    arc = cluster("arc-store-0008", "rg-stores", "connectedClusters")
    watch = Watch([cluster_row(arc)], [configuration_row(status(), on=arc)], [extension_row(arc)])
    watch.sweep(minutes=70)
    return shown(posted(tracked(watch.gap(Gap.AGENT_SILENT)), now=after(minutes=76)), after(minutes=76))


CASES: Mapping[str, Callable[[], Element]] = {
    "one-failing": one_failing,
    "a-source-and-what-waits-for-it": a_source_and_what_waits_for_it,
    "several-objects-on-one-cluster": several_objects_on_one_cluster,
    "one-cause-on-48-clusters": one_cause_on_48_clusters,
    "an-update": an_update,
    "flapping": flapping,
    "a-reminder": a_reminder,
    "resolved": resolved,
    "a-digest": a_digest,
    "an-extension-that-is-missing": an_extension_that_is_missing,
    "sight-lost-of-twelve-clusters": sight_lost_of_twelve_clusters,
    "an-agent-that-is-silent": an_agent_that_is_silent,
}


@pytest.mark.parametrize("case", CASES)
def test_a_card_is_as_it_was_agreed(case: str) -> None:
    made = json.dumps(CASES[case](), indent=1, ensure_ascii=False) + "\n"
    agreed = CARDS / f"{case}.json"
    if os.environ.get("UPDATE_CARDS"):
        agreed.write_text(made, "utf-8")
        pytest.fail("rewritten: read the difference, then run again without UPDATE_CARDS")
    assert made == agreed.read_text("utf-8")


def test_no_agreed_card_is_left_over() -> None:
    assert {file.stem for file in CARDS.iterdir()} == set(CASES)


# ----------------------------------------------------------------------------------------------------- one thing at a time


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
