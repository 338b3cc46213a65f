"""Links lead where they say, whatever the texts that they are made from."""

import base64
import gzip
import hashlib
import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core import links
from shared.core.cluster import Cluster

ROOT = Path(__file__).parents[2]
VECTORS = [json.loads(line) for line in (ROOT / "tests/samples/revision-vectors.jsonl").read_text("utf-8").splitlines()]
TEMPLATE = (ROOT / "shared/queries/object_logs.kql").read_text("utf-8")
SHA = "5394cb7f48332b2de7c17dd8b8384bbc84b7e738"
SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
WORKSPACE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-mon/providers/Microsoft.OperationalInsights/workspaces/law"


@pytest.mark.parametrize("vector", [vector for vector in VECTORS if "git_url" in vector], ids=lambda vector: vector["git_url"])
def test_a_commit_has_the_page_of_the_vector(vector: dict[str, str]) -> None:
    assert links.commit_url(vector["git_url"], vector["sha"]) == vector["commit_url"]


@pytest.mark.parametrize(
    ("git_url", "page"),
    [
        ("https://github.contoso.com:8443/o/r.git", "https://github.contoso.com:8443/o/r/commit/"),
        ("ssh://git@github.contoso.com:2222/o/r", "https://github.contoso.com/o/r/commit/"),
        ("http://gitlab.contoso.com:8080/g/r", "https://gitlab.contoso.com/g/r/-/commit/"),
        ("https://codeberg.org/o/r", "https://codeberg.org/o/r/commit/"),
        ("https://forgejo.contoso.com/git/o/r.git", "https://forgejo.contoso.com/git/o/r/commit/"),
        ("git@gitea.contoso.com:o/r.git", "https://gitea.contoso.com/o/r/commit/"),
        ("org@vs-ssh.visualstudio.com:v3/org/proj/repo", "https://dev.azure.com/org/proj/_git/repo/commit/"),
        ("https://contoso.visualstudio.com/_git/fleet", "https://contoso.visualstudio.com/_git/fleet/commit/"),
        ("https://tfs.contoso.com:8443/tfs/C/p/_git/r/", "https://tfs.contoso.com:8443/tfs/C/p/_git/r/commit/"),
        ("https://bitbucket.org/ws/r.git", "https://bitbucket.org/ws/r/commits/"),
        ("git@bitbucket.org:ws/r.git", "https://bitbucket.org/ws/r/commits/"),
        ("https://code.contoso.com/ctx/scm/prj/r.git", "https://code.contoso.com/ctx/projects/PRJ/repos/r/commits/"),
        ("ssh://git@code.contoso.com:7999/prj/r.git", "https://code.contoso.com/projects/PRJ/repos/r/commits/"),
        ("ssh://git@code.contoso.com:7999/~ann/r.git", "https://code.contoso.com/users/ann/repos/r/commits/"),
        (
            "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/fleet",
            "https://eu-west-1.console.aws.amazon.com/codesuite/codecommit/repositories/fleet/commit/",
        ),
        ("https://GitHub.com/Contoso/Fleet", "https://github.com/Contoso/Fleet/commit/"),
        ("https://github.com/o/r(1)?x=1#y", "https://github.com/o/r%281%29/commit/"),
    ],
)
def test_every_host_spells_the_page_of_a_commit_in_its_own_way(git_url: str, page: str) -> None:
    assert links.commit_url(git_url, SHA) == page + SHA


@pytest.mark.parametrize(
    "git_url",
    [
        "https://github.com/contoso",
        "https://github.com/o/r/tree/main",
        "https://github.com/o/%2e%2e",
        "https://github.com/o/a%2Fb",
        "https://github.com/o/a%0Ab",
        "https://github.com/o//r",
        "https://github.com/o\\r/x",
        "https://github.com:port/o/r",
        "https://[github.com/o/r",
        "https://git hub.com/o/r",
        "https://dev.azure.com/_git/fleet",
        "https://bitbucket.contoso.com/projects/P/repos/r",
        "https://git-codecommit.eu-west-1.amazonaws.com/v2/x",
        "oci://github.com/o/r",
        "javascript:alert(1)",
        "ftp://github.com/o/r",
        "https://github.com/o/" + "r" * 3000,
    ],
)
def test_what_is_no_repository_has_no_page(git_url: str) -> None:
    assert links.commit_url(git_url, SHA) is None


@pytest.mark.parametrize("sha", ["", "main", "5394cb", SHA + "0" * 40, SHA + "\n", "5394cb7/../x"])
def test_what_is_no_hash_has_no_page(sha: str) -> None:
    assert links.commit_url("https://github.com/o/r", sha) is None


@pytest.mark.parametrize(
    ("kind", "page"),
    [
        ("github", f"https://git.contoso.com:8443/o/r/commit/{SHA}"),
        ("gitea", f"https://git.contoso.com:8443/o/r/commit/{SHA}"),
        ("gitlab", f"https://git.contoso.com:8443/o/r/-/commit/{SHA}"),
        ("azure-devops", None),
        ("bitbucket", None),
        ("unheard-of", None),
    ],
)
def test_the_setting_says_what_a_host_is(kind: str, page: str | None) -> None:
    assert links.commit_url("https://git.contoso.com:8443/o/r", SHA, {"Git.Contoso.com": kind}) == page


def test_the_setting_wins_over_what_the_name_shows() -> None:
    assert links.commit_url("https://gitlab.contoso.com/o/r", SHA, {"gitlab.contoso.com": "github"}) == (
        f"https://gitlab.contoso.com/o/r/commit/{SHA}"
    )


def test_the_setting_knows_five_kinds_of_host() -> None:
    assert set(links.HOSTS) == {"github", "gitlab", "azure-devops", "bitbucket", "gitea"}


PARTS = ["https://", "ssh://", "git@", "github.com", "gitlab", "_git", "scm", "..", "%2e", "%00", *":/@?#\\ \n"]
ADDRESSES = st.lists(st.sampled_from(PARTS) | st.text(max_size=6), max_size=9).map("".join)


@given(ADDRESSES)
def test_no_address_makes_a_link_that_is_not_plain_https(git_url: str) -> None:
    url = links.commit_url(git_url, SHA, {"a": "gitlab"})
    assert url is None or re.fullmatch(rf"https://[a-z0-9.:-]+(?:/[\w.~%-]+)+/commits?/{SHA}", url, re.ASCII)


@given(ADDRESSES)
def test_a_source_is_spelled_once_and_for_all(url: str) -> None:
    spelled = links.source_url(url)
    assert spelled is None or links.source_url(spelled) == spelled


@pytest.mark.parametrize(
    ("message", "source"),
    [
        ("failed: unable to clone 'https://x:y@GitHub.com/Contoso/fleet.git': EOF", "https://github.com/Contoso/fleet"),
        ("unable to clone 'ssh://git@ssh.dev.azure.com:22/v3/o/p/r', error: x", "ssh://ssh.dev.azure.com/v3/o/p/r"),
        ("unable to list remote for 'https://h:8443/o/r': Get \"https://h:8443/o/r/info/refs?x\"", "https://h:8443/o/r"),
        ('Get "https://h/o/r/info/refs?service=git-upload-pack": EOF', "https://h/o/r"),
        (
            "failed to fetch https://charts.example.com/stable/app-6.0.3.tgz : 404 Not Found",
            "https://charts.example.com/stable",
        ),
        ('failed to cache index: Get "https://charts.example.com/index.yaml": no such host', "https://charts.example.com"),
        ("GET https://r.azurecr.io/v2/team/app/manifests/0.0.1: MANIFEST_UNKNOWN", "oci://r.azurecr.io/team/app"),
        ("GET https://r.azurecr.io/v2/app/tags/list?n=1000: UNAUTHORIZED", "oci://r.azurecr.io/app"),
        ("GET https://r.azurecr.io/oauth2/token?scope=x: UNAUTHORIZED", "oci://r.azurecr.io"),
        ("failed to get 'oci://r.azurecr.io/charts/app:7.4.1': not found", "oci://r.azurecr.io/charts/app"),
        ("see [this](https://evil.example/phish)", None),
        ("unable to clone 'https://github.com/../evil'", None),
        ("health check failed", None),
        ("", None),
    ],
)
def test_a_failure_names_its_source(message: str, source: str | None) -> None:
    assert links.source_url_of(message) == source


@pytest.mark.parametrize("kind", ["managedClusters", "connectedClusters", "provisionedClusters"])
def test_the_portal_shows_the_gitops_page_of_the_cluster(kind: str) -> None:
    cluster = Cluster.of(SUBSCRIPTION, "rg-(ünï)", kind, "aks-1")
    assert unquote(links.portal_gitops(cluster)) == f"https://portal.azure.com/#@/resource{cluster.arm_id}/gitops"
    assert links.portal_gitops(cluster, "https://portal.azure.us/").startswith(
        "https://portal.azure.us/#@/resource/subscriptions/"
    )
    assert links.portal_gitops(cluster).isascii()


def test_the_logs_link_carries_the_whole_query() -> None:
    query = links.logs_query(TEMPLATE, "Kustomization", "cluster-config", "platform-apps", "/subscriptions/x")
    url = links.logs(WORKSPACE, query)
    packed = re.fullmatch(
        r"https://portal\.azure\.com/#blade/\w+/LogsBlade/resourceId/(\S+)/source/\S+/q/(\S+)/timespan/P1D", url
    )
    assert packed
    assert unquote(packed[1]) == WORKSPACE
    assert gzip.decompress(base64.b64decode(unquote(packed[2]))).decode() == query
    assert len(url) <= links.MAX_URL
    assert url == links.logs(WORKSPACE, query)


def test_a_query_too_long_for_a_link_opens_the_workspace() -> None:
    query = "".join(hashlib.sha256(bytes([i])).hexdigest() for i in range(100))  # nothing that gzip could shorten enough
    assert links.logs(WORKSPACE, query) == f"https://portal.azure.com/#@/resource{WORKSPACE}/logs"


@pytest.mark.parametrize(
    ("name", "literal"),
    [
        ("web", '"web"'),
        ('"; union * | where "1" == "1', r'"\"; union * | where \"1\" == \"1"'),
        ("\\", r'"\\"'),
        ('\\"', r'"\\\""'),
        ("a\nb\u2028c\x00", '"a b c"'),
    ],
)
def test_a_hostile_name_stays_within_its_literal(name: str, literal: str) -> None:
    assert f"let _name = {literal};" in links.logs_query(TEMPLATE, "Kind", "ns", name, "/id").splitlines()


@given(st.text(), st.text())
def test_names_change_nothing_but_their_own_line(namespace: str, name: str) -> None:
    lines = links.logs_query("T | where _name == 1", "K", namespace, name, "/id").split("\n")
    assert [lines[0], *lines[3:]] == ['let _kind = "K";', 'let _cluster = "/id";', "T | where _name == 1"]
    assert all(re.fullmatch(r'let _\w+ = "(?:[^"\\]|\\["\\])*";', line) for line in lines[:4])


def test_the_query_uses_each_of_its_parameters() -> None:
    declared = re.findall(r"// param: (\w+):string", TEMPLATE)
    assert sorted(declared) == ["_cluster", "_kind", "_name", "_namespace"]
    assert all(TEMPLATE.count(name) > 1 for name in declared)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (links.runbook("https://github.com/o/r/blob/main/docs/runbooks/", "BuildFailed"), "https://github.com/o/r/blob/main/docs/runbooks/BuildFailed.md"),
        (links.runbook("https://h", "../a b?"), "https://h/..%2Fa%20b%3F.md"),
        (links.runbook("http://h", "X"), None),
        (links.runbook("", "X"), None),
        (links.fleet("https://h/api/fleet"), "https://h/api/fleet"),
        (links.fleet("https://h/api/fleet", cluster="a&b=c d", kind=""), "https://h/api/fleet?cluster=a%26b%3Dc%20d"),
        (links.fleet("http://127.0.0.1:7071/api/fleet", cluster="x"), "http://127.0.0.1:7071/api/fleet?cluster=x"),
        (links.fleet("https://user:pw@h/api/fleet"), None),
        (links.fleet("javascript:alert(1)"), None),
        (links.fleet("", cluster="x"), None),
    ],
)  # fmt: skip
def test_runbook_and_fleet_are_found_from_their_base(url: str | None, expected: str | None) -> None:
    assert url == expected
