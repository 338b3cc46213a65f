"""What a card advises: commands that name the object and its release, where a shell can take the names."""

from __future__ import annotations

import pytest

from shared.core.card import View, card
from shared.core.card_elements import Element
from shared.core.difference import News
from shared.core.grouping import Post
from tests.examples import after, cluster, incident, subject, tracked


def advice(kind: str, message: str, cause: str) -> str:
    one = tracked(incident(of=subject(kind, "web", "cluster-config", cluster("aks-1")), message=message, cause=cause))
    made = card(Post("default", News.OPENED, (one,), {}), View(after()))
    return next(run["text"] for run in runs(made) if "helm " in run["text"] or "kubectl " in run["text"])


def runs(made: Element) -> list[Element]:
    return [run for block in made["body"] for run in block.get("inlines", ())]


def test_the_commands_of_a_remedy_name_the_object_and_the_release_of_the_message() -> None:
    message = "Helm rollback to previous release apps/web-release.v3 with chart web@1.4.2 failed: release: not found"
    said = advice("HelmRelease", message, "helm-rollback-failed")
    assert "flux suspend hr web -n cluster-config" in said
    assert "helm rollback web-release REVISION -n cluster-config" in said


def test_workloads_are_looked_for_where_the_release_is() -> None:
    message = "Helm uninstall failed for release apps/web.v1 with chart web@1.4.2: context deadline exceeded"
    assert "kubectl get all -n apps." in advice("HelmRelease", message, "helm-uninstall-failed")


def test_a_release_that_the_message_does_not_name_stays_a_word_to_be_filled_in() -> None:
    assert "kubectl get all -n RELEASE_NS." in advice("HelmRelease", "it failed", "helm-uninstall-failed")


@pytest.mark.parametrize("name", ["$(reboot)", "a b", "x;y", "`id`"])
def test_a_name_that_a_shell_would_take_amiss_is_not_put_into_a_command(name: str) -> None:
    one = tracked(incident(of=subject("HelmRelease", name, "shop", cluster("aks-1")), cause="helm-upgrade-failed"))
    made = card(Post("default", News.OPENED, (one,), {}), View(after()))
    assert any("flux reconcile hr NAME -n shop" in run["text"] for run in runs(made))
