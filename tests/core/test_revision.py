"""Revisions as Flux has written them over the years."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core import revision

SAMPLES = Path(__file__).parents[1] / "samples" / "revision-vectors.jsonl"
VECTORS = [vector for line in SAMPLES.read_text("utf-8").splitlines() if "revision" in (vector := json.loads(line))]
SHA = "5394cb7f48332b2de7c17dd8b8384bbc84b7e738"
DIGEST = "3b" * 32


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["revision"])
def test_a_revision_is_taken_apart(vector: dict[str, str | None]) -> None:
    found = revision.parse(vector["revision"] or "")
    assert (found.pointer, found.algorithm, found.hash) == (vector["pointer"], vector["algo"], vector["hash"])


def test_only_git_hashes_are_commits() -> None:
    commits = {str(vector["algo"]) for vector in VECTORS if revision.parse(str(vector["revision"])).commit}
    assert commits == {"sha1", "git-sha256"}


@pytest.mark.parametrize(
    ("text", "short"),
    [
        (f"main@sha1:{SHA}", "main@5394cb7"),
        (f"refs/heads/main@sha1:{SHA}", "main@5394cb7"),
        (f"refs/tags/v1.2.3@sha1:{SHA}", "v1.2.3@5394cb7"),
        (f"refs/pull/420/head@sha1:{SHA}", "refs/pull/420/head@5394cb7"),
        (f"release@2026@sha1:{SHA}", "release@2026@5394cb7"),
        (f"main/{SHA}", "main@5394cb7"),
        (f"HEAD/{SHA}", "5394cb7"),
        (f"latest@sha256:{DIGEST}", "latest@3b3b3b3"),
        (f"sha256:{DIGEST}", "3b3b3b3"),
        ("6.5.3+cdd538a0167e", "6.5.3+cdd538a0167e"),
        ("", ""),
    ],
)
def test_people_read_the_short_form(text: str, short: str) -> None:
    assert revision.parse(text).short == short


@pytest.mark.parametrize(
    "text", [f"@sha1:{SHA}", "main@sha1:5394cb7", f"main@md5:{SHA}", f"main@sha1:{SHA.upper()}", f"main@sha1:{SHA}\n"]
)
def test_what_is_no_digest_stays_a_pointer(text: str) -> None:
    assert revision.parse(text) == revision.Revision(text)


@given(st.text(min_size=1))
def test_any_branch_name_survives(pointer: str) -> None:
    assert revision.parse(f"{pointer}@sha1:{SHA}") == revision.Revision(pointer, "sha1", SHA)


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({}, ""),
        ({"revision": "1.4.2"}, "1.4.2"),
        ({"kustomize.toolkit.fluxcd.io/revision": "main@sha1:1"}, "main@sha1:1"),
        ({"revision": "latest@sha256:2", "originRevision": "main@sha1:1"}, "main@sha1:1"),
        ({"revision": "0.0.0", "originRevision": "main@sha1:1", "commit": SHA}, SHA),
        ({"revision": "bare", "kustomize.toolkit.fluxcd.io/revision": "prefixed"}, "bare"),
        ({"revision": "0.0.0", "event.toolkit.fluxcd.io/commit": SHA}, SHA),
        ({"commit": "", "revision": "1.4.2"}, "1.4.2"),
        ({"example.com/revision": "not ours", "revisions": "neither"}, ""),
    ],
)
def test_the_revision_closest_to_the_commit_is_picked(metadata: dict[str, str], expected: str) -> None:
    assert revision.pick(metadata) == expected
